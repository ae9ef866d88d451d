"""The dose to take forward: where curves fitted to many virtual trials put the dose that gains enough."""

from dataclasses import dataclass

import numpy as np

from frailty_lessons.methods.checks import hundred, metres, number, whole
from frailty_lessons.methods.dose_ranging.fits import many_fits
from frailty_lessons.methods.dose_ranging.truth import TrueCurve

MODELS = ("linear", "emax", "quadratic", "exponential")
BINS = 10


@dataclass(frozen=True, eq=False)
class TakeForward:
    """The estimated target dose of each virtual trial, NaN where no dose in the range gains enough.

    `none` is the share of those (0 to 1) and `none_error` its Monte-Carlo standard error; `low`, `middle` and `high` are
    the 5, 50 and 95 per cent points of the others, NaN if there are none. `shares` are shares of all trials in equal bins between
    `edges`. `true_target` is NaN where no dose truly gains enough.
    """

    truth: TrueCurve
    gain: float
    sizes: tuple[int, ...]
    sd: float
    unit: str
    targets: np.ndarray
    none: float
    none_error: float
    low: float
    middle: float
    high: float
    edges: np.ndarray
    shares: np.ndarray
    true_target: float

    def describe(self) -> str:
        """How often no dose is found, where the others lie, and where they should."""
        top = f"{self.truth.doses[-1]:g} {self.unit}"
        said = (
            f"{len(self.targets):,} virtual trials ({', '.join(map(str, self.sizes))} people, placebo first), assumed SD of changes {metres(self.sd)}, "
            f"true effect: {self.truth.words}; wanted: +{self.gain:g} m. "
            f"In {hundred(self.none)} of 100 no dose up to {top} gains so much by the curve fitted. "
        )
        if self.low == self.low:
            said += f"The middle 90% of the doses found lie between {self.low:.0f} and {self.high:.0f}, half of them below {self.middle:.0f}. "
        if self.true_target != self.true_target:
            return f"{said}Truly, no dose gains so much."
        return f"{said}The smallest dose that truly gains it is {self.true_target:.0f} {self.unit}."

    def table(self) -> dict:
        """One row a range of doses, in words; the last with twice its Monte-Carlo standard error."""
        error = f" (±{200 * self.none_error:.1f})" if self.none_error else ""
        return {
            f"dose found ({self.unit})": [*(f"{low:g} to {high:g}" for low, high in zip(self.edges[:-1], self.edges[1:], strict=True)), "none in the range"],
            "of 100 trials": [*(f"{100 * share:.1f}" for share in self.shares), f"{100 * self.none:.1f}{error}"],
        }


def take_forward(truth: TrueCurve, sizes, *, gain, sd, unit="", trials=1_000, seed=0) -> TakeForward:
    """Virtual arm means, a curve chosen by AIC among four models in each trial, and the smallest dose that gains `gain` by it.

    Target dose as in Bretz, Pinheiro & Branson (2005, Biometrics 61:738-748); the models are `MODELS`, fitted with the
    spread taken as known. The same `seed` brings the same chance to every setting. Raises `ValueError` for impossible
    values, and for fewer than four doses.
    """
    sizes = tuple(whole("sizes", size, low=1) for size in sizes)
    if len(sizes) != len(truth.doses):
        raise ValueError(f"sizes must have one number for each of the {len(truth.doses)} doses, not {len(sizes)}")
    if len(sizes) < 4:
        raise ValueError(f"a curve needs at least four doses, placebo included, and there are {len(sizes)}")
    gain, sd = number("gain", gain, low=0, open_low=True), number("sd", sd, low=0, open_low=True)
    trials = whole("trials", trials, low=1)
    errors = sd / np.sqrt(sizes)
    means = truth.effects + np.random.default_rng(seed).standard_normal((trials, len(sizes))) * errors
    fits = [many_fits(truth.doses, means, np.diag(errors**2), model) for model in MODELS]
    chosen = np.argmin([one.aic for one in fits], axis=0)
    targets = np.choose(chosen, [one.target_doses(gain) for one in fits])
    found = targets[~np.isnan(targets)]
    none = float(np.isnan(targets).mean())
    counts, edges = np.histogram(found, bins=BINS, range=(0, truth.doses[-1]))
    low, middle, high = np.quantile(found, (0.05, 0.5, 0.95)) if found.size else (np.nan,) * 3
    return TakeForward(
        truth, gain, sizes, sd, unit, targets, none, float(np.sqrt(none * (1 - none) / trials)), float(low), float(middle), float(high), edges, counts / trials,
        truth.target_dose(gain),
    )  # fmt: skip
