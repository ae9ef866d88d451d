"""What a learner reads on an explorer in a page, and what the Python explorer says of the same state."""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import TimeoutError

READ = """(section) => {
  const texts = (selector) => [...section.querySelectorAll(selector)].map((node) => node.textContent);
  return {
    places: [...section.querySelectorAll("input, select")].map((input) => Number(input.value)),
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
        "values": [control.texts[place] for control, place in zip(explorer.controls.values(), places, strict=True)],
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
    return section.locator("input, select")


def wait_for_expected(section, explorer, places) -> None:
    """Until `section` says and shows what the Python explorer does at `places`."""
    goal = expected(section, explorer, places)
    if not section.locator("details").evaluate("(details) => details.open"):
        goal |= {"columns": [], "rows": []}
    try:
        section.page.wait_for_function(
            f"([section, picture]) => ({READ})(section).picture === picture", arg=[section.element_handle(), goal["picture"]], timeout=10_000
        )
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
