"""Tests of a rise with dose that need no curve: Jonckheere and Terpstra's, and Williams'."""

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr

from frailty_lessons.methods.checks import number
from frailty_lessons.methods.dose_ranging.contrasts import checked_alternative
from frailty_lessons.methods.dose_ranging.largest import Largest
from frailty_lessons.methods.dose_ranging.means import dose_means
from frailty_lessons.methods.placebo.result import in_words

# Counting every order takes a time that grows with the cube of this.
MOST_EXACT = 200


@dataclass(frozen=True)
class Jonckheere:
    """`statistic` counts the pairs of people from two groups in which the one of the later group has more; ties count half.

    `expected` is its mean if the groups are alike, and `exact` says whether `p_value` counts every order of the people.
    """

    statistic: float
    expected: float
    p_value: float
    alternative: str
    exact: bool

    def describe(self) -> str:
        """The pairs counted, and the p-value."""
        how = "exact" if self.exact else "by the normal distribution"
        return (
            f"In {self.statistic:g} pairs of people from different groups the one of the later group has more; "
            f"{self.expected:g} are expected if the groups are alike. p {in_words(self.p_value)} ({self.alternative}, {how})."
        )

    def table(self) -> dict:
        """One row, in words."""
        return {"pairs in order": [f"{self.statistic:g}"], "expected": [f"{self.expected:g}"], "p": [in_words(self.p_value)]}


def jonckheere(values, groups, *, alternative="two-sided", correct_ties=True) -> Jonckheere:
    """Do the `values` rise from group to group, whatever the steps? Groups are in the order of their labels, text by the alphabet.

    Jonckheere 1954, Biometrika 41:133-145. Exact without ties and with at most 200 people; else by the normal distribution
    with the variance for ties (Hollander & Wolfe 1999, Nonparametric Statistical Methods, section 6.2), or, with
    `correct_ties=False`, without, as R's clinfun does. Two-sided is twice the smaller tail. Raises `ValueError` for values
    that are no numbers, another length, a value without a group, or a single group.
    """
    alternative = checked_alternative(alternative)
    values, groups = np.atleast_1d(number("values", values)), np.asarray(groups)
    if values.ndim > 1 or groups.shape != values.shape:
        raise ValueError(f"values and groups must be two lists of one length, not of {values.size} and {groups.size}")
    if (groups != groups).any():
        raise ValueError("every value needs a group")
    labels, of, sizes = np.unique(groups, return_inverse=True, return_counts=True)
    if len(labels) < 2:
        raise ValueError("a rise from group to group needs at least two groups")
    order = np.sign(values[:, None] - values[None, :])
    statistic = float(np.sum((order + 1) / 2 * (of[:, None] > of[None, :])))
    n, (_, ties) = len(values), np.unique(values, return_counts=True)
    expected = (n**2 - np.sum(sizes**2)) / 4
    exact = bool((ties == 1).all() and n <= MOST_EXACT)
    if exact:
        chances = _orders(sizes)
        place = round(statistic)
        rising, falling = chances[place:].sum(), chances[: place + 1].sum()
    else:
        spread = np.sqrt(_variance(n, sizes, ties if correct_ties else np.ones(n)))
        z = (statistic - expected) / spread if spread else 0.0
        rising, falling = ndtr(-z), ndtr(z)
    p_value = {"increasing": rising, "decreasing": falling, "two-sided": 2 * min(rising, falling)}[alternative]
    return Jonckheere(statistic, float(expected), float(np.clip(p_value, 0, 1)), alternative, exact)


@dataclass(frozen=True, eq=False)
class Williams:
    """One entry a dose above the lowest: the mean made monotone, its t̄ against the lowest dose, and the chance of so large a t̄.

    `p_values` are one-sided, each for the doses up to this one; going down from the highest dose, one stops at the first
    that is too large.
    """

    doses: np.ndarray
    monotone_means: np.ndarray
    statistics: np.ndarray
    p_values: np.ndarray
    df: float

    def describe(self) -> str:
        """The p-value of each dose, highest first."""
        said = ", ".join(f"dose {dose:g} p {in_words(value)}" for dose, value in zip(self.doses[::-1], self.p_values[::-1], strict=True))
        return f"If more dose cannot be worse, against the lowest dose, from the highest down: {said}."

    def table(self) -> dict:
        """One row a dose, in words."""
        return {
            "dose": [f"{dose:g}" for dose in self.doses],
            "monotone mean": [f"{value:.4g}".replace("-", "−") for value in self.monotone_means],
            "t": [f"{value:.2f}".replace("-", "−") for value in self.statistics],
            "p": [in_words(value) for value in self.p_values],
        }


def williams(frame, *, outcome, dose) -> Williams:
    """Each dose against the lowest, if a higher dose is never worse (Williams 1971, Biometrics 27:103-117; 1972, 28:519-531).

    The monotone mean of the highest of k doses is the largest of the k averages that end there, so that t̄ is the largest of
    k t-values and its distribution is that of `Largest`, for any numbers of people. `frame` as in `dose_means`.
    """
    means = dose_means(frame, outcome=outcome, dose=dose)
    monotone, n, lowest = _monotone(means.means[1:], means.counts[1:]), means.counts.astype(float), means.means[0]
    spread = np.sqrt(means.within / means.df * (1 / n[1:] + 1 / n[0]))
    # t̄ of each dose with the doses below it alone; the monotone means above do not enter.
    statistics = np.array([(_monotone(means.means[1 : i + 1], n[1 : i + 1])[-1] - lowest) / spread[i - 1] for i in range(1, len(n))])
    p_values = []
    for i, statistic in enumerate(statistics, start=1):
        rows = np.zeros((i, i + 1))
        rows[:, 0] = -1 / np.sqrt(n[0])
        for start in range(i):
            rows[start, start + 1 :] = np.sqrt(n[start + 1 : i + 1]) / n[start + 1 : i + 1].sum()
        p_values.append(float(Largest(rows / np.sqrt(1 / n[i] + 1 / n[0]), means.df, two_sided=False).beyond(statistic)))
    return Williams(means.doses[1:], monotone, statistics, np.array(p_values), means.df)


def _monotone(means, sizes) -> np.ndarray:
    from scipy.optimize import isotonic_regression

    return isotonic_regression(means, weights=np.asarray(sizes, dtype=float)).x


def _orders(sizes) -> np.ndarray:
    """The chance of each value of the statistic when every order of the people is as likely as any other.

    Its generating function is a q-multinomial coefficient (Harding 1984, Appl Stat 33:1-6); at the roots of 1 of a prime
    order no factor is 0, and the coefficients come back by Fourier's transform.
    """
    n, top = int(sizes.sum()), int((sizes.sum() ** 2 - np.sum(sizes**2)) // 2)
    length = max(top, n) + 1
    while any(length % divisor == 0 for divisor in range(2, int(length**0.5) + 1)):
        length += 1
    angle = 2j * np.pi * np.arange(1, length // 2 + 1) / length
    # ln of (1 − q^k) / (k (1 − q)), summed over k up to each n.
    logs = np.cumsum([np.log((1 - np.exp(angle * k)) / (k * (1 - np.exp(angle)))) for k in range(1, n + 1)], axis=0)
    whole = logs[n - 1] - sum(logs[size - 1] for size in sizes)
    return np.fft.irfft(np.concatenate([[1.0], np.exp(whole)]).conj(), length)[: top + 1].clip(0)


def _variance(n, sizes, ties) -> float:
    def five(t):
        return np.sum(t * (t - 1) * (2 * t + 5))

    def three(t):
        return np.sum(t * (t - 1) * (t - 2))

    def two(t):
        return np.sum(t * (t - 1))

    sizes, ties = np.asarray(sizes, dtype=float), np.asarray(ties, dtype=float)
    variance = (n * (n - 1) * (2 * n + 5) - five(sizes) - five(ties)) / 72
    if n > 2:
        variance += three(sizes) * three(ties) / (36 * n * (n - 1) * (n - 2))
    return float(variance + two(sizes) * two(ties) / (8 * n * (n - 1)))
