"""What is installed, and from what: the wheel, the pins, and the sentences of the Makefile."""

import os
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PROJECT = PYPROJECT["project"]
PYTHONS = ("3.11", "3.12", "3.13")


def pins(name):
    """The pins of a requirement file, and how many hashes each has."""
    text = (ROOT / "requirements" / name).read_text(encoding="utf-8").replace("\\\n", " ")
    return [(Requirement(line.split("--hash")[0]), len(re.findall(r"--hash=sha256:[0-9a-f]{64}", line)))
            for line in text.splitlines() if line.strip()]  # fmt: skip


@pytest.mark.parametrize("name", ["base.txt", "test.txt"])
def test_each_pin_is_exact_and_has_a_hash_and_no_address_is_named(name):
    for pin, hashes in pins(name):
        assert re.fullmatch(r"==[^*]+", str(pin.specifier)), pin
        assert hashes > 0, pin
        assert pin.url is None, pin
    text = (ROOT / "requirements" / name).read_text(encoding="utf-8")
    assert not re.search(r"://|--index|--extra-index|--find-links|\.org|\.com|\.io", text)


@pytest.mark.parametrize("python", PYTHONS)
@pytest.mark.parametrize("system", [("linux", "posix", "Linux"), ("darwin", "posix", "Darwin"), ("win32", "nt", "Windows")])
def test_the_pins_satisfy_the_project(python, system):
    platform, os_name, system_name = system
    environment = {
        "python_version": python,
        "python_full_version": f"{python}.7",
        "sys_platform": platform,
        "os_name": os_name,
        "platform_system": system_name,
        "implementation_name": "cpython",
        "platform_python_implementation": "CPython",
    }

    def pinned(name):
        versions = {}
        for pin, _ in pins(name):
            if pin.marker is None or pin.marker.evaluate(environment):
                assert canonicalize_name(pin.name) not in versions, f"{pin.name} is pinned twice"
                versions[canonicalize_name(pin.name)] = str(pin.specifier).removeprefix("==")
        return versions

    base, test = pinned("base.txt"), pinned("test.txt")
    assert base.items() <= test.items()
    for text in [*PROJECT["dependencies"], *PYPROJECT["build-system"]["requires"]]:
        wanted = Requirement(text)
        assert wanted.specifier.contains(base[canonicalize_name(wanted.name)]), text
    for text in PROJECT["optional-dependencies"]["test"]:
        wanted = Requirement(text)
        assert wanted.specifier.contains(test[canonicalize_name(wanted.name)]), text


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    clone, built = tmp_path_factory.mktemp("clone"), tmp_path_factory.mktemp("wheel")
    for name in ("pyproject.toml", "README.md", "LICENSE", "LICENSE-CONTENT", ".gitignore"):
        shutil.copy(ROOT / name, clone)
    for name in ("frailty_lessons", "notebooks", "datasets"):
        shutil.copytree(ROOT / name, clone / name, ignore=shutil.ignore_patterns("__pycache__"))
    (clone / "notebooks/.ipynb_checkpoints").mkdir(exist_ok=True)
    (clone / "notebooks/.ipynb_checkpoints/00-start-checkpoint.ipynb").write_text("{}")
    for name in ("notebooks/packed.toml", "datasets/packed/trial.toml"):
        (clone / name).parent.mkdir(exist_ok=True)
        (clone / name).write_text("")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(built)]
    subprocess.run(command, cwd=clone, check=True, capture_output=True, timeout=120)
    (file,) = built.glob("*.whl")
    with zipfile.ZipFile(file) as archive:
        return clone, set(archive.namelist())


def test_the_wheel_carries_the_package_and_the_whole_course(wheel):
    clone, names = wheel
    for folder, packed in (("frailty_lessons", ""), ("notebooks", "frailty_lessons/course_files/"),
                           ("datasets", "frailty_lessons/course_files/")):  # fmt: skip
        for path in (clone / folder).rglob("*"):
            if path.is_file() and ".ipynb_checkpoints" not in path.parts:
                assert packed + path.relative_to(clone).as_posix() in names
    assert "frailty_lessons/course_files/datasets/packed/trial.toml" in names


def test_the_wheel_carries_nothing_else(wheel):
    _, names = wheel
    assert not [name for name in names if ".ipynb_checkpoints" in name or "__pycache__" in name]
    assert {name.split("/")[0].split("-")[0] for name in names} == {"frailty_lessons"}


@pytest.fixture
def clone(tmp_path):
    """A clone with what make needs, and a stand-in for Python that writes down what it is asked for."""
    shutil.copy(ROOT / "Makefile", tmp_path)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    shutil.copytree(ROOT / "requirements", tmp_path / "requirements")
    shutil.copytree(ROOT / "tests/browser", tmp_path / "tests/browser", ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    return tmp_path


def stand_in(path, lines):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("#!/bin/sh\n" + lines)
    path.chmod(0o755)
    return path


def make(clone, *arguments, **environment):
    program = shutil.which("make")
    if program is None:
        pytest.skip("make is not installed")
    kept = {name: value for name, value in os.environ.items() if not name.startswith("MAKE") and name != "MFLAGS"}
    return subprocess.run(
        [program, *arguments], cwd=clone, env=kept | environment, stdin=subprocess.DEVNULL, capture_output=True, text=True
    )


def test_make_alone_lists_what_there_is(clone):
    listed = make(clone).stdout
    assert all(f"make {target}" in listed for target in ("lab", "test", "check", "pins"))
    assert not (clone / ".venv").exists()


@pytest.mark.parametrize("python", ["too-old", "no-such-python"])
def test_make_says_which_python_it_needs(clone, python):
    stand_in(clone / "too-old", "exit 1\n")
    done = make(clone, "lab", f"PYTHON=./{python}")
    assert done.returncode != 0
    assert done.stderr.splitlines()[0] == (
        f'The course needs Python 3.11, 3.12 or 3.13, and "./{python}" is not one of them: '
        "install one and name it, for example make lab PYTHON=python3.12"
    )


def test_make_says_which_package_makes_environments(clone):
    stand_in(clone / "python", f'case "$*" in *ensurepip*) exit 1;; esac\nexec "{sys.executable}" "$@"\n')
    done = make(clone, "test", "PYTHON=./python")
    assert done.returncode != 0
    assert "apt install python3-venv" in done.stderr.splitlines()[0]


PYTHON = """echo "$*" >> log
case "$*" in
  *"venv --clear"*) mkdir -p .venv/bin; cp python .venv/bin/python; cp python .venv/bin/frailty-lessons;;
  *"pip install"*) test ! -e offline;;
esac
"""


def test_make_installs_once_and_passes_the_options_on(clone):
    stand_in(clone / "python", PYTHON)
    log = clone / "log"

    first = make(clone, "lab", "PYTHON=./python", "ARGS=--no-browser --port 8899")
    assert first.returncode == 0, first.stderr
    asked = log.read_text().splitlines()
    assert sum("--require-hashes -r requirements/base.txt" in line for line in asked) == 1
    assert sum("--no-deps --no-build-isolation -e ." in line for line in asked) == 1
    assert asked[-1] == "open --no-browser --port 8899"

    log.unlink()
    assert make(clone, "lab", "PYTHON=./python").returncode == 0
    assert not [line for line in log.read_text().splitlines() if "pip" in line or "venv" in line]

    os.utime(clone / "requirements/base.txt", (2**32, 2**32))
    log.unlink()
    assert "up to date" in make(clone, "lab", "PYTHON=./python").stdout
    assert "--require-hashes" in log.read_text()
    assert "venv --clear" not in log.read_text()


def test_make_makes_a_moved_clone_a_new_environment(clone):
    stand_in(clone / "python", PYTHON)
    assert make(clone, "lab", "PYTHON=./python").returncode == 0
    (clone / ".venv/.base-installed").write_text("/another/place\n")
    (clone / "log").unlink()
    assert make(clone, "lab", "PYTHON=./python").returncode == 0
    assert "venv --clear" in (clone / "log").read_text()


def test_make_says_what_to_do_when_packages_do_not_come(clone):
    stand_in(clone / "python", PYTHON)
    (clone / "offline").touch()
    done = make(clone, "lab", "PYTHON=./python")
    assert done.returncode != 0
    assert "check the network and the disk space, then run the same command again" in done.stderr
    assert not (clone / ".venv/.base-installed").exists()


def test_make_says_what_pinning_needs(clone):
    done = make(clone, "pins", PATH=str(clone))
    assert done.returncode != 0
    assert done.stderr.splitlines()[0].startswith("Pinning needs the program uv")


def browser(**environment):
    return subprocess.run(
        ["/bin/sh", str(ROOT / "tests/browser/get_chromium.sh")], env=environment, capture_output=True, text=True
    )


@pytest.mark.skipif(os.name == "nt", reason="a shell script")
def test_the_browser_is_the_one_that_is_named_or_the_first_that_runs(tmp_path):
    named = stand_in(tmp_path / "mine", "exit 0\n")
    broken, second = stand_in(tmp_path / "bin/chromium", "exit 1\n"), stand_in(tmp_path / "bin/google-chrome", "exit 0\n")
    path = str(broken.parent)
    assert browser(CHROMIUM=str(named), PATH=path).stdout == f"{named}\n"
    assert browser(PATH=path).stdout == f"{second}\n"
    wrong = browser(CHROMIUM=str(broken), PATH=path)
    assert wrong.returncode == 1
    assert wrong.stderr.count("\n") == 1


@pytest.mark.skipif(os.name == "nt", reason="a shell script")
def test_without_a_browser_it_says_what_to_install(tmp_path):
    stand_in(tmp_path / "bin/id", "echo 1000\n")
    missing = browser(PATH=str(tmp_path / "bin"))
    assert missing.returncode == 1
    assert "apt install chromium" in missing.stderr


@pytest.mark.skipif(os.name == "nt", reason="a shell script")
def test_as_root_on_debian_the_browser_is_installed(tmp_path):
    stand_in(tmp_path / "bin/id", "echo 0\n")
    package = stand_in(tmp_path / "chromium", "exit 0\n")
    stand_in(tmp_path / "bin/apt-get", f'case "$*" in *install*) /bin/cp "{package}" "{tmp_path}/bin/";; esac\n')
    installed = browser(PATH=str(tmp_path / "bin"))
    assert installed.stdout == f"{tmp_path / 'bin/chromium'}\n"
    assert installed.stderr.startswith("Installing the package chromium")
