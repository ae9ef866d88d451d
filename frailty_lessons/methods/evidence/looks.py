"""Many looks at one trial in which nothing works: doses, visits, outcomes, and what shines by chance."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy.special import ndtri

from frailty_lessons.methods.checks import hundred, number, plural, whole
from frailty_lessons.methods.placebo.adjust import LargestT

# Doses that share a control of their own size.
SHARED_CONTROL = 0.5


@dataclass(frozen=True, eq=False)
class ManyLooks:
    """Looks at one trial in which nothing works.

    `any_look` is the chance (0 to 1) that at least one look has a p-value below `alpha`, `error` its Monte-Carlo standard error
    (0 where it is exact), `any_primary` that of the primary looks alone: all doses, one visit, one outcome. `shining` tells of
    one virtual trial which looks do: outcomes, visits, doses.
    """

    doses: int
    visits: int
    outcomes: int
    visit_correlation: float
    outcome_correlation: float
    alpha: float
    any_look: float
    error: float
    any_primary: float
    trial: int
    shining: np.ndarray

    @property
    def looks(self) -> int:
        """How many p-values there are."""
        return self.doses * self.visits * self.outcomes

    @property
    def expected(self) -> float:
        """How many of them fall below `alpha` on average, however they are correlated."""
        return self.alpha * self.looks

    def describe(self) -> str:
        """How often something shines, how much, and what the primary looks alone do."""
        found = int(self.shining.sum())
        error = f" (±{100 * self.error:.1f}, simulated)" if self.error else ""
        return (
            f"Nothing works here. {plural(self.looks, 'look', 'looks')} ({plural(self.doses, 'dose', 'doses')}, {plural(self.visits, 'visit', 'visits')}, "
            f"{plural(self.outcomes, 'outcome', 'outcomes')}): in {hundred(self.any_look)} of 100 such trials{error} at least one p is below {self.alpha:g}, "
            f"on average {self.expected:.2g} of them a trial. "
            f"With the primary looks alone (one visit, one outcome) it is {hundred(self.any_primary)} of 100. "
            f"Virtual trial {self.trial}: {found} of {self.looks} {'shines' if found == 1 else 'shine'}."
        )

    def table(self) -> dict:
        """One row an outcome of the virtual trial: which doses shine at which visit."""
        places = [
            [f"dose {dose + 1}, visit {visit + 1}" for visit in range(self.visits) for dose in range(self.doses) if self.shining[outcome, visit, dose]]
            for outcome in range(self.outcomes)
        ]
        return {"outcome": [str(outcome + 1) for outcome in range(self.outcomes)], f"p below {self.alpha:g} by chance": ["; ".join(found) or "none" for found in places]}


def any_look(*, count, correlation, times=1, alpha=0.05) -> float:
    """The chance (0 to 1) of at least one two-sided p below `alpha` in `times` independent sets of `count` looks, if nothing works.

    The looks of a set are standard normal and equally correlated: given what they share they are independent, so that one
    integral is enough (Dunnett & Sobel 1955, Biometrika 42:258-260). Raises `ValueError` for impossible values.
    """
    count, times = whole("count", count, low=1), whole("times", times, low=1)
    correlation = number("correlation", correlation, low=0, high=1, open_high=True)
    alpha = number("alpha", alpha, low=0, high=1, open_low=True, open_high=True)
    if count == 1:
        return 1 - (1 - alpha) ** times
    own, shared = np.full(count, np.sqrt(1 - correlation)), np.full(count, np.sqrt(correlation))
    return 1 - float(LargestT(own, shared, np.zeros(count), np.inf).cdf(-ndtri(alpha / 2))) ** times


def any_look_simulated(*, doses, visits, outcomes, visit_correlation, outcome_correlation, alpha=0.05, trials=4_000, seed=0):
    """The same chance where several things are correlated: the share of virtual trials, its Monte-Carlo error, and the trials.

    Two looks correlate by the product of what they differ in: half for two doses (they share a control of their size),
    `visit_correlation` for two visits, `outcome_correlation` for two outcomes. Each look has a stream of chance of its own,
    so that adding looks leaves the others as they are. The trials are an array of outcomes, visits, doses and trials: True
    where p is below `alpha`. Raises `ValueError` for impossible values.
    """
    shape = tuple(whole(name, value, low=1) for name, value in (("outcomes", outcomes), ("visits", visits), ("doses", doses)))
    shares = (
        number("outcome_correlation", outcome_correlation, low=0, high=1, open_high=True),
        number("visit_correlation", visit_correlation, low=0, high=1, open_high=True),
        SHARED_CONTROL,
    )
    alpha = number("alpha", alpha, low=0, high=1, open_low=True, open_high=True)
    trials = whole("trials", trials, low=2)
    z = _independent(shape, trials, seed)
    for axis, share in enumerate(shares):
        # Cholesky, one look after another, so that the first looks do not depend on how many follow.
        z = np.moveaxis(np.tensordot(_cholesky(shape[axis], share), z, axes=(1, axis)), 0, axis)
    shining = np.abs(z) > -ndtri(alpha / 2)
    any_of_them = int(shining.any(axis=(0, 1, 2)).sum())
    # One trial of either kind is added, so that the error is never 0.
    near = (any_of_them + 1) / (trials + 2)
    return any_of_them / trials, float(np.sqrt(near * (1 - near) / trials)), shining


def many_looks(*, doses, visits, outcomes, visit_correlation, outcome_correlation, trial=1, alpha=0.05, trials=4_000, seed=0) -> ManyLooks:
    """How often something shines by chance among doses × visits × outcomes, and the virtual trial of that number.

    Exact where only one of the three has correlated looks, else simulated, as in `any_look_simulated`. Doses are arms of equal
    size that share a control. Raises `ValueError` for impossible values, and for a trial beyond the `trials`.
    """
    trial = whole("trial", trial, low=1)
    if trial > trials:
        raise ValueError(f"trial must be at most {trials}, the virtual trials there are, not {trial}")
    chance, error, shining = any_look_simulated(
        doses=doses, visits=visits, outcomes=outcomes, visit_correlation=visit_correlation, outcome_correlation=outcome_correlation,
        alpha=alpha, trials=trials, seed=seed,
    )  # fmt: skip
    counts = ((doses, SHARED_CONTROL), (visits, visit_correlation), (outcomes, outcome_correlation))
    linked = [(count, share) for count, share in counts if count > 1 and share > 0]
    if len(linked) < 2:
        count, share = linked[0] if linked else (1, 0)
        chance, error = any_look(count=count, correlation=share, times=doses * visits * outcomes // count, alpha=alpha), 0.0
    planned = any_look(count=doses, correlation=SHARED_CONTROL, alpha=alpha)
    return ManyLooks(
        doses, visits, outcomes, float(visit_correlation), float(outcome_correlation), alpha, chance, error, planned, trial, shining[..., trial - 1],
    )  # fmt: skip


@lru_cache(maxsize=4)
def _independent(shape, trials, seed):
    """Standard normals, from a stream of chance for each look; kept, since only correlations move from call to call."""
    z = np.empty((*shape, trials), dtype=np.float32)
    for look in np.ndindex(shape):
        np.random.default_rng([seed, *look]).standard_normal(dtype=np.float32, out=z[look])
    return z


def _cholesky(count, share):
    """The lower root of the matrix with 1 on the diagonal and `share` elsewhere."""
    return np.linalg.cholesky(np.full((count, count), share) + (1 - share) * np.eye(count)).astype(np.float32)
