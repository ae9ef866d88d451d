"""How long a dose-response analysis takes, and what pictures that follow a slider rest on.

`python -m benchmarks.dose_ranging` prints a table; a synthetic trial of 148 people in five arms. One processor core, medians,
warm: the fixed points of the integration are there.

- MCP-Mod: from the frame to contrasts, adjusted p-values and critical value, the curves of all models, the one chosen, its
  target dose. The level is 0.999, so that no model is left out.
- Emax fits: from the arm means of 10,000 trials of the same sizes.
- Power: of one true curve, every way of testing.
"""

import os

# Before NumPy is imported: one core, as the budgets say.
for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = "1"

import statistics
import time
from pathlib import Path

import numpy as np
import pandas as pd
import psutil

from frailty_lessons.methods.dose_ranging import candidate, dose_means, many_fits, mcp_mod, power_of_contrasts, power_of_pairs, power_of_trend

REPEATS = 31
TRIAL = Path(__file__).parents[1] / "tests" / "reference" / "synthetic_open.csv"
DOSES, SIZES, SD = np.array([0, 25, 50, 100, 200.0]), np.array([30, 37, 31, 34, 16]), 70
SHAPES = [
    candidate("linear"), candidate("emax", ed50=25), candidate("quadratic", delta=-0.0035), candidate("exponential", delta=60),
    candidate("sigmoid emax", ed50=80, h=4),
]  # fmt: skip
TRUE = (0, 15, 25, 35, 40)


def milliseconds(work) -> list[float]:
    work()
    times = []
    for _ in range(REPEATS):
        start = time.perf_counter()
        work()
        times.append(1000 * (time.perf_counter() - start))
    return times


def analysis(frame):
    found = mcp_mod(dose_means(frame, outcome="change", dose="dose", baseline="baseline"), SHAPES, gain=30, alpha=0.999)
    assert len(found.fits) == len(SHAPES)


def power():
    given = {"sd": SD, "sizes": SIZES}
    power_of_pairs(DOSES, TRUE, **given)
    power_of_trend(DOSES, TRUE, **given)
    power_of_contrasts(DOSES, TRUE, SHAPES, **given)


def main():
    busy = psutil.cpu_percent(3)
    print(f"before the start other programs used {busy:.0f}% of this machine: above 10%, trust no time below")
    frame = pd.read_csv(TRIAL).query("day == 180")
    means = np.array(TRUE) + np.random.default_rng(0).standard_normal((10_000, len(DOSES))) * SD / np.sqrt(SIZES)
    covariance = np.diag(SD**2 / SIZES)
    for what, budget, work in (
        ("MCP-Mod, five candidate shapes", 60, lambda: analysis(frame)),
        ("10,000 emax fits", 300, lambda: many_fits(DOSES, means, covariance, "emax")),
        ("power of Hochberg, trend and MCP-Mod", 100, power),
    ):
        times = milliseconds(work)
        median = statistics.median(times)
        kept = "kept" if median <= budget else "MISSED"
        print(f"{what:45} {median:7.4g} ms   budget {budget:5} {kept}  ({min(times):.4g} to {max(times):.4g})", flush=True)


if __name__ == "__main__":
    main()
