"""Which change is real: the error of one person's change, and the interval of a group's difference."""

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtri, stdtrit

from frailty_lessons.methods.checks import metres, number, whole


def standard_error_of_measurement(sd, reliability):
    """SEM = SD·√(1 − reliability), in the unit of `sd` (Weir 2005, J Strength Cond Res 19:231-240).

    `sd` is the spread between people, `reliability` the ICC of repeated tests, 0 to 1. Arrays broadcast.
    Raises `ValueError` for impossible values.
    """
    sd = number("sd", sd, low=0)
    reliability = number("reliability", reliability, low=0, high=1)
    return sd * np.sqrt(1 - reliability)


def minimal_detectable_change(sd, reliability, confidence=0.95):
    """MDC = z·√2·SEM: the error of one person's change between two tests (Weir 2005).

    A change as large as this or larger is seen in a share 1 − `confidence` of people who did not change.
    `confidence` lies strictly between 0 and 1. Arrays broadcast. Raises `ValueError` for impossible values.
    """
    confidence = number("confidence", confidence, low=0, high=1, open_low=True, open_high=True)
    return ndtri((1 + confidence) / 2) * np.sqrt(2) * standard_error_of_measurement(sd, reliability)


@dataclass(frozen=True)
class PersonChange:
    """One person's change between two tests, held against the test's own error. Metres.

    `net` is the change less what a second try adds by itself; `low` and `high` are the limits of the
    person's true change; `thresholds` pairs each label with its metres.
    """

    change: float
    learning: float
    net: float
    standard_error_of_measurement: float
    minimal_detectable_change: float
    low: float
    high: float
    confidence: float
    thresholds: tuple[tuple[str, float], ...]

    def describe(self) -> str:
        """Three sentences: the error, what the change can mean, and the limits of the true change."""
        learned = f", less the {metres(self.learning)} that a second try adds on average, leaves {metres(self.net, sign=True)}" if self.learning else ""
        apart = "Apart from learning, in" if self.learning else "In"
        mdc = self.minimal_detectable_change
        if abs(self.net) < mdc <= abs(self.change):
            reading = "within the test's own error only because an average was taken off: it may be real"
        elif abs(self.net) < mdc:
            reading = "within the test's own error: two walks alone cannot tell it from no change"
        elif abs(self.change) < mdc:
            reading = "beyond the test's own error only because an average was taken off: that alone proves nothing of one person"
        else:
            reading = "more than the test's own error"
        return (
            f"{apart} {100 * self.confidence:.0f} of 100 people who did not change, two walks differ by less than {metres(mdc)} either way. "
            f"A change of {metres(self.change, sign=True)}{learned}{', which' if learned else ''} is {reading}. "
            f"The {100 * self.confidence:.0f}% limits of the true change are {metres(self.low, sign=True)} and {metres(self.high, sign=True)}, "
            f"if this person's walks vary as much as theirs did in whom spread and reliability were measured."
        )

    def table(self) -> dict:
        """The test's error and the thresholds as columns of equal length."""
        rows = [
            ("change seen", self.change),
            ("change less learning", self.net),
            ("true change, lower limit", self.low),
            ("true change, upper limit", self.high),
            ("standard error of measurement", self.standard_error_of_measurement),
            ("minimal detectable change", self.minimal_detectable_change),
            *((f"called meaningful: {label}", value) for label, value in self.thresholds),
        ]
        return {"quantity": [name for name, _ in rows], "metres": [f"{value:.1f}".replace("-", "−") for _, value in rows]}


def person_change(*, change, sd, reliability, learning=0.0, confidence=0.95, thresholds=()) -> PersonChange:
    """One person's change with the limits of the true change, `net` ± MDC (Weir 2005).

    `learning` is what the second test adds by itself, metres. Raises `ValueError` for impossible values.
    """
    change = number("change", change)
    learning = number("learning", learning, low=0)
    mdc = float(minimal_detectable_change(sd, reliability, confidence))
    net = change - learning
    return PersonChange(
        change, learning, net, float(standard_error_of_measurement(sd, reliability)), mdc, net - mdc, net + mdc, confidence, tuple(thresholds)
    )


@dataclass(frozen=True)
class GroupDifference:
    """A difference between two groups' mean changes with an interval that rests on an assumed SD. Metres."""

    difference: float
    assumed_sd: float
    n_treated: int
    n_control: int
    confidence: float
    standard_error: float
    low: float
    high: float

    @property
    def people_spread(self) -> float:
        """How far either side of their group's mean the changes of 95 in 100 people lie (normal)."""
        return float(ndtri(0.975) * self.assumed_sd)

    def describe(self) -> str:
        """What the interval would be, and that it is not about single people."""
        holds = "includes" if self.low <= 0 <= self.high else "does not include"
        return (
            f"If people's changes had an SD of {metres(self.assumed_sd)} (assumed), {self.difference:g} m between "
            f"{self.n_treated} and {self.n_control} people would have a {100 * self.confidence:.0f}% interval "
            f"from {metres(self.low, sign=True)} to {metres(self.high, sign=True)}, which {holds} 0 m. "
            f"That is about the groups' means: the measured changes of 95 in 100 single people, the test's error included, "
            f"would lie up to {metres(self.people_spread)} either side of their group's mean."
        )

    def table(self) -> dict:
        """The figures as columns of equal length."""
        rows = [
            ("difference reported", f"{self.difference:g} m"),
            ("SD of people's changes (assumed)", f"{self.assumed_sd:g} m"),
            ("people compared", f"{self.n_treated} and {self.n_control}"),
            ("standard error", f"{self.standard_error:.1f} m"),
            (f"{100 * self.confidence:.0f}% interval", f"{self.low:.1f} to {self.high:.1f} m".replace("-", "−")),
            ("95 in 100 single people, around their group's mean", f"±{self.people_spread:.0f} m"),
        ]
        return {"quantity": [name for name, _ in rows], "value": [value for _, value in rows]}


def group_difference(*, difference, assumed_sd, n_treated, n_control, confidence=0.95) -> GroupDifference:
    """The t interval of a difference in means, for two groups with one SD (Student's, pooled).

    `assumed_sd` is the SD of people's changes in both groups, metres.
    Raises `ValueError` for impossible values, and where the two groups have fewer than three people.
    """
    difference = number("difference", difference)
    assumed_sd = number("assumed_sd", assumed_sd, low=0, open_low=True, unit="m")
    n_treated = whole("n_treated", n_treated, low=1)
    n_control = whole("n_control", n_control, low=1)
    confidence = number("confidence", confidence, low=0, high=1, open_low=True, open_high=True)
    df = n_treated + n_control - 2
    if df < 1:
        raise ValueError("two groups of one person each have no interval: there must be at least three people")
    error = assumed_sd * np.sqrt(1 / n_treated + 1 / n_control)
    half = stdtrit(df, (1 + confidence) / 2) * error
    return GroupDifference(
        difference, assumed_sd, n_treated, n_control, confidence,
        float(error), float(difference - half), float(difference + half),
    )
