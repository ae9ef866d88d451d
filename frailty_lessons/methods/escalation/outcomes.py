"""What a dose-finding trial has seen so far, and the field's shorthand for it: `1NNN 2NNT`."""

import re
from dataclasses import dataclass

import numpy as np

from frailty_lessons.methods.checks import whole

SHAPE = "a cohort is written as its dose and one letter a person, N without and T with a toxicity, for example 2NNT"


@dataclass(frozen=True)
class Cohort:
    """People treated together: the `dose` (its level, the lowest is 1) and one letter each, `N` or `T`.

    Raises `ValueError` if the level is below 1 or an outcome is neither N nor T.
    """

    dose: int
    outcomes: str

    def __post_init__(self):
        object.__setattr__(self, "dose", whole("the dose of a cohort", self.dose, low=1))
        if not isinstance(self.outcomes, str) or not re.fullmatch("[NT]+", self.outcomes):
            raise ValueError(f"the outcomes of a cohort must be letters N and T, at least one, not {self.outcomes!r}")

    @property
    def size(self) -> int:
        """People in the cohort."""
        return len(self.outcomes)

    @property
    def toxicities(self) -> int:
        """People in the cohort who had a toxicity."""
        return self.outcomes.count("T")


History = tuple[Cohort, ...]


def parse_outcomes(text: str) -> History:
    """The cohorts of `1NNN 2NNT`: three people without toxicity on dose 1, then two without and one with on dose 2.

    Empty text is a trial that has not begun. The shorthand is that of the R package escalation (Brock 2020).
    Raises `ValueError` with the place, what is wrong there, and what would be right.
    """
    cohorts = []
    for number, word in enumerate(text.split(), start=1):
        place = f'cohort {number}, "{word}"'
        level, letters = re.fullmatch(r"(\d*)(.*)", word).groups()
        wrong = re.search("[^NT]", letters)
        if not level:
            raise ValueError(f"{place}, does not begin with the number of its dose: {SHAPE}")
        if int(level) == 0:
            raise ValueError(f"{place}, is on dose 0, and the lowest dose is 1: {SHAPE}")
        if wrong:
            raise ValueError(f'{place}, has "{wrong[0]}", which is neither N nor T: {SHAPE}')
        if not letters:
            raise ValueError(f"{place}, has a dose but no people: {SHAPE}")
        cohorts.append(Cohort(int(level), letters))
    return tuple(cohorts)


def write_outcomes(history: History) -> str:
    """The shorthand of a history, `1NNN 2NNT`: what `parse_outcomes` reads back."""
    return " ".join(f"{cohort.dose}{cohort.outcomes}" for cohort in history)


def as_history(history: History | str) -> History:
    """A history, also from its shorthand."""
    return parse_outcomes(history) if isinstance(history, str) else tuple(history)


def count(history: History, levels: int):
    """People treated and people with a toxicity at each of so many levels, two arrays of whole numbers.

    Raises `ValueError` for a cohort above the highest level.
    """
    treated, toxic = np.zeros(levels, dtype=np.int16), np.zeros(levels, dtype=np.int16)
    for number, cohort in enumerate(history, start=1):
        if cohort.dose > levels:
            raise ValueError(f"cohort {number} is on dose {cohort.dose}, but the highest dose is {levels}")
        treated[cohort.dose - 1] += cohort.size
        toxic[cohort.dose - 1] += cohort.toxicities
    return treated, toxic
