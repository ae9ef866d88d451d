"""Designs that compare what was seen at the current dose with an interval: BOIN, mTPI-2, and one's own."""

from dataclasses import KW_ONLY, dataclass
from functools import lru_cache

import numpy as np
from scipy.special import betainc, betaincinv

from frailty_lessons.methods.checks import number, whole
from frailty_lessons.methods.escalation.design import Design, at, before_first, dose_labels, seen, sentence, title
from frailty_lessons.methods.escalation.outcomes import History, as_history, count

UP, STAY, DOWN = 1, 0, -1


@dataclass(frozen=True)
class DecisionTable:
    """What a design does at each number of people on the current dose. Columns of equal length.

    With `n` people: go up with at most `escalate` toxicities, down with at least `deescalate`, and with at least
    `eliminate` never give this dose or a higher one again. `stop_at_lowest` is the count that ends the trial at the
    lowest dose. `None` stands where no count leads to that decision.
    """

    name: str
    n: tuple[int, ...]
    escalate: tuple[int | None, ...]
    deescalate: tuple[int | None, ...]
    eliminate: tuple[int | None, ...]
    stop_at_lowest: tuple[int | None, ...]

    def table(self) -> dict:
        """The columns in words."""
        return {
            "People on the dose": [str(n) for n in self.n],
            "Go up with at most": _words(self.escalate),
            "Go down with at least": _words(self.deescalate),
            "Close the dose with at least": _words(self.eliminate),
            "Stop at the lowest with at least": _words(self.stop_at_lowest),
        }

    def to_frame(self):
        """The columns as a DataFrame of nullable whole numbers, one row a number of people."""
        import pandas as pd

        columns = {name: getattr(self, name) for name in ("n", "escalate", "deescalate", "eliminate", "stop_at_lowest")}
        return pd.DataFrame(columns, dtype="Int64")

    def describe(self) -> str:
        """One sentence, for three and for six people where the table has them."""
        parts = []
        for n, up, down in zip(self.n, self.escalate, self.deescalate):
            if n in (3, 6):
                rise = "never go up" if up is None else f"go up with {up or 'none'}{'' if not up else ' or fewer'}"
                fall = "never go down" if down is None else f"down with {down} or more"
                parts.append(f"of {n} people with a toxicity, {rise}, {fall}")
        return f"{sentence(self.name)}: {'; '.join(parts)}." if parts else f"{sentence(self.name)} decides by counts of toxicities."


@dataclass(frozen=True)
class ToxicityEstimates:
    """Share of people with a toxicity at each dose, made to rise with the dose. Shares 0 to 1; `None` where nobody was treated.

    `low` and `high` are limits of 95% credibility, `above_target` the probability that the true share lies above the
    target, and `selected` the level nearest to the target among those not closed, `None` for no dose.
    """

    doses: tuple
    target: float
    patients: tuple[int, ...]
    toxicities: tuple[int, ...]
    rate: tuple[float | None, ...]
    low: tuple[float | None, ...]
    high: tuple[float | None, ...]
    above_target: tuple[float | None, ...]
    selected: int | None

    def describe(self) -> str:
        """One sentence: the dose selected and its estimate."""
        if self.selected is None:
            return f"No dose is selected: the lowest is likely to cause toxicity in more than {self.target:.0%} of people, or nobody was treated."
        k = self.selected - 1
        return (
            f"{sentence(title(self.doses, self.selected))} is selected: of those that may be, its estimate of {self.rate[k]:.0%} lies nearest to the target "
            f"of {self.target:.0%} (95% credible from {self.low[k]:.0%} to {self.high[k]:.0%})."
        )

    def table(self) -> dict:
        """One row a dose, in words."""
        share = [["–" if value is None else f"{value:.0%}" for value in values] for values in (self.rate, self.low, self.high, self.above_target)]
        return {
            "Dose": [str(dose) for dose in self.doses],
            "Patients": [str(n) for n in self.patients],
            "Toxicities": [str(y) for y in self.toxicities],
            "Estimate": share[0],
            "95% from": share[1],
            "95% to": share[2],
            "Probably above target": share[3],
        }


@dataclass(frozen=True)
class _Counting(Design):
    """A design whose move depends on the counts at the current dose, with a safety rule and a selection at the end.

    A dose is closed, with all above it, when the probability that its risk lies above the target exceeds `cutoff`, under
    a uniform prior; if the lowest is closed the trial stops and recommends none. `extra_safe` lowers that limit by
    `offset` for stopping at the lowest dose. At the end the shares at the doses tried and not closed are made to rise
    with the dose, and the one nearest to the target is recommended (Liu & Yuan 2015, J R Stat Soc C 64:507-523; the rules
    are those of the R package BOIN).
    """

    doses: tuple
    _: KW_ONLY
    target: float
    cohort_size: int = 3
    max_n: int = 30
    cutoff: float = 0.95
    extra_safe: bool = False
    offset: float = 0.05

    # Fewest people on a dose before it can be closed, and the beta prior of the selection.
    _closed_from = 3
    _prior = 0.05

    def __post_init__(self):
        share = {"low": 0, "high": 1, "open_low": True, "open_high": True}
        object.__setattr__(self, "doses", dose_labels(self.doses))
        object.__setattr__(self, "target", number("target", self.target, **share))
        object.__setattr__(self, "cohort_size", whole("cohort_size", self.cohort_size, low=1))
        object.__setattr__(self, "max_n", whole("max_n", self.max_n, low=1))
        object.__setattr__(self, "cutoff", number("cutoff", self.cutoff, low=0, high=1, open_low=True))
        object.__setattr__(self, "offset", number("offset", self.offset, low=0, high=self.cutoff))

    def decision_table(self) -> DecisionTable:
        """What the design does with 1 to `max_n` people on the current dose."""
        moves, closed, stops = _tables(self, self.max_n)
        columns = {"escalate": [], "deescalate": [], "eliminate": [], "stop_at_lowest": []}
        for n in range(1, self.max_n + 1):
            up, down = np.flatnonzero(moves[n, : n + 1] == UP), np.flatnonzero(moves[n, : n + 1] == DOWN)
            columns["escalate"].append(int(up[-1]) if up.size else None)
            for name, least in (("deescalate", down), ("eliminate", np.flatnonzero(closed[n])), ("stop_at_lowest", np.flatnonzero(stops[n]))):
                columns[name].append(int(least[0]) if least.size else None)
        return DecisionTable(self.name, tuple(range(1, self.max_n + 1)), **{name: tuple(values) for name, values in columns.items()})

    def estimate(self, history: History | str) -> ToxicityEstimates:
        """Estimates and selection for any history, also one that the design would not have produced.

        Shares are (y + a)/(n + 2a) with the design's small prior a. Where they fall with the dose they are pooled, weighted
        by the inverse of their beta variances, and so are their limits; probabilities are pooled with equal weights.
        Raises `ValueError` for a dose above the highest.
        """
        n, y = count(as_history(history), self.levels)
        tried = n > 0
        a, b = y + self._prior, n - y + self._prior
        weights = np.where(tried, 1 / _beta_variance(a, b), 0)

        def pooled(values, weights=weights):
            rising = rising_rates(np.where(tried, values, 0)[None], weights[None])[0]
            return tuple(float(value) if given else None for value, given in zip(rising, tried))

        return ToxicityEstimates(
            self.doses, self.target, tuple(n.tolist()), tuple(y.tolist()),
            pooled(a / (a + b)), pooled(betaincinv(a, b, 0.025)), pooled(betaincinv(a, b, 0.975)),
            pooled(1 - betainc(a, b, self.target), tried.astype(float)),
            int(self._recommend(n[None], y[None])[0]) or None,
        )

    def _limits(self, n, y):
        """The highest level still open in each row: 0 if the trial must stop."""
        _, closed, stops = _tables(self, max(self.max_n, int(n.max(initial=0))))
        shut = closed[n, y]
        shut[:, 0] |= stops[n[:, 0], y[:, 0]]
        return before_first(shut)

    def _decide(self, n, y, dose, toxicities, size):
        moves, _, _ = _tables(self, max(self.max_n, int(n.max(initial=0))))
        wanted = np.clip(dose + moves[at(n, dose), at(y, dose)], 1, self.levels)
        return np.minimum(wanted, self._limits(n, y))

    def _recommend(self, n, y):
        may = (n > 0) & (np.arange(1, self.levels + 1) <= self._limits(n, y)[:, None])
        a, b = y + self._prior, n - y + self._prior
        rates = rising_rates(a / (a + b), np.where(may, 1 / _beta_variance(a, b), 0))
        # Of equal estimates the highest is taken below the target, and the lowest above it.
        distance = np.abs(rates + 1e-10 * np.cumsum(may, axis=1) - self.target)
        nearest = np.where(may, distance, np.inf).argmin(axis=1) + 1
        return np.where(may.any(axis=1), nearest, 0)

    def _why(self, n, y, dose, following):
        limit = int(self._limits(n[None], y[None])[0])
        if limit < dose:
            worst = limit + 1
            said = sentence(seen(y[worst - 1], n[worst - 1], self.title(worst)))
            closes = f"{said}: its risk very probably lies above the target of {self.target:.0%}, and it is closed"
            return f"{closes}, go down to {self.title(following)}." if following else f"{closes}, with no lower dose to go to."
        moves, _, _ = _tables(self, max(self.max_n, int(n.max())))
        move = int(moves[n[dose - 1], y[dose - 1]])
        here = f"{sentence(seen(y[dose - 1], n[dose - 1], self.title(dose)))} ({y[dose - 1] / n[dose - 1]:.0%}): {self._reading(move)}"
        if move == UP and following == dose:
            held = "the dose above is closed" if dose < self.levels else "there is no higher dose"
            return f"{here}, but {held}, stay."
        if move == DOWN and following == dose:
            return f"{here}, but there is no lower dose, and too little is known to stop, stay."
        if following == dose:
            return f"{here}, stay."
        return f"{here}, go {'up' if move == UP else 'down'} to {self.title(following)}."


class _Bounded(_Counting):
    """A design that compares the share with a toxicity with two `boundaries`."""

    def _moves(self, n, y):
        escalate, deescalate = self.boundaries
        return np.where(y <= n * escalate + 1e-9, UP, np.where(y >= n * deescalate - 1e-9, DOWN, STAY))

    def _reading(self, move):
        escalate, deescalate = (f"{100 * share:.3g}%" for share in self.boundaries)
        return {UP: f"at most {escalate}", STAY: f"between {escalate} and {deescalate}", DOWN: f"at least {deescalate}"}[move]


@dataclass(frozen=True)
class IntervalDesign(_Bounded):
    """Go up when the share with a toxicity on the current dose is at most `escalate_at`, down when at least `deescalate_at`.

    One's own rule, with the safety rule and the selection of BOIN. `doses` is how many doses there are, or their labels,
    lowest first; `target` is the share of people with a toxicity that is wanted, 0 to 1; `cohort_size` people are treated
    together, up to `max_n`. `cutoff`, `extra_safe` and `offset`: a dose is closed, with all above it, when the probability
    that its risk lies above the target exceeds `cutoff` and at least three people had it; with `extra_safe` the trial
    stops at the lowest dose from `cutoff − offset`.
    Raises `ValueError` for impossible values, and if `escalate_at` is not below `deescalate_at`.
    """

    _: KW_ONLY
    escalate_at: float
    deescalate_at: float

    name = "the interval rule"

    def __post_init__(self):
        super().__post_init__()
        object.__setattr__(self, "escalate_at", number("escalate_at", self.escalate_at, low=0, high=1))
        object.__setattr__(self, "deescalate_at", number("deescalate_at", self.deescalate_at, low=0, high=1))
        if self.escalate_at >= self.deescalate_at:
            raise ValueError(f"escalate_at must be below deescalate_at, not {self.escalate_at:g} and {self.deescalate_at:g}")

    @property
    def boundaries(self) -> tuple[float, float]:
        """Shares at and below which the design goes up, and at and above which it goes down."""
        return self.escalate_at, self.deescalate_at


@dataclass(frozen=True)
class BOIN(_Bounded):
    """The Bayesian optimal interval design (Liu & Yuan 2015, J R Stat Soc C 64:507-523).

    An interval design whose two boundaries make a wrong move least likely when the true risk is the target, `safe`
    (below it; 0.6 of the target unless given) or `toxic` (above it; 1.4 of the target). Other arguments as in
    `IntervalDesign`. Raises `ValueError` for impossible values.
    """

    _: KW_ONLY
    safe: float | None = None
    toxic: float | None = None

    name = "BOIN"

    def __post_init__(self):
        super().__post_init__()
        safe = 0.6 * self.target if self.safe is None else self.safe
        toxic = 1.4 * self.target if self.toxic is None else self.toxic
        object.__setattr__(self, "safe", number("safe", safe, low=0, high=self.target, open_low=True, open_high=True))
        object.__setattr__(self, "toxic", number("toxic", toxic, low=self.target, high=1, open_low=True, open_high=True))

    @property
    def boundaries(self) -> tuple[float, float]:
        """Shares at and below which the design goes up, and at and above which it goes down (Liu & Yuan 2015, eq. 2 and 3)."""
        target, safe, toxic = self.target, self.safe, self.toxic
        escalate = np.log((1 - safe) / (1 - target)) / np.log(target * (1 - safe) / (safe * (1 - target)))
        deescalate = np.log((1 - target) / (1 - toxic)) / np.log(toxic * (1 - target) / (target * (1 - toxic)))
        return float(escalate), float(deescalate)


@dataclass(frozen=True)
class MTPI2(_Counting):
    """The modified toxicity probability interval design 2 (Guo et al. 2017, Contemp Clin Trials 58:23-33).

    The target's interval reaches from `target − below` to `target + above`; intervals as wide are laid side by side on
    both sides, the outermost cut short at 0 and 1. The interval with the largest posterior probability per width decides,
    under a uniform prior: go up if it lies below the target's, down if above. The keyboard design (Yan, Mandrekar & Yuan
    2017, Clin Cancer Res 23:3994-4003) leaves the cut ones out, and decides the same where a whole one lies on each side.
    A dose can be closed from one person on; the final selection has the prior of mTPI, beta(0.005, 0.005)
    (Ji et al. 2010, Clin Trials 7:653-663). Other arguments as in `IntervalDesign`.
    Raises `ValueError` for impossible values.
    """

    _: KW_ONLY
    below: float = 0.05
    above: float = 0.05

    name = "mTPI-2"
    _closed_from = 1
    _prior = 0.005

    def __post_init__(self):
        super().__post_init__()
        object.__setattr__(self, "below", number("below", self.below, low=0, high=self.target, open_low=True, open_high=True))
        object.__setattr__(self, "above", number("above", self.above, low=0, high=1 - self.target, open_low=True, open_high=True))

    def _moves(self, n, y):
        low, high, width = self.target - self.below, self.target + self.above, self.below + self.above
        lower = np.arange(low, 1e-9, -width)[::-1]
        upper = np.arange(high, 1 - 1e-9, width)
        edges = np.concatenate([[0.0], lower, upper, [1.0]])
        mass = np.diff(betainc(y[..., None] + 1.0, np.maximum(n - y, 0)[..., None] + 1.0, edges), axis=-1) / np.diff(edges)
        return np.sign(len(lower) - mass.argmax(axis=-1))

    def _reading(self, move):
        low, high = self.target - self.below, self.target + self.above
        where = {UP: f"below {low:.0%}", STAY: f"between {low:.0%} and {high:.0%}", DOWN: f"above {high:.0%}"}[move]
        return f"the risk most likely lies {where}"


@lru_cache(maxsize=64)
def _tables(design, largest: int):
    """Move, whether the dose is closed, and whether the lowest ends the trial, at [people, toxicities] up to `largest` people."""
    n, y = np.arange(largest + 1)[:, None], np.arange(largest + 1)[None, :]
    possible = (y <= n) & (n > 0)
    n_, y_ = np.broadcast_to(n, possible.shape)[possible], np.broadcast_to(y, possible.shape)[possible]
    above = np.zeros(possible.shape)
    above[possible] = probability_above(design.target, n_, y_)
    closed = (above > design.cutoff) & (n >= design._closed_from)
    stops = (above > design.cutoff - design.offset) & (n >= design._closed_from) if design.extra_safe else np.zeros_like(closed)
    moves = np.zeros(possible.shape, dtype=np.int64)
    moves[possible] = design._moves(n_, y_)
    moves[closed] = DOWN
    return moves, closed, stops


def probability_above(target, n, y):
    """Probability that the risk lies above `target` after `y` of `n` people, under a uniform prior. Arrays broadcast."""
    return betainc(n - y + 1.0, y + 1.0, 1 - target)


def rising_rates(rates, weights):
    """Weighted isotonic regression of each row: what `scipy.optimize.isotonic_regression` does, for many rows at once.

    By the max-min formula (Robertson, Wright & Dykstra 1988, *Order Restricted Statistical Inference*, theorem 1.4.4).
    A weight of 0 leaves a column out; its own figure is then without meaning.
    """
    columns = rates.shape[1]
    totals, sums = np.zeros((columns + 1, len(rates))), np.zeros((columns + 1, len(rates)))
    np.cumsum(weights.T, axis=0, out=totals[1:])
    np.cumsum((weights * rates).T, axis=0, out=sums[1:])
    rising = np.full((columns, len(rates)), -np.inf)
    with np.errstate(invalid="ignore", divide="ignore"):
        for first in range(columns):
            means = (sums[first + 1 :] - sums[first]) / (totals[first + 1 :] - totals[first])
            least = np.fmin.accumulate(means[::-1], axis=0)[::-1]
            np.fmax(rising[first:], least, out=rising[first:])
    return rising.T


def _beta_variance(a, b):
    return a * b / ((a + b) ** 2 * (a + b + 1))


def _words(column) -> list[str]:
    return ["never" if value is None else str(value) for value in column]
