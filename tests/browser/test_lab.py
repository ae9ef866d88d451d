"""The lessons as a learner has them: in JupyterLab, in a browser, by keyboard, with nothing but this server."""

import re
import shutil
import time

import nbformat
import pytest

import frailty_lessons as fl
from frailty_lessons.course import load_course, shipped_folder
from lab import RUN_ALL
from on_page import answer_predictions, controls, open_table, read, violations, wait_for_expected

NOTEBOOKS = ["00-start.ipynb", *(lesson.file for lesson in load_course(shipped_folder()).lessons)]
READY = RUN_ALL.partition("  await app.commands")[0] + "}"
ERRORS = ".jp-OutputArea-output[data-mime-type='application/vnd.jupyter.error'], .jp-OutputArea-output[data-mime-type='application/vnd.jupyter.stderr']"


def explorers_of(name: str) -> list[tuple[str, str]]:
    """The explorers that a notebook's cells show: topic and class."""
    notebook = nbformat.read(shipped_folder() / "notebooks" / name, as_version=4)
    sources = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
    return [found for source in sources for found in re.findall(r"\bexplorers\.(\w+)\.(\w+)\(trial", source)]


EXPLORERS = [(name, topic, kind) for name in NOTEBOOKS for topic, kind in explorers_of(name)]
LESSONS = sorted({name for name, _, _ in EXPLORERS})


def section_of(page, kind):
    section = page.locator(f".fl-explorer[aria-labelledby^='fl-{kind}-']").first
    section.wait_for()
    return section


def open_copy(lab, watched, name, prefix, **options):
    """A page with a copy of a notebook, and so with a kernel of its own, ready to run."""
    shutil.copy(lab.notebooks / name, lab.notebooks / f"{prefix}-{name}")
    page = watched(lab.address, **options)
    page.goto(lab.lesson(f"notebooks/{prefix}-{name}"))
    page.evaluate(READY)
    return page


@pytest.fixture(scope="module")
def opened(lab, watched):
    """Opens a notebook (each once for all tests) and runs all its cells."""
    pages = {}

    def open_and_run(name):
        if name not in pages:
            page = watched(lab.address)
            page.goto(lab.lesson(f"notebooks/{name}"))
            page.evaluate(RUN_ALL)
            if explorers_of(name):
                answer_predictions(page)
            pages[name] = page
        return pages[name]

    return open_and_run


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_all_cells_run_and_none_shows_an_error(opened, name):
    page = opened(name)
    for _, kind in explorers_of(name):
        section_of(page, kind).locator(".fl-moves *").first.wait_for(state="attached")
    assert page.locator(ERRORS).all_text_contents() == []
    assert page.locator(".fl-explorer").count() == len(explorers_of(name))


@pytest.fixture(params=EXPLORERS, ids=lambda found: f"{found[0]}:{found[2]}")
def shown(request, opened):
    """Each explorer of each notebook: the Python explorer and its section in the page."""
    name, topic, kind = request.param
    explorer = getattr(getattr(fl.explorers, topic), kind)(fl.load_trial())
    return explorer, section_of(opened(name), kind)


def start_of(explorer):
    return list(explorer.spec()["start"])


def back_to_start(section, explorer):
    section.get_by_role("button", name="Back to the start").press("Enter")
    wait_for_expected(section, explorer, start_of(explorer))


def test_every_control_moves_by_keyboard_and_the_page_says_what_the_explorer_says(shown):
    explorer, section = shown
    open_table(section)
    for place, control in enumerate(explorer.controls.values()):
        back_to_start(section, explorer)
        before, start = read(section), start_of(explorer)
        last, there = len(control.values) - 1, start[place]
        step = ("ArrowRight", there + 1) if there < last else ("ArrowLeft", there - 1)
        changes = []
        for key, goal in [step, ("Home", 0), ("End", last)] if control.kind == "slider" else [step]:
            controls(section).nth(place).focus()
            section.page.keyboard.press(key)
            wait_for_expected(section, explorer, [*start[:place], goal, *start[place + 1 :]])
            after = read(section)
            assert after["places"] == start or after["values"] != before["values"]
            changes.append(after["sentence"] != before["sentence"] or after["picture"] != before["picture"])
        assert any(changes), f"{control.label} changes neither the sentence nor the picture"
    back_to_start(section, explorer)
    assert read(section)["rows"]
    section.locator("summary").press("Enter")


def test_axe_finds_nothing_in_our_own_elements(shown):
    explorer, section = shown
    assert violations(section.page, f".fl-explorer[aria-labelledby^='fl-{type(explorer).__name__}-']") == ""


def test_quick_key_presses_end_on_the_last_state(shown):
    """Faster than pictures can be drawn: along one slider, after a move of another that leaves nothing drawn."""
    explorer, section = shown
    sliders = [place for place, control in enumerate(explorer.controls.values()) if control.kind == "slider"]
    longest = max(sliders, key=lambda place: len(list(explorer.controls.values())[place].values))
    other = next(place for place in sliders if place != longest)
    highest = len(list(explorer.controls.values())[longest].values) - 1
    back_to_start(section, explorer)
    controls(section).nth(other).focus()
    section.page.keyboard.press("End")
    controls(section).nth(longest).focus()
    section.page.keyboard.press("Home")
    for _ in range(30):
        section.page.keyboard.press("ArrowRight")
    goal = start_of(explorer)
    goal[other] = len(list(explorer.controls.values())[other].values) - 1
    goal[longest] = min(30, highest)
    wait_for_expected(section, explorer, goal)
    assert not section.locator(".fl-notice").is_visible()
    assert section.locator(".fl-picture").get_attribute("aria-busy") is None
    back_to_start(section, explorer)


@pytest.mark.parametrize("name", LESSONS)
def test_the_button_at_the_top_runs_the_lesson(lab, watched, name):
    page = open_copy(lab, watched, name, "button")
    page.get_by_role("button", name="Run this lesson").press("Enter")
    # JupyterLab asks first where the notebook was not signed on this machine.
    asked = page.get_by_role("button", name="Run Once")
    asked.or_(page.locator(".fl-form")).first.wait_for()
    if asked.is_visible():
        asked.press("Enter")
    answer_predictions(page)
    for _, kind in explorers_of(name):
        section_of(page, kind)
    assert page.locator(".fl-explorer").count() == len(explorers_of(name))
    page.context.close()


@pytest.mark.parametrize("name", LESSONS)
def test_after_a_reload_the_explorers_come_back_where_they_were_and_move(lab, watched, name):
    page = open_copy(lab, watched, name, "reload", listen=True)
    page.evaluate(RUN_ALL)
    answer_predictions(page)
    trial, moved = fl.load_trial(), {}
    for topic, kind in explorers_of(name):
        explorer = getattr(getattr(fl.explorers, topic), kind)(trial)
        section = section_of(page, kind)
        place = [control.kind for control in explorer.controls.values()].index("slider")
        controls(section).nth(place).focus()
        page.keyboard.press("End")
        goal = start_of(explorer)
        goal[place] = len(list(explorer.controls.values())[place].values) - 1
        wait_for_expected(section, explorer, goal)
        wait_until_told(page, goal)
        moved[kind] = explorer, place, goal
    page.evaluate("() => window.jupyterapp.commands.execute('docmanager:save')")
    page.reload()
    page.evaluate(READY)
    for kind, (explorer, place, goal) in moved.items():
        section = section_of(page, kind)
        wait_for_expected(section, explorer, goal)
        controls(section).nth(place).focus()
        for key, there in (("ArrowLeft", goal[place] - 1), ("Home", 0)):
            page.keyboard.press(key)
            wait_for_expected(section, explorer, [*goal[:place], there, *goal[place + 1 :]])
    page.context.close()


def wait_until_told(page, places):
    """Until the page has told the kernel where the controls are."""
    told = re.compile(rb'"state": ?\[' + b", ?".join(b"%d" % place for place in places) + rb"\]")
    deadline = time.monotonic() + 10
    while not any(told.search(payload) for payload in page.sent):
        assert time.monotonic() < deadline, f"the kernel was not told of {places}"
        page.wait_for_timeout(20)


@pytest.mark.parametrize("name", LESSONS)
def test_in_a_narrow_window_no_control_is_cut_off(lab, watched, name):
    page = open_copy(lab, watched, name, "narrow", width=480)
    if page.locator("#jp-left-stack").is_visible():
        page.evaluate("() => window.jupyterapp.commands.execute('application:toggle-left-area')")
    page.evaluate(RUN_ALL)
    answer_predictions(page)
    for _, kind in explorers_of(name):
        cut = section_of(page, kind).evaluate(CUT_OFF)
        assert cut == []
    page.context.close()


# The controls, buttons and the picture that reach out of their explorer, its output area or the window.
CUT_OFF = """(section) => {
  const frames = [section, section.closest(".jp-OutputArea-output"), document.documentElement].map((node) => node.getBoundingClientRect());
  const out = (box) => box.width === 0 || frames.some((frame) => box.left < frame.left - 1 || box.right > frame.right + 1);
  const nodes = [...section.querySelectorAll("label, .fl-value, input, select, button, .fl-picture, .fl-sentence, summary")];
  return nodes.filter((node) => out(node.getBoundingClientRect())).map((node) => node.outerHTML.slice(0, 80));
}"""
