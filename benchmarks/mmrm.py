"""How long a mixed model for repeated measures takes, from the frame to the differences with their intervals.

`python -m benchmarks.mmrm` prints a table; a synthetic trial of 148 people in five arms with three visits and dropout. One
processor core, medians.

statsmodels' MixedLM is beside it for scale: it has no unstructured residual covariance, so that neither row fits quite the
same model, and it has neither Satterthwaite's degrees of freedom nor Kenward and Roger's errors. An effect of each visit for
each person, correlated, plus a residual, comes nearest; a random intercept is the least it can do.
"""

import os

# Before NumPy is imported: one core, as the budgets say.
for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = "1"

import statistics
import time
import warnings
from pathlib import Path

import pandas as pd
import psutil
import statsmodels.formula.api as smf

from frailty_lessons.methods.placebo.mmrm import DF, mmrm

REPEATS = 31
TRIAL = Path(__file__).parents[1] / "tests" / "reference" / "synthetic_open.csv"
ROLES = {"outcome": "change", "arm": "arm", "visit": "day", "subject": "participant", "baseline": "baseline", "control": "placebo"}
# Milliseconds.
BUDGET = 150


def milliseconds(work, repeats=REPEATS) -> list[float]:
    work()
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        work()
        times.append(1000 * (time.perf_counter() - start))
    return times


def mixed_lm(frame, effects):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        smf.mixedlm("change ~ C(arm) * C(day) + baseline * C(day)", frame, groups="participant", re_formula=effects).fit(reml=True)


def main():
    busy = psutil.cpu_percent(3)
    print(f"before the start other programs used {busy:.0f}% of this machine: above 10%, trust no time below")
    frame = pd.read_csv(TRIAL)
    medians = {}
    for df in DF:
        times = milliseconds(lambda df=df: mmrm(frame, **ROLES, df=df))
        medians[df] = statistics.median(times)
        kept = "kept" if medians[df] <= BUDGET else "MISSED"
        print(f"{df:45} {medians[df]:7.4g} ms   budget {BUDGET:5} {kept}  ({min(times):.4g} to {max(times):.4g})", flush=True)
    complete = frame.dropna(subset="change")
    for what, effects in {"MixedLM, random intercept": "1", "MixedLM, correlated effects of visits": "0 + C(day)"}.items():
        times = milliseconds(lambda effects=effects: mixed_lm(complete, effects), repeats=3)
        median = statistics.median(times)
        print(f"{what:45} {median:7.4g} ms   {median / medians['satterthwaite']:.0f} times as long as satterthwaite  ({min(times):.4g} to {max(times):.4g})", flush=True)


if __name__ == "__main__":
    main()
