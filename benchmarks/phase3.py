"""How long the pictures of evidence and of Phase 3 take: the statistics alone, and the whole frame.

`python -m benchmarks.phase3` prints a table. The trial pack that the course is about; one move of one control each time, all
controls in turn. One processor core, medians.

- Statistics: one call of an explorer's `compute`.
- Frame: statistics, picture, sentence and table, as a slider asks for them.
"""

import os

# Before NumPy is imported: one core, as the budgets say.
for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = "1"

import statistics
import time

import psutil

from frailty_lessons import load_trial
from frailty_lessons.explorers import evidence, phase3

EXPLORERS = (
    evidence.ManyLooks, evidence.WinnersCurse, evidence.BeforeAndAfter, evidence.PhaseTwoSuccess,
    phase3.PlanTheTrial, phase3.ChanceOfSuccess, phase3.InterimLooks,
)  # fmt: skip
# Milliseconds: statistics, frame.
BUDGET = 30, 50


def milliseconds(work, states) -> list[float]:
    times = []
    for state in states:
        start = time.perf_counter()
        work(state)
        times.append(1000 * (time.perf_counter() - start))
    return times


def row(what: str, times: list[float], budget: float) -> str:
    median = statistics.median(times)
    kept = "kept" if median <= budget else "MISSED"
    return f"{what:30} {median:7.4g} ms   budget {budget:5} {kept}  ({min(times):.4g} to {max(times):.4g})"


def main():
    busy = psutil.cpu_percent(3)
    print(f"before the start other programs used {busy:.0f}% of this machine: above 10%, trust no time below")
    trial = load_trial()
    for kind in EXPLORERS:
        explorer = kind(trial)
        explorer.frame(explorer.start)
        states = [state for name in explorer.controls for state in explorer.along(explorer.start, name)]
        print(row(f"{kind.__name__}, statistics", milliseconds(explorer.compute, states), BUDGET[0]), flush=True)
        print(row(f"{kind.__name__}, frame", milliseconds(explorer.frame, states), BUDGET[1]), flush=True)


if __name__ == "__main__":
    main()
