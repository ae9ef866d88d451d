"""Forms in Jupyter: a question, the progress panel, and a gate that opens when a form was answered."""

from pathlib import Path

import ipywidgets
import traitlets

from frailty_lessons.ui.live import Live
from frailty_lessons.ui.scripts import script

HERE = Path(__file__).parent


class _Form(Live):
    """Shows `spec` and `state`; hands each message of the browser to `answer`, which returns the new state.

    Each state has the number of the message that it answers, so that the browser sees the same answer twice.
    """

    _css = (HERE / "form.css").read_text(encoding="utf-8")
    spec = traitlets.Dict().tag(sync=True)
    state = traitlets.Dict().tag(sync=True)

    def __init__(self, spec: dict, state: dict, answer):
        self._answer = answer
        super().__init__(spec=spec, state=state)

    def hear(self, message):
        if isinstance(message, dict):
            self.state = {**self._answer(message), "message": self.state.get("message", 0) + 1}


class QuestionForm(_Form):
    """One question. An answer is counted at once by the progress panel that was shown last."""

    _esm = script("form.js")

    def hear(self, message):
        super().hear(message)
        if ProgressPanel.latest and "feedback" in self.state:
            ProgressPanel.latest.hear({})


class ProgressPanel(_Form):
    """The progress panel. A state with `download` sends that text to the browser, which saves it."""

    _esm = script("progress.js")
    latest = None

    def __init__(self, spec: dict, state: dict, answer):
        super().__init__(spec, state, answer)
        ProgressPanel.latest = self

    def hear(self, message):
        super().hear(message)
        if "download" in self.state:
            self.send({"text": self.state["download"]})


class Gate(ipywidgets.VBox):
    """A form, and below it what `follows()` makes, once `is_open(state)` holds for the form's state."""

    def __init__(self, form: QuestionForm, is_open, follows):
        super().__init__([form], layout=ipywidgets.Layout(overflow="visible"))
        self._form, self._is_open, self._follows = form, is_open, follows
        self._open()
        form.observe(lambda _: self._open(), names="state")

    def _open(self):
        if len(self.children) == 1 and self._is_open(self._form.state):
            self.children = (self._form, self._follows())
