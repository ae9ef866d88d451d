"""Fixed groups, one dose after the other, with a safety board between them."""

from dataclasses import KW_ONLY, dataclass

import numpy as np

from frailty_lessons.methods.checks import whole
from frailty_lessons.methods.escalation.design import Design, at, before_first, dose_labels, seen, sentence


@dataclass(frozen=True)
class FixedCohorts(Design):
    """`n` people on each dose in order; after each group a safety board stops the trial or opens the next dose.

    The board stops when `stop_if` or more of the group had a toxicity (more than `n`: it never stops). No dose is given
    twice, and nothing is learned from one dose for another. The highest dose whose group was completed without a stop is
    recommended, no dose if the lowest was stopped. A model of what small early trials do; a real board also looks at the
    kind of event, and no number binds it.

    `doses` is how many doses there are, or their labels, lowest first. Raises `ValueError` for impossible values.
    """

    doses: tuple
    _: KW_ONLY
    n: int
    stop_if: int

    def __post_init__(self):
        object.__setattr__(self, "doses", dose_labels(self.doses))
        object.__setattr__(self, "n", whole("n", self.n, low=1))
        object.__setattr__(self, "stop_if", whole("stop_if", self.stop_if, low=1))

    name = "the plan of fixed groups"
    _ends_by_number = False

    @property
    def cohort_size(self) -> int:
        """People on each dose."""
        return self.n

    @property
    def max_n(self) -> int:
        """The most people that the design can treat: a whole group on each dose."""
        return self.n * self.levels

    def _ceiling(self, y):
        return before_first(y >= self.stop_if)

    def _decide(self, n, y, dose, toxicities, size):
        ceiling = self._ceiling(y)
        complete = at(n, dose) >= self.n
        onward = np.where(dose < self.levels, dose + 1, 0)
        return np.where(ceiling < self.levels, 0, np.where(complete, onward, dose))

    def _recommend(self, n, y):
        completed = (n >= self.n) & (np.arange(self.levels) < self._ceiling(y)[:, None])
        return self.levels - before_first(completed[:, ::-1])

    def _why(self, n, y, dose, following):
        ceiling = int(self._ceiling(y[None])[0])
        if ceiling < self.levels:
            worst = ceiling + 1
            limit = f"the board stops at {self.stop_if} of {self.n}"
            return f"{sentence(seen(y[worst - 1], n[worst - 1], self.title(worst)))}: {limit}."
        here = sentence(seen(y[dose - 1], n[dose - 1], self.title(dose)))
        if following == dose:
            return f"{here}: stay until the group of {self.n} is complete."
        fewer = f"fewer than the {self.stop_if} at which the board stops"
        if following:
            return f"{here}: {fewer}, go up to {self.title(following)}."
        return f"{here}: {fewer}, and this is the highest dose."
