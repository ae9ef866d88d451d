"""Binder: the image that its files ask for, and that image's environment, built here and opened in a real browser."""

import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib
import urllib.error
import urllib.parse
import urllib.request
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

import nbformat
import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from lab import RUN_ALL, chromium, free_port, write_notebook

ROOT = Path(__file__).parents[1]
BINDER = ROOT / "binder"
PYTHON = (BINDER / "runtime.txt").read_text(encoding="utf-8").strip().removeprefix("python-")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
MACHINE = {"python_version": PYTHON, "python_full_version": f"{PYTHON}.9", "sys_platform": "linux", "os_name": "posix"}
TOKEN = "only-for-this-test"

# What Binder installs before it looks at our files, and under which names conda has some of it.
BASE = ("ipywidgets", "jupyter-offlinenotebook", "jupyter-resource-usage", "jupyter-server", "jupyterhub", "jupyterlab", "notebook", "pip")
CONDA_NAMES = {"nbconvert-core": "nbconvert", "python-fastjsonschema": "fastjsonschema", "jupyterhub-base": "jupyterhub"}


def pins(path):
    """The versions that a requirement file pins for Binder's Python, by name."""
    lines = path.read_text(encoding="utf-8").replace("\\\n", " ").splitlines()
    found = [Requirement(line.split("--hash")[0]) for line in lines if line.strip()]
    found = [pin for pin in found if pin.marker is None or pin.marker.evaluate(MACHINE)]
    assert all(re.fullmatch(r"==[^*]+", str(pin.specifier)) for pin in found)
    return {canonicalize_name(pin.name): str(pin.specifier).removeprefix("==") for pin in found}


def base_pins():
    """The Python packages of Binder's base, from repo2docker's own lock file."""
    folder = Path(importlib.util.find_spec("repo2docker").origin).with_name("buildpacks") / "conda"
    found = {}
    for line in (folder / f"environment.py-{PYTHON}-linux-64.lock").read_text(encoding="utf-8").splitlines():
        package = re.search(r"/([^/]+)-([^-/]+)-([^-/]+)\.(?:conda|tar\.bz2)", line)
        if package and "py" in package[3]:
            found[canonicalize_name(CONDA_NAMES.get(package[1], package[1]))] = package[2]
    return found


def test_the_image_has_our_python_our_packages_and_our_scripts():
    command = [sys.executable, "-m", "repo2docker", "--no-build", "--debug", "."]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert f"Building conda environment for python={PYTHON}\n" in done.stderr
    steps = [
        'pip install --no-cache-dir -r "binder/requirements.txt"',
        "src/ ${REPO_DIR}/",  # the repository comes after the packages: a commit does not install them again
        "RUN ./binder/postBuild",
        'ENV R2D_ENTRYPOINT="${REPO_DIR}/binder/start"',
    ]
    places = [done.stdout.index(step) for step in steps]
    assert places == sorted(places)


@pytest.mark.parametrize("name", ["postBuild", "start"])
def test_a_script_can_be_run(name):
    path = BINDER / name
    assert path.stat().st_mode & 0o111 or os.name == "nt"
    text = path.read_bytes()
    assert text.startswith(b"#!/usr/bin/env bash\n") and b"\r" not in text and b"\nset -eu\n" in text


def test_the_pins_are_those_of_the_course_and_complete_binders_base():
    ours, course, base = pins(BINDER / "requirements.txt"), pins(ROOT / "requirements/base.txt"), base_pins()
    listed = (ROOT / "requirements/binder.in").read_text(encoding="utf-8").splitlines()
    assert set(ours) == {canonicalize_name(line) for line in listed if not line.startswith("#")}
    for name in ours.keys() & course.keys():
        assert ours[name] == course[name], f"{name}: run make pins"
    assert not ours.keys() & base.keys()
    for text in [*PROJECT["project"]["dependencies"], *PROJECT["build-system"]["requires"]]:
        wanted = Requirement(text)
        assert wanted.specifier.contains((base | ours)[canonicalize_name(wanted.name)]), text
    assert not re.search(r"://|^-", (BINDER / "requirements.txt").read_text(encoding="utf-8"), re.MULTILINE)


def test_every_link_names_one_repository_and_a_page_that_exists():
    (homepage,) = re.findall(r"https://github\.com/([^/]+/[^/]+)", PROJECT["project"]["urls"]["Homepage"])
    assert all(f"github.com/{homepage}" in url for url in PROJECT["project"]["urls"].values())
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert set(re.findall(r"github\.com/([\w.-]+/[\w.-]+)", text)) <= {homepage}
    ways = set()
    for link in re.findall(r"https://mybinder\.org/v2/[^)\s\"]+", text):
        address = urllib.parse.urlparse(link)
        assert address.path == f"/v2/gh/{homepage}/HEAD"
        (page,) = urllib.parse.parse_qs(address.query, strict_parsing=True)["urlpath"]
        way, file = page.split("/notebooks/")
        assert (ROOT / "notebooks" / file).is_file(), page
        ways.add(way)
    assert ways == {"lab/tree", "voila/render"}


def versions(python):
    listed = subprocess.run([python, "-m", "pip", "list", "--format=json"], check=True, capture_output=True, text=True).stdout
    return {canonicalize_name(package["name"]): package["version"] for package in json.loads(listed)}


@pytest.fixture(scope="module")
def image():
    """Binder's environment without its engine: its base, our packages, and a copy of the repository as home."""
    if os.name == "nt":
        pytest.skip("Binder's scripts need bash")
    with tempfile.TemporaryDirectory() as folder:
        home, venv = Path(folder, "home"), Path(folder, "venv")
        ignored = shutil.ignore_patterns(".git", ".venv", ".hypothesis", ".pytest_cache", "__pycache__", ".ipynb_checkpoints")
        shutil.copytree(ROOT, home, ignore=ignored)
        subprocess.run([sys.executable, "-m", "venv", venv], check=True)
        python = venv / "bin/python"
        held = Path(folder, "base.txt")
        held.write_text("".join(f"{name}=={version}\n" for name, version in base_pins().items()))
        install = [python, "-m", "pip", "install", "-qq", "--disable-pip-version-check", "--no-input"]
        subprocess.run([*install, "-c", held, *BASE], check=True)
        base = versions(python)
        subprocess.run([*install, "-r", home / "binder/requirements.txt"], check=True)

        kept = {name: value for name, value in os.environ.items() if not name.startswith(("JUPYTER", "IPYTHON", "PYTHON", "MPL", "XDG_"))}
        environment = kept | {"HOME": str(home), "REPO_DIR": str(home), "PATH": f"{venv / 'bin'}{os.pathsep}{os.environ['PATH']}"}
        built = subprocess.run(["./binder/postBuild"], cwd=home, env=environment, capture_output=True, text=True)
        assert built.returncode == 0, built.stdout + built.stderr
        yield SimpleNamespace(home=home, environment=environment, python=python, base=base)


@contextmanager
def server(image):
    """JupyterLab as Binder starts it; yields its address."""
    # Not the address that our own settings name, so that it must be the command line that decides.
    host, port = "127.0.0.2" if sys.platform == "linux" else "127.0.0.1", free_port()
    command = [
        "./binder/start", "jupyter-lab", f"--ip={host}", f"--port={port}", "--no-browser", "--allow-root",
        "--ServerApp.base_url=/user/learner/", f"--IdentityProvider.token={TOKEN}", "--LabApp.expose_app_in_browser=True",
    ]  # fmt: skip
    log = image.home.with_name("server.log")
    with log.open("wb") as out:
        process = subprocess.Popen(command, cwd=image.home, env=image.environment, stdout=out, stderr=subprocess.STDOUT)
    address = f"http://{host}:{port}/user/learner"
    try:
        deadline = time.monotonic() + 60
        while True:
            try:
                urllib.request.urlopen(f"{address}/api", timeout=2).read()
                break
            except (urllib.error.URLError, OSError):
                assert process.poll() is None and time.monotonic() < deadline, log.read_text()
                time.sleep(0.1)
        yield address
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def test_our_packages_are_added_and_none_of_the_base_is_changed(image):
    now, ours = versions(image.python), pins(BINDER / "requirements.txt")
    assert image.base.items() <= now.items()
    assert {name: version for name, version in now.items() if name not in image.base} == ours | {
        PROJECT["project"]["name"]: PROJECT["project"]["version"]
    }
    locked = base_pins()
    assert {name: locked[name] for name in BASE} == {name: now[name] for name in BASE}
    checked = subprocess.run([image.python, "-m", "pip", "check"], capture_output=True, text=True)
    assert checked.returncode == 0, checked.stdout
    assert list(image.home.glob(".cache/matplotlib/fontlist-*")) or sys.platform != "linux"


@pytest.mark.parametrize("name", ["00-start.ipynb", "02-walk-test.ipynb"])
def test_a_lesson_runs(image, name):
    path = image.home / "notebooks" / name
    command = ["./binder/start", "jupyter", "execute", "--timeout=120", "--output=done", str(path)]
    done = subprocess.run(command, cwd=image.home, env=image.environment, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    notebook = nbformat.read(path.with_name("done.ipynb"), as_version=4)
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    shown = [output for cell in cells for output in cell.outputs]
    assert [output for output in shown if output.output_type in ("error", "stream")] == []
    views = sum("application/vnd.jupyter.widget-view+json" in output.get("data", {}) for output in shown)
    assert views >= sum("explorers" in cell.source for cell in cells)


def test_a_kernel_is_ended_when_no_page_uses_it_any_more(image):
    command = ["./binder/start", "jupyter", "server", "--show-config-json"]
    shown = subprocess.run(command, cwd=image.home, env=image.environment, capture_output=True, text=True, timeout=60)
    kernels = json.loads(shown.stdout)["MappingKernelManager"]
    assert 0 < kernels["cull_idle_timeout"] <= 600 and not kernels.get("cull_connected")


@pytest.fixture(scope="module")
def open_page(image):
    """Opens pages of a server as Binder starts it, in a browser that notes what is asked of other hosts."""
    elsewhere = []
    with server(image) as address, chromium() as browser:

        def open_page(path):
            page = browser.new_page(viewport={"width": 1366, "height": 768})
            page.set_default_timeout(60_000)
            page.on("request", lambda request: request.url.startswith((address, "data:", "blob:")) or elsewhere.append(request.url))
            page.goto(f"{address}/{path}?token={TOKEN}")
            return page

        yield open_page
    assert elsewhere == []


def test_one_click_opens_a_calm_lesson_with_its_contents_beside_it(open_page):
    page = open_page("lab/tree/notebooks/02-walk-test.ipynb")
    page.locator(".jp-TableOfContents-content jp-tree-item").first.wait_for()
    page.evaluate(RUN_ALL)
    page.locator(".jp-OutputArea .jupyter-widgets, .jp-OutputArea .lm-Widget section").first.wait_for(state="attached")
    assert page.locator("[data-mime-type='application/vnd.jupyter.error']").all_text_contents() == []
    assert page.locator(".jp-Dialog, .jp-toast, .Toastify__toast, .jp-Launcher").count() == 0
    assert page.locator(".jp-CodeCell .jp-InputArea-editor:visible").count() == 0
    tabs = page.locator(".jp-SideBar .lm-TabBar-tab").evaluate_all("(tabs) => tabs.map((tab) => tab.title)")
    assert any("Table of Contents" in tab for tab in tabs) and not any("Extension" in tab for tab in tabs)


def test_an_explorer_answers_in_binders_jupyterlab(image, open_page):
    write_notebook(image.home / "notebooks/look.ipynb", ["import frailty_lessons as fl", "fl.explorers.walk_test.Corridor(fl.load_trial())"])
    page = open_page("lab/workspaces/look/tree/notebooks/look.ipynb")
    page.evaluate(RUN_ALL)
    slider, sentence = page.locator(".fl-explorer input[type=range]").first, page.locator(".fl-explorer .fl-sentence")
    before, drawn = sentence.inner_text(), page.locator(".fl-moves").inner_html()
    slider.focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_function(
        """([sentence, drawn]) => document.querySelector(".fl-sentence").innerText !== sentence
        && document.querySelector(".fl-moves").innerHTML !== drawn""",
        arg=[before, drawn],
    )
    assert not page.locator(".fl-notice").is_visible()


def test_one_click_opens_the_course_pages(open_page):
    page = open_page("voila/render/notebooks/02-walk-test.ipynb")
    page.locator(".fl-widget section").first.wait_for()
    assert page.locator(".fl-failed").count() == 0
