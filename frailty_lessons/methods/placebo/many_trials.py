"""One trial among all that could have been: estimates and intervals of many virtual two-arm trials."""

from dataclasses import dataclass

import numpy as np
from scipy.special import chdtri, stdtr, stdtrit

from frailty_lessons.methods.checks import hundred, metres, number, whole

LIMIT = 0.05


@dataclass(frozen=True, eq=False)
class ManyTrials:
    """Virtual two-arm trials with the same truth. Arrays have one entry a trial; metres.

    `small` tells which trials have p below 0.05. `power`, `exaggeration` and `wrong_sign` are over all `trials`: the share
    with p below 0.05, how many times too large those estimates are on average (NaN without an effect), the share of those
    with the wrong sign, and `size_of_small` their average size. `power_error` is the Monte-Carlo standard error of the share.
    """

    effect: float
    sd: float
    n_treated: int
    n_control: int
    estimates: np.ndarray
    lows: np.ndarray
    highs: np.ndarray
    small: np.ndarray
    power: float
    power_error: float
    exaggeration: float
    wrong_sign: float
    size_of_small: float
    trials: int
    only_small: bool = False

    @property
    def told(self) -> np.ndarray:
        """The places of the trials that are told, smallest estimate first."""
        order = np.argsort(self.estimates)
        return order[self.small[order]] if self.only_small else order

    def describe(self) -> str:
        """How the estimates spread, and what those look like that make the news."""
        half = np.mean(self.highs - self.lows) / 2
        said = (
            f"Virtual trials of {self.n_treated} and {self.n_control} people, true effect {metres(self.effect, sign=True)}, SD of changes {metres(self.sd)}: "
            f"the 95% intervals reach about {metres(half)} to each side. "
            f"Of {self.trials:,} such trials, {hundred(self.power)} of 100 have p below 0.05 (±{100 * self.power_error:.1f}, simulated)."
        )
        if self.only_small:
            said += f" Told of the {len(self.estimates)} in the picture: {len(self.told)}, those with p below 0.05."
        if not self.effect:
            return f"{said} All trials with p below 0.05 are false alarms: the treatment does nothing."
        wrong = f" In {hundred(self.wrong_sign)} of 100 of them the effect points the wrong way." if self.wrong_sign >= 0.005 else ""
        return f"{said} If only such trials are told, the effect looks {metres(self.size_of_small)} large on average, {self.exaggeration:.1f} times the truth.{wrong}"

    def table(self) -> dict:
        """The trials told, smallest estimate first, in words."""
        told = self.told
        return {
            "trial": [str(place + 1) for place in told],
            "estimate (m)": [_signed(value) for value in self.estimates[told]],
            "95% from": [_signed(value) for value in self.lows[told]],
            "95% to": [_signed(value) for value in self.highs[told]],
            "p below 0.05": ["yes" if small else "no" for small in self.small[told]],
        }


def many_trials(*, effect, sd, n_treated, n_control, only_small=False, shown=40, trials=10_000, seed=0) -> ManyTrials:
    """Virtual trials with normal changes of one SD in both arms, each with Student's interval.

    The difference and the pooled SD of each trial are drawn from their exact distributions; the first `shown` of `trials`
    are kept one by one, and with `only_small` those of them are told that have p below 0.05. The same `seed` brings the same chance to every setting. On exaggeration and wrong signs see Gelman
    & Carlin 2014, Perspect Psychol Sci 9:641-651. Raises `ValueError` for impossible values.
    """
    effect = float(number("effect", effect))
    sd = float(number("sd", sd, low=0, open_low=True))
    n_treated, n_control = whole("n_treated", n_treated, low=2), whole("n_control", n_control, low=2)
    shown, trials = whole("shown", shown, low=1), whole("trials", trials, low=1)
    random = np.random.default_rng(seed)
    z, chance = random.standard_normal(trials), random.random(trials)
    df = n_treated + n_control - 2
    root = np.sqrt(1 / n_treated + 1 / n_control)
    estimates = effect + sd * root * z
    errors = sd * root * np.sqrt(chdtri(df, 1 - chance) / df)
    small = 2 * stdtr(df, -np.abs(estimates / errors)) < LIMIT
    half = stdtrit(df, 1 - LIMIT / 2) * errors
    power = float(small.mean())
    told = estimates[small]
    exaggeration = float(np.abs(told).mean() / abs(effect)) if effect and told.size else np.nan
    wrong = float((told * effect < 0).mean()) if effect and told.size else np.nan
    first = slice(0, shown)
    return ManyTrials(
        effect, sd, n_treated, n_control, estimates[first], (estimates - half)[first], (estimates + half)[first], small[first],
        power, float(np.sqrt(power * (1 - power) / trials)), exaggeration, wrong, float(np.abs(told).mean()) if told.size else np.nan, trials, bool(only_small),
    )


def _signed(value) -> str:
    return f"{value:+.0f}".replace("-", "−")
