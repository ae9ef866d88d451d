"""Regression to the mean among people chosen by one walk, without any treatment."""

from dataclasses import dataclass

import numpy as np
from scipy.special import log_ndtr, ndtr

from frailty_lessons.methods.checks import metres, number


@dataclass(frozen=True)
class RegressionToTheMean:
    """What to expect of people admitted by their first walk. All distances in metres.

    Attributes
    ----------
    expected_baseline, expected_retest, expected_change
        Mean of the admitted people's first walk, of their second, and of the difference.
    share_admitted
        Share of all people whose first walk lies in the window, 0 to 1.
    """

    mean: float
    sd: float
    reliability: float
    low: float
    high: float
    expected_baseline: float
    expected_retest: float
    expected_change: float
    share_admitted: float

    def first_density(self, distance):
        """Density (per metre) of the first walk of everybody, at each distance."""
        return _density((np.asarray(distance, dtype=float) - self.mean) / self.sd) / self.sd

    def retest_density(self, distance):
        """Density (per metre) of the second walk of those admitted, at each distance.

        The conditional of a bivariate normal whose other variable is truncated to the window.
        Needs a reliability below 1; at 1 the second walk is the first.
        """
        z = (np.asarray(distance, dtype=float) - self.mean) / self.sd
        spread = np.sqrt(1 - self.reliability**2)
        a, b = (self.low - self.mean) / self.sd, (self.high - self.mean) / self.sd
        inside = ndtr((b - self.reliability * z) / spread) - ndtr((a - self.reliability * z) / spread)
        return _density(z) / self.sd * inside / self.share_admitted

    def describe(self) -> str:
        """One sentence for one set of values."""
        share = 100 * self.share_admitted
        percent = f"{share:.0f}" if share >= 1 else f"{share:.1g}"
        if abs(self.expected_change) < 0.5:
            course = "and the next time they walk the same distance"
        else:
            more = "further" if self.expected_change > 0 else "less far"
            course = f"and with no treatment they walk {abs(self.expected_change):.1f} m {more} the next time, {metres(self.expected_retest)}"
        return (
            f"The window from {self.low:.0f} to {self.high:.0f} m admits {percent}% of these people: "
            f"they walk {metres(self.expected_baseline)} on average when they are chosen, {course}."
        )

    def table(self) -> dict:
        """The figures as columns of equal length."""
        return {
            "quantity": ["share admitted", "mean walk when chosen", "mean next walk", "mean change"],
            "value": [
                f"{100 * self.share_admitted:.1f}%",
                f"{self.expected_baseline:.1f} m",
                f"{self.expected_retest:.1f} m",
                f"{self.expected_change:+.1f} m".replace("-", "−"),
            ],
        }


def regression_to_the_mean(*, mean, sd, reliability, low, high) -> RegressionToTheMean:
    """How people walk, and walk again, when the first distance had to lie between `low` and `high`.

    First and second walk are bivariate normal with the same mean and SD and with correlation
    `reliability`; nobody is treated. Exact, from the moments of a truncated normal
    (Johnson, Kotz & Balakrishnan 1994, *Continuous Univariate Distributions* 1, section 10.1;
    for the idea, Barnett, van der Pols & Dobson 2005, Int J Epidemiol 34:215-220).

    Parameters
    ----------
    mean, sd
        Mean and SD of *observed* distances in everybody, metres.
    reliability
        Correlation of two walks by the same person (ICC), 0 to 1.
    low, high
        Window of the observed first distance, metres; `-inf` and `inf` leave a side open.

    Returns
    -------
    RegressionToTheMean
        Its figures are floats, or arrays of the shape that the arguments broadcast to.

    Raises
    ------
    ValueError
        If a value is impossible, with the reason.
    """
    mean = number("mean", mean, low=0, open_low=True, high=2000, unit="m")
    sd = number("sd", sd, low=0, open_low=True, high=2000, unit="m")
    reliability = number("reliability", reliability, low=0, high=1)
    low = number("low", low)
    high = number("high", high)
    if np.any(np.asarray(low) >= np.asarray(high)):
        raise ValueError(f"low must be below high: a window from {np.max(low):g} to {np.min(high):g} m admits nobody")

    a, b = (low - mean) / sd, (high - mean) / sd
    # Work in the left tail, where log_ndtr is accurate, and turn the result back.
    flip = np.asarray(a) > 0
    left, right = np.where(flip, -b, a), np.where(flip, -a, b)
    with np.errstate(divide="ignore"):
        log_share = log_ndtr(right) + np.log1p(-np.exp(log_ndtr(left) - log_ndtr(right)))
    shift = np.exp(_log_density(left) - log_share) - np.exp(_log_density(right) - log_share)
    shift = np.clip(np.where(flip, -shift, shift), a, b)

    baseline = mean + sd * shift
    retest = mean + reliability * sd * shift
    plain = (lambda x: x) if np.ndim(baseline) else float
    return RegressionToTheMean(
        mean, sd, reliability, low, high,
        plain(baseline), plain(retest), plain(retest - baseline), plain(np.exp(log_share)),
    )


def _log_density(z):
    return -0.5 * np.asarray(z) ** 2 - 0.5 * np.log(2 * np.pi)


def _density(z):
    return np.exp(_log_density(z))
