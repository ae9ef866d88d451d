"""What is true in a virtual trial: a curve over dose, and shapes to guess it by."""

from dataclasses import dataclass

import numpy as np

from frailty_lessons.methods.checks import number
from frailty_lessons.methods.dose_ranging.means import checked_doses
from frailty_lessons.methods.dose_ranging.models import Candidate, candidate

WORDS = {
    "none": "no effect at all",
    "line": "a straight line",
    "emax": "an early rise, then flat",
    "plateau": "a plateau at the top: it rises to the second-highest dose, then stays",
    "hump": "a hump: best at the second-highest dose, half of that at the highest",
    "step": "a staircase: only the highest dose does anything",
    "alike": "all doses alike",
}
"""The shapes of `true_curve`, in words."""

CURVES = {
    "linear": "straight line",
    "emax": "early rise",
    "quadratic": "hump",
    "exponential": "late rise",
    "sigmoid emax": "S-curve",
}
"""The models of `usual_shapes`, in words."""


@dataclass(frozen=True, eq=False)
class TrueCurve:
    """Metres that each dose truly adds; `doses` are those of the trial's arms, the lowest is 0."""

    shape: str
    largest: float
    doses: np.ndarray

    def at(self, doses) -> np.ndarray:
        """The true effect at any doses up to the highest."""
        d, top, below = np.asarray(doses, dtype=float), self.doses[-1], self.doses[-2]
        with np.errstate(divide="ignore", invalid="ignore"):
            share = {
                "none": np.zeros_like(d),
                "line": d / top,
                "emax": d / (top / 8 + d) * (top / 8 + top) / top,
                "plateau": np.minimum(d / below, 1) if below else d / top,
                "hump": np.where(d <= below, 1 - (1 - d / below) ** 2, 1 - ((d - below) / (top - below)) ** 2 / 2) if below else d / top,
                "step": (d > (below + top) / 2).astype(float),
                "alike": (d > 0).astype(float),
            }[self.shape]
        return self.largest * share

    @property
    def effects(self) -> np.ndarray:
        """The true effect of each arm."""
        return self.at(self.doses)

    @property
    def drawn(self) -> tuple[np.ndarray, np.ndarray]:
        """Doses and effects, close enough to draw the curve."""
        grid = np.linspace(0, self.doses[-1], 61)
        return grid, self.at(grid)

    @property
    def nothing(self) -> bool:
        """Whether no arm does anything."""
        return not np.any(self.effects)

    def target_dose(self, gain) -> float:
        """The smallest dose that truly gains `gain`, NaN where none does."""
        grid = np.linspace(0, self.doses[-1], 20_001)
        enough = self.at(grid) >= gain - 1e-9
        return float(grid[enough.argmax()]) if enough.any() else np.nan

    @property
    def words(self) -> str:
        """The shape and its size: `a straight line, at most +40 m`."""
        if self.nothing:
            return WORDS["none"]
        return f"{WORDS[self.shape]}, {'each' if self.shape == 'alike' else 'at most'} +{self.largest:g} m"


def true_curve(shape, largest, doses) -> TrueCurve:
    """A true curve of one of the shapes of `WORDS`, the best of the trial's `doses` gaining `largest` metres.

    `emax` has half of its final effect at an eighth of the highest dose; the step is put halfway between the two highest.
    Raises `ValueError` for another shape, an effect below 0, or doses that do not start at 0.
    """
    if shape not in WORDS:
        raise ValueError(f"shape must be one of {', '.join(WORDS)}, not {shape!r}")
    doses = checked_doses(doses)
    if doses[0]:
        raise ValueError(f"the lowest dose must be 0, not {doses[0]:g}")
    return TrueCurve(shape, number("largest", largest, low=0), doses)


def usual_shapes(highest) -> tuple[Candidate, ...]:
    """Five guesses that are made for want of better ones: a line, an early and a late rise, an S, and a hump at 60 per cent of the range."""
    return (
        candidate("linear"),
        candidate("emax", ed50=highest / 8),
        candidate("quadratic", delta=-1 / (1.2 * highest)),
        candidate("exponential", delta=highest / 4),
        candidate("sigmoid emax", ed50=highest / 2, h=4),
    )
