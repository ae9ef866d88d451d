"""The course as pages, in a browser: nothing to run, no code, and the same explorers."""

import re
import time

import nbformat
import psutil
import pytest

import frailty_lessons as fl
from frailty_lessons.course import load_course, shipped_folder
from frailty_lessons.teaching.opening import copy_course
from lab import course_pages
from on_page import READY, answer_predictions, controls, open_table, read, violations, wait_for_expected

LESSON = load_course(shipped_folder()).lessons[0]
CELLS = nbformat.read(shipped_folder() / "notebooks" / LESSON.file, as_version=4).cells
EXPLORERS = sum(bool(re.search(r"\bexplorers\.\w+\.\w+\(", cell.source)) for cell in CELLS if cell.cell_type == "code")
FIGURE = 'main a[href^="sources.ipynb#"]:not([href$="#assumed"])'


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """A copy of the course as pages."""
    folder = tmp_path_factory.mktemp("course")
    copy_course(folder)
    with course_pages(folder, tmp_path_factory.mktemp("settings")) as server:
        yield server


@pytest.fixture(scope="module")
def enter(course, watched):
    """Opens the start page, as a browser does it for the learner."""

    def open_start(**options):
        page = watched(course.address, **options)
        page.goto(course.entry)
        page.locator(READY).wait_for(state="attached")
        return page

    return open_start


@pytest.fixture(scope="module")
def start(enter):
    return enter()


@pytest.fixture(scope="module")
def lesson(start):
    """The first lesson, reached from the start page by a click, with its predictions made."""
    start.locator("main").get_by_role("link", name=LESSON.title).first.click()
    start.wait_for_url(f"**/{LESSON.file}")
    start.locator(READY).wait_for(state="attached")
    answer_predictions(start)
    start.wait_for_function("(count) => document.querySelectorAll('.fl-explorer').length === count", arg=EXPLORERS)
    return start


@pytest.fixture(scope="module")
def sources(lesson):
    """The sources, in the other tab that a figure's link opens."""
    with lesson.expect_popup() as opened:
        lesson.locator(FIGURE).first.click()
    opened.value.locator(READY).wait_for(state="attached")
    return opened.value


def test_nothing_is_shown_without_the_token(course, watched):
    page = watched(course.address)
    page.goto(course.page(LESSON.file))
    assert "/login" in page.url
    assert LESSON.title not in page.content()


def test_the_start_page_is_whole(start):
    assert start.title() == start.locator("h1").text_content().removesuffix("¶")
    assert violations(start) == ""
    assert start.locator("a[rel=prev]").count() == 0
    assert LESSON.title in start.locator("a[rel=next]").text_content()


def test_predictions_open_all_explorers_and_no_code_is_seen(lesson):
    explorers = lesson.locator(".fl-explorer")
    assert explorers.count() == EXPLORERS
    for section in explorers.all():
        assert section.locator(".fl-moves *").count() > 0
    text = lesson.locator("body").inner_text()
    assert "import " not in text and "fl." not in text and "Traceback" not in text
    assert lesson.title() == lesson.locator("h1").first.text_content().removesuffix("¶")


def test_a_control_answers_the_keyboard(lesson):
    explorer = fl.explorers.walk_test.Corridor(fl.load_trial())
    section = lesson.locator(".fl-explorer").first
    before = read(section)
    controls(section).first.focus()
    lesson.keyboard.press("ArrowRight")
    places = [before["places"][0] + 1, *before["places"][1:]]
    wait_for_expected(section, explorer, places)
    after = read(section)
    assert after["sentence"] != before["sentence"]
    assert after["picture"] != before["picture"]
    open_table(section)


def test_the_lesson_is_accessible_and_knows_its_neighbours(lesson):
    assert violations(lesson) == ""
    assert lesson.locator("a[rel=prev]").get_attribute("href") == "00-start.ipynb"
    lesson.keyboard.press("Control+Home")
    lesson.locator(".fl-skip").focus()
    assert lesson.locator(".fl-skip").bounding_box()["y"] >= 0
    lesson.keyboard.press("Enter")
    assert lesson.evaluate("document.activeElement.id") == "text"


def test_details_open_by_keyboard(lesson):
    lesson.locator(".fl-text summary").first.focus()
    lesson.keyboard.press("Enter")
    assert lesson.locator(".fl-text details").first.evaluate("(details) => details.open")


def test_a_figure_leads_to_its_row(sources, lesson):
    row = lesson.locator(FIGURE).first.get_attribute("href").partition("#")[2]
    assert sources.evaluate("document.querySelector('tr:target').id") == row
    assert 0 <= sources.locator("tr:target").bounding_box()["y"] < 100
    assert violations(sources) == ""
    assert LESSON.file in lesson.url
    assert lesson.locator(".fl-explorer").count() == EXPLORERS


def test_narrow_pages_do_not_scroll_sideways(enter, lesson):
    page = enter(width=360, height=740)
    for file in ("00-start.ipynb", LESSON.file, "sources.ipynb"):
        page.goto(page.url.rpartition("/")[0] + "/" + file)
        page.locator(READY).wait_for(state="attached")
        assert page.evaluate("document.documentElement.scrollWidth") == 360, file
        if file == LESSON.file:
            assert page.locator(".fl-explorer").count() == EXPLORERS, "what was opened once is open again"
    page.context.close()


def test_a_failed_cell_gives_a_sentence_and_cells_for_jupyterlab_are_left_out(course, enter):
    new = nbformat.v4
    cells = [
        new.new_markdown_cell("# Broken"),
        new.new_markdown_cell("Press *Run*.", metadata={"tags": ["lab-only"]}),
        new.new_code_cell("print('before')"),
        new.new_code_cell("1 / 0"),
        new.new_code_cell("print('after')"),
        new.new_markdown_cell("The text goes on."),
    ]
    metadata = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    nbformat.write(new.new_notebook(cells=cells, metadata=metadata), course.folder / "notebooks/broken.ipynb")
    page = enter()
    page.goto(page.url.rpartition("/")[0] + "/broken.ipynb")
    page.get_by_text("could not be shown; the text is complete").wait_for()
    text = page.locator("body").inner_text()
    assert "This part of the lesson could not be shown." in text
    assert "before" in text and "The text goes on." in text
    assert not re.search(r"ZeroDivision|Traceback|Press|after", text)
    page.context.close()


def test_a_page_that_is_left_or_closed_leaves_no_kernel(course, lesson, sources, enter):
    def is_kernel(child):
        try:
            return "ipykernel_launcher" in " ".join(child.cmdline())
        except (psutil.ZombieProcess, psutil.NoSuchProcess):
            return False

    def kernels():
        return sum(map(is_kernel, psutil.Process(course.pid).children()))

    other = enter()
    other.goto(lesson.url)
    other.locator(READY).wait_for(state="attached")
    assert kernels() >= 2
    for page in (sources, other):
        page.close()
    lesson.goto("about:blank")
    deadline = time.monotonic() + 30
    while kernels() > 1 and time.monotonic() < deadline:
        time.sleep(0.2)
    assert kernels() <= 1, "only the spare kernel may be left"
