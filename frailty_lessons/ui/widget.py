"""The live form: an explorer in Jupyter, drawn when asked for, and in advance while nobody asks."""

from html import escape
from pathlib import Path

import ipywidgets
import traitlets

from frailty_lessons.ui.live import Live
from frailty_lessons.ui.scripts import script

HERE = Path(__file__).parent
PAUSE = 0.005  # seconds after a frame in advance: room for a message to get through, and for the page to breathe
NEAR = 2  # frames in advance along each control that is not in use


def sentence_widget(sentence: str) -> ipywidgets.HTML:
    """A sentence in place of an explorer."""
    return ipywidgets.HTML(f"<p>{escape(sentence)}</p>")


class ExplorerWidget(Live):
    """Carries one `Explorer` to the browser.

    The browser sends `{"state": places, "control": place or None, "draw": whether it lacks that frame}`;
    it is sent `{"key": ..., "frame": ...}`. Of several states that arrive while one is drawn only the last is
    drawn. Then, one at a time, come the frames along the control in use, nearest first, and after them the
    nearest ones along the other controls; a new message ends that at once. A message that makes no sense is ignored.
    `keep(explorer)` is called after every change of decisions; the sentence it returns, if any, is shown.
    """

    _esm = script("explorer.js")
    _css = (HERE / "explorer.css").read_text(encoding="utf-8")
    spec = traitlets.Dict().tag(sync=True)
    opening = traitlets.Dict().tag(sync=True, to_json=lambda _, widget: widget._explorer.opening())

    _in_use = None

    def __init__(self, explorer, keep=None):
        self._explorer = explorer
        self._keep = keep
        self._wanted = None
        self._ahead = iter(())
        self._sent = {explorer.key(explorer.state)}
        self._timer = None
        super().__init__(spec=explorer.spec())

    def hear(self, message):
        if not isinstance(message, dict):
            return
        if message.get("hello"):
            self._sent = {self._explorer.key(self._explorer.state)}
            return
        try:
            state = self._explorer.state_of(message["state"])
        except (KeyError, TypeError, ValueError):
            return
        before, self._explorer = self._explorer, self._explorer.at(**state)
        if self._keep and any(before.state[name] != state[name] for name in self._explorer.decisions):
            notice = self._keep(self._explorer)
            if notice:
                self.send({"notice": notice})
        if message.get("draw"):
            self._wanted = state
        self._ahead = self._states_ahead(state, message.get("control"))
        ExplorerWidget._in_use = self
        self._step_after(0)

    def _states_ahead(self, state, control):
        names = list(self._explorer.controls)
        used = names[control] if isinstance(control, int) and 0 <= control < len(names) else None
        for name in sorted(names, key=lambda name: name != used):
            yield from self._explorer.along(state, name)[: None if name == used else NEAR]

    def _step_after(self, seconds):
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self._loop.call_later(seconds, self._step)

    def _step(self):
        self._timer = None
        state, self._wanted = self._wanted, None
        if state is None and ExplorerWidget._in_use is self:
            state = next((s for s in self._ahead if self._explorer.key(s) not in self._sent), None)
        if state is None:
            return
        key = self._explorer.key(state)
        self.send({"key": key, "frame": self._explorer.frame(state)})
        self._sent.add(key)
        self._step_after(PAUSE)
