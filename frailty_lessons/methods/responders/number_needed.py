"""How many people must be treated for one more to benefit, with an interval that does not skip infinity."""

import math
from dataclasses import dataclass

import numpy as np

from frailty_lessons.methods.checks import number

ROUNDING = 1e-9


@dataclass(frozen=True)
class NumberNeeded:
    """The number needed to treat that belongs to a difference in shares (−1 to 1) with limits `low` and `high` at `level`.

    `number` is 1 over the size of the difference: people treated for one more to benefit (to be harmed, if the difference is
    negative), infinite for no difference. `benefit` and `harm` are the numbers, smallest first, that the interval allows on
    each side, or None. Where the interval of the difference spans 0, both reach infinity: the interval then runs from the
    smallest number to benefit through infinity (no difference at all) to the smallest number to be harmed.
    """

    difference: float
    low: float
    high: float
    level: float = 0.95

    @property
    def number(self) -> float:
        return _one_over(abs(self.difference))

    @property
    def benefit(self) -> tuple[float, float] | None:
        return (_one_over(self.high), _one_over(max(self.low, 0.0))) if self.high > 0 else None

    @property
    def harm(self) -> tuple[float, float] | None:
        return (_one_over(-self.low), _one_over(max(-self.high, 0.0))) if self.low < 0 else None

    def describe(self) -> str:
        """One sentence: the number and its interval, which holds no difference at all where that of the difference spans 0."""
        if self.difference:
            found = f"About {_said(self.number)} people must be treated for one {'more' if self.difference > 0 else 'fewer'} with the good result"
        else:
            found = "No number treated brings one more with the good result"
        benefit, harm, level = self.benefit, self.harm, f"{self.level:.0%} interval"
        if benefit and harm:
            return f"{found} ({level}: it may be one more for every {_said(benefit[0])} treated, no difference at all, or one fewer for every {_said(harm[0])})."
        if not benefit and not harm:
            return f"{found} ({level}: no difference at all)."
        fewest, most = benefit or harm
        return f"{found} ({level}: from {_said(fewest)} treated for one {'more' if benefit else 'fewer'}, to {_said(most)})."


def number_needed(difference, low, high, level=0.95) -> NumberNeeded:
    """The number needed to treat of a difference in shares with its limits (fractions, positive: better with treatment).

    Limits are the inverted limits of the difference, and infinity lies between benefit and harm (Altman 1998, BMJ
    317:1309-1312). Raises `ValueError` for impossible shares, and for limits that do not enclose the difference.
    """
    given = {"difference": difference, "low": low, "high": high}
    # Limits that were calculated may miss their bounds by rounding.
    difference, low, high = (float(np.clip(number(name, value, low=-1 - ROUNDING, high=1 + ROUNDING), -1, 1)) for name, value in given.items())
    level = number("level", level, low=0, high=1, open_low=True, open_high=True)
    if not low - ROUNDING <= difference <= high + ROUNDING:
        raise ValueError(f"the limits must enclose the difference: {low:g} to {high:g} does not hold {difference:g}")
    return NumberNeeded(difference, low, high, level)


def _one_over(size: float) -> float:
    return 1 / size if size else np.inf


def _said(count: float) -> str:
    if np.isinf(count):
        return "no difference at all"
    # Rounded up, as is usual: a person cannot be treated in part.
    return f"{math.ceil(count - 1e-9):,}"

