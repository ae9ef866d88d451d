"""Two planned questions of one data set: each dose against placebo, and all doses together."""

from dataclasses import dataclass, field

import numpy as np
from scipy.special import stdtr, stdtrit

from frailty_lessons.methods.placebo.adjust import adjust, dunnett
from frailty_lessons.methods.placebo.means import ancova, difference_in_means, permutation
from frailty_lessons.methods.placebo.mmrm import mmrm
from frailty_lessons.methods.placebo.people import column, confidence, numbers
from frailty_lessons.methods.placebo.result import Comparisons, in_words

ANALYSES = ("means", "ancova", "mmrm", "permutation", "dunnett")


@dataclass(frozen=True)
class Trend:
    """How much the outcome rises from one dose to the next, placebo counting as the first: the unit of the outcome."""

    per_step: float
    standard_error: float
    low: float
    high: float
    p_value: float
    people: int
    level: float


@dataclass(frozen=True, eq=False)
class TwoQuestions:
    """`each` dose against the control, with adjusted p-values, and the `trend` over all doses, at one visit.

    `truth` has the true effect of each arm where the people are virtual, and is empty otherwise.
    """

    each: Comparisons
    trend: Trend
    visit: object
    truth: dict = field(default_factory=dict)

    def describe(self) -> str:
        """Both answers, with limits and p-values, and no verdict."""
        rows = self.each.estimates
        least = rows["adjusted_p"].min()
        tied = rows.loc[rows["adjusted_p"] <= least + 1e-9, "arm"]
        which = "for all" if 1 < len(rows) == len(tied) else " and ".join(map(str, tied))
        widest = ", ".join(f"{row.arm} {_metres(row.estimate)} ({_metres(row.low)} to {_metres(row.high)})" for row in rows.itertuples())
        limits = "" if rows["low"].isna().all() else f" with {self.each.level:.0%} intervals"
        differences = widest if limits else ", ".join(f"{row.arm} {_metres(row.estimate)}" for row in rows.itertuples())
        synthetic = "Synthetic people. " if self.truth else ""
        return (
            f"{synthetic}{self.each.method.partition(', Satterthwaite')[0]}. Each dose minus placebo{limits}: {differences} m. "
            f"The smallest p-value, adjusted for {len(rows)} questions, is {in_words(least)} ({which}). "
            f"One question of all doses together: {_metres(self.trend.per_step)} m a dose step "
            f"({_metres(self.trend.low)} to {_metres(self.trend.high)}), p {in_words(self.trend.p_value)}."
        )

    def table(self) -> dict:
        """One row a dose, and one for the trend, in words."""
        rows = list(self.each.estimates.itertuples())
        trend = self.trend
        limits = [(row.low, row.high) for row in rows] + [(trend.low, trend.high)]
        return {
            "question": [*(f"{row.arm} minus {row.control}" for row in rows), "all doses: a dose step"],
            "people": [*(f"{row.n_arm} and {row.n_control}" for row in rows), f"{trend.people}"],
            "difference (m)": [_metres(value) for value in (*(row.estimate for row in rows), trend.per_step)],
            "from": ["–" if low != low else _metres(low) for low, _ in limits],
            "to": ["–" if high != high else _metres(high) for _, high in limits],
            "p": [in_words(value) for value in (*(row.p_value for row in rows), trend.p_value)],
            "p, adjusted": [*(in_words(row.adjusted_p) for row in rows), "–"],
        }


def trend(frame, *, outcome, dose, baseline, level=0.95) -> Trend:
    """The rise of the outcome from dose to dose at equal baseline, in one linear model: outcome ~ rank of the dose + baseline.

    A single planned question of all people (Tukey, Ciminera & Heyse 1985, Biometrics 41:295-301, with ranks of doses). `frame`
    has one row a person, `dose` is a column of numbers; who lacks one of the three is left out. Raises `ValueError` for unknown
    columns, values that are no numbers, fewer than two doses or four people, and a baseline that does not vary by itself.
    """
    level = confidence(level)
    y, x, doses = (numbers(frame, name) for name in (outcome, baseline, dose))
    here = np.isfinite(y) & np.isfinite(x) & np.isfinite(doses)
    known, rank = np.unique(doses[here], return_inverse=True)
    if len(known) < 2:
        raise ValueError(f"a trend needs at least two doses in {dose!r}, and there is {len(known)}")
    design = np.column_stack([np.ones(here.sum()), rank, x[here]])
    coefficients, _, independent, _ = np.linalg.lstsq(design, y[here], rcond=None)
    if len(design) < 4:
        raise ValueError(f"a trend at equal baseline needs at least four people, and there are {len(design)}")
    if independent < 3:
        raise ValueError(f"{baseline!r} must vary, and not only from dose to dose")
    df = len(design) - 3
    residual = y[here] - design @ coefficients
    inverse = np.linalg.inv(design.T @ design)
    error = float(np.sqrt(residual @ residual / df * inverse[1, 1]))
    slope = float(coefficients[1])
    half = float(stdtrit(df, (1 + level) / 2)) * error
    return Trend(slope, error, slope - half, slope + half, float(2 * stdtr(df, -abs(slope / error))), int(here.sum()), level)


def two_questions(frame, *, analysis, at, outcome, arm, dose, baseline, control, subject, visit, level=0.95, seed=0, truth=None) -> TwoQuestions:
    """One of `ANALYSES` of each arm against the control at visit `at`, and the trend over doses at it.

    `frame` has one row a person and visit; `mmrm` uses all visits, the others only the one asked for. `dunnett` compares at
    equal baseline. Adjusted p-values are Hochberg's (1988, Biometrika 75:800-802), but Dunnett's own for `dunnett`.
    `truth` has the true effect of each arm, which only a virtual trial knows.
    Raises `ValueError` for another analysis or a visit that there is not, and as the analysis does.
    """
    if analysis not in ANALYSES:
        raise ValueError(f"analysis must be one of {', '.join(ANALYSES)}, not {analysis!r}")
    now = frame[column(frame, visit) == at]
    if not len(now):
        raise ValueError(f"there is no visit {at!r}; there are {', '.join(map(str, dict.fromkeys(column(frame, visit))))}")
    names = {"outcome": outcome, "arm": arm, "control": control, "level": level}
    if analysis == "means":
        each = difference_in_means(now, **names)
    elif analysis == "ancova":
        each = ancova(now, baseline=baseline, **names)
    elif analysis == "permutation":
        each = permutation(now, resamples=1_999, seed=seed, **names)
    elif analysis == "dunnett":
        each = dunnett(now, baseline=baseline, **names)
    else:
        each = mmrm(frame, baseline=baseline, subject=subject, visit=visit, **names)
        each = Comparisons(each.method, each.estimates[each.estimates["visit"] == at].reset_index(drop=True), each.level, each.unit, each.notes)
    if analysis != "dunnett":
        each.estimates["adjusted_p"] = adjust(each.estimates["p_value"], method="hochberg")
    return TwoQuestions(each, trend(now, outcome=outcome, dose=dose, baseline=baseline, level=level), at, dict(truth or {}))


def _metres(value) -> str:
    return f"{value:+.0f}".replace("-", "−") if abs(value) >= 9.95 else f"{value:+.1f}".replace("-", "−")
