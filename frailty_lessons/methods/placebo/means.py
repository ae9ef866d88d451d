"""Differences between the means of arms and a control: as they are, adjusted for baseline, and by resampling."""

from dataclasses import dataclass

import numpy as np
from scipy.special import stdtr, stdtrit

from frailty_lessons.methods.checks import whole
from frailty_lessons.methods.placebo.people import People, confidence, read_people
from frailty_lessons.methods.placebo.result import Comparisons

# Values that differ by less than this share of their size differ by rounding alone.
ROUNDING = 1e-10


def difference_in_means(frame, *, outcome, arm, control, level=0.95) -> Comparisons:
    """The mean of every arm less that of the control, in the unit of the outcome, each arm with its own spread.

    Standard errors and degrees of freedom after Welch (1947, Biometrika 34:28-35), by scipy. `frame` has one row a person;
    who lacks the outcome is left out. Raises `ValueError` for unknown names, values that are no finite numbers, and an
    arm with fewer than two people or with no spread.
    """
    from scipy.stats import ttest_ind

    people, level = read_people(frame, outcome=outcome, arm=arm, control=control), confidence(level)
    with_control = _spread(people, 0)
    rows = []
    for i in range(1, len(people.arms) + 1):
        values = _spread(people, i)
        test = ttest_ind(values, with_control, equal_var=False)
        limits = test.confidence_interval(level)
        error = np.sqrt(values.var(ddof=1) / len(values) + with_control.var(ddof=1) / len(with_control))
        rows.append((values.mean() - with_control.mean(), error, test.df, limits.low, limits.high, test.pvalue))
    return comparisons("Difference in means, each arm with its own spread", people, level, *np.transpose(rows), notes=people.notes)


def ancova(frame, *, outcome, arm, baseline, control, level=0.95) -> Comparisons:
    """Every arm less the control at equal baseline, in the unit of the outcome: one linear model for all arms.

    The model is outcome ~ arm + baseline by least squares, with one slope and one residual spread for all arms; the
    differences equal those of least-squares means. `frame` has one row a person; who lacks the outcome or the baseline is
    left out. Raises `ValueError` as `difference_in_means` does, and for a baseline that does not vary within arms.
    """
    people = read_people(frame, outcome=outcome, arm=arm, control=control, baseline=baseline)
    return from_model("ANCOVA, adjusted for baseline", people, confidence(level), notes=people.notes)


def permutation(frame, *, outcome, arm, control, level=0.95, resamples=9_999, seed=0) -> Comparisons:
    """How often shuffling the arms' labels alone makes a difference in means as large as that seen, in either direction.

    Each arm with the control in turn, by scipy: all ways to share out the people where there are at most `resamples` of
    them, else so many at random. The columns `shuffles` and `exact` say which. A shuffle gives no limits: they are NaN.
    Raises `ValueError` as `difference_in_means` does; an arm without spread is allowed.
    """
    from scipy.stats import permutation_test

    people, level = read_people(frame, outcome=outcome, arm=arm, control=control), confidence(level)
    resamples = whole("resamples", resamples, low=1)
    random = np.random.default_rng(seed)
    # Sorted, so that the same seed gives the same answer in whatever order the rows stand.
    with_control = np.sort(people.outcome[people.of == 0])
    rows, shuffles, exact = [], [], []
    for i in range(1, len(people.arms) + 1):
        values = np.sort(people.outcome[people.of == i])
        spread = np.ptp([*values, *with_control]) or 1
        test = permutation_test(
            (values, with_control),
            # Rounded, so that shuffles that give the same difference are equal however their sums were rounded.
            lambda a, b, axis: np.round(abs(a.mean(axis=axis) - b.mean(axis=axis)) / spread, 9),
            vectorized=True,
            n_resamples=resamples,
            batch=1_000,
            alternative="greater",
            rng=random,
        )
        rows.append((values.mean() - with_control.mean(), *[np.nan] * 4, test.pvalue))
        shuffles.append(len(test.null_distribution))
        # scipy goes through all of them where there are no more than asked for; it does not say so itself.
        exact.append(_ways(len(values), len(with_control)) <= resamples)
    note = (
        "The p-values count every way to share out the people: they are exact."
        if all(exact)
        else f"The p-values are counted over {resamples:,} random shuffles: another seed gives slightly different ones."
        if not any(exact)
        else "The p-values are exact where there are few people, and counted over random shuffles where there are many."
    )
    found = comparisons("Permutation test of the difference in means", people, level, *np.transpose(rows), notes=(*people.notes, note))
    found.estimates["shuffles"], found.estimates["exact"] = shuffles, exact
    return found


def bootstrap(frame, *, outcome, arm, control, level=0.95, resamples=9_999, seed=0) -> Comparisons:
    """The mean of every arm less that of the control, with limits from people drawn again and again with replacement.

    Bias-corrected and accelerated limits (Efron 1987, JASA 82:171-185), by scipy, each arm with the control in turn. With
    few people they are too narrow. There is no p-value: it is NaN. Raises `ValueError` as `difference_in_means` does.
    """
    from scipy.stats import bootstrap as draw_again

    people, level = read_people(frame, outcome=outcome, arm=arm, control=control), confidence(level)
    resamples = whole("resamples", resamples, low=100)
    random = np.random.default_rng(seed)
    with_control = np.sort(_spread(people, 0))
    rows = []
    for i in range(1, len(people.arms) + 1):
        values = np.sort(_spread(people, i))
        drawn = draw_again(
            (values, with_control),
            lambda a, b, axis: a.mean(axis=axis) - b.mean(axis=axis),
            vectorized=True,
            n_resamples=resamples,
            batch=1_000,
            confidence_level=level,
            method="BCa",
            rng=random,
        )
        limits = drawn.confidence_interval
        rows.append((values.mean() - with_control.mean(), drawn.standard_error, np.nan, limits.low, limits.high, np.nan))
    note = f"The limits come from {resamples:,} random draws: another seed gives slightly different ones."
    return comparisons("Difference in means, bootstrap limits", people, level, *np.transpose(rows), notes=(*people.notes, note))


@dataclass(frozen=True, eq=False)
class Model:
    """The fit of outcome ~ arm (+ baseline) to one outcome or to many, the last axis of each array being the arms.

    `estimates` are the differences from the control. Each has the variance `variance` times the sum of `own`, `shared`
    and `tilt` squared, which come from the arm's own mean, from the control's, and from the slope of the baseline.
    """

    estimates: np.ndarray
    variance: np.ndarray
    df: int
    own: np.ndarray
    shared: np.ndarray
    tilt: np.ndarray

    @property
    def standard_errors(self) -> np.ndarray:
        """Of the differences."""
        return np.sqrt(self.variance[..., None] * (self.own**2 + self.shared**2 + self.tilt**2))


def model(people: People, outcomes=None) -> Model:
    """Least squares for the outcome of `people`, or for each row of `outcomes` (one column a person).

    With one baseline the solution can be written down: the slope within arms, then means moved along it (Cochran 1957,
    Biometrics 13:261-281). Raises `ValueError` where nothing is left to estimate from.
    """
    outcomes = people.outcome if outcomes is None else outcomes
    counts = people.counts
    member = (people.of == np.arange(len(counts))[:, None]) / counts[:, None]
    means = outcomes @ member.T
    within = outcomes - means[..., people.of]
    df = len(people.of) - len(counts)
    estimates = means[..., 1:] - means[..., :1]
    tilt = np.zeros(len(people.arms))
    if people.baseline is not None:
        before = people.baseline @ member.T
        around = people.baseline - before[people.of]
        squares = around @ around
        if np.sqrt(squares) <= ROUNDING * np.abs(people.baseline).max() or squares == 0:
            raise ValueError("the baseline must differ between people of the same arm, or it cannot be told apart from the arm")
        slope = within @ around / squares
        within = within - slope[..., None] * around
        apart = before[1:] - before[0]
        estimates = estimates - slope[..., None] * apart
        tilt = apart / np.sqrt(squares)
        df -= 1
    if df < 1:
        raise ValueError(f"{len(people.of)} people are too few for {len(counts)} arms and a baseline")
    residual = np.sum(within**2, axis=-1)
    if np.any(np.sqrt(residual) <= ROUNDING * np.abs(outcomes).max()) or np.any(residual == 0):
        raise ValueError("the outcome must differ between people of the same arm and baseline, or there is no spread to judge a difference by")
    return Model(estimates, residual / df, df, 1 / np.sqrt(counts[1:]), np.full(len(people.arms), 1 / np.sqrt(counts[0])), tilt)


def from_model(method, people: People, level, *, visit=None, notes=()) -> Comparisons:
    """The comparisons that the model of `people` gives."""
    fit = model(people)
    figures = with_limits(fit.estimates, fit.standard_errors, np.full(len(people.arms), float(fit.df)), level)
    return comparisons(method, people, level, *figures, visit=visit, notes=notes)


def with_limits(estimates, errors, df, level):
    """Estimates, errors, degrees of freedom, limits and two-sided p-values by Student's t."""
    reach = stdtrit(df, (1 + level) / 2) * errors
    return estimates, errors, df, estimates - reach, estimates + reach, 2 * stdtr(df, -np.abs(estimates / errors))


def comparisons(method, people: People, level, estimates, errors, df, low, high, p_values, *, visit=None, notes=()) -> Comparisons:
    """`Comparisons` of every arm with the control, one entry an arm in each array."""
    import pandas as pd

    counts = people.counts
    frame = pd.DataFrame(
        {
            "arm": list(people.arms),
            "control": [people.control] * len(people.arms),
            "visit": pd.Series([visit] * len(people.arms), dtype=object),
            "estimate": estimates,
            "standard_error": errors,
            "df": df,
            "low": low,
            "high": high,
            "p_value": p_values,
            "n_arm": counts[1:],
            "n_control": counts[0],
        }
    )
    return Comparisons(method, frame, level, notes=tuple(notes))


def _spread(people: People, i) -> np.ndarray:
    values = people.outcome[people.of == i]
    if np.ptp(values) <= ROUNDING * np.abs(values).max():
        raise ValueError(f"all people of arm {(people.control, *people.arms)[i]} have the same outcome: there is no spread to judge a difference by")
    return values


def _ways(n, m) -> float:
    from scipy.special import binom

    return binom(n + m, n)
