"""The source of a number and the meaning of a word, shown beside the text in which they stand."""

from pathlib import Path

import traitlets

from frailty_lessons.ui.live import Live
from frailty_lessons.ui.scripts import script

HERE = Path(__file__).parent


class EvidenceWidget(Live):
    """Answers `{"page": ..., "id": ...}` of the browser with the lines that `look_up(page, id)` returns, or None."""

    _esm = script("evidence.js")
    _css = (HERE / "evidence.css").read_text(encoding="utf-8")
    spec = traitlets.Dict().tag(sync=True)

    def __init__(self, spec: dict, look_up):
        self._look_up = look_up
        super().__init__(spec=spec)

    def hear(self, message):
        if isinstance(message, dict) and isinstance(id := message.get("id"), str) and isinstance(page := message.get("page"), str):
            self.send({"page": page, "id": id, "lines": self._look_up(page, id)})
