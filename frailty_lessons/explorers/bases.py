"""What explorers of several topics start from: a trial's arms and headline, a reported difference, virtual people."""

import numpy as np

from frailty_lessons import virtual
from frailty_lessons.methods import evidence
from frailty_lessons.ui import Explorer

PRIORS = {"sceptical": "A sceptic, unsure", "flat": "Nothing was known", "enthusiastic": "An enthusiast", "own": "Your own"}
# The columns of a virtual trial, by the names that analyses ask for.
COLUMNS = {"outcome": "change", "arm": "arm", "baseline": "baseline", "subject": "person", "visit": "visit"}


def nearest(control, wanted):
    """The value of a slider that is nearest to the one wanted."""
    return min(control.values, key=lambda value: abs(value - wanted))


def headline_arm(trial):
    """The arm that the headline tells of, or None."""
    row = trial.published(trial.headline) if trial and trial.headline else None
    return trial.arm(row.arm) if row and row.arm else None


def people_told(trial) -> dict:
    """People in the arm of the headline and in its control, by the names of the sliders; who is not told is left out."""
    arms = {"n_treated": headline_arm(trial), "n_control": trial.arm(trial.control) if trial and trial.control else None}
    return {name: arm.treated for name, arm in arms.items() if arm and arm.treated}


def people_in_reach(explorer, people) -> dict:
    """A trial's numbers of people as values of the sliders of these names, as near as these go."""
    return {name: nearest(explorer.controls[name], count) for name, count in people.items()}


def out_of_reach(explorer, people) -> str:
    """What to say in a caption where the sliders of these names do not go as far as a trial's numbers of people."""
    if all(count in explorer.controls[name].values for name, count in people.items()):
        return ""
    return f" The trial has {' and '.join(map(str, people.values()))} people in these arms, and the sliders do not go that far."


def as_planned(explorer, arm) -> dict:
    """A case with the people that were planned for the arm, if the explorer starts with others and its sliders go that far."""
    if not arm or arm.planned == explorer.start["n_treated"] or arm.planned not in explorer.controls["n_treated"].values:
        return {}
    return {f"As planned: {arm.planned} and {arm.planned}": {"n_treated": arm.planned, "n_control": arm.planned}}


class TrialExplorer(Explorer):
    """An explorer that starts from a trial's arms, its headline and what was called meaningful."""

    @property
    def headline(self):
        """The result that the news led with, if it is a difference in metres; otherwise None."""
        row = self.trial.published(self.trial.headline) if self.trial and self.trial.headline else None
        return row if row and row.value is not None and row.unit == "m" and row.statistic == "difference" else None

    @property
    def doses(self) -> list:
        """The treated arms that were drawn by lot, the one in the headline first."""
        if not self.trial or not self.trial.control:
            return []
        told = self.trial.published(self.trial.headline).arm if self.trial.headline else ""
        arms = [arm for arm in self.trial.arms if arm.randomised and arm.dose > 0 and arm.id != self.trial.control and arm.treated]
        return sorted(arms, key=lambda arm: (arm.id != told, arm.dose))

    @property
    def _days(self) -> list:
        """The visits after the start, up to the last at which people were measured for an effect."""
        last = virtual.assumptions(self.trial)["visits"]
        return [visit for visit in sorted(self.trial.visits, key=lambda visit: visit.day) if 0 < visit.day <= (last[0].value if last else np.inf)]

    @property
    def sizes(self) -> tuple | None:
        """People in the arm of the headline and in its control; None where the trial does not tell."""
        control = self.trial.arm(self.trial.control).treated if self.trial and self.trial.control else None
        return (self.doses[0].treated, control) if self.doses and control else None

    @property
    def _thresholds(self) -> list[float]:
        outcomes = [outcome for outcome in self.trial.outcomes if outcome.unit == "m"] if self.trial else []
        return [self.trial.threshold_result(threshold).value for outcome in outcomes for threshold in outcome.thresholds]

    @property
    def meaningful(self) -> list[float]:
        """What was called a meaningful change, in metres, smallest first."""
        return sorted(self._thresholds)

    @property
    def worth_having(self) -> float:
        """The gain that counts as worth having, in metres: the first that the trial's file calls meaningful."""
        return self._thresholds[0]

    @property
    def assumed_sd(self) -> dict:
        """The SD of changes that the trial's virtual people have, if the slider can take it."""
        rows = virtual.assumptions(self.trial)["sd"] if self.trial else ()
        return {"sd": round(rows[0].value)} if rows and rows[0].value in self.controls["sd"].values else {}


class ReportExplorer(TrialExplorer):
    """An explorer that needs a reported difference."""

    def lacks(self):
        if not self.headline or not self.sizes or not self.meaningful:
            return "This part needs a trial with a reported difference in metres, the sizes of both arms, and changes that were called meaningful; this trial's data have not all of them."
        return None

    def start_from_trial(self):
        return self.assumed_sd if self._implied_sd is None else {"sd": nearest(self.controls["sd"], self._implied_sd)}

    @property
    def _implied_sd(self) -> float | None:
        """The SD of changes that the published interval stands for; None where none was published."""
        row = self.headline
        return None if row.ci_low is None else evidence.implied_sd(low=row.ci_low, high=row.ci_high, n_treated=self.sizes[0], n_control=self.sizes[1])

    @property
    def report(self):
        """What stands in a caption about the figure."""
        row, implied = self.headline, self._implied_sd
        spread = "no interval was published, so that the SD of people's changes is assumed"
        if implied is not None:
            spread = f"if nothing was adjusted for, its interval stands for an SD of people's changes of {implied:.0f} m, and the slider starts as near to it as it can"
        return (
            f"The report: {row.figure()} ({row.certainty_in_words()}), {self.sizes[0]} against {self.sizes[1]} people; {spread}. "
            "All of this holds only if the figure is a difference from control. "
        )


class VirtualTrialExplorer(Explorer):
    """An explorer that draws a virtual trial with the trial's arms, control and at least so many doses."""

    least_doses = 2

    def lacks(self):
        if not self.trial or not self.trial.control or len(self._doses) < self.least_doses:
            doses = "two doses or more" if self.least_doses == 2 else "a treated arm"
            return f"This part needs a randomised trial with a control arm and {doses}; this trial's data have none."
        try:
            virtual.virtual_trial(self.trial, effects=0)
        except ValueError as error:
            return f"This part needs virtual people, and cannot draw them from the trial's data: {error}."
        return None

    @property
    def _doses(self) -> list[str]:
        treated = [arm for arm in self.trial.arms if arm.randomised and arm.dose > 0 and arm.id != self.trial.control]
        return [arm.id for arm in sorted(treated, key=lambda arm: arm.dose)]

    @property
    def _day(self) -> int:
        """The day at which the effect was to be judged, or else the last."""
        planned = self.trial.efficacy_visit
        return self.trial.visit(planned).day if planned else max(visit.day for visit in self.trial.visits)

    @property
    def _assumed(self) -> str:
        rows = virtual.assumptions(self.trial)
        each = (("SD of changes {}", "sd"), ("correlation of visits {}", "correlation"), ("{} of people leave (if no control sets it)", "dropout"))
        said = ", ".join(words.format(rows[key][0].figure()) for words, key in each if rows[key])
        return f"Assumed for teaching: {said}."


def of_hundred(chance) -> str:
    """A chance as a number of 100 in a picture, never rounded to certainty, as in the sentence: `15`, `<1`, `>99`."""
    return "<1" if chance < 0.01 else ">99" if chance > 0.99 else f"{100 * chance:.0f}"


def percent(chance) -> str:
    """A chance in a picture: `15%`, `<1%`, `>99%`."""
    return f"{of_hundred(chance)}%"
