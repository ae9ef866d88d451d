"""A real JupyterLab on loopback, in settings of its own, and a real Chromium to open it with."""

import os
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
    port = free_port()
    names = ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR", "JUPYTERLAB_SETTINGS_DIR", "JUPYTERLAB_WORKSPACES_DIR")
    environment = {**lab_environment(), **{name: str(settings / name.lower()) for name in names}}
    log = settings / "server.log"
    settings.mkdir(parents=True, exist_ok=True)
    command = [
        sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", f"--port={port}", "--ServerApp.port_retries=0",
        f"--ServerApp.root_dir={course}", "--IdentityProvider.token=", "--LabApp.expose_app_in_browser=True", *options,
    ]
    with log.open("wb") as out:
        server = subprocess.Popen(command, env=environment, stdout=out, stderr=subprocess.STDOUT, cwd=course)
    address = f"http://127.0.0.1:{port}"
    try:
        _wait_until_up(server, f"{address}/api", log)
        yield Server(address, server.pid)
    finally:
        server.send_signal(signal.SIGTERM)
        try:
            server.wait(20)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


class Server:
    """The address of a running server and its process id."""

    def __init__(self, address: str, pid: int):
        self.address, self.pid = address, pid

    def lesson(self, path: str) -> str:
        return f"{self.address}/lab/tree/{path}?reset"


def _wait_until_up(server, address: str, log: Path):
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if server.poll() is not None:
            break
        try:
            urllib.request.urlopen(address, timeout=2).read()
            return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    raise RuntimeError(f"JupyterLab did not come up:\n{log.read_text()[-2000:]}")


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
