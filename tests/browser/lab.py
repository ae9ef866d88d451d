"""A real JupyterLab, or the course's pages, on loopback and in settings of its own, and a real Chromium to open it with."""

import itertools
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from pathlib import Path

from frailty_lessons.teaching.opening import lab_environment

CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome")
CHROMIUM_OPTIONS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
# Where a server may keep what it writes of its own.
SETTINGS = ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR", "JUPYTERLAB_SETTINGS_DIR", "JUPYTERLAB_WORKSPACES_DIR")
RUN = 'await app.commands.execute("notebook:run-all-cells");'
RUN_ALL = """async () => {
  const end = Date.now() + 120000;
  const until = async (test) => {
    while (!test()) {
      if (Date.now() > end) throw new Error("the notebook or its kernel did not come up within two minutes");
      await new Promise((r) => setTimeout(r, 50));
    }
  };
  await until(() => window.jupyterapp?.shell.currentWidget?.context);
  const app = window.jupyterapp;
  const { context } = app.shell.currentWidget;
  await context.ready;
  await until(() => context.sessionContext.session?.kernel);
  await context.sessionContext.session.kernel.info;
  %s
}""" % RUN


def write_notebook(path: Path, cells) -> None:
    """A notebook of code cells, with the metadata without which JupyterLab would ask for a kernel."""
    import nbformat

    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    notebook.metadata.kernelspec = {"name": "python3", "display_name": "Python 3", "language": "python"}
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(notebook, path)


def find_chromium() -> str:
    """The path of a Chromium: `$CHROMIUM`, or the first that is on the path."""
    found = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, CHROMIUM_NAMES)), None)
    if found is None:
        raise RuntimeError("No Chromium was found: run `make test`, which gets one, or name one in $CHROMIUM.")
    return found


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


@contextmanager
def jupyterlab(course: Path, settings: Path, *, options=()):
    """JupyterLab with `course` as its root; yields its address. `settings` holds all that it writes of its own."""
    address = f"http://127.0.0.1:{free_port()}"
    command = [
        sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", f"--port={address.rpartition(':')[2]}",
        "--ServerApp.port_retries=0", f"--ServerApp.root_dir={course}", "--IdentityProvider.token=",
        "--LabApp.expose_app_in_browser=True", *options,
    ]

    def answers(_):
        try:
            return bool(urllib.request.urlopen(f"{address}/api", timeout=2).read())
        except (urllib.error.URLError, OSError):
            return False

    with _running(command, lab_environment(), course, settings, answers) as (server, _):
        yield Server(address, server.pid)


@contextmanager
def course_pages(course: Path, settings: Path):
    """The course in the folder `course` as pages, as `frailty-lessons course` serves it."""
    command = [sys.executable, "-m", "frailty_lessons.cli", "course", str(course), "--no-browser", f"--port={free_port()}"]
    with _running(command, os.environ, None, settings, lambda said: re.search(r"http://\S+", said)) as (server, found):
        yield Pages(found[0], server.pid, course)


class Server:
    """The address of a running JupyterLab and its process id."""

    def __init__(self, address: str, pid: int):
        self.address, self.pid, self._workspaces = address, pid, itertools.count()

    def lesson(self, path: str) -> str:
        """Where `path` opens in a workspace of its own: in a shared one a reload brings what other pages had open."""
        return f"{self.address}/lab/workspaces/test-{next(self._workspaces)}/tree/{path}?reset"


class Pages:
    """The course as pages: the address to open, with its token, the address without, the process id and the folder."""

    def __init__(self, entry: str, pid: int, folder: Path):
        self.entry, self.pid, self.folder = entry, pid, folder
        self.address, _, self.token = entry.partition("/?token=")

    def page(self, file: str) -> str:
        return f"{self.address}/voila/render/notebooks/{file}"


@contextmanager
def _running(command, environment, folder, settings: Path, is_up):
    """The process of a server and what `is_up` of its log was, once that was true; ended on the way out."""
    environment = {**environment, **{name: str(settings / name.lower()) for name in SETTINGS}}
    log = settings / "server.log"
    settings.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as out:
        server = subprocess.Popen(command, env=environment, stdout=out, stderr=subprocess.STDOUT, cwd=folder)
    try:
        deadline = time.monotonic() + 60
        while not (up := is_up(log.read_text())):
            if server.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"The server did not come up:\n{log.read_text()[-2000:]}")
            time.sleep(0.1)
        yield server, up
    finally:
        server.send_signal(signal.SIGTERM)
        try:
            server.wait(20)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


@contextmanager
def chromium():
    """A Chromium without a window, driven by playwright."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=CHROMIUM_OPTIONS)
        try:
            yield browser
        finally:
            browser.close()
