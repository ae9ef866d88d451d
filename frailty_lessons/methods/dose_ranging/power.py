"""How often each way of testing finds something, under any true curve."""

from dataclasses import dataclass

import numpy as np
from scipy.special import stdtrit

from frailty_lessons.methods.checks import number
from frailty_lessons.methods.dose_ranging.contrasts import checked_alternative, optimal_contrasts, standardised
from frailty_lessons.methods.dose_ranging.largest import Largest, chance_beyond, even_normal, one_beyond, spread_below, turned
from frailty_lessons.methods.dose_ranging.means import expected_means
from frailty_lessons.methods.dose_ranging.models import candidate

PAIRWISE = ("hochberg", "dunnett")
# Independent sets of even points for what has no exact formula: how far they differ is the error.
SETS = 8
POINTS = 2**13


@dataclass(frozen=True)
class PairPower:
    """The chances (0 to 1) that at least one dose, and that the highest, has an adjusted p below the level, with their errors.

    The errors are standard errors of the integration, 0 where it is exact to 2e-5; `top` is NaN where it was not asked for.
    """

    any_dose: float
    top_dose: float
    any_error: float
    top_error: float


def power_of_contrasts(doses, means, candidates, *, sd, sizes, alternative="two-sided", alpha=0.05) -> float:
    """The chance that the largest of the optimal contrasts exceeds its critical value if the true `means` are these.

    With a single candidate, such as `linear`, this is the power of that trend. Exact: the multivariate noncentral
    t-distribution, to 2e-5 (Pinheiro, Bornkamp & Bretz 2006, J Biopharm Stat 16:639-656). `sd` is the spread of people at
    one dose, `sizes` their numbers. Raises `ValueError` as `optimal_contrasts` does.
    """
    alternative, alpha = checked_alternative(alternative), number("alpha", alpha, low=0, high=1, open_low=True, open_high=True)
    truth = expected_means(doses, means, sd=sd, sizes=sizes)
    contrasts = optimal_contrasts(truth.doses, candidates, covariance=truth.covariance)
    rows, errors = standardised(contrasts, truth.covariance)
    shift = contrasts.T @ truth.means / errors * (-1 if alternative == "decreasing" else 1)
    two_sided = alternative == "two-sided"
    if len(rows) == 1:
        limit = stdtrit(truth.df, 1 - alpha / (2 if two_sided else 1))
        return one_beyond(limit, truth.df, shift[0], two_sided=two_sided)
    if not np.any(np.abs(shift) > 1e-12):
        return alpha
    return chance_beyond(rows, Largest(rows, truth.df, two_sided=two_sided).quantile(1 - alpha), truth.df, shift, two_sided=two_sided)


def power_of_trend(doses, means, *, sd, sizes, alternative="two-sided", alpha=0.05) -> float:
    """The chance that a trend over dose has a p below `alpha`: exact, from the noncentral t-distribution."""
    return power_of_contrasts(doses, means, [candidate("linear")], sd=sd, sizes=sizes, alternative=alternative, alpha=alpha)


def power_of_pairs(doses, means, *, sd, sizes, method="hochberg", alpha=0.05) -> PairPower:
    """The chances that comparisons of each dose with the lowest, one spread for all and two-sided, have an adjusted p below `alpha`.

    `dunnett`: exact to 2e-5, for at least one dose. `hochberg` (1988, Biometrika 75:800-802): exact in the spread, averaged
    over the means at points that fill the space evenly; they are the same for all settings. Raises `ValueError` for another
    method or impossible values.
    """
    if method not in PAIRWISE:
        raise ValueError(f"method must be one of {', '.join(PAIRWISE)}, not {method!r}")
    alpha = number("alpha", alpha, low=0, high=1, open_low=True, open_high=True)
    truth = expected_means(doses, means, sd=sd, sizes=sizes)
    count = len(truth.doses) - 1
    rows, errors = standardised(np.vstack([-np.ones(count), np.eye(count)]), truth.covariance)
    shift = (truth.means[1:] - truth.means[0]) / errors
    if method == "dunnett":
        return PairPower(chance_beyond(rows, Largest(rows, truth.df).quantile(1 - alpha), truth.df, shift), np.nan, 0.0, np.nan)
    if count == 1:
        power = power_of_trend(truth.doses, truth.means, sd=sd, sizes=sizes, alpha=alpha)
        return PairPower(power, power, 0.0, 0.0)
    # Smallest |t| first: of the j-th, α/j is asked, and if it is reached, all from there on are rejected.
    limits = stdtrit(truth.df, 1 - alpha / 2 / np.arange(1, count + 1))
    rows = turned(rows)
    found = []
    for seed in range(SETS):
        sizes_of_t = np.abs(rows @ even_normal(rows.shape[1], seed=seed, count=POINTS) + shift[:, None])
        steps = np.sort(sizes_of_t, axis=0) / limits[:, None]
        # All t-values shrink alike with the spread, so that the spread below which something is rejected is known.
        any_dose = steps.max(axis=0)
        top_dose = np.minimum(steps, sizes_of_t[-1] / limits[:, None]).max(axis=0)
        found.append([spread_below(limit, truth.df).mean() for limit in (any_dose, top_dose)])
    (any_dose, top_dose), (any_error, top_error) = np.mean(found, axis=0), np.std(found, axis=0, ddof=1) / np.sqrt(SETS)
    return PairPower(float(any_dose), float(top_dose), float(any_error), float(top_error))
