"""Several comparisons at once: p-values and limits that allow for it."""

import numpy as np
from numpy.polynomial import chebyshev
from scipy.special import chdtri, ndtr, stdtrit

from frailty_lessons.methods.checks import number
from frailty_lessons.methods.placebo.means import comparisons, model, with_limits
from frailty_lessons.methods.placebo.people import confidence, read_people
from frailty_lessons.methods.placebo.result import Comparisons

METHODS = {"bonferroni": "bonferroni", "holm": "holm", "hochberg": "simes-hochberg"}
# Beyond this many standard errors the normal distribution has nothing left at double precision.
FAR = 8.5


def adjust(p_values, method="holm") -> np.ndarray:
    """The p-values (0 to 1) of one family, adjusted so that an error anywhere in it is as rare as the level says, by statsmodels.

    `bonferroni`; `holm` (Holm 1979, Scand J Stat 6:65-70); `hochberg` (Hochberg 1988, Biometrika 75:800-802), which takes
    the comparisons to be independent or positively related. Raises `ValueError` for other methods or impossible p-values.
    """
    from statsmodels.stats.multitest import multipletests

    if method not in METHODS:
        raise ValueError(f"method must be one of {', '.join(METHODS)}, not {method!r}")
    p_values = np.atleast_1d(number("p_values", p_values, low=0, high=1))
    if p_values.ndim > 1 or not p_values.size:
        raise ValueError("p_values must be one list of at least one p-value")
    return multipletests(p_values, method=METHODS[method])[1]


def dunnett(frame, *, outcome, arm, control, baseline=None, level=0.95) -> Comparisons:
    """Every arm less the control, in the unit of the outcome, with limits that hold for all arms at once.

    Many-to-one comparisons (Dunnett 1955, JASA 50:1096-1121) in the linear model outcome ~ arm, or outcome ~ arm + baseline
    where a baseline is named: one residual spread, any numbers of people. `low` and `high` are simultaneous, `adjusted_p`
    belongs to them, and `p_value` is that of each comparison alone. The multivariate t is integrated numerically, without
    chance. Raises `ValueError` as `ancova` does.
    """
    people, level = read_people(frame, outcome=outcome, arm=arm, control=control, baseline=baseline), confidence(level)
    fit = model(people)
    largest = LargestT(fit.own, fit.shared, fit.tilt, fit.df)
    errors, df = fit.standard_errors, np.full(len(people.arms), float(fit.df))
    _, _, _, _, _, alone = with_limits(fit.estimates, errors, df, level)
    reach = largest.quantile(level) * errors
    note = f"The {level:.0%} holds for all {len(people.arms)} comparisons at once." if len(people.arms) > 1 else ""
    adjusting = ", adjusted for baseline" if baseline is not None else ""
    found = comparisons(
        f"Dunnett's comparisons{adjusting}", people, level, fit.estimates, errors, df, fit.estimates - reach, fit.estimates + reach, alone,
        notes=(*people.notes, note) if note else people.notes,
    )  # fmt: skip
    # Integration leaves an error near 1e-10: no adjusted p-value may fall below that of the comparison alone.
    found.estimates["adjusted_p"] = np.clip(1 - largest.cdf(np.abs(fit.estimates / errors)), alone, 1)
    return found


def dunnett_critical(n_arms, n_control, df, *, level=0.95, two_sided=True) -> float:
    """The t-value that the largest of the comparisons with the control exceeds with a chance of 1 − `level` if nothing works.

    `n_arms` are the numbers of people in the other arms, `df` the degrees of freedom (may be infinite). Raises `ValueError`
    for impossible values.
    """
    n_arms = np.atleast_1d(number("n_arms", n_arms, low=0, open_low=True))
    n_control = number("n_control", n_control, low=0, open_low=True)
    df = number("df", df, low=1)
    largest = LargestT(1 / np.sqrt(n_arms), np.full(n_arms.shape, 1 / np.sqrt(n_control)), np.zeros(n_arms.shape), df, two_sided)
    return largest.quantile(confidence(level))


class LargestT:
    """The largest of several t-values (of their sizes, if two-sided) that share a control, a spread and perhaps a baseline.

    Given the control's mean, the slope of the baseline and the residual spread, the arms are independent: their joint
    probability is a product, averaged over these three (Dunnett & Sobel 1955, Biometrika 42:258-260). `own`, `shared` and
    `tilt` are the parts of each arm's standard error, as in `means.Model`.
    """

    def __init__(self, own, shared, tilt, df, two_sided=True):
        total = np.sqrt(own**2 + shared**2 + tilt**2)
        own, shared, tilt = own / total, shared / total, tilt / total
        self._arms, self._df, self._two_sided, self._low = len(own), df, two_sided, 0.0 if two_sided else -FAR
        one, two = _nodes(own, shared), _nodes(own, tilt)
        weights = np.outer(one[1], two[1])

        def known_spread(at):
            """The distribution with the residual spread known."""
            product = np.broadcast_to(weights, (len(at), *weights.shape)).copy()
            for a, b, c in zip(own, shared, tilt, strict=True):
                moved = np.add.outer(b * one[0], c * two[0])
                inside = ndtr((at[:, None, None] - moved) / a)
                if two_sided:
                    inside -= ndtr((-at[:, None, None] - moved) / a)
                product *= inside
            return product.sum(axis=(1, 2))

        # It is smooth, so that a polynomial through few points stands for it everywhere.
        self._normal = chebyshev.Chebyshev.interpolate(known_spread, 80, domain=[self._low, FAR])
        self._spreads = _spreads(df)

    def cdf(self, t) -> np.ndarray:
        """The probability that the largest is at most `t`."""
        spread, weight = self._spreads
        at = np.clip(np.multiply.outer(np.asarray(t, dtype=float), spread), self._low, FAR)
        return np.clip(self._normal(at) @ weight, 0, 1)

    def quantile(self, level) -> float:
        """The value that the largest exceeds with a chance of 1 − `level`: between those of one t-value alone and of Bonferroni."""
        from scipy.optimize import brentq

        tail = (1 - level) / (2 if self._two_sided else 1)
        least, most = (float(-stdtrit(self._df, share)) for share in (tail, tail / self._arms))
        return brentq(lambda t: float(self.cdf(t)) - level, least - 1e-3 * (1 + abs(least)), most + 1e-3 * (1 + abs(most)), xtol=1e-9)


def _nodes(own, other):
    """Points and weights to average over a standard normal that reaches the arms by `other`, fine enough for their own spread."""
    if not np.any(other):
        return np.zeros(1), np.ones(1)
    # Equal steps are exact to 1e-15 on a smooth bell once they are half of its narrowest width.
    step = 0.5 * max(min(1.0, np.min(own / np.maximum(np.abs(other), 1e-12))), 0.08)
    at = np.arange(-np.ceil(FAR / step), np.ceil(FAR / step) + 1) * step
    weights = np.exp(-(at**2) / 2)
    return at, weights / weights.sum()


def _spreads(df):
    """Points and weights to average over the residual spread, as a share of the true one: √(χ²/df)."""
    if np.isinf(df):
        return np.ones(1), np.ones(1)
    ends = np.log(chdtri(df, np.array([1 - 1e-12, 1e-12])) / df) / 2
    at = np.linspace(*ends, 200)
    # The density of the logarithm of the spread, up to a constant.
    density = np.exp(df * at - df * (np.exp(2 * at) - 1) / 2)
    return np.exp(at), density / density.sum()
