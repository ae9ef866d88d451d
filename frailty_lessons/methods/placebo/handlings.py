"""One trial from which people have left, and what each way of handling that says at the last visit."""

from dataclasses import dataclass

from frailty_lessons.methods.checks import metres, plural
from frailty_lessons.methods.placebo.means import ancova
from frailty_lessons.methods.placebo.missing import complete_cases, delta_adjusted, last_observation_carried_forward, multiple_imputation, reference_based
from frailty_lessons.methods.placebo.people import column


@dataclass(frozen=True)
class Handling:
    """What one way says of the arm less the control: estimate and limits, in the unit of the outcome."""

    name: str
    estimate: float
    low: float
    high: float


@dataclass(frozen=True)
class Handlings:
    """`ways` of handling people who left, first what would have been found `if nobody had left`; `left` of `people` left.

    `truth` is the effect that the virtual people were given, `delta` how much worse than expected those who left the arm
    are taken to have walked, in the last of the ways.
    """

    arm: str
    control: str
    truth: float
    ways: tuple[Handling, ...]
    left: dict
    people: dict
    delta: float

    def describe(self) -> str:
        """Who left, what would have been found, and how far apart the ways are."""
        who = " and ".join(f"{self.left[name]} of {plural(self.people[name], 'person', 'people')} on {name}" for name in (self.arm, self.control))
        said = "; ".join(f"{way.name} {metres(way.estimate, sign=True)}" for way in self.ways)
        return f"Virtual people, given a true effect of {metres(self.truth, sign=True)}: {who} left before the last visit. {self.arm} minus {self.control}: {said}."

    def table(self) -> dict:
        """One row a way, in words."""
        return {
            "way": [way.name for way in self.ways],
            "difference (m)": [f"{way.estimate:+.1f}".replace("-", "−") for way in self.ways],
            "95% from": [f"{way.low:+.1f}".replace("-", "−") for way in self.ways],
            "95% to": [f"{way.high:+.1f}".replace("-", "−") for way in self.ways],
        }


def handlings(frame, whole, *, of, delta, truth, outcome, arm, baseline, control, subject, visit, imputations=40, seed=0) -> Handlings:
    """The arm `of` less the control at the last visit, by each way of handling people who left.

    `frame` is what was seen, one row a person and visit with the outcome missing where the person had left; `whole` is the
    same people had nobody left, which only a virtual trial knows. `delta` metres are taken from what the last way expects
    of people who left the arm `of`. Raises `ValueError` as the functions of `missing` do.
    """
    names = {"outcome": outcome, "arm": arm, "baseline": baseline, "control": control, "subject": subject, "visit": visit}
    drawn = {"imputations": imputations, "seed": seed}
    last = column(frame, visit).max()
    seen, complete = (table[column(table, arm).isin([of, control])] for table in (frame, whole))
    ways = {
        "if nobody had left": ancova(complete[column(complete, visit) == last], outcome=outcome, arm=arm, baseline=baseline, control=control),
        "those who stayed": complete_cases(seen, **names),
        "last walk carried forward": last_observation_carried_forward(seen, **names),
        "filled in as missing at random": multiple_imputation(seen, **names, **drawn),
        "filled in as on placebo": reference_based(seen, **names, method="jump-to-reference", **drawn),
        f"filled in, and {metres(delta)} worse": delta_adjusted(seen, **names, delta=-delta, **drawn),
    }
    end = seen[column(seen, visit) == last]
    gone = end[outcome].isna()
    left = {name: int((gone & (end[arm] == name)).sum()) for name in (of, control)}
    people = {name: int((end[arm] == name).sum()) for name in (of, control)}
    rows = tuple(Handling(name, *(float(found.estimates[key].iloc[0]) for key in ("estimate", "low", "high"))) for name, found in ways.items())
    return Handlings(of, control, float(truth), rows, left, people, float(delta))
