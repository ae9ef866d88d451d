"""Arms against the control in each of many virtual trials."""

from dataclasses import dataclass

import numpy as np
from scipy.special import stdtr, stdtrit

from frailty_lessons.methods.checks import number
from frailty_lessons.virtual.trials import VirtualTrials


@dataclass(frozen=True, eq=False)
class Differences:
    """Differences of mean changes, arm minus control, in each virtual trial.

    Attributes
    ----------
    arms, control, days
        The arms compared, what with, and the days of the visits.
    estimate, low, high, p_value
        Arrays, trials by arms by visits: the difference in metres, its limits at `level`, and the two-sided p-value.
    method
        `welch` or `pooled`.
    """

    arms: tuple[str, ...]
    control: str
    days: tuple[int, ...]
    estimate: np.ndarray
    low: np.ndarray
    high: np.ndarray
    p_value: np.ndarray
    method: str
    level: float

    def describe(self) -> str:
        """One sentence an arm and visit: where the estimates lie."""
        said = [f"{len(self.estimate)} virtual trials of synthetic people."]
        for i, arm in enumerate(self.arms):
            for j, day in enumerate(self.days):
                found = self.estimate[:, i, j][~np.isnan(self.estimate[:, i, j])]
                if not found.size:
                    said.append(f"{arm} minus {self.control} at day {day}: nobody was left to compare.")
                    continue
                low, high = np.quantile(found, (0.025, 0.975))
                said.append(
                    f"{arm} minus {self.control} at day {day}: {_signed(found.mean())} m on average, "
                    f"and 95 of 100 estimates from {_signed(low)} to {_signed(high)} m."
                )
        return " ".join(said)


def differences(result: VirtualTrials, *, visit=None, control=None, method="welch", level=0.95) -> Differences:
    """Each arm's mean change less the control's, in each virtual trial, with Student intervals.

    Parameters
    ----------
    visit
        One day, or None for all visits.
    control
        Arm to compare with; None: the pack's control.
    method
        `welch` (own variances; Satterthwaite's degrees of freedom, Welch 1947 Biometrika 34:28-35) or `pooled` (one variance
        for the two arms compared).
    level
        Confidence of the limits, between 0 and 1.

    Raises
    ------
    ValueError
        For an unknown visit, arm or method, or a level that is none.
    """
    if method not in ("welch", "pooled"):
        raise ValueError(f"method must be welch or pooled, not {method!r}")
    level = number("level", level, low=0, high=1, open_low=True, open_high=True)
    control = result.control if control is None else control
    if control not in result.arms:
        raise ValueError(f"control must be one of the arms {', '.join(result.arms)}, not {control!r}")
    if visit is not None and visit not in result.days:
        raise ValueError(f"visit must be one of the days {', '.join(map(str, result.days))}, not {visit!r}")
    days = result.days if visit is None else (visit,)
    at = [result.days.index(day) for day in days]
    counts, means, variances = (values[:, :, at] for values in (result.counts, result.means, result.variances))
    base = result.arms.index(control)
    rest = [k for k in range(len(result.arms)) if k != base]
    n, m = counts[:, rest].astype(float), counts[:, [base]].astype(float)
    estimate = means[:, rest] - means[:, [base]]
    with np.errstate(divide="ignore", invalid="ignore"):
        if method == "welch":
            own, other = variances[:, rest] / n, variances[:, [base]] / m
            square = own + other
            df = square**2 / (own**2 / (n - 1) + other**2 / (m - 1))
        else:
            df = n + m - 2
            spread = (n - 1) * variances[:, rest] + (m - 1) * variances[:, [base]]
            square = spread / df * (1 / n + 1 / m)
        error = np.sqrt(square)
        half = stdtrit(df, (1 + level) / 2) * error
        p_value = 2 * stdtr(df, -np.abs(estimate / error))
    arms = tuple(result.arms[k] for k in rest)
    return Differences(arms, control, days, estimate, estimate - half, estimate + half, p_value, method, level)


def _signed(metres) -> str:
    return f"{round(float(metres)) + 0:+d}".replace("-", "−") if round(float(metres)) else "0"
