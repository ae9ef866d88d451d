"""Testing for a dose-response with several guessed shapes at once."""

from dataclasses import dataclass

import numpy as np
from scipy.special import stdtr

from frailty_lessons.methods.checks import number
from frailty_lessons.methods.dose_ranging.largest import Largest
from frailty_lessons.methods.dose_ranging.means import DoseMeans
from frailty_lessons.methods.placebo.result import in_words

ALTERNATIVES = ("two-sided", "increasing", "decreasing")


@dataclass(frozen=True, eq=False)
class ContrastTest:
    """One contrast of the dose means for each candidate shape.

    `contrasts` are doses by candidates, each of length 1; `correlation` is that of the statistics, which have `df` degrees of
    freedom. `p_values` belong to each contrast alone, `adjusted_p` to all together: an error anywhere is as rare as they say.
    `critical` is what the largest statistic (or its size, if two-sided) exceeds with the chance asked for if no dose does anything.
    """

    labels: tuple[str, ...]
    contrasts: np.ndarray
    correlation: np.ndarray
    statistics: np.ndarray
    p_values: np.ndarray
    adjusted_p: np.ndarray
    critical: float
    df: float
    alternative: str

    def describe(self) -> str:
        """The shape that the means resemble most, and its p-value."""
        best = int(self.adjusted_p.argmin())
        return (
            f"{len(self.labels)} guessed shapes, tested together ({self.alternative}): the means resemble {self.labels[best]} most, "
            f"t {self.statistics[best]:.2f}, p {in_words(self.adjusted_p[best])} after adjustment for all shapes."
        )

    def table(self) -> dict:
        """One row a candidate, in words."""
        return {
            "shape": list(self.labels),
            "t": [f"{value:.2f}".replace("-", "−") for value in self.statistics],
            "p": [in_words(value) for value in self.p_values],
            "p, adjusted": [in_words(value) for value in self.adjusted_p],
        }


def optimal_contrasts(doses, candidates, *, sizes=None, covariance=None, constrained=False) -> np.ndarray:
    """The contrasts that find each candidate shape most surely, doses by candidates; each has length 1.

    For people of one spread in groups of `sizes`, or for means with a `covariance` (one of the two). The contrast is
    S⁻¹(μ − average of μ) (Bornkamp, Pinheiro & Bretz 2009, J Stat Softw 29:7; Pinheiro, Bornkamp, Glimm & Bretz 2014, Stat
    Med 33:1646-1661). If `constrained`, no dose above the lowest has a negative coefficient. Raises `ValueError` for
    impossible values, for a shape that is flat at these doses, and, if `constrained`, for one that never rises.
    """
    from scipy.optimize import nnls

    from frailty_lessons.methods.dose_ranging.means import checked_doses, estimates

    doses = checked_doses(doses)
    if (sizes is None) == (covariance is None):
        raise ValueError("contrasts need either sizes or a covariance")
    if sizes is not None:
        covariance = np.diag(1 / np.atleast_1d(number("sizes", sizes, low=0, open_low=True)))
    covariance = estimates(doses, np.zeros(len(doses)), covariance).covariance
    inverse = np.linalg.inv(covariance)
    found = []
    for one in candidates:
        shape = one.at(doses)
        if not np.isfinite(shape).all() or np.ptp(shape) <= 1e-12 * np.abs(shape).max():
            raise ValueError(f"the shape {one.label} is flat at these doses, or has no finite value there")
        if constrained:
            # Of all c with these signs, c'μ / √(c'Sc) is largest at the solution of a least-squares problem without negative numbers.
            between = covariance[1:, 1:] - covariance[1:, :1] - covariance[:1, 1:] + covariance[0, 0]
            root = np.linalg.cholesky(between)
            active, _ = nnls(root.T, np.linalg.solve(root, shape[1:] - shape[0]))
            if not active.any():
                raise ValueError(f"the shape {one.label} never rises above the lowest dose, and its contrast was to rise")
            contrast = np.concatenate([[-active.sum()], active])
        else:
            contrast = inverse @ (shape - inverse.sum(axis=0) @ shape / inverse.sum())
        found.append(contrast / np.linalg.norm(contrast))
    if not found:
        raise ValueError("there is no candidate shape to test for")
    return np.column_stack(found)


def multiple_contrast_test(means: DoseMeans, candidates, *, alternative="two-sided", alpha=0.05) -> ContrastTest:
    """The test of no dose-response with the optimal contrast of each candidate (Bretz, Pinheiro & Branson 2005, Biometrics 61:738-748).

    `alternative` is `two-sided`, `increasing` or `decreasing`. Adjusted p-values and the critical value at `alpha` come from
    the multivariate t-distribution, integrated without chance to 1e-5. Raises `ValueError` as `optimal_contrasts` does.
    """
    alternative, alpha = checked_alternative(alternative), number("alpha", alpha, low=0, high=1, open_low=True, open_high=True)
    candidates = tuple(candidates)
    contrasts = optimal_contrasts(means.doses, candidates, covariance=means.covariance)
    rows, errors = standardised(contrasts, means.covariance)
    statistics = (contrasts.T @ means.means) / errors
    toward = {"two-sided": np.abs(statistics), "increasing": statistics, "decreasing": -statistics}[alternative]
    sides = 2 if alternative == "two-sided" else 1
    alone = sides * stdtr(means.df, -toward)
    # The distribution is the same for either direction.
    largest = Largest(rows, means.df, two_sided=sides == 2)
    # Integration leaves an error near 1e-6: no adjusted p-value may fall below that of the contrast alone, or above Bonferroni's.
    adjusted = np.clip(largest.beyond(toward), alone, np.minimum(len(alone) * alone, 1))
    return ContrastTest(
        tuple(one.label for one in candidates), contrasts, rows @ rows.T, statistics, alone, adjusted, largest.quantile(1 - alpha), means.df, alternative
    )


def standardised(contrasts, covariance):
    """Each contrast's estimate as a row of weights of independent standard normal numbers, for a standard error of 1; and the errors."""
    rows = contrasts.T @ np.linalg.cholesky(covariance)
    errors = np.linalg.norm(rows, axis=1)
    return rows / errors[:, None], errors


def checked_alternative(alternative) -> str:
    if alternative not in ALTERNATIVES:
        raise ValueError(f"alternative must be one of {', '.join(ALTERNATIVES)}, not {alternative!r}")
    return alternative
