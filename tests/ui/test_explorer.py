"""Explorers without a browser: controls, states, frames, and what each form says."""

import itertools
import json
import random
import re
import xml.etree.ElementTree as ET
from dataclasses import dataclass
from html import escape

import matplotlib
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg, RendererAgg
from matplotlib.figure import Figure
from matplotlib.text import Text

import frailty_lessons as fl
from course_explorers import EXPLORERS, explorer_of
from frailty_lessons.ui import Choice, Explorer, Slider
from frailty_lessons.ui.theme import SETTINGS


@pytest.fixture(scope="module")
def trial():
    return fl.load_trial("lomecel-b-phase-2b")


@pytest.fixture(params=EXPLORERS, ids=".".join)
def explorer(request, trial):
    return explorer_of(*request.param, trial)


@dataclass(frozen=True)
class Sum:
    total: int

    def describe(self):
        return f"It is {self.total} & <more>."

    def table(self):
        return {"what": ["sum"], "value": [str(self.total)]}


class Adding(Explorer):
    question = "What is a + b?"
    a = Slider("First", 0, 2, step=1, value=1)
    b = Choice("Second", {"one": "One", "two": "Two"}, value="one")

    def compute(self, state):
        if state["a"] == 2 and state["b"] == "two":
            raise ValueError("a and b are too much")
        return Sum(state["a"] + {"one": 1, "two": 2}[state["b"]])

    def prepare(self, axes):
        axes.set(xlim=(0, 5), ylim=(0, 1))
        axes.plot([0, 5], [0, 1], color="#123456")

    def draw(self, result, axes):
        axes.plot([result.total], [0.5], "o", color="#abcdef")
        axes.text(1, 0.5, f"{result.total} & <more>")


def test_sliders_write_their_values_for_a_reader():
    assert Slider("x", 0.80, 0.98, step=0.01, value=0.91).texts[:2] == ("0.80", "0.81")
    assert Slider("x", -5, 5, step=5, value=0, unit="m", signed=True).texts == ("−5 m", "0 m", "+5 m")
    assert Slider("x", 0, 10, step=5, value=5, unit="%").texts == ("0%", "5%", "10%")
    assert Slider("x", 0, 10, step=5, value=5).values == (0, 5, 10)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({"low": 0, "high": 10, "step": 3, "value": 0}, "do not lead from 0 to 10"),
        ({"low": 0, "high": 100, "step": 1, "value": 0}, "more than 60"),
        ({"low": 0, "high": 10, "step": 5, "value": 3}, "it goes from 0 to 10 in steps of 5"),
        ({"low": 10, "high": 0, "step": 5, "value": 0}, "do not lead"),
    ],
)
def test_a_slider_that_cannot_be_is_refused(arguments, says):
    with pytest.raises(ValueError, match=says):
        Slider("x", **arguments)


def test_a_choice_of_something_else_is_refused():
    with pytest.raises(ValueError, match="it is one of 'one', 'two'"):
        Choice("x", {"one": "One", "two": "Two"}, value="three")


def test_states_are_data_and_the_explorer_stays_as_it_is():
    explorer = Adding(a=2)
    other = explorer.at(b="two", a=0)
    assert (explorer.state, other.state) == ({"a": 2, "b": "one"}, {"a": 0, "b": "two"})
    assert other.start == explorer.start == {"a": 2, "b": "one"}
    assert other.describe() == "It is 2 & <more>."
    assert other.state_of(json.loads(json.dumps([0, 1]))) == other.state and other.key(other.state) == "0,1"


@pytest.mark.parametrize(
    ("change", "says"),
    [({"a": 5}, "'First' cannot be 5: it goes from 0 to 2"), ({"a": True}, "cannot be True"), ({"c": 1}, "no control 'c'; it has a, b"), ({"a": "1"}, "cannot be '1'")],
)
def test_impossible_states_are_refused_with_what_would_be_right(change, says):
    with pytest.raises(ValueError, match=says):
        Adding().at(**change)


@pytest.mark.parametrize("places", [[0], [0, 0, 0], [3, 0], [-1, 0], ["0", 0], [None, 0]])
def test_impossible_places_are_refused(places):
    with pytest.raises(ValueError):
        Adding().state_of(places)


def test_a_state_without_a_result_says_why():
    explorer = Adding(a=2, b="two")
    assert explorer.describe() == "A and b are too much."
    assert explorer.frame(explorer.state) == {"svg": "", "words": "A and b are too much.", "table": {"columns": [], "rows": []}, "steps": ""}
    assert explorer.table() == {}


def test_nearest_values_come_first():
    slider = type("Wide", (Adding,), {"a": Slider("First", 0, 6, step=1, value=2)})()
    assert [state["a"] for state in slider.along(slider.state, "a")] == [1, 3, 0, 4, 5, 6]


def test_the_picture_keeps_what_stays_and_draws_what_moves():
    explorer = Adding()
    still, moving = explorer.picture.still, explorer.frame(explorer.state)["svg"]
    assert "#123456" in still and "#123456" not in moving
    assert "#abcdef" in moving and "#abcdef" not in still
    first = explorer.frame(explorer.state)["svg"]
    explorer.frame(explorer.at(a=0).state)
    assert explorer.picture.moving(lambda axes: explorer.draw(explorer.compute(explorer.state), axes)) == first


def test_text_in_a_picture_is_text_and_is_escaped():
    svg = Adding().svg()
    words = [node.text.strip() for node in ET.fromstring(svg).iter("{http://www.w3.org/2000/svg}text")]
    assert "2 & <more>" in words


def test_a_picture_does_not_change_the_page_or_matplotlib():
    before = dict(matplotlib.rcParams)
    svg = Adding().svg()
    assert dict(matplotlib.rcParams) == before
    assert "<style" not in svg and "<metadata" not in svg and '<g id="' not in svg


def test_numbers_in_a_picture_s_text_are_not_shortened():
    picture = Adding().picture
    svg = picture.moving(lambda axes: axes.text(1.23456, 0.5, "p 0.013, 4.95%, −0.25"))
    assert "p 0.013, 4.95%, −0.25" in svg
    assert not re.search(r'="[^"]*\d\.\d{2,}', svg)


def test_every_explorer_has_its_four_forms(explorer):
    assert explorer.question.endswith("?") or "." in explorer.question
    assert len(explorer.look_for) == 2 and explorer.caption
    words = explorer.describe()
    assert words.endswith(".") and "nan" not in words
    table = explorer.table()
    assert len({len(column) for column in table.values()}) == 1
    assert ET.fromstring(explorer.svg()).tag.endswith("svg")
    frame = explorer.frame(explorer.state)
    assert frame["words"] == words
    assert frame["table"]["columns"] == list(table)
    json.dumps([explorer.spec(), explorer.opening()])


def test_every_control_of_every_explorer_does_something(explorer):
    starts = [{**explorer.start, **case} for case in ({}, *explorer.cases.values())]
    for name in explorer.controls:
        moves = [(explorer.frame(start), explorer.frame(state)) for start in starts for state in explorer.along(start, name)]
        assert any(here["svg"] != there["svg"] for here, there in moves), name
        assert any(here["words"] != there["words"] for here, there in moves), name


def test_every_state_along_every_control_has_words_and_fits_the_axes(explorer):
    for case in ({}, *explorer.cases.values()):
        start = {**explorer.start, **case}
        for name in explorer.controls:
            for state in explorer.along(start, name):
                frame = explorer.frame(state)
                assert frame["words"].endswith(".") and "nan" not in frame["svg"].lower()
                assert len(json.dumps(frame)) <= 20_000


def states_to_look_at(explorer):
    """The start, the cases, each control at both of its ends, and some states at the ends of several."""
    controls = {name: control for name, control in explorer.controls.items() if control.kind != "decisions"}
    ends = {name: (control.values[0], control.values[-1]) for name, control in controls.items()}
    chance = random.Random(0)
    yield explorer.start
    yield from ({**explorer.start, **case} for case in explorer.cases.values())
    yield from ({**explorer.start, name: value} for name, both in ends.items() for value in both)
    yield from ({**explorer.start, **{name: chance.choice(both) for name, both in ends.items()}} for _ in range(12))
    yield {**explorer.start, **dict.fromkeys(explorer.decisions, "SSUSSR")}


def test_no_label_is_cut_off_or_lies_upon_another(explorer):
    width, height = (72 * side for side in explorer.size)
    renderer = RendererAgg(int(width), int(height), 72)
    with matplotlib.rc_context(SETTINGS):
        figure = Figure(figsize=explorer.size, dpi=72, layout="constrained")
        FigureCanvasAgg(figure)
        axes = figure.add_subplot()
        explorer.prepare(axes)
        axes.autoscale(False)
        figure.canvas.draw()
        figure.set_layout_engine("none")
        still = set(axes.get_children())
        for state in states_to_look_at(explorer):
            try:
                result = explorer.compute(state)
            except ValueError:
                continue  # a state that is refused with a sentence has no picture
            explorer.draw(result, axes)
            labels = [artist for artist in axes.get_children() if isinstance(artist, Text) and artist.get_text().strip()]
            boxes = [(label.get_text(), label.get_window_extent(renderer)) for label in labels]
            for text, box in boxes:
                assert box.x0 > -2 and box.y0 > -2 and box.x1 < width + 2 and box.y1 < height + 2, f"{text!r} is cut off: {state}"
            for (one, first), (other, second) in itertools.combinations(boxes, 2):
                across, upright = min(first.x1, second.x1) - max(first.x0, second.x0), min(first.y1, second.y1) - max(first.y0, second.y0)
                assert across <= 3 or upright <= 4, f"{one!r} lies upon {other!r}: {state}"
            for artist in set(axes.get_children()) - still:
                artist.remove()


def test_another_pack_passes_or_says_what_it_lacks():
    other = fl.load_trial("cratus")
    lacking = {}
    for topic, name in EXPLORERS:
        explorer = explorer_of(topic, name, other)
        if explorer.lacks() is None:
            assert explorer.describe()
        else:
            lacking[name] = explorer._repr_mimebundle_()["text/plain"]
            assert explorer.widget().value == f"<p>{escape(explorer.lacks())}</p>", "where it follows a prediction, too"
            with pytest.raises(ValueError, match="^This part "):
                explorer.save("never-written.html")
    assert list(lacking) == ["ArmsAndCurve", "DoseToTakeForward", "BeforeAndAfter", "ChanceOfSuccess", "PercentOfWhom", "MissingInterval"]
    assert lacking["MissingInterval"].startswith("This part needs a trial with a reported difference in metres")


def test_a_trial_planned_larger_than_the_sliders_reach_has_no_case_as_planned(trial):
    larger = trial.model_copy(update={"arms": tuple(arm.model_copy(update={"planned": 100}) for arm in trial.arms)})
    for topic, name in EXPLORERS:
        explorer = explorer_of(topic, name, larger)
        assert explorer.spec()["cases"] is not None and not any("As planned" in label for label in explorer.cases), name


def test_the_trial_decides_where_its_explorers_start(trial):
    walk_test = fl.explorers.walk_test
    assert walk_test.MissingInterval(trial).state["n_treated"] == 16
    assert walk_test.MissingInterval(trial).cases["As planned: 30 and 30"] == {"n_treated": 30, "n_control": 30}
    assert walk_test.ChosenForWalkingBadly(trial).state["high"] == 400
    assert walk_test.ChosenForWalkingBadly().describe()
    assert walk_test.Corridor().lacks() == "This part needs figures that the course's data do not have: singh-2014-learning, guyatt-1984-encouragement."
