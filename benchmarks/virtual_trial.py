"""How long virtual trials take: one of 148 people, and ten thousand at once.

`python -m benchmarks.virtual_trial` prints a table. The trial pack that the course is about, with its defaults. One
processor core, medians.

- One trial: the table of all people and visits, by each way of leaving; another true effect each time, what a slider asks for.
- 10,000 trials: counts, means and variances of every arm and visit.
- Differences: Welch's intervals of all arms and visits of those trials.
"""

import os

# Before NumPy is imported: one core, as the budgets say.
for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = "1"

import statistics
import time

import psutil

from frailty_lessons import load_trial
from frailty_lessons.virtual import MECHANISMS, differences, virtual_trial, virtual_trials

# Repeats, and milliseconds.
ONE, MANY, TESTS = (50, 10), (7, 3000), (7, 500)


def row(what: str, work, repeats: int, budget: float) -> str:
    times = []
    for step in range(repeats):
        start = time.perf_counter()
        work(step)
        times.append(1000 * (time.perf_counter() - start))
    median = statistics.median(times)
    kept = "kept" if median <= budget else "MISSED"
    return f"{what:60} {median:7.4g} ms   budget {budget:5} {kept}  ({min(times):.4g} to {max(times):.4g})"


def main():
    busy = psutil.cpu_percent(3)
    print(f"before the start other programs used {busy:.0f}% of this machine: above 10%, trust no time below")
    trial = load_trial()
    people = sum(arm.treated for arm in trial.arms if arm.randomised)
    virtual_trial(trial, effects=0)
    for mechanism in MECHANISMS:
        print(row(f"one trial of {people}, {mechanism}", lambda step: virtual_trial(trial, effects=step, mechanism=mechanism), *ONE), flush=True)
    for mechanism in MECHANISMS:
        print(row(f"10,000 trials of {people}, {mechanism}", lambda step: virtual_trials(trial, effects=step, mechanism=mechanism), *MANY), flush=True)
    result = virtual_trials(trial, effects=0)
    print(row("differences of 10,000 trials", lambda step: differences(result), *TESTS), flush=True)


if __name__ == "__main__":
    main()
