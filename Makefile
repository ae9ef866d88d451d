# Two commands do everything on a fresh machine: `make lab` and `make test`.

PYTHON ?= python3
ARGS =

RIGHT_PYTHON = -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))'
INSTALL = .venv/bin/python -m pip install -qq --disable-pip-version-check --no-input
NOT_INSTALLED = { echo "The packages could not be installed (the reason stands above): check the network and the disk space, then run the same command again." >&2; exit 1; }
PINS = uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate --quiet $(ARGS)
# Binder has one Python on one system, and its own base brings whatever requirements/binder.in does not name.
BINDER_PINS = uv pip compile --python-version $$(sed s/python-// binder/runtime.txt) --python-platform linux --no-deps --no-emit-index-url --no-header --no-annotate --quiet $(ARGS)

# The stamp holds the folder that the environment was made in. A clone that was moved, or whose Python is gone,
# gets a new environment.
MADE_IN := $(shell .venv/bin/python -c pass 2>/dev/null && cat .venv/.base-installed 2>/dev/null)

.PHONY: help lab test check pins again
.DELETE_ON_ERROR:

help:
	@echo "make lab     open the course in JupyterLab (options: make lab ARGS=\"--no-browser --port 8899\")"
	@echo "make test    run every test in a real browser, then check the lessons (options: make test ARGS=\"-k opening\")"
	@echo "make check   check that the lessons are in shape"
	@echo "make pins    pin the packages in requirements/ again (newest versions: make pins ARGS=--upgrade)"
	@echo ""
	@echo "The first time, each makes what it needs in .venv. Another Python: remove .venv, then make lab PYTHON=python3.12"

lab: .venv/.base-installed
	@.venv/bin/frailty-lessons open $(ARGS)

test: .venv/.test-installed
	@echo "Looking for Chromium..."
	@chromium=$$(sh tests/browser/get_chromium.sh) || exit 1; \
	echo "Running the tests with $$chromium..."; \
	CHROMIUM="$$chromium" .venv/bin/python -m pytest $(ARGS) \
	  || { echo "The tests did not all pass: each failure stands above with its file and line." >&2; exit 1; }
	@echo "Checking the lessons..."
	@.venv/bin/frailty-lessons check

check: .venv/.base-installed
	@.venv/bin/frailty-lessons check $(ARGS)

pins:
	@command -v uv >/dev/null || { echo "Pinning needs the program uv: install it (python3 -m pip install uv), then run make pins again." >&2; exit 1; }
	@echo "Pinning the packages of requirements/base.txt, requirements/test.txt and binder/requirements.txt..."
	@$(PINS) pyproject.toml requirements/build.in -o requirements/base.txt >/dev/null
	@$(PINS) pyproject.toml requirements/build.in --extra test -c requirements/base.txt -o requirements/test.txt >/dev/null
	@$(BINDER_PINS) requirements/binder.in -c requirements/base.txt -o binder/requirements.txt >/dev/null

.venv/.base-installed: requirements/base.txt pyproject.toml
	@if ! .venv/bin/python $(RIGHT_PYTHON) 2>/dev/null || ! .venv/bin/python -m pip --version >/dev/null 2>&1 \
	  || { test -e $@ && test "$(MADE_IN)" != "$(CURDIR)"; }; then \
	  $(PYTHON) $(RIGHT_PYTHON) 2>/dev/null || { echo "The course needs Python 3.11, 3.12 or 3.13, and \"$(PYTHON)\" is not one of them: install one and name it, for example make lab PYTHON=python3.12" >&2; exit 1; }; \
	  $(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "This Python cannot make environments: install its venv module (on Debian and Ubuntu: apt install python3-venv), then run the same command again." >&2; exit 1; }; \
	  echo "Making the environment in .venv (one to two minutes, 750 MB)..."; \
	  $(PYTHON) -m venv --clear .venv || { echo "The environment could not be made (the reason stands above): make room for it in $(CURDIR)/.venv, then run the same command again." >&2; exit 1; }; \
	else echo "Bringing the environment in .venv up to date..."; fi
	@$(INSTALL) --require-hashes -r requirements/base.txt || $(NOT_INSTALLED)
	@$(INSTALL) --no-deps --no-build-isolation -e . || $(NOT_INSTALLED)
	@echo "$(CURDIR)" > $@

.venv/.test-installed: requirements/test.txt .venv/.base-installed
	@echo "Adding what the tests need to .venv (half a minute, 200 MB)..."
	@$(INSTALL) --require-hashes -r requirements/test.txt || $(NOT_INSTALLED)
	@touch $@

ifneq ($(MADE_IN),$(CURDIR))
.venv/.base-installed: again
endif
