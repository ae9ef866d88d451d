"""How many people a comparison of two arms needs, and what finding them takes."""

import math
from bisect import bisect_left
from dataclasses import dataclass

import numpy as np

from frailty_lessons.methods.checks import hundred, metres, number, whole
from frailty_lessons.methods.placebo.power import people_needed, power_of_t

# Numbers of people, all arms together, at which the curve of power is drawn.
TOTALS = np.round(np.geomspace(8, 25_000, 40)).astype(int)


@dataclass(frozen=True)
class Effort:
    """What it takes to randomise people: how many to screen, and months of recruiting and of the whole trial."""

    randomised: int
    screened: int
    recruiting_months: float
    months: float

    @property
    def years(self) -> float:
        """The whole trial, from the first person screened to the last visit of the last."""
        return self.months / 12

    def describe(self) -> str:
        """People and years."""
        return f"To randomise {self.randomised:,} people, {self.screened:,} are screened; recruiting takes {self.recruiting_months / 12:.1f} years, the whole trial {self.years:.1f}."

    def table(self) -> dict:
        """One row a figure, in words."""
        rows = [
            ("people screened", f"{self.screened:,}"),
            ("people randomised", f"{self.randomised:,}"),
            ("years of recruiting", f"{self.recruiting_months / 12:.1f}"),
            ("years in all", f"{self.years:.1f}"),
        ]
        return {"quantity": [name for name, _ in rows], "value": [value for _, value in rows]}


def effort(*, randomised, centres, per_centre_per_month, follow_up_months, screen_failure=0.0) -> Effort:
    """People and months by plain accounting: every centre randomises `per_centre_per_month` people from the first month on.

    `screen_failure` is the share (0 to 1) of people screened who are not randomised, `follow_up_months` the time from a person's
    treatment to the last visit. Raises `ValueError` for impossible values.
    """
    randomised, centres = whole("randomised", randomised, low=1), whole("centres", centres, low=1)
    pace = number("per_centre_per_month", per_centre_per_month, low=0, open_low=True)
    follow_up = number("follow_up_months", follow_up_months, low=0)
    lost = number("screen_failure", screen_failure, low=0, high=1, open_high=True)
    recruiting = randomised / (centres * pace)
    return Effort(randomised, math.ceil(randomised / (1 - lost) - 1e-9), recruiting, recruiting + follow_up)


@dataclass(frozen=True, eq=False)
class Plan:
    """Two arms that find a true `difference` with a chance of at least `power`. Metres and people.

    `sd` is the spread of people's changes, `correlation` that of baseline and change where the analysis adjusts for it, `dropout`
    the share (0 to 1) who leave and are not counted. `treated` and `control` are to be randomised, and `found` is the chance that
    those who stay give. `curve` is the chance at each of `totals` people randomised. `earlier` are the people behind
    a headline, in its arm and in its control, and `earlier_found` the chance that they gave; None without one. `effort` is None
    where no centres were named.
    """

    difference: float
    sd: float
    power: float
    allocation: float
    correlation: float
    dropout: float
    treated: int
    control: int
    found: float
    totals: np.ndarray
    curve: np.ndarray
    earlier: tuple[int, int] | None
    earlier_found: float | None
    effort: Effort | None

    @property
    def total(self) -> int:
        """People to randomise, both arms together."""
        return self.treated + self.control

    def describe(self) -> str:
        """People, what they cost, and what the people behind a headline could have found."""
        adjusted = f", adjusted for a baseline with a correlation of {self.correlation:g} (assumed)" if self.correlation else ""
        leave = f", when {self.dropout:.0%} leave" if self.dropout else ""
        said = (
            f"To find a true difference of {metres(self.difference)} with a power of {self.power:.0%}, if changes have an SD of {metres(self.sd)} (assumed){adjusted}{leave}, "
            f"randomise {self.total:,} people: {self.treated:,} and {self.control:,}."
        )
        if self.effort:
            said += f" That means screening {self.effort.screened:,} people, and {self.effort.years:.1f} years of recruiting and follow-up."
        if self.earlier:
            said += f" The headline's {self.earlier[0]} and {self.earlier[1]} people would find this difference in {hundred(self.earlier_found)} of 100 trials, and miss it in the rest."
        return said

    def table(self) -> dict:
        """One row a figure, in words."""
        rows = [
            ("difference to find", metres(self.difference)),
            ("randomised, treated arm", f"{self.treated:,}"),
            ("randomised, control arm", f"{self.control:,}"),
            ("randomised in all", f"{self.total:,}"),
            ("chance to find it", f"{self.found:.1%}"),
        ]
        if self.effort:
            rows += [("screened", f"{self.effort.screened:,}"), ("years of recruiting", f"{self.effort.recruiting_months / 12:.1f}"), ("years in all", f"{self.effort.years:.1f}")]
        if self.earlier:
            rows.append((f"chance with {self.earlier[0]} and {self.earlier[1]} people", f"{self.earlier_found:.1%}"))
        return {"quantity": [name for name, _ in rows], "value": [value for _, value in rows]}


def plan(
    *, difference, sd, power=0.9, alpha=0.05, allocation=1.0, correlation=0.0, dropout=0.0, earlier=None,
    centres=None, per_centre_per_month=1.0, follow_up_months=0.0, screen_failure=0.0,
) -> Plan:  # fmt: skip
    """The smallest two arms that find a true `difference` between means by a two-sided t-test, and what it takes to fill them.

    `allocation` is the number of people treated for each in the control arm. Adjusting for a baseline that correlates with the
    change leaves √(1 − correlation²) of its SD (Borm, Fransen & Lemmens 2007, J Clin Epidemiol 60:1234-1238). Who leaves is
    replaced beforehand. With `centres` the plan says what `effort` it takes. Raises `ValueError` for impossible values, and
    where no number of people is large enough.
    """
    difference = number("difference", difference, low=0, open_low=True)
    allocation = number("allocation", allocation, low=0, open_low=True)
    correlation = number("correlation", correlation, low=-1, high=1, open_low=True, open_high=True)
    stay = 1 - number("dropout", dropout, low=0, high=1, open_high=True)
    sd = number("sd", sd, low=0, open_low=True)
    named = {"difference": difference, "sd": sd * math.sqrt(1 - correlation**2), "alpha": alpha}

    def chance(control):
        return power_of_t(**named, n_arm=max(2, math.ceil(allocation * control - 1e-9)), n_control=control)

    if allocation == 1:
        control = people_needed(**named, power=power)
    else:
        # With both arms at least as large as equal ones the power is there: the fewest lie below.
        most = math.ceil(people_needed(**named, power=power) * max(1, 1 / allocation))
        control = 2 + bisect_left(range(2, most), True, key=lambda people: chance(people) >= power)
    arms = tuple(math.ceil(people / stay - 1e-9) for people in (max(2, math.ceil(allocation * control - 1e-9)), control))

    def of_total(total):
        counted = total * stay
        control = max(2, round(counted / (1 + allocation)))
        return power_of_t(**named, n_arm=max(2, round(counted - control)), n_control=control)

    earlier_found = None if earlier is None else power_of_t(**named, n_arm=earlier[0], n_control=earlier[1])
    work = None if centres is None else effort(
        randomised=sum(arms), centres=centres, per_centre_per_month=per_centre_per_month, follow_up_months=follow_up_months, screen_failure=screen_failure,
    )  # fmt: skip
    return Plan(
        difference, sd, power, allocation, correlation, 1 - stay, *arms, chance(control), TOTALS, np.array([of_total(int(total)) for total in TOTALS]),
        None if earlier is None else tuple(earlier), earlier_found, work,
    )  # fmt: skip
