"""A saved page works by itself: from a file, without network, by keyboard, and says what the Python explorer says."""

import json
from dataclasses import dataclass

import pytest

import frailty_lessons as fl
from course_explorers import EXPLORERS, explorer_of
from frailty_lessons.ui import Choice, Explorer, Slider
from frailty_lessons.ui.static import STEPS
from on_page import back_to_start, controls, decide, expected, open_steps, open_table, press, read, violations


@dataclass(frozen=True)
class Weight:
    kg: int

    def describe(self):
        return f"{self.kg} kg is < 99 kg & more than <b>nothing</b>."

    def table(self):
        return {"what & <why>": ["<i>weight</i>"], "kg": [self.kg]}


class Awkward(Explorer):
    """Few states, and text that a careless page would take for markup."""

    question = "Is <script>alert(1)</script> & </script> text?"
    look_for = ("What does <img src=x onerror=alert(2)> weigh?",)
    caption = "Assumed: <b>all</b> & everything. </script><script>alert(3)</script>"
    cases = {"Heavy & <b>bold</b>": {"kg": 3}}
    kg = Slider("Weight <script>alert(4)</script>", 0, 3, step=1, value=1, unit="kg & <g>")
    sex = Choice("Who & <who>", {"a": "<One> & only", "b": "\u2028</script>"}, value="a")

    def compute(self, state):
        return Weight(state["kg"] + 10 * (state["sex"] == "b"))

    def prepare(self, axes):
        axes.set(xlim=(0, 20), ylim=(0, 1), xlabel="kg <script>alert(5)</script> & more")

    def draw(self, result, axes):
        axes.text(result.kg, 0.5, "<script>alert(6)</script> & text")


@pytest.fixture(scope="module")
def saved(watched, tmp_path_factory):
    """Opens an explorer's saved page from its file, without network; returns its section."""
    folder = tmp_path_factory.mktemp("saved")

    def open_saved(explorer, **options):
        path = folder / f"{type(explorer).__name__}.html"
        explorer.save(path)
        page = watched(offline=True, **options)
        page.goto(path.as_uri())
        section = page.locator(".fl-explorer")
        section.wait_for()
        return section

    return open_saved


@pytest.fixture(scope="module", params=EXPLORERS, ids=".".join)
def shown(request, saved):
    """Each explorer with its saved page."""
    explorer = explorer_of(*request.param, fl.load_trial("lomecel-b-phase-2b"))
    section = saved(explorer)
    open_table(section)
    return explorer, section


def test_every_control_moves_by_keyboard_and_the_page_says_what_the_explorer_says(shown):
    explorer, section = shown
    for place, control in enumerate(explorer.controls.values()):
        if control.kind == "decisions":
            continue
        back_to_start(section, explorer)
        start = list(explorer.spec()["start"])
        assert read(section) == expected(section, explorer, start)
        last, there = len(control.values) - 1, start[place]
        step = ("ArrowRight", there + 1) if there < last else ("ArrowLeft", there - 1)
        moves = [step, ("Home", 0), ("End", last)] if control.kind == "slider" else [step]
        controls(section).nth(place).focus()
        for key, goal in moves:
            section.page.keyboard.press(key)
            found = read(section)
            assert found == expected(section, explorer, [*start[:place], goal, *start[place + 1 :]])
        assert found["picture"] or found["sentence"]


def test_a_page_of_one_change_at_a_time_says_so_and_keeps_to_it(shown):
    explorer, section = shown
    if "one change at a time" not in section.inner_text() or explorer.decisions:
        pytest.skip("the page holds all states, or there is no second control")
    back_to_start(section, explorer)
    start = list(explorer.spec()["start"])
    moved = []
    for place in (0, 1):
        back = start[place] == len(list(explorer.controls.values())[place].values) - 1
        controls(section).nth(place).focus()
        section.page.keyboard.press("ArrowLeft" if back else "ArrowRight")
        moved.append([*start[:place], start[place] + (-1 if back else 1), *start[place + 1 :]])
        both = [moved[0][0], *moved[-1][1:]]
        held = ",".join(map(str, both)) in json.loads(section.page.locator("#data").text_content())["frames"]
        assert read(section) == expected(section, explorer, both if held else moved[-1])


def test_named_starts_lead_to_their_states_and_from_there_along_each_control(shown):
    explorer, section = shown
    pressed = section.locator("button[aria-pressed=true]")
    for case in explorer.spec()["cases"]:
        press(section, case["label"])
        assert read(section) == expected(section, explorer, case["state"])
        assert pressed.all_text_contents() == [case["label"]]
        controls(section).first.focus()
        section.page.keyboard.press("ArrowLeft" if case["state"][0] else "ArrowRight")
        moved = [case["state"][0] + (-1 if case["state"][0] else 1), *case["state"][1:]]
        assert read(section) == expected(section, explorer, moved)
        assert case["label"] not in pressed.all_text_contents()


def test_the_tab_key_reaches_everything_in_reading_order(shown):
    explorer, section = shown
    section.page.evaluate("() => document.activeElement.blur()")
    section.get_by_role("button").first.focus()
    reached = []
    for _ in range(section.get_by_role("button").count() + len(explorer.controls) + 2):
        reached.append(section.page.evaluate("() => document.activeElement.labels?.[0]?.textContent || document.activeElement.textContent"))
        section.page.keyboard.press("Tab")
    labels = [text for control in explorer.controls.values() for text in (control.texts if control.kind == "decisions" else [control.label])]
    assert reached[: len(explorer.cases) + 1] == [*explorer.cases, "Start over" if explorer.decisions else "Reset"]
    assert reached[len(explorer.cases) + 1 :][: len(labels) + 1] == [*labels, "The numbers as a table"]


@pytest.mark.parametrize("shown", [("escalation", "Committee")], ids=["Committee"], indirect=True)
def test_decisions_are_taken_one_by_one_until_the_saved_page_ends(shown):
    explorer, section = shown
    back_to_start(section, explorer)
    places = list(explorer.spec()["start"])
    for letter in "SUD":
        assert open_steps(section, explorer) == explorer.steps(explorer.state_of(places))
        places = decide(section, explorer, places, letter)
        assert read(section) == expected(section, explorer, places)
    assert len(places[-1]) == STEPS + 1
    assert open_steps(section, explorer) == ""
    section.get_by_text("This saved page holds no further steps.").wait_for()
    press(section, "Same dose")
    assert read(section) == expected(section, explorer, places)
    controls(section).first.focus()
    section.page.keyboard.press("ArrowDown")
    assert read(section) == expected(section, explorer, [1, ""])
    back_to_start(section, explorer)
    assert read(section) == expected(section, explorer, [0, ""])


def test_axe_finds_nothing_on_the_whole_page(shown):
    _, section = shown
    assert violations(section.page) == ""


def test_a_page_with_all_states_holds_every_combination(saved):
    explorer = Awkward()
    section = saved(explorer)
    open_table(section)
    assert "one change at a time" not in section.inner_text()
    assert read(section) == expected(section, explorer, [1, 0])
    for key, place, goal in [("End", 0, [3, 0]), ("ArrowDown", 1, [3, 1]), ("Home", 0, [0, 1]), ("ArrowUp", 1, [0, 0])]:
        controls(section).nth(place).focus()
        section.page.keyboard.press(key)
        assert read(section) == expected(section, explorer, goal)
    assert violations(section.page) == ""


def test_text_that_looks_like_markup_is_shown_as_text(saved):
    explorer = Awkward()
    section = saved(explorer)
    page, spec = section.page, explorer.spec()
    texts = lambda selector: section.locator(selector).all_text_contents()  # noqa: E731
    assert page.title() == explorer.question
    assert texts(".fl-question") == [explorer.question]
    assert texts(".fl-look-for li") == list(explorer.look_for)
    assert texts("figcaption") == [explorer.caption]
    assert texts("label") == [control["label"] for control in spec["controls"]]
    assert texts("option") == spec["controls"][1]["texts"]
    assert texts(".fl-value") == ["1 kg & <g>"]
    assert section.locator("input").get_attribute("aria-valuetext") == "1 kg & <g>"
    assert texts(".fl-buttons button") == ["Heavy & <b>bold</b>", "Reset"]
    assert "<script>alert(6)</script> & text" in texts("svg text")
    assert "kg <script>alert(5)</script> & more" in texts("svg text")
    assert section.locator("script, img, b, i").count() == 0
    assert page.locator("script").count() == 2


def test_a_page_without_scripts_still_shows_picture_and_words(browser, tmp_path):
    explorer = Awkward()
    explorer.save(tmp_path / "page.html")
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto((tmp_path / "page.html").as_uri())
    assert page.locator("h1").text_content() == explorer.question
    assert explorer.describe() in page.locator("main").text_content()
    assert page.locator("svg").is_visible()
    context.close()


def test_a_narrow_page_cuts_nothing_off(saved):
    section = saved(Awkward(), width=320, height=700)
    assert section.page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")
