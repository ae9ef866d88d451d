"""What is known of each dose: its mean, and how the means vary together."""

from dataclasses import dataclass

import numpy as np

from frailty_lessons.methods.checks import number
from frailty_lessons.methods.placebo.people import numbers, read_people


@dataclass(frozen=True, eq=False)
class DoseMeans:
    """Mean response at each dose, lowest dose first, with the covariance of these means.

    `df` belongs to the covariance, infinite where it is taken as known. Where the means come from people, `people` counts
    them, `counts` counts them by dose, `within` is their sum of squares around the means, and `slopes` the number of
    baselines adjusted for; otherwise these are None and 0.
    """

    doses: np.ndarray
    means: np.ndarray
    covariance: np.ndarray
    df: float
    counts: np.ndarray | None = None
    within: float | None = None
    slopes: int = 0
    notes: tuple[str, ...] = ()

    @property
    def people(self) -> int | None:
        return None if self.counts is None else int(self.counts.sum())

    @property
    def weights(self) -> np.ndarray:
        """The inverse of the covariance, or, where the means come from people, of the covariance for a variance of 1."""
        inverse = np.linalg.inv(self.covariance)
        return inverse if self.within is None else inverse * (self.within / self.df)


def dose_means(frame, *, outcome, dose, baseline=None) -> DoseMeans:
    """The mean outcome at each dose, at the average baseline where one is named, with one spread for all doses.

    Least squares for outcome ~ dose as a factor (+ baseline). `frame` has one row a person, `dose` is a column of numbers;
    who lacks the outcome or the baseline is left out. Raises `ValueError` for unknown columns, values that are no numbers,
    fewer than two doses, or a dose with fewer than two people.
    """
    levels = numbers(frame, dose)
    lowest = number("the lowest dose", levels.min(), low=0)
    frame = frame.copy(deep=False)
    frame[dose] = levels
    people = read_people(frame, outcome=outcome, arm=dose, control=lowest, baseline=baseline)
    doses = np.array([float(level) for level in (people.control, *people.arms)])
    design = (people.of[:, None] == np.arange(len(doses))).astype(float)
    if people.baseline is not None:
        design = np.column_stack([design, people.baseline - people.baseline.mean()])
    inverse = np.linalg.inv(design.T @ design)
    coefficients = inverse @ (design.T @ people.outcome)
    residual = people.outcome - design @ coefficients
    df = len(design) - design.shape[1]
    if df < 1 or residual @ residual <= 1e-20 * (people.outcome @ people.outcome):
        raise ValueError("the outcome must differ between people of the same dose and baseline, or there is no spread to judge the curve by")
    within, k = float(residual @ residual), len(doses)
    return DoseMeans(doses, coefficients[:k], inverse[:k, :k] * within / df, float(df), people.counts, within, design.shape[1] - k, people.notes)


def estimates(doses, means, covariance, *, df=np.inf) -> DoseMeans:
    """Estimates from elsewhere, for the generalised method (Pinheiro, Bornkamp, Glimm & Bretz 2014, Stat Med 33:1646-1661).

    `means` and their `covariance` are in the order of the `doses`, which rise. Raises `ValueError` for impossible values.
    """
    doses = checked_doses(doses)
    means, covariance = np.atleast_1d(number("means", means)), np.atleast_2d(number("covariance", covariance))
    if means.shape != doses.shape or covariance.shape != (len(doses), len(doses)):
        raise ValueError(f"{len(doses)} doses need {len(doses)} means and a covariance of {len(doses)} by {len(doses)}, not {means.shape} and {covariance.shape}")
    if not np.allclose(covariance, covariance.T, rtol=1e-6) or np.linalg.eigvalsh(covariance)[0] <= 0:
        raise ValueError("covariance must be symmetric and positive definite")
    return DoseMeans(doses, means, covariance, number("df", df, low=1))


def expected_means(doses, means, *, sd, sizes) -> DoseMeans:
    """The means as a trial of these `sizes` would estimate them if each person's response has the known spread `sd`."""
    doses = checked_doses(doses)
    sizes = np.atleast_1d(number("sizes", sizes, low=0, open_low=True))
    if sizes.shape != doses.shape:
        raise ValueError(f"sizes must have one number for each of the {len(doses)} doses, not {sizes.size}")
    sd = number("sd", sd, low=0, open_low=True)
    found = estimates(doses, means, np.diag(sd**2 / sizes), df=max(float(sizes.sum() - len(sizes)), 1.0))
    return DoseMeans(found.doses, found.means, found.covariance, found.df, sizes)


def checked_doses(doses) -> np.ndarray:
    """At least two doses that rise, as floats; raises `ValueError` otherwise."""
    doses = np.atleast_1d(number("doses", doses, low=0))
    if doses.ndim > 1 or len(doses) < 2 or not (np.diff(doses) > 0).all() or not np.isfinite(doses).all():
        raise ValueError(f"doses must be at least two numbers that rise, not {', '.join(f'{dose:g}' for dose in doses.ravel())}")
    return doses

