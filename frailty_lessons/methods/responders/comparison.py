"""Two arms' responders: difference, ratios and number needed to treat, each with its limits."""

from dataclasses import dataclass

import numpy as np

from frailty_lessons.methods.placebo import DifferenceInProportions, difference_in_proportions
from frailty_lessons.methods.responders.number_needed import NumberNeeded, number_needed


@dataclass(frozen=True)
class Ratio:
    """A ratio of arm to control with its limits; NaN where the counts allow none."""

    estimate: float
    low: float
    high: float


@dataclass(frozen=True)
class ResponderComparison:
    """Responders of an arm against those of a control. `risk_ratio` compares shares, `odds_ratio` odds."""

    difference: DifferenceInProportions
    risk_ratio: Ratio
    odds_ratio: Ratio
    needed: NumberNeeded

    def describe(self) -> str:
        """Two sentences: the shares with their difference, and the number needed to treat."""
        return f"{self.difference.describe()} {self.needed.describe()}"

    def table(self) -> dict:
        """The difference and both ratios as columns of equal length, in words."""
        found, rows = self.difference, [("difference, percentage points", *(f"{100 * value:+.1f}" for value in (self.difference.estimate, self.difference.low, self.difference.high)))]
        rows += [(name, *(_ratio(value) for value in (one.estimate, one.low, one.high))) for name, one in (("ratio of shares", self.risk_ratio), ("ratio of odds", self.odds_ratio))]
        return {
            "measure": [row[0] for row in rows],
            "estimate": [row[1].replace("-", "−") for row in rows],
            f"{found.level:.0%} from": [row[2].replace("-", "−") for row in rows],
            f"{found.level:.0%} to": [row[3].replace("-", "−") for row in rows],
        }


def compare_responders(events_arm, n_arm, events_control, n_control, level=0.95) -> ResponderComparison:
    """The responders among `n_arm` people against those among `n_control`.

    The difference has Newcombe's limits, and the number needed to treat is made from them. Ratios have limits on the log
    scale, by statsmodels: of shares (Katz and others 1978, Biometrics 34:469-474), of odds (Woolf 1955, Ann Hum Genet
    19:251-253). A count of 0 leaves these without limits, as does an arm in which everybody responded: for odds one,
    for shares both. Raises `ValueError` for impossible counts.
    """
    found = difference_in_proportions(events_arm, n_arm, events_control, n_control, level=level)
    a, c = found.events_arm, found.events_control
    b, d = found.n_arm - a, found.n_control - c
    return ResponderComparison(
        found,
        _limits("riskratio", ((a, b), (c, d)), found.level, known=a and c and (b or d)),
        _limits("oddsratio", ((a, b), (c, d)), found.level, known=a and b and c and d),
        number_needed(found.estimate, found.low, found.high, found.level),
    )


def _limits(name, counts, level, known) -> Ratio:
    if not known:
        (a, b), (c, d) = counts
        above, below = (a * (c + d), c * (a + b)) if name == "riskratio" else (a * d, b * c)
        return Ratio(above / below if below else np.inf if above else np.nan, np.nan, np.nan)
    from statsmodels.stats.contingency_tables import Table2x2

    table = Table2x2(np.array(counts, dtype=float), shift_zeros=False)
    low, high = getattr(table, f"{name}_confint")(1 - level)
    return Ratio(float(getattr(table, name)), float(low), float(high))


def _ratio(value) -> str:
    return "–" if np.isnan(value) else "infinite" if np.isinf(value) else f"{value:.2f}"
