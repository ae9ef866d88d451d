"""What a learner does and reads on a page, and what the Python explorer says of the same state."""

import json
import time

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import TimeoutError

from frailty_lessons.course import shipped_folder
from frailty_lessons.learning.progress import FILE
from frailty_lessons.learning.questions import load_questions

READY = "#fl-status.fl-quiet"  # on a course page: all cells have run, and what is live is there
WALK_TEST = load_questions("walk_test", shipped_folder() / "notebooks")

READ = """(section) => {
  const texts = (selector) => [...section.querySelectorAll(selector)].map((node) => node.textContent);
  return {
    places: [...section.querySelectorAll("input, select, .fl-decisions")].map((node) => node.dataset.value ?? Number(node.value)),
    values: texts(".fl-value, option:checked"),
    sentence: section.querySelector(".fl-sentence").textContent,
    alternative: section.querySelector("svg").getAttribute("aria-label"),
    picture: section.querySelector(".fl-moves").innerHTML,
    columns: texts("details[open] thead th"),
    rows: [...section.querySelectorAll("details[open] tbody tr")].map((row) => [...row.children].map((cell) => cell.textContent)),
  };
}"""
# The browser writes SVG in its own way, so what is expected is read and written by it too.
AS_WRITTEN = """(svg) => {
  const group = document.createElementNS("http://www.w3.org/2000/svg", "g");
  group.innerHTML = svg;
  return group.innerHTML;
}"""


def read(section) -> dict:
    return section.evaluate(READ)


def expected(section, explorer, places) -> dict:
    """What `section` must show for the state at `places`, from the Python explorer."""
    there = explorer.at(**explorer.state_of(places))
    frame = there.frame(there.state)
    sentence = there.describe()
    return {
        "places": list(places),
        "values": [control.texts[place] for control, place in zip(explorer.controls.values(), places, strict=True) if control.kind != "decisions"],
        "sentence": sentence,
        "alternative": sentence,
        "picture": section.page.evaluate(AS_WRITTEN, frame["svg"]),
        "columns": frame["table"]["columns"],
        "rows": [[str(cell) for cell in row] for row in frame["table"]["rows"]],
    }


def open_table(section) -> None:
    """By keyboard."""
    section.locator("summary").focus()
    section.page.keyboard.press("Enter")
    section.locator("tbody tr").first.wait_for()


def controls(section):
    return section.locator("input, select, .fl-decisions")


def sliders_of(explorer) -> list[int]:
    """The places of the controls that are sliders."""
    return [place for place, control in enumerate(explorer.controls.values()) if control.kind == "slider"]


def press(section, text) -> None:
    """A button, by keyboard."""
    section.get_by_role("button", name=text, exact=True).press("Enter")


FOCUSED = "(form) => form.contains(document.activeElement) && document.activeElement.matches('%s')"


def tab_to(page, where, what, most=150):
    """Presses Tab until an element that matches `what` in `where` has the focus, and is seen."""
    for _ in range(most):
        page.keyboard.press("Tab")
        if where.evaluate(FOCUSED % what):
            assert page.evaluate("document.activeElement.matches(':focus-visible')")
            return
    raise AssertionError(f"{most} times Tab do not lead to {what}")


def back_to_start(section, explorer) -> None:
    press(section, "Start over" if explorer.decisions else "Reset")


def decide(section, explorer, places, letter) -> list:
    """One decision, by keyboard; the places that follow."""
    place, control = next((place, control) for place, control in enumerate(explorer.controls.values()) if control.kind == "decisions")
    press(section, control.texts[control.values.index(letter)])
    return [*places[:place], places[place] + letter, *places[place + 1 :]]


def open_steps(section, explorer) -> str:
    """The letters of the decisions whose buttons can be pressed."""
    (control,) = explorer.decisions.values()
    pressable = section.locator(".fl-decisions button[aria-disabled=false]").all_text_contents()
    return "".join(control.values[control.texts.index(text)] for text in pressable)


def wait_for_expected(section, explorer, places) -> None:
    """Until `section` says and shows what the Python explorer does at `places`."""
    goal = expected(section, explorer, places)
    if not section.locator("details").evaluate("(details) => details.open"):
        goal |= {"columns": [], "rows": []}
    same = f"([section, goal]) => {{ const found = ({READ})(section); return Object.keys(goal).every((part) => JSON.stringify(found[part]) === JSON.stringify(goal[part])); }}"
    try:
        section.page.wait_for_function(same, arg=[section.element_handle(), goal])
    except TimeoutError:
        pass  # what differs is said by the comparison
    assert read(section) == goal


def violations(page, context=None) -> str:
    """axe-core's report of the whole page, or of the elements that `context` selects; empty if there is nothing."""
    results = Axe().run(page, context)
    return results.generate_report() if results.violations_count else ""


OPEN_PREDICTIONS = ".fl-form:has(.fl-kind:text-is('Predict first')):not(:has(.fl-feedback))"


def answer_predictions(page) -> None:
    """By keyboard, each prediction that is still open, so that what it opens is there."""
    page.locator(".fl-form").first.wait_for()
    while page.locator(OPEN_PREDICTIONS).count():
        answer(page.locator(OPEN_PREDICTIONS).first)


def answer(form, place: int = 0, number: str = "100") -> None:
    """One question, by keyboard: the option at `place` or the number, rather sure; until it says what is right."""
    section = form.page.locator(f"section[aria-labelledby='{form.get_attribute('aria-labelledby')}']")
    if section.locator("input[type=number]").count():
        section.locator("input[type=number]").press_sequentially(number)
    else:
        section.locator(".fl-option input").nth(place).press("Space")
    section.get_by_label("rather").press("Space")
    section.get_by_role("button", name="Answer", exact=True).press("Enter")
    section.locator(".fl-feedback").wait_for()


def go(page, address):
    """The page of the course at that address, once it is ready."""
    page.goto(address)
    page.locator(READY).wait_for(state="attached")
    return page


def reload(page):
    page.reload()
    page.locator(READY).wait_for(state="attached")


# An evening of a learner: the same steps in JupyterLab and on the course's pages.


def form_of(page, id):
    """The form of a question of the walk-test lesson."""
    form = page.locator(".fl-form", has_text=WALK_TEST[id].prompt)
    form.wait_for()
    return form


def record_of(notebooks) -> dict:
    """The progress file beside the notebooks of the folder `notebooks`."""
    return json.loads((notebooks / FILE).read_text(encoding="utf-8"))


def predict(page) -> None:
    """The first prediction, wrong: it needs an answer, and opens its picture."""
    prediction = form_of(page, "short-track")
    assert page.locator(".fl-explorer").count() == 0
    prediction.get_by_role("button", name="Answer", exact=True).press("Enter")
    assert prediction.locator(".fl-notice").text_content() == "Give an answer first."
    answer(prediction, 0)
    page.locator(".fl-explorer").wait_for()
    assert prediction.get_by_role("button", name="Answer again").count() == 0


def answer_wrong_then_right(page) -> None:
    """One question of those that can be answered again; each time all options are explained."""
    check, question = form_of(page, "check-compare"), WALK_TEST["check-compare"]
    assert not any(option.why in check.text_content() for option in question.options)
    for place, verdict in ((0, "Not right."), (1, "Right.")):
        answer(check, place)
        assert check.locator(".fl-verdict").text_content().startswith(verdict)
        assert check.locator(".fl-options li").count() == 3
        assert all(option.why in check.text_content() for option in question.options)
        if place == 0:
            check.get_by_role("button", name="Answer again").press("Enter")


def begin_text(page, notebooks, text="You walked") -> None:
    """Half a sentence, until it is kept."""
    form_of(page, "two-sentences").locator("textarea").press_sequentially(text)
    wait_for_draft(page, notebooks, text)


def wait_for_draft(page, notebooks, text) -> None:
    deadline = time.monotonic() + 30
    while not (notebooks / FILE).is_file() or record_of(notebooks)["drafts"] != {"walk_test/two-sentences": text}:
        assert time.monotonic() < deadline, f"{text!r} was not kept"
        page.wait_for_timeout(50)


def everything_is_there(page, text="You walked") -> None:
    """What the evening left: an open prediction with its picture, an answer put right, and half a sentence."""
    page.locator(".fl-explorer").first.wait_for()
    assert page.locator(".fl-explorer").count() == 1
    assert "Not right (your choice)" in form_of(page, "short-track").text_content()
    check = form_of(page, "check-compare")
    check.locator(".fl-feedback").wait_for()
    assert check.locator(".fl-verdict").text_content() == "Right."
    assert form_of(page, "two-sentences").locator("textarea").input_value() == text
    assert "Of 2 with a right answer, you had 1 right" in panel_of(page).text_content()


def panel_of(page):
    """The progress panel."""
    panel = page.locator(".fl-form", has_text="Download my progress")
    panel.wait_for()
    return panel


def download_progress(page, folder):
    """The downloaded file."""
    with page.expect_download() as download:
        panel_of(page).get_by_role("button", name="Download my progress").press("Enter")
    file = folder / download.value.suggested_filename
    download.value.save_as(file)
    return file


def upload_progress(page, file) -> None:
    panel_of(page).get_by_label("Go on from a file:").set_input_files(file)
    page.get_by_text("3 answers were taken over from the file.").wait_for()


def start_over(page, notebooks) -> None:
    """The answers are put aside, not deleted."""
    page.get_by_role("button", name="Start over", exact=True).press("Enter")
    page.get_by_role("button", name="Yes, start over").press("Enter")
    page.get_by_text("Started over.").wait_for()
    aside = notebooks / "my-progress-before-starting-over-1.json"
    assert set(json.loads(aside.read_text(encoding="utf-8"))["attempts"]) == {"walk_test/short-track", "walk_test/check-compare"}
