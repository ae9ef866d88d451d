"""A learner's evening in JupyterLab: she predicts, answers, closes the laptop, comes back, and has lost nothing."""

import shutil

import pytest
from playwright.sync_api import expect

from frailty_lessons.course import shipped_folder
from lab import RUN_ALL, jupyterlab
from on_page import (
    answer_wrong_then_right,
    begin_text,
    download_progress,
    everything_is_there,
    predict,
    record_of,
    start_over,
    upload_progress,
    violations,
)

LESSON = "02-walk-test.ipynb"
READY = RUN_ALL.partition("  await app.commands")[0] + "}"


@pytest.fixture(scope="module")
def two_courses(tmp_path_factory):
    """A JupyterLab with two fresh copies of the course: the learner's own, and that of another computer."""
    root = tmp_path_factory.mktemp("evening")
    for copy in ("mine", "elsewhere"):
        for name in ("notebooks", "datasets"):
            shutil.copytree(shipped_folder() / name, root / copy / name, ignore=shutil.ignore_patterns(".ipynb_checkpoints", "my-progress*"))
    with jupyterlab(root, tmp_path_factory.mktemp("settings")) as server:
        server.root = root
        yield server


def open_lesson(server, watched, copy):
    page = watched(server.address)
    page.goto(server.lesson(f"{copy}/notebooks/{LESSON}"))
    page.evaluate(RUN_ALL)
    page.locator(".fl-form").first.wait_for()
    return page


def test_an_evening_and_the_next_day(two_courses, watched, tmp_path):
    server = two_courses
    mine, elsewhere = (server.root / copy / "notebooks" for copy in ("mine", "elsewhere"))
    page = open_lesson(server, watched, "mine")
    predictions = (mine / LESSON).read_text(encoding="utf-8").count("fl.predict(")
    expect(page.locator("[data-fl-closed]")).to_have_count(predictions)
    predict(page)
    expect(page.locator("[data-fl-closed]")).to_have_count(predictions - 1)
    answer_wrong_then_right(page)
    begin_text(page, mine)
    attempts = record_of(mine)["attempts"]
    assert [a["right"] for a in attempts["walk_test/check-compare"]] == [False, True]
    assert attempts["walk_test/short-track"][0] | {"at": ""} == {"answer": 0, "confidence": 60, "right": False, "at": ""}
    assert violations(page, ".fl-form") == ""

    # The page is loaded again while the kernel lives: the picture is there, and still moves.
    page.evaluate("() => window.jupyterapp.commands.execute('docmanager:save')")
    page.reload()
    page.evaluate(READY)
    slider = page.locator(".fl-explorer input").first
    slider.wait_for()
    before = page.locator(".fl-explorer .fl-sentence").text_content()
    slider.press("ArrowRight")
    page.wait_for_function("(before) => document.querySelector('.fl-explorer .fl-sentence').innerText !== before", arg=before)

    # The kernel is ended for good and another one runs the lesson.
    page.evaluate("async () => { const session = window.jupyterapp.shell.currentWidget.context.sessionContext; await session.shutdown(); await session.startKernel(); }")
    page.evaluate(RUN_ALL)
    everything_is_there(page)

    # A second tab.
    other = open_lesson(server, watched, "mine")
    everything_is_there(other)

    # Downloaded, and taken to another computer.
    file = download_progress(other, tmp_path)
    there = open_lesson(server, watched, "elsewhere")
    upload_progress(there, file)
    there.evaluate(RUN_ALL)
    everything_is_there(there)
    start_over(there, elsewhere)


def test_a_number_leads_to_its_source_and_the_button_to_all_of_them(two_courses, watched):
    page = open_lesson(two_courses, watched, "mine")
    link = page.get_by_role("link", name="63.4 m").first
    link.press("Enter")
    dialog = page.locator("dialog.fl-evidence[open]")
    dialog.wait_for()
    assert "63.4 m" in dialog.text_content() and "read in a text that quotes the source" in dialog.text_content()
    assert violations(page, "dialog.fl-evidence") == ""
    page.keyboard.press("Escape")
    dialog.wait_for(state="hidden")
    link.press("Enter")
    dialog.get_by_role("button", name="All sources").press("Enter")
    page.get_by_role("tab", name="sources.ipynb").wait_for()


def test_a_word_leads_to_its_meaning(two_courses, watched):
    page = open_lesson(two_courses, watched, "mine")
    page.locator("a[href*='glossary.ipynb']").first.press("Enter")
    dialog = page.get_by_role("dialog", name="What this word means")
    dialog.wait_for()
    assert len(dialog.locator("p").all_text_contents()) == 2
    dialog.get_by_role("button", name="The whole glossary").press("Enter")
    page.get_by_role("tab", name="glossary.ipynb").wait_for()
