"""One planned trial with interim looks: when it stops, how many people it takes, and how often it is wrong."""

import math
from dataclasses import dataclass

import numpy as np

from frailty_lessons.methods.checks import hundred, metres, number
from frailty_lessons.methods.phase3.sequential import Sequential, sequential
from frailty_lessons.methods.placebo.power import people_needed

NAMES = {"obrien-fleming": "boundaries of the O'Brien–Fleming type", "pocock": "boundaries of the Pocock type", "naive": "p below 0.05 at any look"}


@dataclass(frozen=True, eq=False)
class InterimLooks:
    """A trial in two equal arms with interim looks, when the true effect is `truth` times the planned `difference`. Metres, people.

    `fixed` people are enough without interim looks; `people` are measured at each look of this one. `stops` has the chance of
    crossing either boundary at each look, `found` their sum, `false_alarm` the same without any effect, and `expected` the
    people it takes on average.
    """

    design: Sequential
    difference: float
    sd: float
    truth: float
    fixed: int
    people: np.ndarray
    stops: np.ndarray
    found: float
    false_alarm: float
    expected: float

    def describe(self) -> str:
        """What the looks cost, what they save, and what they do to false alarms."""
        looks = len(self.people)
        if looks == 1:
            plan = f"One look at the end, at {self.fixed:,} people"
        elif self.people[-1] == self.fixed:
            plan = f"{looks} looks with {NAMES[self.design.kind]}: at most {self.fixed:,} people, as many as without interim looks"
        else:
            plan = f"{looks} looks with {NAMES[self.design.kind]}: at most {self.people[-1]:,} people, against {self.fixed:,} without interim looks"
        effect = metres(self.truth * self.difference, sign=True)
        early = self.stops[:-1].sum()
        stop = f", {hundred(early)} of 100 before the end, and {self.expected:,.0f} people on average" if looks > 1 else ""
        alarm = f" Without any effect it would be {100 * self.false_alarm:.1f} of 100." if self.truth else " All of these are false alarms."
        return (
            f"{plan}, planned for {metres(self.difference, sign=True)} and an SD of {metres(self.sd)} (assumed). "
            f"If the true effect is {effect}, {self._of_hundred} of 100 trials find a difference{stop}.{alarm}"
        )

    @property
    def _of_hundred(self) -> str:
        return hundred(self.found) if self.truth else f"{100 * self.found:.1f}"

    def table(self) -> dict:
        """One row a look, in words."""
        return {
            "look": [str(look) for look in range(1, len(self.people) + 1)],
            "people measured": [f"{people:,}" for people in self.people],
            "stop at z beyond": [f"{value:.2f}" for value in self.design.boundaries],
            "stops here": [f"{chance:.1%}" for chance in self.stops],
        }


def interim_looks(*, looks, kind, truth, difference, sd, power=0.9, alpha=0.05) -> InterimLooks:
    """A trial planned to find `difference` (metres) with `power`, with `looks` in equal steps, when `truth` times that is true.

    `kind` is one of `KINDS`; a design with boundaries gets the people that keep its power, one without (`naive`) does not.
    Raises `ValueError` for impossible values.
    """
    truth = number("truth", truth)
    design = sequential(looks=looks, kind=kind, alpha=alpha, power=power)
    fixed = 2 * people_needed(difference=difference, sd=sd, power=power, alpha=alpha)
    people = np.array([math.ceil(share * design.inflation * fixed - 1e-6) for share in design.information])
    stops = np.sum(design.stops(truth), axis=0)
    return InterimLooks(
        design, float(difference), float(sd), truth, fixed, people, stops, float(stops.sum()), design.found(0), design.expected(truth) * fixed,
    )  # fmt: skip
