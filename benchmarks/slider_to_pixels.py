"""From key press to changed pixels: an explorer, and the same picture done with `interact`, near and far.

`python -m benchmarks.slider_to_pixels` (a real JupyterLab on loopback, a real Chromium) prints a table.

What is measured, inside the page: from the `timeStamp` of the `keydown` event, which the browser sets when it takes
the key in, to the end of the first rendering that contains the change. A `MutationObserver` sees the change (for
`interact`: an image that was not there before, once it is decoded), `requestAnimationFrame` waits for the rendering
that follows, and a message posted from there comes back when style, layout and painting are done. Not in it: the
compositor's copy to the screen and the screen itself, up to about one frame more, the same for all ways.

"Far" is a learner on Binder: 150 ms round trip, 10 Mbit/s, and a page whose processor is slowed four times.
Moves that were to be in advance but were not there, or the other way round, are left out; the sent and received
messages say which is which. Bytes are those of the websocket's messages, frames in advance included.
"""

import json
import random
import re
import statistics
import tempfile
import time
from pathlib import Path
from urllib.parse import urlsplit

import psutil

from benchmarks.slow_line import slow_line
from tests.browser.lab import RUN_ALL, chromium, jupyterlab, write_notebook

PACK = "lomecel-b-phase-2b"
EXPLORERS = ("Corridor", "HowFar", "OnePersonsChange", "MissingInterval", "ChosenForWalkingBadly")
MOVES = 60
BUDGETS = {"near": {"in advance": (25, 40), "not drawn": (90, 130)}, "far": {"in advance": (60, 90), "not drawn": (330, 450)}}
RATIOS = {"near": 4, "far": 8}
FRAME_BUDGET, SMALL_FRAME = 20_000, 8_000
SLOWED = 4

SHOWN = f"""
import frailty_lessons as fl
trial = fl.trial.load_trial("{PACK}")
fl.explorers.walk_test.ChosenForWalkingBadly(trial)
"""
INTERACT = """
import matplotlib.pyplot as plt
from ipywidgets import IntSlider, interact
explorer = fl.explorers.walk_test.ChosenForWalkingBadly(trial)

def show(mean):
    figure, axes = plt.subplots(figsize=explorer.size, layout="constrained")
    explorer.prepare(axes)
    explorer.draw(explorer.compute({**explorer.start, "mean": mean}), axes)
    plt.show()

interact(show, mean=IntSlider(400, 250, 500, 10));
"""

# `flWatch` watches the element of a selector for the next move; `flTook` resolves to the milliseconds that it took.
WATCH = """() => {
  const rendered = () => new Promise((resolve) => requestAnimationFrame(() => {
    const channel = new MessageChannel();
    channel.port1.onmessage = () => resolve(performance.now());
    channel.port2.postMessage(null);
  }));
  window.flWatch = (selector) => {
    const picture = document.querySelector(selector);
    const old = picture.querySelector("img");
    window.flTook = new Promise((resolve, reject) => {
      let pressed = null;
      addEventListener("keydown", (event) => { pressed = event.timeStamp; }, { capture: true, once: true });
      const observer = new MutationObserver(async () => {
        const image = picture.querySelector("img");
        if (pressed === null || (old && (image === null || image === old))) return;
        observer.disconnect();
        if (image) await image.decode();
        resolve((await rendered()) - pressed);
      });
      observer.observe(picture, { childList: true, subtree: true });
      setTimeout(() => reject(new Error("nothing changed within 20 s")), 20000);
    });
  };
}"""
CONTROLS = ".fl-explorer :is(input, select)"
KEY_NOW = f"() => [...document.querySelectorAll('{CONTROLS}')].map((input) => input.value).join(',')"


class Traffic:
    """What goes over a page's websockets: bytes down and up, and the keys of the frames that came."""

    def __init__(self, page):
        self.down = self.up = 0
        self.keys = []
        self.latest = time.monotonic()
        page.on("websocket", self._listen)

    def _listen(self, socket):
        socket.on("framereceived", self._received)
        socket.on("framesent", self._sent)

    def _received(self, payload):
        payload = payload if isinstance(payload, bytes) else payload.encode()
        self.down += len(payload)
        self.latest = time.monotonic()
        self.keys += [key.decode() for key in re.findall(rb'"key": ?"([0-9,]+)"', payload)]

    def _sent(self, payload):
        self.up += len(payload)
        self.latest = time.monotonic()

    def wait_until_quiet(self, page, seconds=1.0):
        deadline = time.monotonic() + 120
        while time.monotonic() - self.latest < seconds:
            page.wait_for_timeout(100)
            if time.monotonic() > deadline:
                raise RuntimeError("the line did not become quiet within two minutes")


def press(page, selector, key) -> float:
    """Milliseconds from the press of `key` to the changed picture."""
    page.evaluate("(selector) => window.flWatch(selector)", selector)
    page.keyboard.press(key)
    return page.evaluate("() => window.flTook")


# Back and forth along a slider, never beyond its ends: from the start to the right, then to the left, and so on.
KEYS = ["ArrowRight"] * 8 + ["ArrowLeft"] * 20 + ["ArrowRight"] * 20 + ["ArrowLeft"] * (MOVES - 48)


def in_advance(page, traffic, chance) -> list[float]:
    """Moves along one slider, the reliability, whose frames are there."""
    page.locator(CONTROLS).nth(4).focus()
    traffic.wait_until_quiet(page)
    times = []
    for key in KEYS:
        seen = set(traffic.keys)
        took = press(page, ".fl-moves", key)
        if page.evaluate(KEY_NOW) in seen:
            times.append(took)
        page.wait_for_timeout(chance.uniform(150, 300))
    return times


def not_drawn(page, traffic, chance) -> list[float]:
    """Jumps of one slider after another to where nobody was, also while frames are drawn in advance."""
    inputs = page.locator(CONTROLS)
    count, last, times = inputs.count(), None, []
    for _ in range(4 * MOVES):
        if len(times) == MOVES:
            break
        last = chance.choice([place for place in range(count) if place != last])
        inputs.nth(last).focus()
        value, highest = inputs.nth(last).evaluate("(input) => [Number(input.value), Number(input.max)]")
        key = "PageUp" if value < chance.uniform(0, highest) else "PageDown"
        seen = len(traffic.keys)
        took = press(page, ".fl-moves", key)
        now = page.evaluate(KEY_NOW)
        page.wait_for_timeout(chance.uniform(20, 100))
        if now not in traffic.keys[:seen] and now in traffic.keys[seen:]:
            times.append(took)
    return times


def with_interact(page, traffic, chance) -> list[float]:
    """Moves of the ipywidgets slider."""
    page.locator(".widget-slider .noUi-handle").focus()
    times = []
    for key in KEYS:
        times.append(press(page, ".widget-interact .widget-output", key))
        page.wait_for_timeout(chance.uniform(150, 300))
    return times


def measure(folder: Path, browser, far: bool) -> dict:
    """Times and traffic of the three ways, on one line."""
    chance = random.Random(20)
    write_notebook(folder / "course" / "moves.ipynb", [SHOWN, INTERACT])
    with jupyterlab(folder / "course", folder / "settings") as server:
        port = urlsplit(server.address).port
        with slow_line(port) as slow:
            page = browser.new_page(viewport={"width": 1200, "height": 2000})
            traffic = Traffic(page)
            address = server.lesson("moves.ipynb")
            page.goto(address.replace(f":{port}/", f":{slow}/") if far else address, timeout=120_000)
            page.evaluate(RUN_ALL)
            page.wait_for_selector(".fl-explorer .fl-moves *", timeout=60_000)
            page.wait_for_selector(".widget-interact .widget-output img", timeout=60_000)
            if far:
                page.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": SLOWED})
            page.evaluate(WATCH)
            found = {}
            for name, way in (
                ("in advance", in_advance),
                ("not drawn", not_drawn),
                ("interact", with_interact),
            ):
                traffic.wait_until_quiet(page)
                down, up = traffic.down, traffic.up
                times = way(page, traffic, chance)
                traffic.wait_until_quiet(page)
                found[name] = (times, (traffic.down - down) / MOVES / 1000, (traffic.up - up) / MOVES / 1000)
            page.close()
    return found


def worst(times: list[float]) -> float:
    """The 95th percentile."""
    return statistics.quantiles(times, n=20)[-1]


def row(line: str, way: str, found: tuple) -> str:
    times, down, up = found
    median, high = statistics.median(times), worst(times)
    budget = BUDGETS[line].get(way)
    kept = "" if budget is None else "kept" if median <= budget[0] and high <= budget[1] else "MISSED"
    limits = "" if budget is None else f"{budget[0]} / {budget[1]}"
    return f"{line:5} {way:12} {len(times):5} {f'{median:.0f} / {high:.0f}':>12} {limits:>10} {kept:7} {down:8.1f} / {up:.1f}"


def frame_sizes() -> str:
    """Of all frames along each control from the start, of all explorers."""
    import frailty_lessons as fl

    trial = fl.trial.load_trial(PACK)
    sizes = []
    for name in EXPLORERS:
        explorer = getattr(fl.explorers.walk_test, name)(trial)
        states = [state for control in explorer.controls for state in explorer.along(explorer.start, control)]
        sizes += [len(json.dumps(explorer.frame(state), ensure_ascii=False).encode()) for state in states]
    small = sum(size < SMALL_FRAME for size in sizes) / len(sizes)
    kept = "kept" if max(sizes) <= FRAME_BUDGET else "MISSED"
    return (
        f"{len(sizes)} frames: median {statistics.median(sizes) / 1000:.1f} kB, {small:.0%} under {SMALL_FRAME // 1000} kB, "
        f"largest {max(sizes) / 1000:.1f} kB (budget {FRAME_BUDGET // 1000}): {kept}"
    )


def longest_wait() -> str:
    """How many frames in advance come between a move's message and its own frame, at most; without a browser."""
    import asyncio

    import frailty_lessons as fl
    from frailty_lessons.ui.widget import ExplorerWidget

    class Sent(ExplorerWidget):
        def send(self, message, buffers=None):
            sent.append(message["key"])

    async def moves():
        waits = []
        widget = Sent(fl.explorers.walk_test.ChosenForWalkingBadly(fl.trial.load_trial(PACK)))
        for place in range(1, 13):
            asked = [place, 16 - place, 2 * place - 1, place % 9, 2 * place]
            before = len(sent)
            widget._handle_custom_msg({"state": asked, "control": 0, "draw": True}, [])
            key = ",".join(map(str, asked))
            while key not in sent[before:]:
                await asyncio.sleep(0)
            waits.append(sent[before:].index(key))
            while len(sent) < before + 4 + place % 4:
                await asyncio.sleep(0.001)
        widget.close()
        return waits

    sent = []
    waits = asyncio.run(asyncio.wait_for(moves(), 60))
    return f"frames in advance between a move's message and its frame: at most {max(waits)} of {len(waits)} moves (budget 1)"


def main():
    print(frame_sizes())
    print(longest_wait())
    busy = psutil.cpu_percent(3)
    print(f"before the start other programs used {busy:.0f}% of this machine: above 10%, trust no figure below\n")
    print(f"{'line':5} {'way':12} {'moves':>5} {'median / 95%':>12} {'budget':>10} {'':7} {'kB down / up a move':>14}")
    with tempfile.TemporaryDirectory() as folder, chromium() as browser:
        for line in BUDGETS:
            found = measure(Path(folder, line), browser, line == "far")
            for way, figures in found.items():
                print(row(line, way, figures), flush=True)
            ratio = statistics.median(found["interact"][0]) / statistics.median(found["in advance"][0])
            kept = "kept" if ratio >= RATIOS[line] else "MISSED"
            print(f"{line:5} interact takes {ratio:.1f} times as long as a move in advance (budget at least {RATIOS[line]}): {kept}", flush=True)


if __name__ == "__main__":
    main()
