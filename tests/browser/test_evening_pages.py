"""A learner's evening on the course's pages: she predicts, answers, closes the laptop, comes back, and has lost nothing."""

import time

import psutil
import pytest

from frailty_lessons.course import load_course, shipped_folder
from frailty_lessons.learning.progress import FILE
from frailty_lessons.teaching.opening import START_PAGE, copy_course
from lab import course_pages
from on_page import (
    READY,
    WALK_TEST,
    answer,
    answer_wrong_then_right,
    begin_text,
    download_progress,
    everything_is_there,
    form_of,
    go,
    panel_of,
    predict,
    record_of,
    reload,
    start_over,
    tab_to,
    upload_progress,
    violations,
    wait_for_draft,
)

LESSON = next(lesson for lesson in load_course(shipped_folder()).lessons if lesson.file == "02-walk-test.ipynb")


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    folder = tmp_path_factory.mktemp("mine")
    copy_course(folder)
    with course_pages(folder, tmp_path_factory.mktemp("settings")) as found:
        yield found


def moves(page, slider):
    """A slider's move is answered, which only a kernel can do."""
    before = page.locator(".fl-explorer .fl-sentence").first.text_content()
    slider.press("ArrowRight")
    page.wait_for_function("(before) => document.querySelector('.fl-explorer .fl-sentence').textContent !== before", arg=before)


def test_what_was_done_is_kept_at_once_and_there_after_a_reload(open_page, notebooks):
    page = open_page(LESSON.file)
    assert "You have not answered a question yet." in panel_of(page).text_content()
    explanations = [page.locator(".fl-place:has(.fl-form[data-prediction]) + .fl-text").nth(place) for place in (0, 1)]
    for explanation in explanations:
        assert explanation.get_by_role("heading", name="Explain").is_hidden()
        assert "The explanation opens when you have made your prediction." in explanation.evaluate("(node) => getComputedStyle(node, '::before').content")
    predict(page)
    explanations[0].get_by_role("heading", name="Explain").wait_for()
    assert explanations[1].get_by_role("heading", name="Explain").is_hidden()
    moves(page, page.locator(".fl-explorer input").first)
    answer_wrong_then_right(page)
    panel_of(page).get_by_text("Answered in the whole course: 2. Of 2 with a right answer, you had 1 right.").wait_for()
    attempts = record_of(notebooks)["attempts"]
    assert [attempt["right"] for attempt in attempts["walk_test/check-compare"]] == [False, True]
    assert attempts["walk_test/short-track"][0] | {"at": ""} == {"answer": 0, "confidence": 60, "right": False, "at": ""}

    # The page goes before it could send the last words.
    begin_text(page, notebooks)
    text = form_of(page, "two-sentences")
    text.locator("textarea").press("End")
    text.locator("textarea").press_sequentially(" further")
    reload(page)
    everything_is_there(page, "You walked further")
    wait_for_draft(page, notebooks, "You walked further")
    assert form_of(page, "short-track").get_by_role("button").count() == 0, "a prediction is made once"
    moves(page, page.locator(".fl-explorer input").first)

    # Given as the answer, the text is no draft any more.
    text.locator("textarea").press_sequentially("!")
    text.get_by_role("button", name="Answer", exact=True).press("Enter")
    text.locator(".fl-feedback").wait_for()
    assert "You walked further" in text.locator(".fl-answer").text_content()
    page.wait_for_timeout(1200)
    assert record_of(notebooks)["drafts"] == {}
    text.get_by_role("button", name="Answer again").press("Enter")
    text.locator("textarea:focus").wait_for()
    assert text.locator("textarea").input_value() == "You walked further!"
    assert WALK_TEST["two-sentences"].why.split("\n\n")[0] in text.locator(".fl-feedback").text_content()


def processes_of(server, kernel):
    found = []
    for child in psutil.Process(server.pid).children():
        try:
            found += [child] if kernel in " ".join(child.cmdline()) else []
        except (psutil.ZombieProcess, psutil.NoSuchProcess):
            continue
    return found


def kill(server, page, kernel):
    """As happens when memory runs out; the server puts another kernel in its place."""
    process = processes_of(server, kernel)[0]
    process.kill()
    deadline = time.monotonic() + 30
    while not any(other.pid != process.pid for other in processes_of(server, kernel)):
        assert time.monotonic() < deadline, "no other kernel came"
        page.wait_for_timeout(100)


def end(server, page, kernel):
    """As happens to the kernel of a computer that slept for long."""
    ended = """async (kernel) => {
      const headers = { "X-XSRFToken": document.cookie.match(/\\b_xsrf=([^;]*)/)[1] };
      return (await fetch(`/api/kernels/${kernel}`, { method: "DELETE", headers })).status;
    }"""
    assert page.evaluate(ended, kernel) == 204


def test_without_its_kernel_a_page_says_what_to_do_and_a_reload_brings_everything_back(server, browser, notebooks):
    context = browser.new_context(viewport={"width": 1280, "height": 1000})  # not watched: what fails here is to fail
    page = go(context.new_page(), f"{server.page(LESSON.file)}?token={server.token}")
    predict(page)
    answer_wrong_then_right(page)
    begin_text(page, notebooks)
    said = "You walked"
    for finish, more in ((kill, " further"), (end, " than before")):
        finish(server, page, page.evaluate("JSON.parse(document.getElementById('jupyter-config-data').textContent).kernelId"))

        # An answer, a text, a picture: none is left without a word.
        form, text = form_of(page, "check-name"), form_of(page, "two-sentences")
        form.locator(".fl-option input").first.press("Space")
        form.get_by_label("rather").press("Space")
        form.get_by_role("button", name="Answer", exact=True).press("Enter")
        text.locator("textarea").press("End")
        text.locator("textarea").press_sequentially(more)
        for part in (form, text):
            part.locator(".fl-notice", has_text="Reload this page").wait_for()
        assert form.locator(".fl-option input").first.is_checked()
        assert page.locator("#fl-status").text_content() == "The lesson is ready."
        page.locator(".fl-explorer input").first.press("ArrowRight")
        page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")  # she comes back to the tab
        page.locator("#fl-status:not(.fl-quiet)", has_text="Please reload this page").wait_for()
        assert finish is end or violations(page) == ""

        reload(page)
        said += more
        everything_is_there(page, said)
        wait_for_draft(page, notebooks, said)
        assert form_of(page, "check-name").locator(".fl-feedback").count() == 0
    moves(page, page.locator(".fl-explorer input").first)
    context.close()


def done_on(start):
    """What the map of the start page says of the lesson."""
    return start.locator("main .fl-html tr", has_text=LESSON.title).locator("td").last.text_content()


def test_two_tabs_and_the_start_page_agree(open_page, notebooks):
    questions = len(WALK_TEST)
    start, one, two = open_page(START_PAGE.name), open_page(START_PAGE.name), open_page(LESSON.file)
    assert done_on(start) == done_on(one) == f"0 of {questions}"
    one.locator("main .fl-html").get_by_role("link", name=LESSON.title).last.press("Enter")
    one.wait_for_url(f"**/{LESSON.file}")
    one.locator(READY).wait_for(state="attached")
    # Both were opened before anything was answered: neither undoes what the other keeps.
    predict(one)
    answer(form_of(two, "check-compare"), 1)
    begin_text(one, notebooks)
    assert set(record_of(notebooks)["attempts"]) == {"walk_test/short-track", "walk_test/check-compare"}
    reload(two)
    everything_is_there(two)
    # The browser's own way back, and the start page that was open all the time.
    one.go_back()
    one.locator(READY).wait_for(state="attached")
    reload(start)
    assert done_on(start) == done_on(one) == f"2 of {questions}"


def test_progress_moves_to_another_computer_and_can_be_put_aside(open_page, notebooks, tmp_path):
    page = open_page(LESSON.file)
    predict(page)
    answer_wrong_then_right(page)
    begin_text(page, notebooks)
    file = download_progress(page, tmp_path)
    copy_course(tmp_path / "elsewhere")
    with course_pages(tmp_path / "elsewhere", tmp_path / "settings") as elsewhere:
        there = open_page(LESSON.file, where=elsewhere)
        assert there.locator(".fl-explorer").count() == 0
        upload_progress(there, file)
        reload(there)
        everything_is_there(there)
        start_over(there, tmp_path / "elsewhere/notebooks")
        assert not (tmp_path / "elsewhere/notebooks" / FILE).exists()
        reload(there)
        assert there.locator(".fl-explorer, .fl-feedback").count() == 0
        assert form_of(there, "two-sentences").locator("textarea").input_value() == ""
        go(there, elsewhere.page(START_PAGE.name))
        assert done_on(there) == f"0 of {len(WALK_TEST)}"
        there.close()
    assert set(record_of(notebooks)["attempts"]) == {"walk_test/short-track", "walk_test/check-compare"}


def answer_by_keys(page, form, downs):
    """The option that `downs` presses of the arrow below the first lead to, quite sure, and the button."""
    page.keyboard.press("Space")
    for _ in range(downs):
        page.keyboard.press("ArrowDown")
    assert form.locator(".fl-option input").nth(downs).is_checked()
    tab_to(page, form, ".fl-sure input", 1)
    page.keyboard.press("Space")
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    assert form.get_by_label("quite").is_checked()
    tab_to(page, form, "button", 1)
    page.keyboard.press("Enter")
    form.locator(".fl-feedback:focus").wait_for()


def test_a_prediction_and_a_question_with_nothing_but_the_keyboard(open_page, notebooks):
    page = open_page(LESSON.file)
    prediction = form_of(page, "short-track")
    tab_to(page, prediction, ".fl-option input")
    answer_by_keys(page, prediction, 2)
    assert prediction.locator(".fl-verdict").text_content() == "Right."
    explorer = page.locator(".fl-explorer")
    explorer.wait_for()
    tab_to(page, explorer, "input", 10)
    moves(page, page.locator("input:focus"))

    check = form_of(page, "check-compare")
    tab_to(page, check, ".fl-option input")
    answer_by_keys(page, check, 0)
    assert check.locator(".fl-verdict").text_content().startswith("Not right.")
    tab_to(page, check, "button", 1)
    page.keyboard.press("Space")
    check.locator(".fl-option input:focus").wait_for()
    answer_by_keys(page, check, 1)
    assert check.locator(".fl-verdict").text_content() == "Right."
    attempts = record_of(notebooks)["attempts"]
    assert [(attempt["answer"], attempt["confidence"]) for attempt in attempts["walk_test/check-compare"]] == [(0, 80), (1, 80)]
    assert [(attempt["answer"], attempt["right"]) for attempt in attempts["walk_test/short-track"]] == [(2, True)]
