"""What it takes to begin: the import, the first explorer on the screen, and the memory of one learner.

`python -m benchmarks.start_up` (a real JupyterLab on loopback, a real Chromium) prints a table.

- Import: `import frailty_lessons` in a Python that has ipywidgets already, in processes of their own.
- First explorer: from a kernel that has answered its first request, with the lesson open, to the first explorer's
  picture in the page, when all cells are run. Each time a new page and a new kernel.
- Memory: proportional set size (what is shared is divided by those who share it) of the server and all processes
  that it started, with the lesson open and run. Linux only.
"""

import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import psutil

from benchmarks.slider_to_pixels import EXPLORERS, PACK
from tests.browser.lab import RUN, RUN_ALL, chromium, jupyterlab, write_notebook

IMPORTS, OPENINGS = 10, 5
IMPORT_BUDGET, FIRST_BUDGET, MEMORY_BUDGET = 100, 2.5, 270

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
            page.evaluate("() => window.jupyterapp.shell.currentWidget.context.sessionContext.shutdown()")
            page.close()
    return times, memory


def row(what: str, figure: float, budget: float, unit: str, single: list[float] = ()) -> str:
    kept = "kept" if figure <= budget else "MISSED"
    range_ = f"  ({min(single):.4g} to {max(single):.4g})" if single else ""
    return f"{what:45} {figure:7.4g} {unit:4} budget {budget:5} {kept}{range_}"


def main():
    busy = psutil.cpu_percent(3)
    print(f"before the start other programs used {busy:.0f}% of this machine: above 10%, trust no time below")
    times = import_times()
    print(row(f"import, median of {IMPORTS}", statistics.median(times), IMPORT_BUDGET, "ms", times), flush=True)
    with tempfile.TemporaryDirectory() as folder, chromium() as browser:
        times, memory = openings(Path(folder), browser)
    print(row(f"first explorer, median of {OPENINGS} fresh kernels", statistics.median(times), FIRST_BUDGET, "s", times))
    print(row("memory, server and kernel, one lesson run", memory, MEMORY_BUDGET, "MiB"))


if __name__ == "__main__":
    main()
