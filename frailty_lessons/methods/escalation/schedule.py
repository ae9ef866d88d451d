"""Who gets what, when, and against whom: a dose escalation and a randomised trial on one line of time."""

from dataclasses import dataclass

import numpy as np

from frailty_lessons.methods.checks import number, plural, whole

QUESTIONS = ("safe", "works", "more")


@dataclass(frozen=True)
class Group:
    """People who get one dose: `label`, `dose` (0 for placebo), how many, and whether it opens `late`."""

    label: str
    dose: float
    people: int
    late: bool = False


@dataclass(frozen=True)
class Schedule:
    """Two trials on one line of time, 0 to 1 of each. `times` and `groups` have one entry a person, in order."""

    question: str
    reached: float
    escalation: tuple[Group, ...]
    randomised: tuple[Group, ...]
    escalation_times: np.ndarray
    escalation_groups: np.ndarray
    boards: tuple[float, ...]
    randomised_times: np.ndarray
    randomised_groups: np.ndarray

    def treated(self, which: str) -> list[int]:
        """People treated until now in each group of `escalation` or `randomised`."""
        times, groups = getattr(self, f"{which}_times"), getattr(self, f"{which}_groups")
        return np.bincount(groups[times <= self.reached + 1e-9], minlength=len(getattr(self, which))).tolist()

    def describe(self) -> str:
        """Who has been treated until now, and what each design can say to the question."""
        first = self._so_far(self.escalation, self.treated("escalation"))
        second = self._so_far(self.randomised, self.treated("randomised"))
        return f"Escalation, until now: {first}. Randomised trial, until now: {second}. {self._answer()}"

    def _so_far(self, groups, treated):
        parts = [f"{people} with {group.label}" for group, people in zip(groups, treated) if people]
        return ", ".join(parts) or "nobody yet"

    def _answer(self):
        total = sum(group.people for group in self.escalation)
        lowest = min(group.people for group in self.randomised)
        controls = sum(group.people for group in self.randomised if group.dose == 0)
        if self.question == "safe":
            return (
                "Safe enough to go on? That is what the escalation is for: a new dose is opened only after a look at the people before, "
                f"so few are at risk; with {total} people it sees only what is common. In the other trial all doses whose arms are open are given side by side."
            )
        late = [group.label for group in self.randomised if group.late]
        warning = f" If the arm with {late[0]} opened late, its people came from another time than many on placebo." if late else ""
        if self.question == "works":
            return (
                "Better than placebo? The escalation cannot say: nobody had placebo, and everybody knew the dose. "
                f"The randomised trial can ask: {plural(controls, 'person', 'people')} had placebo, and the lot decided who.{warning}"
            )
        return (
            "More with a higher dose? In the escalation a higher dose also means a later person: dose and time cannot be told apart. "
            f"The randomised trial can ask, with as few as {lowest} people on a dose.{warning}"
        )

    def table(self) -> dict:
        """One row a group, in words."""
        rows = []
        for design, which in (("escalation", "escalation"), ("randomised", "randomised")):
            for group, treated in zip(getattr(self, which), self.treated(which)):
                rows.append((design, group.label, str(treated), str(group.people), "who comes while this dose is open" if which == "escalation" else "the draw by lot"))
        names = ("design", "dose", "treated until now", "in the end", "what decides who gets it")
        return {name: list(column) for name, column in zip(names, zip(*rows))}


def schedule(escalation, randomised, *, question: str, reached: float, late_from: float = 0.5, seed: int = 0) -> Schedule:
    """The order in which the people of both trials are treated, on lines of time from 0 to 1.

    The escalation's groups follow each other, with a board after each. In the randomised trial the order is drawn with
    `seed`, so that the groups fill evenly, as lots drawn in blocks make them, and the people of a `late` group come only
    from `late_from` on. The spacing in time is a drawing, not data.
    Raises `ValueError` for impossible values.
    """
    if question not in QUESTIONS:
        raise ValueError(f"question must be one of {', '.join(QUESTIONS)}, not {question!r}")
    reached = number("reached", reached, low=0, high=1)
    late_from = number("late_from", late_from, low=0, high=1, open_high=True)
    for group in (*escalation, *randomised):
        whole("people of a group", group.people, low=1)
    times, groups, boards = [], [], []
    width = 1 / len(escalation)
    for place, group in enumerate(escalation):
        times.append(place * width + width * np.linspace(0.05, 0.7, group.people))
        groups.append(np.full(group.people, place))
        boards.append(place * width + 0.87 * width)
    random = np.random.default_rng(seed)
    entry = np.concatenate([_entries(random, late_from if group.late else 0, group.people) for group in randomised])
    arm = np.repeat(np.arange(len(randomised)), [group.people for group in randomised])
    order = np.argsort(entry, kind="stable")
    return Schedule(
        question, reached, tuple(escalation), tuple(randomised),
        np.concatenate(times), np.concatenate(groups), tuple(boards), entry[order], arm[order],
    )


def _entries(random, opens: float, people: int) -> np.ndarray:
    return opens + (1 - opens) * (np.arange(people) + random.random(people)) / people
