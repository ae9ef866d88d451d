"""What could a trial of this size find out? The power of each way of asking, and what each arm's interval would look like."""

from dataclasses import dataclass

import numpy as np
from scipy.special import stdtrit

from frailty_lessons.methods.checks import hundred, metres, number, whole
from frailty_lessons.methods.dose_ranging.power import power_of_contrasts, power_of_pairs, power_of_trend
from frailty_lessons.methods.dose_ranging.truth import TrueCurve, usual_shapes

ALLOCATIONS = ("planned", "treated", "two", "placebo")
LIMIT = 0.05


@dataclass(frozen=True, eq=False)
class Strategies:
    """The chances (0 to 1) of a p below 0.05 under one true curve, with standard errors of what is not exact.

    `sizes` are the people of each arm of `truth.doses`, 0 where the trial has no such arm. `reaches` are half-widths of the
    95% intervals of each arm minus placebo as expected, NaN without people. `mcp_mod` is None where there are fewer than
    `fewest_doses` doses.
    """

    truth: TrueCurve
    sizes: tuple[int, ...]
    sd: float
    reaches: np.ndarray
    any_dose: float
    any_error: float
    top_dose: float
    top_error: float
    trend: float
    mcp_mod: float | None
    fewest_doses: int

    @property
    def rows(self) -> tuple:
        """What is asked, how often p is below 0.05, and the standard error, in the order of the picture."""
        return (
            ("at least one dose (Hochberg)", self.any_dose, self.any_error),
            ("the highest dose (Hochberg)", self.top_dose, self.top_error),
            ("a trend over dose", self.trend, 0.0),
            ("MCP-Mod", self.mcp_mod, 0.0),
        )

    def describe(self) -> str:
        """The trial, and how often each way of asking finds something."""
        arms = [size for size in self.sizes if size]
        found = ", ".join(f"in {hundred(chance)} for {name}" for name, chance, _ in self.rows if chance is not None)
        said = (
            f"Virtual trials of {sum(arms)} people ({', '.join(map(str, arms))}, placebo first), assumed SD of changes {metres(self.sd)}, "
            f"true effect: {self.truth.words}. "
            f"Of 100 such trials, p is below {LIMIT} {found}."
        )
        if self.truth.nothing:
            said += " All of these are false alarms: no dose does anything."
        if self.mcp_mod is None:
            doses = "placebo and one dose alone no shape can be asked for" if len(arms) == 2 else f"{len(arms)} doses, placebo included, the shape is hardly known"
            said += f" With {doses}: MCP-Mod needs at least {self.fewest_doses} doses, placebo included."
        return said

    def table(self) -> dict:
        """One row a question, in words."""
        return {
            "question": [name for name, _, _ in self.rows],
            "of 100 trials, p below 0.05": ["cannot be asked" if chance is None else f"{100 * chance:.1f}" for _, chance, _ in self.rows],
            "calculated to": ["–" if chance is None else f"±{200 * error:.2f}" if error else "exact" for _, chance, error in self.rows],
        }


def allocate(how, *, planned, treated) -> tuple[int, ...]:
    """People in each arm, placebo first: as `planned`, as `treated`; as many in all as were treated, but with `two` arms alone,
    placebo and the highest dose; or with more on `placebo`.

    The last gives placebo √k times as many as each of k doses, which is best for k comparisons with it (Dunnett 1955, JASA
    50:1096-1121). Raises `ValueError` for another way, and where the numbers it needs are not known.
    """
    if how not in ALLOCATIONS:
        raise ValueError(f"the allocation must be one of {', '.join(ALLOCATIONS)}, not {how!r}")
    known = tuple(planned if how == "planned" else treated)
    if any(size is None for size in known):
        raise ValueError(f"how many people were {'planned for' if how == 'planned' else 'treated in'} each arm is not known for this trial")
    total, k = sum(known), len(known) - 1
    if how == "two":
        return (total - total // 2, *[0] * (k - 1), total // 2)
    if how == "placebo":
        each = round(total / (k + np.sqrt(k)))
        return (total - k * each, *[each] * k)
    return known


def strategies(truth: TrueCurve, sizes, *, sd, fewest_doses=4) -> Strategies:
    """The power of Hochberg's comparisons, of a trend over dose and of MCP-Mod with `usual_shapes`; all two-sided at 0.05.

    For normal changes with one `sd` and everybody measured; see `power_of_pairs` and `power_of_contrasts` for sources and
    errors. Raises `ValueError` for impossible values, or with nobody on placebo or on the highest dose.
    """
    sizes = tuple(whole("sizes", size, low=0) for size in sizes)
    if len(sizes) != len(truth.doses):
        raise ValueError(f"sizes must have one number for each of the {len(truth.doses)} doses, not {len(sizes)}")
    if min(sizes[0], sizes[-1]) < 2:
        raise ValueError("a trial needs at least two people on placebo and on the highest dose")
    sd = number("sd", sd, low=0, open_low=True)
    there = np.array(sizes) > 0
    doses, people, means = truth.doses[there], np.array(sizes)[there], truth.effects[there]
    given = {"sd": sd, "sizes": people, "alpha": LIMIT}
    pairs = power_of_pairs(doses, means, **given)
    mcp = power_of_contrasts(doses, means, usual_shapes(doses[-1]), **given) if len(doses) >= fewest_doses else None
    with np.errstate(divide="ignore"):
        errors = sd * np.sqrt(1 / np.array(sizes, dtype=float) + 1 / sizes[0])
    reaches = np.where(there, stdtrit(people.sum() - len(people), 1 - LIMIT / 2) * errors, np.nan)
    reaches[0] = np.nan
    return Strategies(
        truth, sizes, sd, reaches, pairs.any_dose, pairs.any_error, pairs.top_dose, pairs.top_error, power_of_trend(doses, means, **given), mcp, fewest_doses
    )
