"""What it takes to begin: the import, the first explorer on the screen, the two ways in, and the memory of one learner.

`python -m benchmarks.start_up` (real servers on loopback, a real Chromium) prints a table.

- Import: `import frailty_lessons` in a Python that has ipywidgets already, in processes of their own.
- First explorer: from a kernel that has answered its first request, with the lesson open, to the first explorer's
  picture in the page, when all cells are run. Each time a new page and a new kernel.
- Course page: from the navigation to the lesson's address to the first prediction that was answered; it is answered
  by a script in the page, as soon as its form is there. Cold: a server that has just said its address, and starts its
  first spare kernel. Warm: the spare kernel waits. Each time a new page without a cache, and no progress.
- JupyterLab: the same, and "Run this lesson" is pressed as soon as JupyterLab heeds it. Cold: a server that has just
  come up. Warm: one that has shown the lesson before.
- Memory: proportional set size (what is shared is divided by those who share it) of the server and all processes
  that it started, with the lesson open and run. Linux only.
"""

import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil

from benchmarks.slider_to_pixels import EXPLORERS, PACK
from frailty_lessons.course import load_course, shipped_folder
from frailty_lessons.learning.progress import FILE
from frailty_lessons.teaching.opening import START_PAGE, copy_course
from frailty_lessons.teaching.pages import REFILL
from tests.browser.lab import RUN, RUN_ALL, chromium, course_pages, jupyterlab, write_notebook

IMPORTS, OPENINGS, WAYS_IN = 10, 5, 3
IMPORT_BUDGET, FIRST_BUDGET, MEMORY_BUDGET = 100, 2.5, 270
PAGE_BUDGETS = {"cold": 5, "warm": 3}

IMPORT = "import ipywidgets, time; start = time.perf_counter(); import frailty_lessons; print(time.perf_counter() - start)"
LESSON = [
    f'import frailty_lessons as fl\ntrial = fl.trial.load_trial("{PACK}")',
    *(f"fl.explorers.walk_test.{name}(trial)" for name in EXPLORERS),
]
# Runs all cells; resolves to the seconds from the ready kernel to the first explorer's picture.
FIRST = RUN_ALL.replace(
    RUN,
    """const start = performance.now();
  const first = new Promise((resolve) => {
    const look = () => {
      const picture = document.querySelector(".fl-explorer svg .fl-moves *");
      if (picture && picture.getBoundingClientRect().height > 0) resolve((performance.now() - start) / 1000);
      else requestAnimationFrame(look);
    };
    look();
  });
  await app.commands.execute("notebook:run-all-cells");
  return await first;""",
)
# The kernel of a lesson in JupyterLab; that of a course page ends with the page.
END = "() => window.jupyterapp?.shell.currentWidget?.context.sessionContext.shutdown()"

# Put into a page before anything else: does what a learner does, without a pause. `flAnswered` resolves to the seconds
# from the navigation to the frame that follows the answer's feedback.
LEARNER = """window.flAnswered = new Promise((resolve, reject) => {
  const pressed = new Set();
  let form, answered;
  // JupyterLab runs nothing, and says nothing, when it is asked before it has looked for the lesson's kernel.
  const pressOnce = (button) => {
    const status = window.jupyterapp?.shell.currentWidget?.context.sessionContext.kernelDisplayStatus;
    if (pressed.has(button) || !status || status === "initializing") return;
    pressed.add(button);
    button.click();
  };
  const look = () => {
    const run = document.querySelector('button[data-commandlinker-command="notebook:run-all-cells"]');
    const agree = [...document.querySelectorAll(".jp-Dialog button")].find((button) => button.textContent === "Run Once");
    form ??= [...document.querySelectorAll(".fl-form")].find((form) => form.querySelector(".fl-kind")?.textContent === "Predict first");
    const button = [...(form?.querySelectorAll("button") ?? [])].find((button) => button.textContent === "Answer");
    if (agree) pressOnce(agree);
    else if (form?.querySelector(".fl-feedback")) {
      if (!answered) return reject(new Error("the prediction was answered before"));
      return requestAnimationFrame(() => resolve(performance.now() / 1000));
    } else if (button && !answered) {
      const number = form.querySelector("input[type=number]");
      if (number) number.value = number.min || 0;
      else form.querySelector(".fl-option input").click();
      form.querySelector(".fl-sure input").click();
      button.click();
      answered = true;
    } else if (run) pressOnce(run);
    requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
  setTimeout(() => reject(new Error("no prediction was answered within two minutes")), 120000);
});"""


def import_times() -> list[float]:
    run = [sys.executable, "-c", IMPORT]
    return [1000 * float(subprocess.run(run, capture_output=True, text=True, check=True).stdout) for _ in range(IMPORTS)]


def proportional_memory(pid: int) -> float:
    """MiB of the process and of all that it started."""
    server = psutil.Process(pid)
    processes = [server, *server.children(recursive=True)]
    lines = [line for process in processes for line in Path(f"/proc/{process.pid}/smaps_rollup").read_text().splitlines()]
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024


def openings(folder: Path, browser) -> tuple[list[float], float]:
    """Seconds to the first explorer, of several openings, and the memory with the last one open."""
    names = [f"lesson-{number}.ipynb" for number in range(OPENINGS)]
    for name in names:
        write_notebook(folder / "course" / name, LESSON)
    times = []
    with jupyterlab(folder / "course", folder / "settings") as server:
        for name in names:
            page = browser.new_page(viewport={"width": 1280, "height": 1000})
            page.goto(server.lesson(name))
            times.append(page.evaluate(FIRST))
            page.wait_for_function("(count) => document.querySelectorAll('.fl-explorer').length === count", arg=len(EXPLORERS))
            memory = proportional_memory(server.pid)
            page.evaluate(END)
            page.close()
    return times, memory


def way_in(browser, address: str, notebooks: Path) -> float:
    """Seconds from the navigation to `address` to the first answered prediction, by a learner without progress."""
    (notebooks / FILE).unlink(missing_ok=True)
    page = browser.new_page(viewport={"width": 1280, "height": 1000})
    page.add_init_script(LEARNER)
    page.goto(address, wait_until="commit")
    took = page.evaluate("() => window.flAnswered")
    page.evaluate(END)
    page.close()
    return took


def wait_until_quiet(pid: int) -> None:
    """Until the server and all that it started have done nothing for a second."""

    def used():
        server = psutil.Process(pid)
        return sum(sum(process.cpu_times()[:2]) for process in [server, *server.children(recursive=True)])

    deadline = time.monotonic() + 120
    before = used()
    while time.sleep(1) or abs((now := used()) - before) > 0.05:
        before = now
        if time.monotonic() > deadline:
            raise RuntimeError("the server did not become quiet within two minutes")


def ways_in(folder: Path, browser) -> dict[str, list[float]]:
    """Seconds to the first answered prediction of the course's first lesson, each way in, cold and warm."""
    lesson = load_course(shipped_folder()).lessons[0].file
    found = {"course page, cold": [], "course page, warm": [], "JupyterLab, cold": [], "JupyterLab, warm": []}
    copy_course(folder)
    notebooks = folder / "notebooks"
    settings = (folder / f"settings-{number}" for number in range(2 * WAYS_IN))
    for number in range(WAYS_IN):
        with course_pages(folder, next(settings)) as server:
            address = f"{server.page(lesson)}?token={server.token}"
            found["course page, cold"].append(way_in(browser, address, notebooks))
            if number == WAYS_IN - 1:
                for _ in range(WAYS_IN):
                    time.sleep(REFILL)
                    wait_until_quiet(server.pid)
                    found["course page, warm"].append(way_in(browser, address, notebooks))
    for number in range(WAYS_IN):
        with jupyterlab(folder, next(settings)) as server:
            address = server.lesson(f"{START_PAGE.parent.as_posix()}/{lesson}")
            found["JupyterLab, cold"].append(way_in(browser, address, notebooks))
            if number == WAYS_IN - 1:
                for _ in range(WAYS_IN):
                    wait_until_quiet(server.pid)
                    found["JupyterLab, warm"].append(way_in(browser, address, notebooks))
    return found


def row(what: str, figure: float, budget: float | None, unit: str, single: list[float] = ()) -> str:
    kept = "" if budget is None else f"budget {budget:5} {'kept' if figure <= budget else 'MISSED'}"
    range_ = f"  ({min(single):.4g} to {max(single):.4g})" if single else ""
    return f"{what:45} {figure:7.4g} {unit:4} {kept:19}{range_}"


def main():
    busy = psutil.cpu_percent(3)
    print(f"before the start other programs used {busy:.0f}% of this machine: above 10%, trust no time below")
    times = import_times()
    print(row(f"import, median of {IMPORTS}", statistics.median(times), IMPORT_BUDGET, "ms", times), flush=True)
    with tempfile.TemporaryDirectory() as folder, chromium() as browser:
        times, memory = openings(Path(folder, "explorers"), browser)
        ways = ways_in(Path(folder, "ways in"), browser)
    print(row(f"first explorer, median of {OPENINGS} fresh kernels", statistics.median(times), FIRST_BUDGET, "s", times))
    for way, times in ways.items():
        budget = PAGE_BUDGETS[way.rpartition(" ")[2]] if way.startswith("course") else None
        print(row(f"{way}, median of {len(times)} openings", statistics.median(times), budget, "s", times))
    print(row("memory, server and kernel, one lesson run", memory, MEMORY_BUDGET, "MiB"))


if __name__ == "__main__":
    main()
