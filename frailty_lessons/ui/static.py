"""The static form: an explorer as one page with its frames inside, for any browser, from a file."""

import html
import json
from itertools import product
from pathlib import Path

from frailty_lessons.ui.scripts import script

HERE = Path(__file__).parent
MOST_BYTES = 1_500_000
STEPS = 2  # decisions that a saved page holds, beyond the first


def static_page(explorer) -> str:
    """The explorer as one HTML page that needs no kernel, no server and no network.

    It holds the frames of all combinations of the controls where these fit into 1.5 MB; otherwise the frames
    along each control from the start and from each named starting point, and the first few decisions; it says so.
    """
    spec = explorer.spec()
    frames, complete = _frames(explorer)
    opening = explorer.opening()
    data = {**spec, "state": opening["state"], "frames": frames, "complete": complete}
    # "<" is written as an escape, so that no text in the data can end the script element.
    payload = json.dumps(data, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")
    code = script("explorer.js")
    style = (HERE / "explorer.css").read_text(encoding="utf-8")
    words = html.escape(explorer.describe())
    title = html.escape(explorer.question)
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="data:,">
<title>{title}</title>
<style>
body {{ margin: 1rem auto; max-width: 50rem; padding: 0 1rem; font-family: system-ui, sans-serif; }}
{style}
</style>
</head>
<body>
<main id="explorer">
<h1>{title}</h1>
{explorer.svg()}
<p>{words}</p>
</main>
<script type="application/json" id="data">{payload}</script>
<script type="module">
{code}
mount(document.getElementById("explorer"), JSON.parse(document.getElementById("data").textContent), null);
</script>
</body>
</html>
"""


def _frames(explorer) -> tuple[dict, bool]:
    some = _along_from_starts(explorer)
    mean = sum(len(json.dumps(frame)) for frame in some.values()) / len(some)
    combinations = 1
    for control in explorer.controls.values():
        combinations *= len(control.values)
    if explorer.decisions or combinations * mean > MOST_BYTES:
        return some, False
    states = [dict(zip(explorer.controls, values)) for values in product(*(c.values for c in explorer.controls.values()))]
    frames = {explorer.key(state): explorer.frame(state) for state in states}
    if sum(len(json.dumps(frame)) for frame in frames.values()) > MOST_BYTES:
        return some, False
    return frames, True


def _along_from_starts(explorer) -> dict:
    frames = {}
    for start in (explorer.state, explorer.start, *({**explorer.start, **case} for case in explorer.cases.values())):
        states = [start, *(state for name in explorer.controls for state in explorer.along(start, name))]
        states += _next_decisions(explorer, states)
        frames |= {explorer.key(state): explorer.frame(state) for state in states}
    return frames


def _next_decisions(explorer, states) -> list[dict]:
    found = []
    for _ in range(STEPS):
        states = [after for state in states for name in explorer.decisions for after in explorer.along(state, name)]
        found += states
    return found
