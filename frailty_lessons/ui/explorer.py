"""The explorer: one question that a learner asks by moving controls, declared once and shown in four forms."""

import copy
from collections import OrderedDict
from dataclasses import dataclass, field

from frailty_lessons.ui.controls import Control, Decisions

MOST_FRAMES_KEPT = 400


@dataclass
class _Drawn:
    """What one explorer has drawn, in whichever state: its picture, and the latest frames by state."""

    picture: object = None
    frames: OrderedDict = field(default_factory=OrderedDict)


class Explorer:
    """Base of all explorers. A subclass declares its controls as class attributes and says:

    - `question`: what it answers, in a learner's words;
    - `look_for`: two driving questions to try with it;
    - `caption`: what the picture rests on (assumed, synthetic, published) in a sentence;
    - `cases`: named starting points, each a dict of some controls' values;
    - `compute(state)`: one call into `methods`; its result has `describe()` (words) and `table()` (columns);
    - `prepare(axes)`: the part of the picture that no control changes, drawn once;
    - `draw(result, axes)`: the part that moves.

    `Explorer(trial, low=200)` starts there; `at(high=350)` is the same explorer in another state.
    A state is a dict of JSON values, one for each control. Raises `ValueError` for a value that a control
    cannot take.
    """

    question: str
    look_for: tuple[str, ...] = ()
    caption: str = ""
    cases: dict[str, dict] = {}
    size = (6.8, 3.5)
    controls: dict[str, Control] = {}

    def __init_subclass__(cls, **kwargs):
        super().__init_subclass__(**kwargs)
        own = {name: value for name, value in vars(cls).items() if isinstance(value, Control)}
        cls.controls = {**cls.controls, **own}

    def __init__(self, trial=None, /, **state):
        self.trial = trial
        self.start = {name: control.value for name, control in self.controls.items()}
        if self.lacks() is None:
            self.start |= self.start_from_trial()
        self.start = self.state = self._checked(state)
        self._drawn = _Drawn()

    def start_from_trial(self) -> dict:
        """Values of controls that the trial decides; none unless a subclass says so."""
        return {}

    def lacks(self) -> str | None:
        """One sentence if the trial has no data for this explorer, otherwise None."""
        return None

    def compute(self, state: dict):
        raise TypeError(f"{type(self).__name__} does not say what it computes")

    def prepare(self, axes):
        """Nothing stays unless a subclass says so."""

    def draw(self, result, axes):
        """Nothing moves unless a subclass says so."""

    def at(self, **state) -> "Explorer":
        """This explorer with some controls set to other values."""
        other = copy.copy(self)
        other.state = self._checked(state)
        return other

    def describe(self) -> str:
        """The state's result in words: the picture's alternative text and the live region."""
        result = self._result(self.state)
        return result if isinstance(result, str) else result.describe()

    def table(self) -> dict:
        """The state's result as columns of equal length; empty where the state has no result."""
        result = self._result(self.state)
        return {} if isinstance(result, str) else result.table()

    def svg(self) -> str:
        """The whole picture of the state as SVG."""
        from frailty_lessons.ui.picture import MOVES

        return self.picture.still.replace(MOVES, f'<g class="fl-moves">{self.frame(self.state)["svg"]}</g>')

    @property
    def picture(self):
        """The picture, drawn once for this explorer and all its states."""
        if self._drawn.picture is None:
            from frailty_lessons.ui.picture import Picture

            self._drawn.picture = Picture(self.size, self.prepare, type(self).__name__)
        return self._drawn.picture

    def key(self, state: dict) -> str:
        """The state as the places of its values, e.g. `3,0,12`: what frames are filed under."""
        return ",".join(str(control.index(state[name])) for name, control in self.controls.items())

    def state_of(self, places) -> dict:
        """The state with the values at those places; raises `ValueError` if a control has no such place."""
        places = list(places)
        if len(places) != len(self.controls):
            raise ValueError(f"a state of {type(self).__name__} has {len(self.controls)} values, not {len(places)}")
        return {name: control.at(place) for (name, control), place in zip(self.controls.items(), places)}

    def steps(self, state: dict) -> str:
        """The letters of the decisions that can be taken now; none unless a subclass with `Decisions` says so."""
        return ""

    def record(self) -> str:
        """What a learner's progress says of the state, in words."""
        return self.describe()

    @property
    def decisions(self) -> dict[str, Decisions]:
        """The controls that are decisions. A learner's decisions are kept, and belong to the other controls' values."""
        return {name: control for name, control in self.controls.items() if isinstance(control, Decisions)}

    def frame(self, state: dict) -> dict:
        """What changes from state to state: `svg` (the moving part), `words`, `table` (columns and rows), `steps`.

        Where the state has no result, `words` holds the reason and the picture is empty.
        """
        key, frames = self.key(state), self._drawn.frames
        if key not in frames:
            frames[key] = self._draw_frame(state)
            if len(frames) > MOST_FRAMES_KEPT:
                frames.popitem(last=False)
        return frames[key]

    def _result(self, state: dict):
        """What `compute` returns, or the sentence that says why the state has no result."""
        try:
            return self.compute(state)
        except ValueError as error:
            reason = str(error)
            return reason[:1].upper() + reason[1:] + "."

    def _draw_frame(self, state: dict) -> dict:
        result = self._result(state)
        if isinstance(result, str):
            return {"svg": "", "words": result, "table": {"columns": [], "rows": []}, "steps": ""}
        table = result.table()
        return {
            "svg": self.picture.moving(lambda axes: self.draw(result, axes)),
            "words": result.describe(),
            "table": {"columns": list(table), "rows": [list(row) for row in zip(*table.values(), strict=True)]},
            "steps": self.steps(state),
        }

    def along(self, state: dict, name: str) -> list[dict]:
        """The states one move of the control `name` away, nearest values first; other controls' moves undo decisions."""
        control = self.controls[name]
        if name in self.decisions:
            return [{**state, name: state[name] + letter} for letter in self.steps(state)]
        state = {**state, **{other: "" for other in self.decisions}}
        here = control.index(state[name])
        places = sorted(range(len(control.values)), key=lambda place: abs(place - here))
        return [{**state, name: control.values[place]} for place in places[1:]]

    def spec(self) -> dict:
        """Everything that the front end needs before the first frame, as JSON."""
        from frailty_lessons.ui.words import WORDS

        return {
            "name": type(self).__name__,
            "question": self.question,
            "lookFor": list(self.look_for),
            "caption": self.caption,
            "controls": [
                {"name": name, "label": control.label, "kind": control.kind, "texts": list(control.texts), "values": list(control.values)}
                for name, control in self.controls.items()
            ],
            "start": self._places(self.start),
            "cases": [{"label": label, "state": self._places({**self.start, **case})} for label, case in self.cases.items()],
            "still": self.picture.still,
            "words": WORDS,
        }

    def opening(self) -> dict:
        """The state shown now and its frame, as JSON."""
        return {"state": self._places(self.state), "frames": {self.key(self.state): self.frame(self.state)}}

    def save(self, path) -> None:
        """Write the explorer as one page that works without a kernel, a server or a network.

        Raises `ValueError` with one sentence if the trial has no data for it.
        """
        from pathlib import Path

        from frailty_lessons.ui.static import static_page

        sentence = self.lacks()
        if sentence is not None:
            raise ValueError(sentence)
        Path(path).write_text(static_page(self), encoding="utf-8")

    def widget(self, keep=None):
        """The live form: a widget for Jupyter, which calls `keep(explorer)` when a learner has taken a decision.

        Where the trial has no data for it, a sentence that says so.
        """
        from frailty_lessons.ui.widget import ExplorerWidget, sentence_widget

        sentence = self.lacks()
        return ExplorerWidget(self, keep) if sentence is None else sentence_widget(sentence)

    def _places(self, state: dict) -> list:
        return [control.index(state[name]) for name, control in self.controls.items()]

    def _checked(self, changes: dict) -> dict:
        for name, value in changes.items():
            if name not in self.controls:
                raise ValueError(f"{type(self).__name__} has no control {name!r}; it has {', '.join(self.controls)}")
            self.controls[name].index(value)
        return {**getattr(self, "state", self.start), **changes}

    def _repr_mimebundle_(self, include=None, exclude=None):
        bundle = self.widget()._repr_mimebundle_(include=include, exclude=exclude)
        if isinstance(bundle, tuple):
            bundle = bundle[0]
        return {**bundle, "text/plain": self.lacks() or self.describe()}
