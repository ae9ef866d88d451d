"""A browser for each module, and pages that must stay without error and without requests to anywhere else."""

import shutil

import pytest
from playwright.sync_api import expect

from frailty_lessons.course import shipped_folder
from lab import chromium, jupyterlab

pytest.register_assert_rewrite("on_page")

from on_page import go  # noqa: E402

PATIENCE = 30_000  # milliseconds: a busy machine is slow, and not wrong
expect.set_options(timeout=PATIENCE)

# JupyterLab says this after a reload, of frames on their way to the page that is gone, of outputs whose kernel ended,
# and of its debugger, whose question to the kernel was still open.
HARMLESS = ("Comm not found for comm id", "Error: widget model not found", "Could not restore the debugger state")


# Not for the whole session: while playwright runs, no other test may start an event loop.
@pytest.fixture(scope="module")
def browser():
    with chromium() as found:
        yield found


@pytest.fixture(scope="module")
def watched(browser):
    """Opens pages; at the end none may have had an error in its console or asked another host than `own`."""
    faults, contexts = [], []

    def open_page(own: str = "", width: int = 1280, height: int = 1000, offline: bool = False, listen: bool = False):
        context = browser.new_context(viewport={"width": width, "height": height}, offline=offline)
        context.set_default_timeout(PATIENCE)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: message.type == "error" and not message.text.startswith(HARMLESS) and faults.append(f"{message.text} {message.location['url']}"))
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("dialog", lambda dialog: (faults.append(f"dialog: {dialog.message}"), dialog.dismiss()))
        allowed = ("data:", "blob:", own or "file:")
        page.on("request", lambda request: request.url.startswith(allowed) or faults.append(f"request: {request.url}"))
        page.sent = []
        if listen:
            page.on("websocket", lambda socket: socket.on("framesent", lambda data: page.sent.append(data if isinstance(data, bytes) else data.encode())))
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert faults == []


@pytest.fixture(scope="session")
def lab(tmp_path_factory):
    """A JupyterLab on a copy of the course, as a learner has it."""
    course = tmp_path_factory.mktemp("course")
    for name in ("notebooks", "datasets"):
        shutil.copytree(shipped_folder() / name, course / name, ignore=shutil.ignore_patterns(".ipynb_checkpoints"))
    with jupyterlab(course, tmp_path_factory.mktemp("settings")) as server:
        server.notebooks = course / "notebooks"
        yield server


@pytest.fixture
def notebooks(server):
    """The folder of the learner's notebooks behind the module's `server` of course pages, without any progress."""
    folder = server.folder / "notebooks"
    for file in folder.glob("my-progress*"):
        file.unlink()
    return folder


@pytest.fixture
def open_page(server, notebooks, watched):
    """Opens pages of the module's course; they are closed when the test ends, and so their kernels."""
    pages = []

    def open_one(file, where=server, **window):
        pages.append(watched(where.address, **window))
        return go(pages[-1], f"{where.page(file)}?token={where.token}")

    yield open_one
    for page in pages:
        page.close()
