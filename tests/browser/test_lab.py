"""The lessons as a learner has them: in JupyterLab, in a browser, by keyboard, with nothing but this server."""

import re
import shutil
import time

import nbformat
import pytest
from playwright.sync_api import TimeoutError, expect

import frailty_lessons as fl
from frailty_lessons.course import load_course, shipped_folder
from lab import RUN_ALL
from on_page import answer_predictions, back_to_start, controls, decide, open_steps, open_table, panel_of, press, read, record_of, sliders_of, violations, wait_for_expected

NOTEBOOKS = ["00-start.ipynb", *(lesson.file for lesson in load_course(shipped_folder()).lessons)]
READY = RUN_ALL.partition("  await app.commands")[0] + "}"
# What JupyterLab does when it runs a lesson, and again when an output grows.
TO_THE_LAST_CELL = "() => { const { content } = window.jupyterapp.shell.currentWidget; return content.scrollToItem(content.widgets.length - 1); }"
ERRORS = ".jp-OutputArea-output[data-mime-type='application/vnd.jupyter.error'], .jp-OutputArea-output[data-mime-type='application/vnd.jupyter.stderr']"


def explorers_of(name: str) -> dict[str, str]:
    """The explorers that a notebook's cells show: class, and how the cell makes it."""
    notebook = nbformat.read(shipped_folder() / "notebooks" / name, as_version=4)
    sources = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
    return {kind: call for source in sources for call, kind in re.findall(r"(\bfl\.explorers\.\w+\.(\w+)\(trial[^()]*\))", source)}


def made(name: str, kind: str):
    """The explorer as the notebook makes it."""
    return eval(explorers_of(name)[kind], {"fl": fl, "trial": fl.load_trial()})


EXPLORERS = [(name, kind) for name in NOTEBOOKS for kind in explorers_of(name)]
LESSONS = sorted({name for name, _ in EXPLORERS})
DECIDING = [(name, kind) for name, kind in EXPLORERS if made(name, kind).decisions]


def section_of(page, kind):
    """The explorer's section, in sight: JupyterLab shows a cell that is far away only when somebody goes there."""
    section = page.locator(f".fl-explorer[aria-labelledby^='fl-{kind}-']").first
    section.wait_for(state="attached")
    for _ in range(6):  # after a reload JupyterLab still moves the page while it lays out the cells
        section.evaluate("(node) => node.scrollIntoView({ block: 'center' })")
        try:
            section.wait_for(timeout=10_000)
            break
        except TimeoutError:
            continue
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
    for kind in explorers_of(name):
        section_of(page, kind).locator(".fl-moves *").first.wait_for(state="attached")
    assert page.locator(ERRORS).all_text_contents() == []
    assert page.locator(".fl-explorer").count() == len(explorers_of(name))


@pytest.fixture(params=EXPLORERS, ids=":".join)
def shown(request, opened):
    """Each explorer of each notebook: the Python explorer and its section in the page."""
    name, kind = request.param
    return made(name, kind), section_of(opened(name), kind)


def start_of(explorer):
    return list(explorer.spec()["start"])


def start_over(section, explorer):
    back_to_start(section, explorer)
    wait_for_expected(section, explorer, start_of(explorer))


def test_every_control_moves_by_keyboard_and_the_page_says_what_the_explorer_says(shown):
    explorer, section = shown
    open_table(section)
    for place, control in enumerate(explorer.controls.values()):
        if control.kind == "decisions":
            continue
        start_over(section, explorer)
        before, start = read(section), start_of(explorer)
        last, there = len(control.values) - 1, start[place]
        step = ("ArrowRight", there + 1) if there < last else ("ArrowLeft", there - 1)
        changes, differs = [], []
        for key, goal in [step, ("Home", 0), ("End", last)] if control.kind == "slider" else [step]:
            controls(section).nth(place).focus()
            section.page.keyboard.press(key)
            places = [*start[:place], goal, *start[place + 1 :]]
            wait_for_expected(section, explorer, places)
            after = read(section)
            differs.append(explorer.frame(explorer.state_of(places)) != explorer.frame(explorer.start))
            assert after["places"] == start or after["values"] != before["values"]
            changes.append(after["sentence"] != before["sentence"] or after["picture"] != before["picture"])
        assert any(changes) or not any(differs), control.label
    start_over(section, explorer)
    assert read(section)["rows"]
    section.locator("summary").press("Enter")


def test_axe_finds_nothing_in_our_own_elements(shown):
    explorer, section = shown
    assert violations(section.page, f".fl-explorer[aria-labelledby^='fl-{type(explorer).__name__}-']") == ""


def test_quick_key_presses_end_on_the_last_state(shown):
    """Faster than pictures can be drawn: along one slider, after a move of another that leaves nothing drawn."""
    explorer, section = shown
    sliders = sliders_of(explorer)
    if len(sliders) < 2:
        pytest.skip("there are no two sliders")
    longest = max(sliders, key=lambda place: len(list(explorer.controls.values())[place].values))
    other = next(place for place in sliders if place != longest)
    highest = len(list(explorer.controls.values())[longest].values) - 1
    start_over(section, explorer)
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
    expect(section.locator(".fl-notice")).to_be_hidden()
    expect(section.locator(".fl-picture:not([aria-busy])")).to_be_visible()
    start_over(section, explorer)


def comes(page) -> bool:
    """Whether the first question is there within some seconds of a press of the button."""
    # JupyterLab asks first where the notebook was not signed on this machine.
    asked = page.get_by_role("button", name="Run Once")
    try:
        asked.or_(page.locator(".fl-form")).first.wait_for(timeout=10_000)
        if asked.is_visible():
            asked.press("Enter")
        page.locator(".fl-form").first.wait_for(timeout=15_000)
    except TimeoutError:
        return False
    return True


@pytest.mark.parametrize("name", LESSONS)
def test_the_button_at_the_top_runs_the_lesson(lab, watched, name):
    page = open_copy(lab, watched, name, "button")
    run = page.get_by_role("button", name="Run this lesson")
    # JupyterLab loses a press that comes too early, without a sign: the lesson says to press again.
    for _ in range(3):
        run.press("Enter")
        if comes(page):
            break
    page.evaluate(TO_THE_LAST_CELL)
    expect(run).to_be_in_viewport()
    panel_of(page)  # the last cell has run
    expect(run).to_be_in_viewport()
    answer_predictions(page)
    for kind in explorers_of(name):
        section_of(page, kind)
    assert page.locator(".fl-explorer").count() == len(explorers_of(name))
    page.context.close()


@pytest.mark.parametrize("name", LESSONS)
def test_after_a_reload_the_explorers_come_back_where_they_were_and_move(lab, watched, name):
    page = open_copy(lab, watched, name, "reload", listen=True)
    page.evaluate(RUN_ALL)
    answer_predictions(page)
    moved = {}
    for kind in explorers_of(name):
        explorer = made(name, kind)
        section = section_of(page, kind)
        if not sliders_of(explorer):
            continue
        place = sliders_of(explorer)[0]
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


@pytest.mark.parametrize(("name", "kind"), DECIDING)
def test_decisions_are_taken_by_keyboard_and_kept_for_the_next_session(lab, watched, name, kind):
    page = open_copy(lab, watched, name, "decide")
    page.evaluate(RUN_ALL)
    answer_predictions(page)
    explorer, section = made(name, kind), section_of(page, kind)
    start_over(section, explorer)
    places = start_of(explorer)
    for letter in "SSUDSR":
        assert open_steps(section, explorer) == explorer.steps(explorer.state_of(places))
        places = decide(section, explorer, places, letter)
        wait_for_expected(section, explorer, places)
    assert open_steps(section, explorer) == ""
    press(section, "Same dose")
    assert read(section)["places"] == places
    kept = wait_for_decided(lab.notebooks, explorer.state_of(places))
    assert kept["words"] == explorer.at(**explorer.state_of(places)).record()
    page.context.close()
    # Another copy of the lesson has another kernel, and the same progress.
    page = open_copy(lab, watched, name, "decide-again")
    page.evaluate(RUN_ALL)
    section = section_of(page, kind)
    wait_for_expected(section, explorer, places)
    start_over(section, explorer)
    wait_for_decided(lab.notebooks, explorer.start)
    page.context.close()


def wait_for_decided(notebooks, state):
    """What the progress file says of the one explorer with decisions, once it has this state."""
    deadline = time.monotonic() + 30
    while True:
        (kept,) = record_of(notebooks)["decided"].values()
        if kept["state"] == state:
            return kept
        assert time.monotonic() < deadline, f"{state} was not kept, but {kept}"
        time.sleep(0.05)


def wait_until_told(page, places):
    """Until the page has told the kernel where the controls are."""
    told = re.compile(rb'"state": ?\[' + b", ?".join(b"%d" % place for place in places) + rb"\]")
    deadline = time.monotonic() + 30
    while not any(told.search(payload) for payload in page.sent):
        assert time.monotonic() < deadline, f"the kernel was not told of {places}"
        page.wait_for_timeout(20)
    # Told is not heard: a busy kernel answers this only after what was sent before, and then takes the message up.
    page.evaluate("() => window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.requestKernelInfo()")
    page.wait_for_timeout(500)


@pytest.mark.parametrize("name", LESSONS)
def test_in_a_narrow_window_no_control_is_cut_off(lab, watched, name):
    page = open_copy(lab, watched, name, "narrow", width=480)
    if page.locator("#jp-left-stack").is_visible():
        page.evaluate("() => window.jupyterapp.commands.execute('application:toggle-left-area')")
    page.evaluate(RUN_ALL)
    answer_predictions(page)
    for kind in explorers_of(name):
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
