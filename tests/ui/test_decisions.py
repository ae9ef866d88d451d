"""Decisions taken one after another: which are open, which frames come next, and what is kept of them."""

import asyncio
import json
import re
from dataclasses import dataclass

import pytest

from frailty_lessons.learning.ask import kept
from frailty_lessons.learning.progress import Progress, ProgressError, parse
from frailty_lessons.ui import Choice, Decisions, Explorer
from frailty_lessons.ui.static import STEPS


@dataclass(frozen=True)
class Walk:
    path: str

    def describe(self):
        return f"You went {self.path or 'nowhere'}."

    def table(self):
        return {"steps": [str(len(self.path))]}


class Walking(Explorer):
    question = "Where to?"
    place = Choice("Place", {1: "One", 2: "Two"}, value=1)
    way = Decisions("Next", {"L": "Left", "R": "Right", "X": "Stop"}, most=6)

    def compute(self, state):
        return Walk(state["way"])

    def steps(self, state):
        return "" if "X" in state["way"] or len(state["way"]) == 6 else "LX" if state["place"] == 2 else "LRX"


def in_a_loop(test):
    """A widget hears in the loop in which it was made."""

    async def session(*args, **kwargs):
        test(*args, **kwargs)

    def run(tmp_path, monkeypatch):
        asyncio.run(session(tmp_path, monkeypatch))

    return run


def test_a_value_is_the_letters_so_far_and_its_own_place():
    assert Walking.controls["way"].index("LLR") == "LLR"
    assert Walking().key({"place": 2, "way": "LR"}) == "1,LR"
    assert Walking().state_of([1, "LR"]) == {"place": 2, "way": "LR"}


@pytest.mark.parametrize("value", ["LZ", "LLLLLLL", 1, None, ["L"]])
def test_another_value_is_refused_with_what_would_be_right(value):
    with pytest.raises(ValueError, match="'Next' cannot be .*: it is at most 6 of the letters L, R, X"):
        Walking().at(way=value)
    with pytest.raises(ValueError):
        Walking().state_of([0, value])


def test_the_next_states_are_the_open_steps_and_another_control_begins_anew():
    explorer = Walking()
    assert [s["way"] for s in explorer.along({"place": 2, "way": "L"}, "way")] == ["LL", "LX"]
    assert explorer.along({"place": 1, "way": "LX"}, "way") == []
    assert explorer.along({"place": 1, "way": "LR"}, "place") == [{"place": 2, "way": ""}]
    assert explorer.frame({"place": 2, "way": "L"})["steps"] == "LX"


def test_a_saved_page_holds_the_first_steps_of_each_start(tmp_path):
    Walking().save(tmp_path / "page.html")
    data = re.search(r'id="data">(.*?)</script>', (tmp_path / "page.html").read_text(encoding="utf-8"), re.S)[1]
    data = json.loads(data)
    ways = {key.split(",")[1] for key in data["frames"] if key.startswith("0,")}
    assert {"", "L", "LR", "LRL"} <= ways
    assert max(map(len, ways)) == 1 + STEPS
    assert not data["complete"]
    assert "1," in data["frames"]


@in_a_loop
def test_a_decision_is_kept_and_the_next_session_goes_on_from_it(tmp_path, monkeypatch):
    progress = Progress(tmp_path)
    widget = kept("topic", Walking(), progress)
    widget.hear({"state": [1, ""], "control": 0, "draw": False})
    assert not progress.record().decided
    widget.hear({"state": [1, "LL"], "control": 1, "draw": False})
    kept_now = progress.record().decided["topic/Walking"]
    assert kept_now.state == {"place": 2, "way": "LL"}
    assert kept_now.words == "You went LL."
    assert kept_now.ended == ()
    for way in ("LLX", "", "LX", "L"):
        widget.hear({"state": [1, way], "control": 1, "draw": False})
    assert progress.record().decided["topic/Walking"].ended == ("You went LLX.", "You went LX.")
    widget.hear({"state": [1, "LL"], "control": 1, "draw": False})
    again = kept("topic", Walking(), progress)
    opening = again.get_state("opening")["opening"]
    assert opening["state"] == [1, "LL"]
    assert again.spec["start"] == [0, ""]
    elsewhere = Progress(tmp_path / "other")
    elsewhere.path.parent.mkdir()
    elsewhere.take(progress.text())
    assert elsewhere.record().decided == progress.record().decided


def test_kept_decisions_that_no_longer_fit_do_not_stop_the_lesson(tmp_path):
    progress = Progress(tmp_path)
    progress.keep_decided("topic/Walking", {"place": 9, "way": "ZZ"}, "old", ended=False)
    assert kept("topic", Walking(), progress).get_state("opening")["opening"]["state"] == [0, ""]


@in_a_loop
def test_decisions_that_cannot_be_saved_are_said_to_the_learner(tmp_path, monkeypatch):
    progress = Progress(tmp_path)

    def full(*_):
        raise ProgressError("The disk is full.")

    monkeypatch.setattr(Progress, "_write", full)
    widget = kept("topic", Walking(), progress)
    sent = []
    monkeypatch.setattr(type(widget), "send", lambda self, message, buffers=None: sent.append(message))
    widget.hear({"state": [0, "L"], "control": 1, "draw": False})
    assert sent == [{"notice": "The disk is full."}]


def test_a_progress_file_from_before_decisions_were_kept_can_be_read():
    assert parse('{"version": 1, "attempts": {}, "drafts": {}}').decided == {}
