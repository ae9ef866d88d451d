"""The course as pages: what the command passes on, which settings and template count, and a page's place in the course."""

import asyncio
import os
import re
from datetime import timedelta

import nbformat
import pytest
from voila.app import Voila
from voila.paths import collect_static_paths, collect_template_paths

from frailty_lessons import cli
from frailty_lessons.course import load_course
from frailty_lessons.teaching import pages
from frailty_lessons.teaching.opening import LAB_SETTINGS, OpeningError, lab_environment
from frailty_lessons.teaching.pages import CourseFrame, CoursePages, SpareKernel, place_in_course


@pytest.mark.parametrize(
    ("argv", "folder", "options"),
    [
        ([], None, []),
        (["mine"], "mine", []),
        (["--no-browser", "--port", "8866"], None, ["--no-browser", "--port", "8866"]),
        (["mine", "--port=8866"], "mine", ["--port=8866"]),
    ],
)
def test_options_go_to_voila(monkeypatch, argv, folder, options):
    calls = []
    monkeypatch.setattr(pages, "open_pages", lambda folder, options: calls.append((folder, options)) or 0)
    assert cli.main(["course", *argv]) == 0
    assert calls == [(folder, options)]


def test_what_cannot_be_opened_is_said_in_one_sentence(monkeypatch, capsys):
    def refuse(folder, options):
        raise OpeningError("The course cannot be copied there.")

    monkeypatch.setattr(pages, "open_pages", refuse)
    assert cli.main(["course", "there"]) == 1
    assert capsys.readouterr().err == "The course cannot be copied there.\n"


def test_help_names_the_command(capsys):
    with pytest.raises(SystemExit, match="0"):
        cli.main(["course", "--help"])
    assert "frailty-lessons course [FOLDER]" in capsys.readouterr().out


def test_the_template_is_found_where_the_package_is(monkeypatch):
    monkeypatch.setenv("JUPYTER_PATH", lab_environment()["JUPYTER_PATH"])
    folder = LAB_SETTINGS / "nbconvert/templates/frailty"
    for name in ("index.html.j2", "error.html", "404.html", "conf.json", "static/pages.css", "static/pages.js"):
        assert (folder / name).is_file()
    assert collect_template_paths(["voila", "nbconvert"], "frailty", prune=True)[0] == str(folder)
    assert collect_static_paths(["voila", "nbconvert"], "frailty", prune=True)[0] == str(folder / "static")


def test_the_template_asks_no_other_host():
    for path in (LAB_SETTINGS / "nbconvert").rglob("*.*"):
        assert not re.search(r"\w://|url\(|@import", path.read_text(encoding="utf-8")), path.name


@pytest.fixture
def started(course, monkeypatch):
    """Voilà as the command starts it, from a folder with somebody else's settings for it."""
    (course.folder / "voila.json").write_text('{"VoilaConfiguration": {"template": "reveal", "show_tracebacks": true}}')
    (course.folder / "voila.py").write_text("raise SystemExit('executed')")
    monkeypatch.chdir(course.folder)
    for name in ("JUPYTER_PATH", "JUPYTER_CONFIG_PATH"):
        monkeypatch.setenv(name, os.environ.get(name, ""))
    monkeypatch.setattr("voila.app.signal.signal", lambda *_: None)
    monkeypatch.setattr(CoursePages, "start", lambda app: None)
    apps = []
    initialize = Voila.initialize
    monkeypatch.setattr(Voila, "initialize", lambda app, argv=None: apps.append(app) or initialize(app, argv))
    yield lambda *options: (pages.open_pages(course.folder, options), apps[-1])[1]
    CoursePages.clear_instance()


def test_voila_takes_the_course_s_settings_and_no_others(started, course):
    app = started("--no-browser", "--port", "8899")
    assert (app.port, app.open_browser, app.ip, app.auto_token) == (8899, False, "127.0.0.1", True)
    assert app.root_dir == str(course.folder)
    settings = app.voila_configuration
    assert (settings.template, settings.show_tracebacks, settings.allow_template_override) == ("frailty", False, "NO")
    assert app.config.MappingKernelManager.cull_idle_timeout == 3600
    assert "cull_connected" not in app.config.MappingKernelManager


def test_options_come_before_the_settings(started):
    assert started("--show_tracebacks=True", "--Voila.ip=localhost").voila_configuration.show_tracebacks


def test_pages_follow_the_course_file(course, monkeypatch):
    course.toml.write_text(course.toml.read_text() + '\n[[lessons]]\nfile = "02-b.ipynb"\ntitle = "Second"\nquestion = "?"\nminutes = [1, 2]\n')
    monkeypatch.chdir(course.folder)
    files = ["00-start.ipynb", *(lesson.file for lesson in load_course().lessons)]
    places = [place_in_course(file) for file in files]
    assert [place["previous"] and place["previous"]["file"] for place in places] == [None, *files[:-1]]
    assert [place["next"] and place["next"]["file"] for place in places] == [*files[1:], None]
    assert places[0]["next"]["title"] == "First"
    for place in (*places, place_in_course("sources.ipynb")):
        assert [file for _, file in place["everywhere"]] == ["00-start.ipynb", "glossary.ipynb", "sources.ipynb"]
    assert place_in_course("sources.ipynb")["previous"] is place_in_course("sources.ipynb")["next"] is None


def test_a_broken_course_file_costs_only_the_links(course, monkeypatch):
    monkeypatch.chdir(course.folder)
    course.toml.write_text("lessons = 3")
    assert place_in_course("01-first.ipynb")["next"] is None


def test_a_page_has_its_heading_as_title_and_leaves_out_what_is_for_jupyterlab(course, monkeypatch):
    monkeypatch.chdir(course.folder)
    notebook = nbformat.read(course.lesson, as_version=4)
    notebook.cells.insert(0, nbformat.v4.new_markdown_cell("# Press the button", metadata={"tags": ["lab-only"]}))
    page, resources = CourseFrame(enabled=True)(notebook, {"metadata": {"name": "01-first"}})
    assert resources["course"]["title"] == "First lesson"
    assert [cell.id for cell in page.cells][:3] == ["a", "b", "c"]


def test_the_spare_kernel_is_given_once_and_never_culled(course):
    async def use():
        manager = SpareKernel(root_dir=str(course.folder), shared_context=False)
        try:
            manager.make_spare("notebooks", "python3")
            manager.make_spare("notebooks", "python3")
            spare = (await asyncio.wait_for(manager._spare[1], 60))[0]
            manager.cull_idle_timeout = 1
            manager.get_kernel(spare).last_activity -= timedelta(hours=9)
            manager.get_kernel(spare).execution_state = "idle"
            await manager.cull_kernel_if_idle(spare)
            assert manager.list_kernel_ids() == [spare]
            assert await manager.start_kernel(path="datasets", kernel_name="python3") != spare
            assert await manager.start_kernel(path="notebooks", kernel_name="python3", env={}) == spare
            assert await manager.start_kernel(path="notebooks", kernel_name="python3") != spare
        finally:
            await manager.shutdown_all(now=True)

    asyncio.run(use())
