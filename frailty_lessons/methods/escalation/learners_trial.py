"""The trial that a learner runs person by person, what the designs say of it, and where it lies among all that could be."""

from dataclasses import dataclass

import numpy as np

from frailty_lessons.methods.checks import percent, plural
from frailty_lessons.methods.escalation.characteristics import OperatingCharacteristics, operating_characteristics
from frailty_lessons.methods.escalation.committee import run_trial, treat
from frailty_lessons.methods.escalation.comparison import right_dose, where_the_target_lies
from frailty_lessons.methods.escalation.design import Advice
from frailty_lessons.methods.escalation.outcomes import Cohort, History, write_outcomes
from frailty_lessons.methods.escalation.zero_events import zero_events

STEP = {"S": 0, "U": 1, "D": -1}
ENDS = {"R": 0, "B": 1}


@dataclass(frozen=True)
class Colleague:
    """One design beside the learner: its `advice` on the learner's history, and, once the learner has ended, its own
    trial with the same people (`history`, `recommended`) and its `characteristics` over all trials.
    """

    name: str
    advice: Advice
    history: History = ()
    recommended: int | None = None
    characteristics: OperatingCharacteristics | None = None


@dataclass(frozen=True)
class LearnersTrial:
    """A learner's trial so far. `dose` is the level of the last person; `true_toxicity` is for drawing only at the end."""

    history: History
    dose: int
    target: float
    most: int
    ended: bool
    recommended: int | None
    true_toxicity: tuple[float, ...]
    colleagues: tuple[Colleague, ...]

    @property
    def outcomes(self) -> tuple[tuple[int, bool], ...]:
        """Dose level, and whether there was a toxicity, of each person in order."""
        return tuple((cohort.dose, letter == "T") for cohort in self.history for letter in cohort.outcomes)

    @property
    def shorthand(self) -> str:
        """The path, with people who followed each other on one dose written together: `1NNN 2NT`."""
        together = []
        for cohort in self.history:
            if together and together[-1].dose == cohort.dose:
                together[-1] = Cohort(cohort.dose, together[-1].outcomes + cohort.outcomes)
            else:
                together.append(cohort)
        return write_outcomes(tuple(together))

    def counts(self, level: int) -> tuple[int, int]:
        """People with a toxicity and people treated at a dose."""
        seen = [toxic for dose, toxic in self.outcomes if dose == level]
        return sum(seen), len(seen)

    @property
    def toxicities(self) -> int:
        """People with a toxicity, all doses together."""
        return sum(toxic for _, toxic in self.outcomes)

    @property
    def open_moves(self) -> str:
        """The moves that can be made now."""
        return "" if self.ended else open_moves(self.dose, len(self.outcomes), len(self.true_toxicity), self.most)

    @property
    def best(self) -> int | None:
        """The right answer, see `right_dose`."""
        return right_dose(self.true_toxicity, self.target)

    def describe(self) -> str:
        """The last person, what was seen at each dose, and what each design would do; at the end, the truth."""
        return self._ending() if self.ended else self._standing()

    def _standing(self):
        people = len(self.outcomes)
        dose, toxic = self.outcomes[-1]
        seen = "; ".join(
            f"dose {level}, {toxicities} of {treated}"
            for level in range(1, len(self.true_toxicity) + 1)
            for toxicities, treated in [self.counts(level)]
            if treated
        )
        full = f" All {self.most} people have been treated: you must stop now." if people == self.most else ""
        advice = ", ".join(f"{colleague.name} would {self._next(colleague.advice)}" for colleague in self.colleagues)
        return f"Person {people}, on dose {dose}: {'a toxicity' if toxic else 'no toxicity'}. Toxicities so far: {seen}.{full} Now {advice}. Path: {self.shorthand}."

    def _next(self, advice):
        if advice.dose is None:
            return f"stop and recommend {_dose(advice.recommended)}"
        if advice.dose == self.dose:
            return f"stay on dose {advice.dose}"
        return f"go {'up' if advice.dose > self.dose else 'down'} to dose {advice.dose}"

    def _ending(self):
        risks = ", ".join(f"{risk:.0%}" for risk in self.true_toxicity)
        recommended, best = self.recommended or 0, self.best or 0
        verdict = "your answer is right" if recommended == best else f"your answer is too {'low' if recommended < best else 'high'}"
        above = sum(dose > best for dose, _ in self.outcomes)
        shares = ", ".join(f"{c.name} in {_share(c.characteristics, self.recommended)}" for c in self.colleagues)
        return (
            f"You recommend {_dose(self.recommended)}, after {plural(len(self.outcomes), 'person', 'people')}, {self.toxicities or 'none'} of them with a toxicity. "
            f"The true risks were {risks}: {where_the_target_lies(self.true_toxicity, self.target)}, so {verdict}. "
            f"{self._luck()}{above or 'None'} of your people {'was' if above == 1 else 'were'} treated above the right dose. "
            f"Of all trials that could be run in such people, your answer comes from {shares}. Path: {self.shorthand}."
        )

    def _luck(self):
        toxicities, treated = self.counts(self.recommended or 1)
        return (
            f"Partly that is luck: on dose {self.recommended or 1} you saw a toxicity in {toxicities} of {plural(treated, 'person', 'people')}, "
            f"which leaves open a true risk of {zero_events(treated, toxicities).range_in_words}. "
        )

    def table(self) -> dict:
        """One row a design: what it says now and why; at the end, its own trial and what it does in all trials."""
        names = [colleague.name for colleague in self.colleagues]
        if not self.ended:
            return {
                "design": names,
                "would now": [self._next(colleague.advice) for colleague in self.colleagues],
                "because": [colleague.advice.why for colleague in self.colleagues],
            }
        found = [colleague.characteristics for colleague in self.colleagues]
        fewer = [f"{sum(c.toxicity_probabilities[: self.toxicities + 1]):.0%}" for c in found]
        return {
            "who": ["you", *names],
            "with these people": [self.shorthand, *(write_outcomes(colleague.history) for colleague in self.colleagues)],
            "recommends": [_dose(self.recommended), *(_dose(colleague.recommended) for colleague in self.colleagues)],
            "of all trials: your answer": ["–", *(_share(c, self.recommended) for c in found)],
            "of all trials: the right answer": ["–", *(_share(c, self.best) for c in found)],
            "people (average)": [f"{len(self.outcomes)}", *(f"{sum(c.patients):.1f}" for c in found)],
            "with a toxicity (average)": [f"{self.toxicities}", *(f"{sum(c.toxicities):.1f}" for c in found)],
            "of all trials: no more toxicities than yours": ["–", *fewer],
        }


def learners_trial(moves: str, *, true_toxicity, tolerances, designs, target: float, most: int) -> LearnersTrial:
    """The trial in which the first person gets dose 1 and each of `moves` decides on the next, with the designs' advice.

    A move is `S` (the next person gets the same dose), `U` (one dose up), `D` (one down), `R` (stop, recommend this dose)
    or `B` (stop, recommend the dose below, or none on the lowest). `tolerances` are the people, uniform from 0 to 1, at
    least `most` of them and as many as each design may treat; see `treat`. Raises `ValueError` for a move that cannot be made.
    """
    history = treat((), 1, 1, true_toxicity, tolerances)
    levels = len(true_toxicity)
    ended, recommended = False, None
    for number, move in enumerate(moves, start=1):
        if ended or move not in open_moves(history[-1].dose, len(history), levels, most):
            raise ValueError(f"move {number}, {move!r}, cannot be made: {'the trial has ended' if ended else f'person {len(history)} had dose {history[-1].dose}'}")
        if move in ENDS:
            ended, recommended = True, (history[-1].dose - ENDS[move]) or None
        else:
            history = treat(history, history[-1].dose + STEP[move], 1, true_toxicity, tolerances)
    colleagues = tuple(_colleague(design, history, ended, true_toxicity, tolerances) for design in designs)
    return LearnersTrial(history, history[-1].dose, target, most, ended, recommended, tuple(true_toxicity), colleagues)


def open_moves(dose: int, treated: int, levels: int, most: int) -> str:
    """The moves that can be made after so many people, the last of them on level `dose`."""
    onward = "" if treated >= most else "S" + "U" * (dose < levels) + "D" * (dose > 1)
    return onward + "RB"


def _colleague(design, history, ended, true_toxicity, tolerances):
    advice = design.advise(history)
    if not ended:
        return Colleague(design.name, advice)
    own = run_trial(design, true_toxicity, tolerances)
    return Colleague(design.name, advice, own, design.recommend(own), operating_characteristics(design, true_toxicity))


def _dose(level) -> str:
    return f"dose {level}" if level else "no dose"


def _share(characteristics, level) -> str:
    share = characteristics.recommended[level - 1] if level else characteristics.recommended_none
    return percent(share) if 0 < share < 1 else f"{share:.0%}"


def people(seed: int, number: int) -> np.ndarray:
    """Tolerances of so many people, uniform from 0 to 1: the same people for the same seed."""
    return np.random.default_rng(seed).random(number)
