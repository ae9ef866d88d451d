"""MCP-Mod: is there a dose-response, and if so, which curve and which dose?"""

from dataclasses import dataclass

import numpy as np

from frailty_lessons.methods.checks import number
from frailty_lessons.methods.dose_ranging.contrasts import ContrastTest, multiple_contrast_test
from frailty_lessons.methods.dose_ranging.fits import Fit, fit
from frailty_lessons.methods.dose_ranging.means import DoseMeans
from frailty_lessons.methods.dose_ranging.models import INTERPOLATION

CRITERIA = ("aic", "bic")


@dataclass(frozen=True, eq=False)
class MCPMod:
    """The test of all candidate shapes, and the curves of those models whose adjusted p is below `alpha`.

    `fits` are those curves by model, `chosen` the model with the smallest criterion (None if none was fitted), `weights` what
    each counts for in an average. `target_doses` has for each model the smallest dose that gains `gain`, NaN where none in
    the trial's range does.
    """

    test: ContrastTest
    fits: dict[str, Fit]
    chosen: str | None
    weights: dict[str, float]
    gain: float | None
    target_doses: dict[str, float]
    alpha: float

    @property
    def curve(self) -> Fit | None:
        """The curve chosen."""
        return self.fits.get(self.chosen)

    def average(self, doses):
        """The gain over dose 0 averaged over the curves by their weights, and its standard errors.

        The errors count how much the curves disagree (Buckland, Burnham & Augustin 1997, Biometrics 53:603-618). Raises
        `ValueError` if no curve was fitted.
        """
        if not self.fits:
            raise ValueError("no curve was fitted, so that there is nothing to average")
        gains, errors = (np.array(values) for values in zip(*(curve.gain(doses) for curve in self.fits.values()), strict=True))
        weights = np.array([self.weights[name] for name in self.fits])
        mean = weights @ gains
        return mean, weights @ np.hypot(errors, gains - mean)

    def describe(self) -> str:
        """The test, and the curve and dose that follow."""
        said = self.test.describe()
        if not self.fits:
            return f"{said} No adjusted p is below {self.alpha:g}: the method stops here, and no curve is fitted."
        said += f" Of {len(self.fits)} curves fitted, {self.chosen} is chosen."
        if self.gain is None:
            return said
        dose = self.target_doses[self.chosen]
        found = f"the smallest dose that gains {self.gain:g} is {dose:.3g}" if dose == dose else f"no dose in the range gains {self.gain:g}"
        return f"{said} By it, {found}."

    def table(self) -> dict:
        """One row a candidate shape, in words; the fits stand beside the first shape of their model."""
        table, seen = self.test.table(), set()
        weights = []
        for label in self.test.labels:
            model = label.partition(" (")[0]
            weights.append(f"{self.weights[model]:.2f}" if model in self.fits and model not in seen else "–")
            seen.add(model)
        return {**table, "weight of its curve": weights}


def mcp_mod(means: DoseMeans, candidates, *, gain=None, alternative="two-sided", alpha=0.05, criterion="aic") -> MCPMod:
    """Multiple comparisons, then modelling (Bretz, Pinheiro & Branson 2005, Biometrics 61:738-748).

    All candidate shapes are tested together at `alpha`; the models of those whose adjusted p is below it are fitted, and the
    one with the smallest `criterion` (`aic` or `bic`) is chosen. From estimates without people this is the generalised
    method (Pinheiro, Bornkamp, Glimm & Bretz 2014, Stat Med 33:1646-1661). The weights of the average are those of
    Buckland, Burnham & Augustin (1997). Raises `ValueError` as the test and the fits do.
    """
    if criterion not in CRITERIA:
        raise ValueError(f"criterion must be one of {', '.join(CRITERIA)}, not {criterion!r}")
    if criterion == "bic" and means.within is None:
        raise ValueError("bic needs the number of people, and estimates alone do not say it: take aic")
    if gain is not None:
        gain = number("gain", gain, low=0, open_low=True)
    candidates = tuple(candidates)
    test = multiple_contrast_test(means, candidates, alternative=alternative, alpha=alpha)
    fits = {}
    for one, p_value in zip(candidates, test.adjusted_p, strict=True):
        if p_value < alpha and one.model not in fits and one.model != INTERPOLATION:
            fits[one.model] = fit(means, one.model, **one.fixed)
    sizes = np.array([getattr(curve, criterion) for curve in fits.values()])
    shares = np.exp(-(sizes - sizes.min()) / 2) if fits else sizes
    weights = dict(zip(fits, (float(share) for share in shares / shares.sum()), strict=True)) if fits else {}
    doses = {name: curve.target_dose(gain) for name, curve in fits.items()} if gain is not None else {}
    return MCPMod(test, fits, max(weights, key=weights.get) if fits else None, weights, gain, doses, alpha)
