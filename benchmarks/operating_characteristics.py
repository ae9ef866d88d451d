"""How long the performance of a dose-escalation design takes: exactly, and by 10,000 simulated trials.

`python -m benchmarks.operating_characteristics` prints a table; 5 and 6 doses, at most 30 people in cohorts of three
(3+3: six a dose). One processor core, medians.

- Cold: a design that was never asked for, so that its states are found and each decided first.
- Truth moved: the same design with other true risks, what a slider over the truth asks for. The states are kept.
- 10,000 trials: simulated, although the exact figures are there.
"""

import os

# Before NumPy is imported: one core, as the budgets say.
for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = "1"

import statistics
import time

import psutil

from frailty_lessons.methods.escalation import BOIN, CRM, MTPI2, RULES, ThreePlusThree, characteristics, crm, getprior, interval
from frailty_lessons.methods.escalation import operating_characteristics as performance

REPEATS = 15
TRUTHS = {5: (0.05, 0.15, 0.3, 0.45, 0.6), 6: (0.05, 0.1, 0.2, 0.3, 0.45, 0.6)}
# Milliseconds: exact, 10,000 trials.
BUDGETS = {**{f"3+3 {rule}": (2, 20) for rule in RULES}, "BOIN": (40, 50), "mTPI-2": (40, 50), "CRM": (120, 100)}


def designs(doses: int) -> dict:
    return {
        **{f"3+3 {rule}": ThreePlusThree(doses, rule=rule) for rule in RULES},
        "BOIN": BOIN(doses, target=0.3),
        "mTPI-2": MTPI2(doses, target=0.3),
        "CRM": CRM(getprior(0.05, 0.3, 3, doses), target=0.3),
    }


def forget():
    """As in a new kernel: no states, no decision tables, no quadrature kept."""
    for kept in (characteristics._states, interval._tables, crm._quadrature):
        kept.cache_clear()


def milliseconds(work, before=lambda: None) -> list[float]:
    times = []
    for _ in range(REPEATS):
        before()
        start = time.perf_counter()
        work()
        times.append(1000 * (time.perf_counter() - start))
    return times


def row(what: str, times: list[float], budget: float) -> str:
    median = statistics.median(times)
    kept = "kept" if median <= budget else "MISSED"
    return f"{what:45} {median:7.4g} ms   budget {budget:5} {kept}  ({min(times):.4g} to {max(times):.4g})"


def main():
    busy = psutil.cpu_percent(3)
    print(f"before the start other programs used {busy:.0f}% of this machine: above 10%, trust no time below")
    for doses, truth in TRUTHS.items():
        for name, design in designs(doses).items():
            exact, simulated = BUDGETS[name]
            moved = iter([tuple(risk * (1 - 0.01 * step) for risk in truth) for step in range(REPEATS)])
            for what, times, budget in (
                ("cold", milliseconds(lambda: performance(design, truth, method="exact"), forget), exact),
                ("truth moved", milliseconds(lambda: performance(design, next(moved), method="exact")), exact),
                ("10,000 trials", milliseconds(lambda: performance(design, truth, method="simulation")), simulated),
            ):
                print(row(f"{doses} doses, {name}, {what}", times, budget), flush=True)


if __name__ == "__main__":
    main()
