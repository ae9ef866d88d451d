"""What was believed before, what the data say, and what to believe after: normal priors and a normal estimate."""

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr, ndtri, stdtr, stdtrit

from frailty_lessons.methods.checks import hundred, metres, number, percent, whole

PRIORS = ("sceptical", "flat", "enthusiastic", "own")
LIMIT = 0.05


@dataclass(frozen=True)
class Posterior:
    """A normal belief about a true effect after an estimate, in the unit of the estimate.

    `weight` (0 to 1) is the say of the estimate against the prior; `low` and `high` hold the effect with probability `level`.
    """

    weight: float
    mean: float
    sd: float
    low: float
    high: float
    level: float

    def chance_above(self, value) -> float:
        """The probability (0 to 1) that the true effect exceeds `value`."""
        return float(ndtr((self.mean - number("value", value)) / self.sd))

    def describe(self) -> str:
        """The belief and its limits, and the probability of any effect at all."""
        return (
            f"After the data: {self.mean:.3g} ({self.level:.0%} of the probability from {self.low:.3g} to {self.high:.3g}); "
            f"an effect above 0 has a probability of {percent(self.chance_above(0))}. The data have {self.weight:.0%} of the say."
        ).replace("-", "−")

    def table(self) -> dict:
        """One row a figure, in words."""
        rows = [("mean", self.mean), ("SD", self.sd), (f"{self.level:.0%} from", self.low), (f"{self.level:.0%} to", self.high)]
        return {"belief after the data": [name for name, _ in rows], "value": [f"{value:.3g}".replace("-", "−") for _, value in rows]}


def posterior(*, estimate, standard_error, prior_mean, prior_sd, level=0.95) -> Posterior:
    """The belief after a normal estimate with known standard error, from a normal prior.

    Mean and precision add up (Spiegelhalter, Freedman & Parmar 1994, J R Stat Soc A 157:357-416). An infinite `prior_sd`
    leaves the estimate as it is. Raises `ValueError` for impossible values.
    """
    estimate, prior_mean = number("estimate", estimate), number("prior_mean", prior_mean)
    error = number("standard_error", standard_error, low=0, open_low=True)
    spread = number("prior_sd", prior_sd, low=0, open_low=True)
    level = number("level", level, low=0, high=1, open_low=True, open_high=True)
    weight = 1.0 if np.isinf(spread) else spread**2 / (spread**2 + error**2)
    mean, sd = weight * estimate + (1 - weight) * prior_mean, float(np.sqrt(weight) * error)
    half = float(ndtri((1 + level) / 2)) * sd
    return Posterior(weight, mean, sd, mean - half, mean + half, level)


def prior_of(kind, *, large, own=(0.0, 30.0)) -> tuple[float, float]:
    """Mean and SD of one of `PRIORS`, in the unit of `large`, an effect that would be large.

    The sceptic expects no effect and gives one above `large` a probability of 5%; the enthusiast expects `large` and gives
    one below 0 a probability of 5% (Spiegelhalter, Freedman & Parmar 1994, J R Stat Soc A 157:357-416). `flat` knows
    nothing: its SD is infinite. `own` is a mean and an SD. Raises `ValueError` for another kind and impossible values.
    """
    if kind not in PRIORS:
        raise ValueError(f"prior must be one of {', '.join(PRIORS)}, not {kind!r}")
    large = number("large", large, low=0, open_low=True)
    sd = large / float(ndtri(0.95))
    mean, spread = number("own", own)
    return {"sceptical": (0.0, sd), "flat": (0.0, np.inf), "enthusiastic": (large, sd), "own": (float(mean), float(spread))}[kind]


def chance_of_small_p(*, mean, sd, standard_error, alpha=LIMIT) -> float:
    """The chance (0 to 1) that a trial finds p below `alpha` (two-sided) in favour, if the true effect is believed to be normal.

    Averaged over the belief with `mean` and `sd` (0 for a known effect): the predictive probability of Spiegelhalter, Freedman
    & Parmar 1994 (J R Stat Soc A 157:357-416), called assurance by O'Hagan, Stevens & Campbell 2005 (Pharm Stat 4:187-201).
    `standard_error` is that of the trial to come, taken as known. Raises `ValueError` for impossible values.
    """
    mean, sd = number("mean", mean), number("sd", sd, low=0)
    error = number("standard_error", standard_error, low=0, open_low=True)
    alpha = number("alpha", alpha, low=0, high=1, open_low=True, open_high=True)
    found = ndtr((mean + ndtri(alpha / 2) * error) / np.hypot(sd, error))
    return found if np.ndim(found) else float(found)


def turning_prior(*, estimate, standard_error, level=0.95) -> float:
    """The SD of the prior around 0 that leaves the limits after the data just touching 0; infinite if the data alone reach 0.

    Whoever is more sceptical, with a smaller SD, is not convinced by the estimate (Matthews 2001, J Stat Plan Inference
    94:43-58). Raises `ValueError` for impossible values.
    """
    estimate = number("estimate", estimate)
    error = number("standard_error", standard_error, low=0, open_low=True)
    level = number("level", level, low=0, high=1, open_low=True, open_high=True)
    half = float(ndtri((1 + level) / 2)) * error
    if abs(estimate) <= half:
        return np.inf
    weight = (half / estimate) ** 2
    return error * float(np.sqrt(weight / (1 - weight)))


@dataclass(frozen=True)
class BeforeAndAfter:
    """Belief before, data, and belief after about one effect. Metres.

    `kind` is one of `PRIORS`, `prior_mean` and `prior_sd` its normal distribution (the SD is infinite where it is flat),
    `again` the chance that the same trial, done again, finds p below 0.05 in favour, and `turning_sd` as in `turning_prior`.
    """

    kind: str
    prior_mean: float
    prior_sd: float
    estimate: float
    assumed_sd: float
    standard_error: float
    after: Posterior
    meaningful: float
    again: float
    turning_sd: float

    def chance_before(self, value) -> float | None:
        """The probability (0 to 1) before the data that the true effect exceeds `value`; None where nothing was known."""
        return None if np.isinf(self.prior_sd) else float(ndtr((self.prior_mean - number("value", value)) / self.prior_sd))

    def describe(self) -> str:
        """The belief before and after the data, and what the same trial would find again."""
        before = "Knowing nothing before" if np.isinf(self.prior_sd) else f"Expecting {metres(self.prior_mean, sign=True)} give or take {metres(self.prior_sd)} (SD) before"
        said = (
            f"{before}, and with an SD of changes of {metres(self.assumed_sd)} (assumed), {self.estimate:g} m, taken as a planned difference, becomes {metres(self.after.mean, sign=True)} "
            f"({metres(self.after.low, sign=True)} to {metres(self.after.high, sign=True)}): the probability of any true gain is {self._moved(0)}, "
            f"of more than {self.meaningful:g} m {self._moved(self.meaningful)}. "
            f"The same trial done again would find p below 0.05 in favour in {hundred(self.again)} of 100 cases."
        )
        return f"{said} The 95% interval of the data alone contains 0 m, so that by themselves they need convince no sceptic." if np.isinf(self.turning_sd) else said

    def _moved(self, value) -> str:
        before, after = self.chance_before(value), percent(self.after.chance_above(value))
        return after if before is None else f"{after} ({percent(before)} before)"

    def table(self) -> dict:
        """Before, data and after, in words; and the belief of a sceptic whom these data would only just convince."""
        before = ("–", "any", "–", "–", "–") if np.isinf(self.prior_sd) else self._row(self.prior_mean, self.prior_sd)
        rows = {"before": before, "data alone": self._row(self.estimate, self.standard_error), "after": self._row(self.after.mean, self.after.sd)}
        if np.isfinite(self.turning_sd):
            rows["for comparison, before: a sceptic who would only just be convinced"] = self._row(0, self.turning_sd)
        names = ("mean (m)", "SD (m)", "95% from", "95% to", "above 0 m")
        return {"belief": list(rows), **{name: list(values) for name, values in zip(names, zip(*rows.values()))}}

    @staticmethod
    def _row(mean, sd):
        half = float(ndtri(0.975)) * sd
        return _signed(mean), f"{sd:.0f}", _signed(mean - half), _signed(mean + half), percent(float(ndtr(mean / sd)))


def before_and_after(*, estimate, assumed_sd, n_treated, n_control, prior, large, meaningful, own=(0.0, 30.0)) -> BeforeAndAfter:
    """What to believe of an effect after an estimate whose standard error rests on an assumed SD of changes, metres.

    `prior` is one of `PRIORS`; `large` and `own` as in `prior_of`; `meaningful` is the smallest effect that matters. The SD
    is taken as known. Raises `ValueError` for impossible values.
    """
    mean, sd = prior_of(prior, large=large, own=own)
    error = standard_error(sd=assumed_sd, n_treated=n_treated, n_control=n_control)
    after = posterior(estimate=estimate, standard_error=error, prior_mean=mean, prior_sd=sd)
    again = chance_of_small_p(mean=after.mean, sd=after.sd, standard_error=error)
    return BeforeAndAfter(
        prior, mean, sd, float(estimate), float(assumed_sd), error, after, number("meaningful", meaningful), again,
        turning_prior(estimate=estimate, standard_error=error),
    )  # fmt: skip


def standard_error(*, sd, n_treated, n_control) -> float:
    """The standard error of a difference in means between two arms with one SD, in the unit of the SD."""
    sd = number("sd", sd, low=0, open_low=True)
    n_treated, n_control = whole("n_treated", n_treated, low=1), whole("n_control", n_control, low=1)
    return float(sd * np.sqrt(1 / n_treated + 1 / n_control))


def implied_sd(*, low, high, n_treated, n_control, level=0.95) -> float:
    """The SD of both arms that a published interval of their difference in means stands for, in the unit of the limits.

    For Student's interval without adjustment (Higgins, Li & Deeks 2023, Cochrane Handbook, section 6.5.2.3). Raises
    `ValueError` for impossible values.
    """
    n_treated, n_control = whole("n_treated", n_treated, low=2), whole("n_control", n_control, low=2)
    low = number("low", low)
    half = (number("high", high, low=low, open_low=True) - low) / 2
    level = number("level", level, low=0, high=1, open_low=True, open_high=True)
    return half / float(stdtrit(n_treated + n_control - 2, (1 + level) / 2)) / standard_error(sd=1, n_treated=n_treated, n_control=n_control)


@dataclass(frozen=True, eq=False)
class Fragility:
    """What a reported difference would mean under each of several assumed SDs. Metres; arrays have one entry an SD.

    `lows`, `highs` and `p_values` are Student's, `shrunk` what is left of the difference in the eyes of a sceptic with
    `prior_sd` around 0. `turning_sd` is the SD above which the interval contains 0.
    """

    difference: float
    n_treated: int
    n_control: int
    level: float
    prior_sd: float
    sds: np.ndarray
    standard_errors: np.ndarray
    lows: np.ndarray
    highs: np.ndarray
    p_values: np.ndarray
    shrunk: np.ndarray
    turning_sd: float

    def describe(self) -> str:
        """Where the interval begins to contain 0, and what a sceptic leaves of the difference."""
        return (
            f"No interval was published. With {self.n_treated} and {self.n_control} people, the {self.level:.0%} interval of {self.difference:g} m contains 0 m "
            f"if people's changes have an SD above {metres(self.turning_sd)}. "
            f"A sceptic (0 m give or take {metres(self.prior_sd)}) would believe in {metres(self.shrunk[self.sds.argmin()], sign=True)} to {metres(self.shrunk[self.sds.argmax()], sign=True)}, "
            f"for SDs of {metres(self.sds.min())} to {metres(self.sds.max())} (assumed)."
        )

    def table(self) -> dict:
        """One row an SD, in words."""
        return {
            "SD assumed (m)": [f"{sd:g}" for sd in self.sds],
            "standard error (m)": [f"{error:.1f}" for error in self.standard_errors],
            f"{self.level:.0%} from": [_signed(value) for value in self.lows],
            f"{self.level:.0%} to": [_signed(value) for value in self.highs],
            "p": ["below 0.001" if p < 0.001 else f"{p:.3f}" for p in self.p_values],
            "a sceptic believes (m)": [_signed(value) for value in self.shrunk],
        }


def fragility(*, difference, sds, n_treated, n_control, prior_sd, level=0.95) -> Fragility:
    """How a conclusion hangs on the spread that was not published: intervals, p-values and shrinkage under each SD of `sds`.

    Two groups with one SD, Student's t. `prior_sd` is the SD of a sceptic's prior around 0. Raises `ValueError` for
    impossible values.
    """
    difference = number("difference", difference)
    sds = np.atleast_1d(number("sds", sds, low=0, open_low=True, unit="m"))
    prior_sd = number("prior_sd", prior_sd, low=0, open_low=True)
    level = number("level", level, low=0, high=1, open_low=True, open_high=True)
    errors = sds * standard_error(sd=1, n_treated=n_treated, n_control=n_control)
    df = n_treated + n_control - 2
    if df < 1:
        raise ValueError("two groups of one person each have no interval: there must be at least three people")
    t = float(stdtrit(df, (1 + level) / 2))
    return Fragility(
        difference, int(n_treated), int(n_control), level, prior_sd, sds, errors, difference - t * errors, difference + t * errors,
        2 * stdtr(df, -abs(difference) / errors), difference * prior_sd**2 / (prior_sd**2 + errors**2), abs(difference) / t / (errors[0] / sds[0]),
    )  # fmt: skip


def _signed(value) -> str:
    """Metres for a table: `+12`, `−8`."""
    return metres(value, sign=True).removesuffix(" m")
