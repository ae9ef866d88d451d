"""The difference between two shares of people, such as those who improved."""

from dataclasses import dataclass

from frailty_lessons.methods.checks import whole
from frailty_lessons.methods.placebo.people import confidence


@dataclass(frozen=True)
class DifferenceInProportions:
    """A share of people in an arm less that in the control, as fractions (−1 to 1), with its limits at `level`."""

    estimate: float
    low: float
    high: float
    events_arm: int
    n_arm: int
    events_control: int
    n_control: int
    level: float

    def describe(self) -> str:
        """One sentence: both shares, their difference in percentage points, and its limits."""
        estimate, low, high = (f"{round(100 * value):+d}".replace("-", "−") for value in (self.estimate, self.low, self.high))
        return (
            f"{self.events_arm} of {self.n_arm} against {self.events_control} of {self.n_control}: "
            f"{estimate} percentage points ({self.level:.0%} interval {low} to {high})."
        )


def difference_in_proportions(events_arm, n_arm, events_control, n_control, level=0.95) -> DifferenceInProportions:
    """The share of `n_arm` people with the event less that of `n_control`, with Newcombe's limits, by statsmodels.

    The limits put Wilson's score intervals of the two shares together, without continuity correction (Newcombe 1998,
    Stat Med 17:873-890, method 10): they never leave −1 to 1, and hold for few people. Raises `ValueError` for impossible
    counts.
    """
    from statsmodels.stats.proportion import confint_proportions_2indep

    level = confidence(level)
    n_arm, n_control = whole("n_arm", n_arm, low=1), whole("n_control", n_control, low=1)
    events_arm, events_control = whole("events_arm", events_arm, low=0), whole("events_control", events_control, low=0)
    for name, events, n in (("events_arm", events_arm, n_arm), ("events_control", events_control, n_control)):
        if events > n:
            raise ValueError(f"{name} must be at most the number of people, {n}, not {events}")
    low, high = confint_proportions_2indep(events_arm, n_arm, events_control, n_control, method="newcomb", compare="diff", alpha=1 - level)
    estimate = events_arm / n_arm - events_control / n_control
    return DifferenceInProportions(estimate, float(low), float(high), events_arm, n_arm, events_control, n_control, level)
