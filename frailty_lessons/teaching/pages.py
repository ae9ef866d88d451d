"""The course as pages that run by themselves: Voilà, with a template of ours and settings of its own."""

import asyncio
import os
import webbrowser
from pathlib import Path

from jupyter_server.base.handlers import JupyterHandler
from jupyter_server.services.kernels.kernelmanager import AsyncMappingKernelManager
from jupyter_server.utils import url_path_join
from nbconvert.preprocessors import Preprocessor
from tornado.ioloop import IOLoop
from tornado.web import authenticated
from voila.app import Voila
from voila.tornado.contentshandler import VoilaContentsHandler
from voila.tornado.handler import TornadoVoilaHandler
from voila.tornado.treehandler import TornadoVoilaTreeHandler

from frailty_lessons.course import GLOSSARY, SOURCES, load_course
from frailty_lessons.teaching.opening import LAB_SETTINGS, START_PAGE, find_or_copy, lab_environment

LAB_ONLY = "lab-only"  # the tag of a cell that says what only JupyterLab needs
REFILL = 3  # seconds after a kernel was taken until the next spare one is started: the page has the processor first
PREPARE = """exec('''
import frailty_lessons, frailty_lessons.learning, frailty_lessons.ui.form, frailty_lessons.ui.picture, frailty_lessons.ui.widget
frailty_lessons.load_trial()
''', {})"""
LOOPBACK = ("127.0.0.1", "::1", "localhost")


class CourseFrame(Preprocessor):
    """Gives the template a page's place in the course, and leaves out what only JupyterLab needs."""

    def preprocess(self, nb, resources):
        """The notebook without cells that are tagged `lab-only`, and `resources["course"]` for the template."""
        nb.cells = [cell for cell in nb.cells if LAB_ONLY not in cell.metadata.get("tags", [])]
        file = resources["metadata"]["name"] + ".ipynb"
        resources["course"] = place_in_course(file) | {"file": file, "title": title_of(nb) or file}
        return nb, resources


def place_in_course(file: str) -> dict:
    """The pages before and after the notebook `file` (None where there is none), and those that all pages lead to."""
    try:
        lessons = [{"file": lesson.file, "title": lesson.title} for lesson in load_course().lessons]
    except ValueError:
        lessons = []
    pages = [{"file": START_PAGE.name, "title": "Start page"}, *lessons]
    place = next((number for number, page in enumerate(pages) if page["file"] == file), None)
    return {
        "everywhere": [("Start page", START_PAGE.name), ("Glossary", GLOSSARY), ("Sources", SOURCES)],
        "previous": pages[place - 1] if place else None,
        "next": pages[place + 1] if place is not None and place + 1 < len(pages) else None,
    }


def title_of(nb) -> str | None:
    """The text of the first heading of a notebook."""
    lines = (line for cell in nb.cells if cell.cell_type == "markdown" for line in cell.source.splitlines())
    return next((line.lstrip("#").strip() for line in lines if line.startswith("#")), None)


class SpareKernel(AsyncMappingKernelManager):
    """Kernels as always, and one that has imported what lessons need and waits for the next page.

    No cell has run in it, so a page never shows what was true before it was opened.
    """

    _spare = None

    def make_spare(self, path: str, kernel_name: str) -> None:
        """Start a spare kernel in the folder `path`, unless there is one."""
        if self._spare is None:
            self._spare = (path, kernel_name), asyncio.ensure_future(self._make(path, kernel_name))

    async def _make(self, path, kernel_name):
        kernel_id = await super().start_kernel(path=path, kernel_name=kernel_name)
        client = self.get_kernel(kernel_id).client()
        client.start_channels(shell=True, iopub=False, stdin=False, hb=False, control=False)
        client.execute(PREPARE, silent=True, store_history=False)
        return kernel_id, client

    async def start_kernel(self, *, path=None, kernel_name=None, **more):
        """The id of the spare kernel if it fits, otherwise of a new one."""
        asyncio.get_running_loop().call_later(REFILL, self.make_spare, path, kernel_name)
        if self._spare and self._spare[0] == (path, kernel_name):
            (_, making), self._spare = self._spare, None
            try:
                kernel_id, client = await making
                client.stop_channels()
                return kernel_id
            except Exception as error:
                self.log.warning("The spare kernel could not be used: %s", error)
        return await super().start_kernel(path=path, kernel_name=kernel_name, **more)

    async def cull_kernel_if_idle(self, kernel_id):
        """Never the spare one: it waits, however long."""
        making = self._spare and self._spare[1]
        if not (making and making.done() and not making.exception() and making.result()[0] == kernel_id):
            await super().cull_kernel_if_idle(kernel_id)


class CoursePage(TornadoVoilaHandler):
    """A page, and the cookie without which it may not end its kernel when it is closed."""

    @authenticated
    async def get(self, path=None):
        self.xsrf_token  # noqa: B018
        await super().get(path)


class StartPage(JupyterHandler):
    """The server's address without more leads to the start page."""

    @authenticated
    def get(self):
        self.redirect(url_path_join(self.base_url, "voila/render", START_PAGE.as_posix()))


class CoursePages(Voila):
    """Voilà for one course folder: no list of files, and a token in the address that it opens."""

    def init_settings(self):
        return super().init_settings() | {"allow_remote_access": self.ip not in LOOPBACK}

    def init_handlers(self):
        ours = {TornadoVoilaHandler: CoursePage, TornadoVoilaTreeHandler: None, VoilaContentsHandler: None}
        handlers = [(url, ours.get(handler, handler), *more) for url, handler, *more in super().init_handlers()]
        return [(self.server_url, StartPage), *(handler for handler in handlers if handler[1])]

    def start(self):
        IOLoop.current().add_callback(self._begin)
        super().start()

    def _begin(self):
        self.kernel_manager.make_spare(START_PAGE.parent.as_posix(), "python3")
        print(f"The course is at {self.display_url}\nCtrl-C ends it.", flush=True)

    def launch_browser(self):
        # The token stays out of the browser's command line, which other people on this computer can read.
        page = Path(self.connection_dir, "open-the-course.html")
        page.write_text(f'<meta http-equiv="refresh" content="0;url={self.display_url}"><a href="{self.display_url}">The course</a>')
        IOLoop.current().run_in_executor(None, webbrowser.open, page.as_uri())


def open_pages(folder: str | Path | None = None, options=()) -> int:
    """Serve the course in `folder` as pages, with Voilà's own `options`, until it is ended."""
    found = find_or_copy(folder)
    os.environ.update(lab_environment())
    os.chdir(found)
    CoursePages.launch_instance(list(options), root_dir=str(found), config_file_paths=[str(LAB_SETTINGS)])
    return 0
