"""A share of people with its limits, and how often chance alone brings as many."""

from dataclasses import dataclass

from scipy.special import bdtrc

from frailty_lessons.methods.checks import number, whole


@dataclass(frozen=True)
class Share:
    """`events` of `n` people as a fraction with two pairs of limits at `level`: Wilson's, and exact ones, which are wider."""

    events: int
    n: int
    share: float
    low: float
    high: float
    exact_low: float
    exact_high: float
    level: float

    def describe(self) -> str:
        """One sentence: the share and both pairs of limits."""
        return (
            f"{self.events} of {self.n} is {self.share:.1%}: {self.level:.0%} interval {100 * self.low:.0f}% to {100 * self.high:.0f}% "
            f"(Wilson; exact {100 * self.exact_low:.0f}% to {100 * self.exact_high:.0f}%)."
        )


def share_of(events, n, level=0.95) -> Share:
    """The share of `n` people who had the event, by statsmodels.

    Limits of Wilson (1927, JASA 22:209-212), which are about right on average, and exact ones (Clopper & Pearson 1934,
    Biometrika 26:404-413), which are never too narrow. Raises `ValueError` for impossible counts.
    """
    from statsmodels.stats.proportion import proportion_confint

    level = number("level", level, low=0, high=1, open_low=True, open_high=True)
    events, n = _counts(events, n)
    wilson, exact = (proportion_confint(events, n, alpha=1 - level, method=method) for method in ("wilson", "beta"))
    return Share(events, n, events / n, *map(float, wilson), *map(float, exact), level)


def chance_of_at_least(events, n, share) -> float:
    """The chance (0 to 1) that `events` or more of `n` people have the event if each has it with probability `share` (binomial).

    Raises `ValueError` for impossible values.
    """
    events, n = _counts(events, n)
    share = number("share", share, low=0, high=1)
    return float(bdtrc(events - 1, n, share)) if events else 1.0


def _counts(events, n) -> tuple[int, int]:
    events, n = whole("events", events, low=0), whole("n", n, low=1)
    if events > n:
        raise ValueError(f"events must be at most the number of people, {n}, not {events}")
    return events, n
