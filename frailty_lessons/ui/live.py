"""What all our widgets have in common: they hear the browser in the loop in which they were shown."""

import asyncio

import anywidget


class Live(anywidget.AnyWidget):
    """A widget whose `hear(message)` is always called in the event loop in which the widget was made.

    JupyterLab 4.4 and later may deliver messages in another thread, and in yet another after a reload; so
    two would draw on one picture, or a reload would leave a loop behind that no longer runs.
    """

    def __init__(self, **traits):
        self._loop = _running_loop()
        super().__init__(**traits)
        self.on_msg(self._receive)

    def hear(self, message) -> None:
        """Take one message of the browser; subclasses say how."""

    def _receive(self, _, message, buffers):
        if self._loop is None or self._loop.is_closed():
            self._loop = _running_loop()
        if self._loop in (None, _running_loop()):
            self.hear(message)
        else:
            self._loop.call_soon_threadsafe(self.hear, message)


def _running_loop():
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None
