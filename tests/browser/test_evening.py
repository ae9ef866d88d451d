"""A learner's evening in JupyterLab: she predicts, answers, closes the laptop, comes back, and has lost nothing."""

import json
import shutil

import pytest

from frailty_lessons.course import shipped_folder
from frailty_lessons.learning.progress import FILE
from lab import RUN_ALL, jupyterlab
from on_page import answer, violations

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


def form_of(page, words):
    form = page.locator(".fl-form", has_text=words)
    form.wait_for()
    return form


def open_lesson(server, watched, copy):
    page = watched(server.address)
    page.goto(server.lesson(f"{copy}/notebooks/{LESSON}"))
    page.evaluate(RUN_ALL)
    page.locator(".fl-form").first.wait_for()
    return page


def record_of(server, copy):
    return json.loads((server.root / copy / "notebooks" / FILE).read_text(encoding="utf-8"))


def everything_is_there(page):
    """What the evening left: an open prediction with its picture, an answer put right, and half a sentence."""
    page.locator(".fl-explorer").first.wait_for()
    assert page.locator(".fl-explorer").count() == 1
    assert "Not right (your choice)" in form_of(page, "The ward's corridor is booked").text_content()
    check = form_of(page, "What do you need before you can use the second number?")
    check.locator(".fl-feedback").wait_for()
    assert check.locator(".fl-verdict").text_content() == "Right."
    assert form_of(page, "Write two sentences").locator("textarea").input_value() == "You walked"
    assert "of 2 with a right answer, 1 are right" in form_of(page, "Download my progress").text_content()


def test_an_evening_and_the_next_day(two_courses, watched, tmp_path):
    server = two_courses
    page = open_lesson(server, watched, "mine")

    # A prediction opens its picture, and not before.
    prediction = form_of(page, "The ward's corridor is booked")
    assert page.locator(".fl-explorer").count() == 0
    prediction.get_by_role("button", name="Answer", exact=True).press("Enter")
    assert prediction.locator(".fl-notice").text_content() == "Give an answer first."
    answer(prediction, 0)
    page.locator(".fl-explorer").wait_for()
    assert prediction.get_by_role("button", name="Answer again").count() == 0

    # A question is answered wrong, then right.
    check = form_of(page, "What do you need before you can use the second number?")
    answer(check, 0)
    assert check.locator(".fl-verdict").text_content().startswith("Not right.")
    assert check.locator(".fl-options li").count() == 3
    check.get_by_role("button", name="Answer again").press("Enter")
    answer(check, 1)
    assert check.locator(".fl-verdict").text_content() == "Right."

    # A text is begun.
    form_of(page, "Write two sentences").locator("textarea").press_sequentially("You walked")
    page.wait_for_timeout(1500)
    attempts = record_of(server, "mine")["attempts"]
    assert [a["right"] for a in attempts["walk_test/check-compare"]] == [False, True]
    assert attempts["walk_test/short-track"][0] | {"at": ""} == {"answer": 0, "confidence": 60, "right": False, "at": ""}
    assert record_of(server, "mine")["drafts"] == {"walk_test/two-sentences": "You walked"}
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
    with other.expect_download() as download:
        other.get_by_role("button", name="Download my progress").press("Enter")
    file = tmp_path / download.value.suggested_filename
    download.value.save_as(file)
    there = open_lesson(server, watched, "elsewhere")
    there.get_by_label("Go on from a file:").set_input_files(file)
    there.get_by_text("3 answers were taken over from the file.").wait_for()
    there.evaluate(RUN_ALL)
    everything_is_there(there)

    # Starting over puts the answers aside.
    there.get_by_role("button", name="Start over", exact=True).press("Enter")
    there.get_by_role("button", name="Yes, start over").press("Enter")
    there.get_by_text("Started over.").wait_for()
    aside = server.root / "elsewhere" / "notebooks" / "my-progress-before-starting-over-1.json"
    assert set(json.loads(aside.read_text(encoding="utf-8"))["attempts"]) == {"walk_test/short-track", "walk_test/check-compare"}


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
