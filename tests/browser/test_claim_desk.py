"""The claim desk and the protocol on the course's pages: by keyboard, after a reload, in a second tab, in a narrow window."""

import json
import time

import pytest

from frailty_lessons.course import shipped_folder
from frailty_lessons.learning.claims import offered, row
from frailty_lessons.learning.protocol import flaws, load_protocol
from frailty_lessons.teaching.opening import copy_course
from frailty_lessons.trial import load_trial
from lab import course_pages, write_notebook
from on_page import download_progress, panel_of, record_of, reload, tab_to, violations

TRIAL = load_trial(shipped_folder() / "datasets" / "lomecel-b-phase-2b")
SHEET = load_protocol(shipped_folder() / "notebooks")
PAGE = "90-desk.ipynb"
VERDICTS = ["supported", "overstated", "wrong", "cannot be known"]


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    folder = tmp_path_factory.mktemp("mine")
    copy_course(folder)
    write_notebook(folder / "notebooks" / PAGE, ["import frailty_lessons as fl\nfl.progress()", "fl.claims(fl.load_trial())", "fl.protocol()"])
    with course_pages(folder, tmp_path_factory.mktemp("settings")) as found:
        yield found


def desk_of(page):
    return page.locator(".fl-form").nth(1)


def protocol_of(page):
    return page.locator(".fl-form").nth(2)


def choose(page, form, downs):
    """The radio button that `downs` presses of the arrow lead to; with none, the first."""
    page.keyboard.press("Space")
    for _ in range(downs):
        page.keyboard.press("ArrowDown")
    assert form.evaluate("() => document.activeElement.checked")


def judge_by_keys(page, desk, downs, sure, ticks):
    """A verdict, how sure, and the rows at the places `ticks`, with nothing but the keyboard."""
    tab_to(page, desk, "input[type=radio]")
    choose(page, desk, downs)
    tab_to(page, desk, "input[type=radio]", 1)
    choose(page, desk, sure)
    for place in range(max(ticks) + 1):
        tab_to(page, desk, "input[type=checkbox]", 1)
        if place in ticks:
            page.keyboard.press("Space")


def press(page, form, name):
    form.get_by_role("button", name=name, exact=True).press("Enter")


def focused(form, selector):
    form.locator(f"{selector}:focus").wait_for()
    assert form.page.evaluate("(top => top >= 0 && top < innerHeight)(document.activeElement.getBoundingClientRect().top)")


def kept(page, notebooks, key, holds):
    """Until the draft of `key` holds that text."""
    deadline = time.monotonic() + 30
    while holds not in (json.loads((notebooks / "my-progress.json").read_text())["drafts"].get(key, "") if (notebooks / "my-progress.json").is_file() else ""):
        assert time.monotonic() < deadline, f"{holds!r} was not kept"
        page.wait_for_timeout(50)


def test_a_claim_is_judged_by_keyboard_and_a_reload_and_a_second_tab_know_of_it(open_page, notebooks):
    page, other = open_page(PAGE), open_page(PAGE)
    desk, (first, second, *_) = desk_of(page), map(TRIAL.claim, TRIAL.desk)
    right = VERDICTS.index(first.verdict)
    assert desk.locator(".fl-prompt").text_content() == first.text
    assert not any(part in page.content() for part in first.why.strip().split("\n\n"))
    assert violations(page, ".fl-form") == ""

    # Nothing is handed in before all of it is there.
    press(page, desk, "Hand in")
    assert desk.locator(".fl-notice").text_content() == "Choose a verdict first."
    desk.locator("input").first.focus()
    page.keyboard.press("Shift+Tab")
    judge_by_keys(page, desk, right, 4, {0, 2})
    assert desk.locator("input[type=radio]").nth(right).is_checked() and desk.get_by_label("very").is_checked()
    press(page, desk, "Hand in")
    focused(desk, ".fl-verdict")
    assert desk.locator(".fl-verdict").text_content() == f"Right. We, too, judge this claim “{first.verdict}”."
    tab_to(page, desk, "summary", 1)
    page.keyboard.press("Enter")
    rows = desk.locator(".fl-options li")
    assert rows.count() == len(offered(first)) and rows.last.is_visible()
    for place, id in enumerate(offered(first)):
        said = rows.filter(has_text=row(TRIAL, id)["text"]).text_content()
        assert said.startswith("Bears on it" if id in first.evidence else "Does not bear on it")
        assert ("you ticked it" in said.split(".")[0]) == (place in {0, 2})
    mistakes = [place for place, id in enumerate(offered(first)) if (place in {0, 2}) != (id in first.evidence)]
    assert desk.locator(".fl-options .fl-mistake").count() == len(mistakes)
    assert first.why.strip().split("\n\n")[0] in desk.text_content()
    panel_of(page).get_by_text("Answered in the whole course: 1. Of 1 with a right answer, you had 1 right.").wait_for()
    assert violations(page, ".fl-form") == ""

    # The next claim, half filled in; the page goes before all of it was sent.
    press(page, desk, "Go on to claim 2")
    focused(desk, ".fl-kind")
    assert desk.locator(".fl-prompt").text_content() == second.text
    tab_to(page, desk, "input[type=radio]")
    choose(page, desk, 2)
    kept(page, notebooks, f"claims/{TRIAL.id}/{second.id}", '"wrong"')
    desk.locator("input[type=checkbox]").last.press("Space")
    reload(page)
    assert desk.locator(".fl-prompt").text_content() == second.text
    assert desk.get_by_label("Wrong").is_checked() and desk.locator("input[type=checkbox]").last.is_checked()
    for ticked in (False, True):  # what stands below a fact belongs to its box
        desk.locator(".fl-option .fl-more").last.click()
        assert desk.locator("input[type=checkbox]").last.is_checked() == ticked
    kept(page, notebooks, f"claims/{TRIAL.id}/{second.id}", offered(second)[-1])

    # Another page was open all the time: it knows of the first claim as soon as it is asked, and undoes nothing.
    theirs = desk_of(other)
    assert theirs.locator(".fl-prompt").text_content() == first.text
    press(other, theirs, "How it goes so far")
    theirs.get_by_text("Verdicts: 1 of 1 right at the first go.").wait_for()
    press(other, theirs, "Claim 1")
    theirs.locator(".fl-feedback").wait_for()
    press(other, theirs, "Change my verdict")
    theirs.locator("input[type=radio]").first.wait_for()
    assert theirs.locator("input[type=radio]").nth(right).is_checked() and theirs.locator("input[type=checkbox]").first.is_checked()
    theirs.get_by_label("Supported").press("Space")
    press(other, theirs, "Hand in")
    theirs.get_by_text(f"We judge this claim “{first.verdict}”; you chose “supported”.").wait_for()
    assert "Verdicts right at the first go: 1." in theirs.locator(".fl-note").text_content()
    attempts = record_of(notebooks)["attempts"][f"claims/{TRIAL.id}/{first.id}"]
    assert [(attempt["answer"]["verdict"], attempt["confidence"], attempt["right"]) for attempt in attempts] == [(first.verdict, 95, True), ("supported", 95, False)]
    assert record_of(notebooks)["drafts"].keys() == {f"claims/{TRIAL.id}/{second.id}"}

    # Back and forth leaves what was begun as it was.
    press(page, desk, "Back to claim 1")
    desk.get_by_text("you chose “supported”").wait_for()
    press(page, desk, "Go on to claim 2")
    desk.get_by_label("Wrong").wait_for()
    assert desk.get_by_label("Wrong").is_checked()


def test_all_claims_are_handed_in_in_a_narrow_window_and_the_summary_says_how_it_went(open_page, notebooks):
    page = open_page(PAGE, width=420, height=800)
    desk = desk_of(page)
    for number, id in enumerate(TRIAL.desk, 1):
        claim = TRIAL.claim(id)
        desk.locator(".fl-prompt", has_text=claim.text).wait_for()
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        desk.locator("input[type=radio]").nth(VERDICTS.index(claim.verdict)).press("Space")
        desk.get_by_label("quite").press("Space")
        for place, evidence in enumerate(offered(claim)):
            if evidence in claim.evidence:
                desk.locator("input[type=checkbox]").nth(place).press("Space")
        press(page, desk, "Hand in")
        focused(desk, ".fl-verdict")
        assert desk.locator(".fl-verdict").text_content().startswith("Right.")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        press(page, desk, f"Go on to claim {number + 1}" if number < len(TRIAL.desk) else "How it goes so far")
    desk.get_by_text("12 of 12 claims handed in").wait_for()
    focused(desk, ".fl-kind")
    rows = [TRIAL.claim(id).evidence for id in TRIAL.desk]
    assert f"you ticked {sum(map(len, rows))} of the {sum(map(len, rows))} rows" in desk.text_content()
    assert "you were right more often than you thought" in desk.text_content()
    assert violations(page, ".fl-form") == ""
    reload(page)
    desk.get_by_text("12 of 12 claims handed in").wait_for()


def test_a_protocol_is_criticised_by_keyboard_and_stays_the_same(open_page, notebooks, tmp_path):
    page = open_page(PAGE)
    form = protocol_of(page)
    sentences = form.locator(".fl-option label").all_text_contents()
    seed = record_of(notebooks)["seed"]
    flawed = flaws(SHEET, seed)
    assert [f"{sentence.about}: {sentence.flawed if sentence.id in flawed else sentence.sound}" in shown for sentence, shown in zip(SHEET.sentences, sentences, strict=True)] == [True] * len(sentences)
    desk_of(page).get_by_role("button", name="How it goes so far").focus()
    for place, sentence in enumerate(SHEET.sentences):
        tab_to(page, form, "input[type=checkbox]", 1)
        if sentence.id in flawed or place == 0:
            page.keyboard.press("Space")
    tab_to(page, form, "textarea", 1)
    page.keyboard.type("A computer <b>draws</b>")
    reload(page)
    assert form.locator(".fl-option label").all_text_contents() == sentences
    assert form.locator("input:checked").count() == len(flawed) + 1 and form.locator("textarea").input_value() == "A computer <b>draws</b>"
    form.locator("textarea").focus()
    tab_to(page, form, "button", 1)
    page.keyboard.press("Enter")
    focused(form, ".fl-verdict")
    assert form.locator(".fl-verdict").text_content() == f"You found {len(flawed)} of {len(flawed)} flaws, and marked 1 of {len(SHEET.sentences) - len(flawed)} sound sentences."
    assert "A computer <b>draws</b>" in form.locator(".fl-answer").text_content() and form.locator("b").count() == 0
    assert form.locator("li", has_text="A sound wording:").count() == len(flawed)
    assert violations(page, ".fl-form") == ""
    file = download_progress(page, tmp_path)

    # Another one; the first is kept, and comes along in the file.
    press(page, form, "Another protocol, with other flaws")
    focused(form, ".fl-kind")
    assert form.locator("input:checked").count() == 0 and form.locator("textarea").input_value() == ""
    assert form.locator(".fl-option label").all_text_contents() != sentences
    assert f"{len(flawed)} of {len(flawed)} flaws found, 1 sound sentences marked" in form.locator(".fl-note").text_content()
    assert record_of(notebooks)["seed"] != seed and f"protocol/{seed}" in record_of(notebooks)["attempts"]
    for mine in notebooks.glob("my-progress*"):
        mine.unlink()
    fresh = open_page(PAGE)
    panel_of(fresh).get_by_label("Go on from a file:").set_input_files(file)
    fresh.get_by_text("1 answers were taken over from the file.").wait_for()
    reload(fresh)
    assert protocol_of(fresh).locator(".fl-verdict").text_content().startswith(f"You found {len(flawed)} of {len(flawed)} flaws")
