"""One data set, two questions: each dose against placebo, and a curve through all doses."""

from dataclasses import dataclass

import numpy as np

from frailty_lessons.methods.checks import metres
from frailty_lessons.methods.dose_ranging.mcp_mod import MCPMod, mcp_mod
from frailty_lessons.methods.dose_ranging.means import dose_means
from frailty_lessons.methods.dose_ranging.truth import CURVES, TrueCurve, usual_shapes
from frailty_lessons.methods.placebo import Comparisons, adjust, ancova, in_words
from frailty_lessons.methods.placebo.people import column

LIMIT = 0.05
STEPS = 31


@dataclass(frozen=True, eq=False)
class ArmsAndCurve:
    """`each` dose against placebo, with Hochberg's adjusted p-values, and `together`, MCP-Mod over all doses.

    `grid`, `gains`, `lows` and `highs` are the chosen curve over placebo with its 95% band, metres; None where none was
    fitted. `truth` is the true curve of the virtual people.
    """

    each: Comparisons
    together: MCPMod
    truth: TrueCurve
    grid: np.ndarray
    gains: np.ndarray | None
    lows: np.ndarray | None
    highs: np.ndarray | None

    @property
    def smallest_alone(self) -> float:
        return float(self.each.estimates["adjusted_p"].min())

    @property
    def smallest_together(self) -> float:
        return float(self.together.test.adjusted_p.min())

    def describe(self) -> str:
        """Both answers, and how they go together."""
        rows = list(self.each.estimates.itertuples())
        said = ", ".join(f"{row.arm} {_metres(row.estimate)} ({_metres(row.low)} to {_metres(row.high)})" for row in rows)
        alone, together = self.smallest_alone, self.smallest_together
        if together >= LIMIT:
            curve = f"With p at {LIMIT} or above, MCP-Mod fits no curve."
        else:
            curve = f"The curve chosen: {CURVES[self.together.chosen]}."
        both = {
            (False, True): "No single dose has an adjusted p below 0.05, but the question of all doses together has: both are true of the same people.",
            (True, True): "Both questions have a p below 0.05.",
            (True, False): "A single dose has an adjusted p below 0.05, but the question of all doses together has not.",
            (False, False): "Neither question has a p below 0.05, which does not show that the doses do nothing.",
        }[alone < LIMIT, together < LIMIT]
        return (
            f"Synthetic people. Each dose minus placebo: {said} m; smallest adjusted p {in_words(alone)}. "
            f"All doses together (MCP-Mod): p {in_words(together)}. {curve} {both}"
        )

    def table(self) -> dict:
        """One row a dose, then one for all doses together, in words."""
        rows = list(self.each.estimates.itertuples())
        return {
            "question": [*(f"{row.arm} minus {row.control}" for row in rows), "all doses (MCP-Mod)"],
            "people": [*(f"{row.n_arm} and {row.n_control}" for row in rows), f"{sum(row.n_arm for row in rows) + rows[0].n_control}"],
            "difference (m)": [*(_metres(row.estimate) for row in rows), "–"],
            "95% from": [*(_metres(row.low) for row in rows), "–"],
            "95% to": [*(_metres(row.high) for row in rows), "–"],
            "p, adjusted": [*(in_words(row.adjusted_p) for row in rows), in_words(self.smallest_together)],
            "true effect (m)": [*(_metres(value) for value in self.truth.effects[1:]), "–"],
        }


def arms_and_curve(frame, *, outcome, arm, dose, baseline, control, visit, at, truth: TrueCurve) -> ArmsAndCurve:
    """Both questions at one visit, adjusted for baseline by the same linear model: outcome ~ arm + baseline.

    Each arm minus the control with Hochberg's adjustment (1988, Biometrika 75:800-802), and MCP-Mod with `usual_shapes`,
    two-sided at 0.05, the curve chosen by AIC. `frame` has one row a person and visit, one arm a dose. Raises `ValueError`
    for a visit that there is not, and as the analyses do.
    """
    now = frame[column(frame, visit) == at]
    if not len(now):
        raise ValueError(f"there is no visit {at!r}; there are {', '.join(map(str, dict.fromkeys(column(frame, visit))))}")
    each = ancova(now, outcome=outcome, arm=arm, baseline=baseline, control=control)
    each.estimates["adjusted_p"] = adjust(each.estimates["p_value"], method="hochberg")
    means = dose_means(now, outcome=outcome, dose=dose, baseline=baseline)
    together = mcp_mod(means, usual_shapes(means.doses[-1]), alpha=LIMIT)
    grid, gains, lows, highs = np.linspace(0, means.doses[-1], STEPS), None, None, None
    if together.curve is not None:
        gains, errors = together.curve.gain(grid)
        lows, highs = gains - 1.96 * errors, gains + 1.96 * errors
    return ArmsAndCurve(each, together, truth, grid, gains, lows, highs)


def _metres(value) -> str:
    return metres(value, sign=True).removesuffix(" m")
