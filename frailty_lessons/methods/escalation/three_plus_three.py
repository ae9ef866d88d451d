"""The 3+3 rule, of which there is more than one."""

from dataclasses import KW_ONLY, dataclass

import numpy as np

from frailty_lessons.methods.escalation.design import Design, at, before_first, dose_labels, seen, sentence


@dataclass(frozen=True)
class Rule:
    """One of the rules called 3+3: whether the dose recommended must have six people, and whether the highest must too."""

    label: str
    six_at_recommended: bool
    six_at_highest: bool
    source: str


RULES = {
    "never-back": Rule(
        "Never goes back", False, False,
        "Lin & Shih 2001, Biostatistics 2:203-215, the algorithm without de-escalation",
    ),
    "six-at-recommended": Rule(
        "Six people at the recommended dose", True, True,
        "Korn et al. 1994, Stat Med 13:1799-1806",
    ),
    "six-below-highest": Rule(
        "Six people at the recommended dose, but three are enough at the highest", True, False,
        "Brock 2020, the R package escalation, get_three_plus_three(allow_deescalate = TRUE)",
    ),
}


@dataclass(frozen=True)
class ThreePlusThree(Design):
    """The 3+3 design: cohorts of three; none of three, go up; one of three, three more; one of six, go up; else too many.

    `doses` is how many doses there are, or their labels, lowest first. `rule` is a name of `RULES`. They differ in the end:

    - `never-back`: the dose below the first with two toxicities is recommended, with three or six people on it.
    - `six-at-recommended`: it must have six people with at most one toxicity. Three more are treated there if it has
      three, and a second toxicity among them sends the trial one dose further down.
    - `six-below-highest`: the same, but the highest dose is accepted after none of three.

    Raises `ValueError` for doses without labels and for a rule that is not in `RULES`.
    """

    doses: tuple
    _: KW_ONLY
    rule: str = "never-back"

    def __post_init__(self):
        object.__setattr__(self, "doses", dose_labels(self.doses))
        if self.rule not in RULES:
            raise ValueError(f"rule must be one of {', '.join(RULES)}, not {self.rule!r}")

    name = "3+3"
    cohort_size = 3
    _ends_by_number = False

    @property
    def max_n(self) -> int:
        """The most people that the design can treat: six a dose."""
        return 6 * self.levels

    def _judge(self, n, y, dose):
        """The dose to be judged, people and toxicities there, the highest dose not closed, and whether more are needed.

        A dose with two toxicities is closed, and so are all above it: a trial that stands there steps down.
        """
        ceiling = before_first(y >= 2)
        judged = np.minimum(dose, ceiling)
        people, toxic = at(n, judged), at(y, judged)
        three_are_enough = (people == 3) & (toxic == 0)
        rule = RULES[self.rule]
        if rule.six_at_recommended:
            three_are_enough &= judged < (ceiling if rule.six_at_highest else np.where(ceiling < self.levels, ceiling, self.levels + 1))
        return judged, people, toxic, ceiling, ~(three_are_enough | (people >= 6))

    def _decide(self, n, y, dose, toxicities, size):
        judged, _, _, ceiling, more = self._judge(n, y, dose)
        onward = np.where(judged < ceiling, judged + 1, 0)
        return np.where((judged > 0) & more, judged, onward)

    def _recommend(self, n, y):
        passed = (y < 2) & ((n >= 6) | ((n >= 3) & (y == 0)))
        passed &= np.arange(self.levels) < before_first(y >= 2)[:, None]
        return self.levels - before_first(passed[:, ::-1])

    def _early(self, n, y):
        """Whether each finished trial ended before it had tried the highest dose."""
        return n[:, -1] == 0

    def _why(self, n, y, dose, following):
        judged, people, toxic, ceiling, more = (int(part[0]) for part in self._judge(n[None], y[None], np.array([dose])))
        here = seen(y[dose - 1], n[dose - 1], self.title(dose))
        if judged < dose:
            worst = ceiling + 1
            said = sentence(seen(y[worst - 1], n[worst - 1], self.title(worst)))
            if not judged:
                return f"{said}: two or more are too many, and there is no lower dose."
            below = seen(toxic, people, self.title(judged))
            if not more:
                return f"{said}: two or more are too many, and {below}."
            if not people:
                return f"{said}: two or more are too many, go down to {self.title(judged)}, where nobody has been treated."
            needed = "three" if people < 3 else "six"
            return f"{said}: two or more are too many. Go down: {below}, and {needed} are needed there."
        here = sentence(here)
        if people < 3:
            return f"{here}: stay until three are complete."
        if more and people == 3 and toxic == 1:
            return f"{here}: one of three leaves it open, treat three more there."
        if more and people == 3:
            above = "no dose above is open" if ceiling < self.levels else "there is no dose above"
            return f"{here}: {above}, and a dose must have six people to be recommended, treat three more there."
        if more:
            return f"{here}: stay until six are complete."
        few = {3: "none of three", 6: "at most one of six"}.get(people, "no more than one")
        passes = f"{few} is few enough"
        if following:
            return f"{here}: {passes}, go up to {self.title(following)}."
        return f"{here}: {passes}, and {'this is the highest dose' if judged == self.levels else 'the dose above has had too many'}."
