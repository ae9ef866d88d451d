"""The live form: an explorer in Jupyter, drawn when asked for, and in advance while nobody asks."""

import asyncio
from pathlib import Path

import anywidget
import traitlets

HERE = Path(__file__).parent
PAUSE = 0.001


class ExplorerWidget(anywidget.AnyWidget):
    """Carries one `Explorer` to the browser.

    The browser sends `{"state": places, "control": place or None, "draw": whether it lacks that frame}`;
    it is sent `{"key": ..., "frame": ...}`. Of several states that arrive while one is drawn only the last is
    drawn. Then, one at a time, come the frames along the control in use, nearest first, and after them those
    along the other controls; a new message ends that at once.
    """

    _esm = (HERE / "explorer.js").read_text(encoding="utf-8")
    _css = (HERE / "explorer.css").read_text(encoding="utf-8")
    spec = traitlets.Dict().tag(sync=True)
    opening = traitlets.Dict().tag(sync=True, to_json=lambda _, widget: widget._explorer.opening())

    _in_use = None

    def __init__(self, explorer):
        self._explorer = explorer
        self._wanted = None
        self._ahead = iter(())
        self._sent = {explorer.key(explorer.state)}
        self._timer = None
        super().__init__(spec=explorer.spec())
        self.on_msg(self._hear)

    def _hear(self, _, message, buffers):
        if message.get("hello"):
            self._sent = {self._explorer.key(self._explorer.state)}
            return
        try:
            state = self._explorer.state_of(message["state"])
        except ValueError:
            return
        self._explorer = self._explorer.at(**state)
        if message.get("draw"):
            self._wanted = state
        self._ahead = self._states_ahead(state, message.get("control"))
        ExplorerWidget._in_use = self
        self._step_soon()

    def _states_ahead(self, state, control):
        names = list(self._explorer.controls)
        if isinstance(control, int) and 0 <= control < len(names):
            names.insert(0, names.pop(control))
        for name in names:
            yield from self._explorer.along(state, name)

    def _step_soon(self):
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(PAUSE, self._step)

    def _step(self):
        self._timer = None
        if self._wanted is not None:
            state, self._wanted = self._wanted, None
            self._deliver(state)
        elif ExplorerWidget._in_use is self:
            state = next((s for s in self._ahead if self._explorer.key(s) not in self._sent), None)
            if state is None:
                return
            self._deliver(state)
        else:
            return
        self._step_soon()

    def _deliver(self, state):
        key = self._explorer.key(state)
        self._sent.add(key)
        self.send({"key": key, "frame": self._explorer.frame(state)})
