"""The live form without a browser: which frames are sent, in which order, and what a new move interrupts."""

import asyncio
import json
import statistics
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

import frailty_lessons as fl
from course_explorers import EXPLORERS, explorer_of
from frailty_lessons.ui.widget import NEAR, ExplorerWidget


@pytest.fixture(scope="module")
def trial():
    return fl.load_trial("lomecel-b-phase-2b")


class Sent(ExplorerWidget):
    """A widget whose messages are kept; `tell` is the browser speaking, `reached` waits for a number of messages."""

    def __init__(self, explorer):
        self.messages = []
        super().__init__(explorer)

    def send(self, message, buffers=None):
        self.messages.append(message)

    @property
    def keys(self):
        return [message["key"] for message in self.messages]

    def tell(self, message):
        self._handle_custom_msg(message, [])

    async def reached(self, number):
        async with asyncio.timeout(20):
            while len(self.messages) < number:
                await asyncio.sleep(0.001)

    async def finished(self):
        """Until all is heard and nothing is left to be drawn."""
        await asyncio.sleep(0)
        async with asyncio.timeout(60):
            while self._timer is not None:
                await asyncio.sleep(0.001)


START = [10, 2, 0, 3, 0, 0]
CONTROLS = ["speed", "slowing", "rests", "track", "encouraged", "attempt"]
SPEED, SLOWING, TRACK = 0, 1, 3


@pytest.fixture
def widget(trial):
    """The corridor: speed (21 values), slowing (11), rests (5), track (5), encouragement (2), try (2)."""
    found = Sent(fl.explorers.walk_test.Corridor(trial))
    assert found.get_state("opening")["opening"]["state"] == START
    yield found
    found.close()


def places(**changes):
    """The start with some controls at other places."""
    found = list(START)
    for name, place in changes.items():
        found[CONTROLS.index(name)] = place
    return found


def key(**changes):
    return ",".join(map(str, places(**changes)))


def asks(control=SPEED, **changes):
    return {"state": places(**changes), "control": control, "draw": True}


def rests(control=SPEED, **changes):
    return {"state": places(**changes), "control": control, "draw": False}


def test_the_frame_asked_for_comes_first_and_is_the_explorers_own(widget, trial):
    async def session():
        widget.tell(asks(speed=3, slowing=7))
        await widget.reached(1)

    asyncio.run(session())
    expected = fl.explorers.walk_test.Corridor(trial, speed=0.65, slowing=7)
    assert widget.messages[0] == {"key": key(speed=3, slowing=7), "frame": expected.frame(expected.state)}


def test_moves_that_arrive_while_one_is_drawn_collapse_into_the_last(widget):
    async def session():
        widget.tell(asks(speed=1, slowing=9))
        await widget.reached(1)
        for place in range(2, 8):
            widget.tell(asks(speed=place, slowing=10 - place))
        await widget.finished()

    asyncio.run(session())
    assert widget.keys[:2] == [key(speed=1, slowing=9), key(speed=7, slowing=3)]
    assert not {key(speed=place, slowing=10 - place) for place in range(2, 7)} & set(widget.keys)


def test_frames_in_advance_come_nearest_first_and_the_control_in_use_before_the_others(widget):
    async def session():
        widget.tell(rests(control=TRACK))
        await widget.finished()

    asyncio.run(session())
    track = [key(track=place) for place in (2, 4, 1, 0)]
    others = [key(speed=9), key(speed=11), key(slowing=1), key(slowing=3), key(rests=1), key(rests=2), key(encouraged=1), key(attempt=1)]
    assert NEAR == 2
    assert widget.keys == track + others


def test_no_frame_is_sent_twice_in_advance(widget):
    async def session():
        for place in (10, 11, 12, 11, 10):
            widget.tell(rests(speed=place))
            await widget.finished()

    asyncio.run(session())
    assert len(widget.keys) == len(set(widget.keys))
    assert key() not in widget.keys


def test_a_frame_that_the_browser_lacks_is_sent_again_when_asked_for(widget):
    async def session():
        for _ in range(2):
            widget.tell(asks(speed=3))
            await widget.finished()

    asyncio.run(session())
    assert widget.keys.count(key(speed=3)) == 2


def test_a_new_move_ends_drawing_in_advance(widget):
    async def session():
        widget.tell(rests())
        await widget.reached(4)
        before = len(widget.messages)
        widget.tell(asks(control=SLOWING, slowing=9, rests=4))
        await widget.reached(before + 2)
        return before

    before = asyncio.run(session())
    assert widget.keys[before : before + 2] == [key(slowing=9, rests=4), key(slowing=8, rests=4)]


def test_only_the_explorer_in_use_draws_in_advance(widget, trial):
    other = Sent(fl.explorers.walk_test.Corridor(trial))

    async def session():
        widget.tell(rests())
        await widget.reached(2)
        other.tell(rests())
        before = len(widget.messages)
        await other.reached(5)
        await widget.finished()
        return before

    before = asyncio.run(session())
    other.close()
    assert len(widget.messages) == before


@pytest.mark.parametrize(
    "message",
    [
        None,
        [],
        "state",
        {},
        {"state": None},
        {"state": 3},
        {"state": [0]},
        {"state": [*START, 0]},
        {"state": [99, *START[1:]]},
        {"state": [-1, *START[1:]]},
        {"state": ["a", *START[1:]]},
        {"state": [0.5, *START[1:]]},
        {"state": {"speed": 1}},
    ],
)
def test_a_message_that_makes_no_sense_is_ignored(widget, message):
    async def session():
        widget.tell(message)
        await widget.finished()

    asyncio.run(session())
    assert widget.messages == []
    assert widget.get_state("opening")["opening"]["state"] == START


@pytest.mark.parametrize("control", [None, -1, 6, "speed", 1.5, True])
def test_a_move_of_no_control_still_draws(widget, control):
    async def session():
        widget.tell({"state": places(speed=3), "control": control, "draw": True})
        await widget.reached(2)

    asyncio.run(session())
    assert widget.keys[0] == key(speed=3)


def test_a_page_that_comes_back_gets_the_state_and_all_frames_anew(widget):
    async def session():
        widget.tell(rests(speed=12))
        await widget.finished()
        first = list(widget.keys)
        widget.messages.clear()
        opening = widget.get_state("opening")["opening"]
        widget.tell({"hello": True})
        widget.tell(rests(speed=12))
        await widget.finished()
        return first, opening

    first, opening = asyncio.run(session())
    assert opening["state"] == places(speed=12)
    assert list(opening["frames"]) == [key(speed=12)]
    # All but the frame that came with the opening, and the start's, which the first page had been given so.
    assert set(widget.keys) == set(first) - {key(speed=12)} | {key()}


def test_messages_from_other_threads_are_heard_where_the_explorer_was_shown(trial):
    """As from JupyterLab's subshells, of which each page load makes another."""
    drawn_in = set()

    class Watched(fl.explorers.walk_test.Corridor):
        def compute(self, state):
            drawn_in.add(threading.current_thread())
            return super().compute(state)

    async def session():
        widget = Sent(Watched(trial))
        for place in range(5):
            thread = threading.Thread(target=widget.tell, args=[asks(speed=place, slowing=9)])
            thread.start()
            thread.join()
            await asyncio.sleep(0.02)
        await widget.reached(1)
        await widget.finished()
        widget.close()
        return widget.keys

    keys = asyncio.run(session())
    assert drawn_in == {threading.current_thread()}
    assert key(speed=4, slowing=9) in keys


def test_pictures_drawn_in_several_threads_do_not_mix(trial):
    explorer = fl.explorers.walk_test.Corridor(trial)
    states = explorer.along(explorer.start, "speed")
    alone = [explorer._draw_frame(state)["svg"] for state in states]
    with ThreadPoolExecutor(4) as pool:
        together = [frame["svg"] for frame in pool.map(explorer._draw_frame, states)]
    assert together == alone


@pytest.mark.parametrize(("topic", "name"), EXPLORERS)
def test_frames_are_small(trial, topic, name):
    explorer = explorer_of(topic, name, trial)
    states = [state for control in explorer.controls for state in explorer.along(explorer.start, control)]
    sizes = [len(json.dumps(explorer.frame(state), ensure_ascii=False).encode()) for state in states]
    assert max(sizes) <= 20_000
    assert statistics.median(sizes) < 8_000
