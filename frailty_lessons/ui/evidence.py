"""The source of a number, shown beside the text in which the number stands."""

from pathlib import Path

import traitlets

from frailty_lessons.ui.live import Live

HERE = Path(__file__).parent


class EvidenceWidget(Live):
    """Answers `{"id": ...}` of the browser with the lines that `look_up(id)` returns, or None if it knows none."""

    _esm = (HERE / "evidence.js").read_text(encoding="utf-8")
    _css = (HERE / "evidence.css").read_text(encoding="utf-8")
    spec = traitlets.Dict().tag(sync=True)

    def __init__(self, spec: dict, look_up):
        self._look_up = look_up
        super().__init__(spec=spec)

    def hear(self, message):
        if isinstance(message, dict) and isinstance(message.get("id"), str):
            self.send({"id": message["id"], "lines": self._look_up(message["id"])})
