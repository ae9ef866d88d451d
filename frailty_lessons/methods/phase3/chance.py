"""The chance that a trial succeeds when its true effect is not known but believed."""

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr

from frailty_lessons.methods.checks import metres, number, percent, whole
from frailty_lessons.methods.evidence.belief import PRIORS, Posterior, chance_of_small_p, posterior, prior_of, standard_error

TOTALS = np.arange(20, 1001, 20)
BELIEVERS = dict(zip(PRIORS, ("a sceptic", "someone who takes the report at face value", "an enthusiast", "you"), strict=True))


@dataclass(frozen=True)
class Assurance:
    """Chances (0 to 1) of a small p in favour.

    `at_mean` is the power if the true effect is the believed mean, `assurance` the chance averaged over the belief, `ceiling`
    what it comes to with people without end.
    """

    at_mean: float
    assurance: float
    ceiling: float

    def describe(self) -> str:
        """Power and assurance."""
        return (
            f"If the effect is as large as believed, the trial succeeds in {percent(self.at_mean)} of cases; over all that is believed, in {percent(self.assurance)}. "
            f"With people without end: {percent(self.ceiling)}."
        )

    def table(self) -> dict:
        """One row a chance, in words."""
        rows = [("power at the believed mean", self.at_mean), ("assurance", self.assurance), ("with people without end", self.ceiling)]
        return {"chance": [name for name, _ in rows], "value": [percent(value) for _, value in rows]}


def assurance(*, prior_mean, prior_sd, sd, n_treated, n_control, alpha=0.05) -> Assurance:
    """The chance of p below `alpha` (two-sided) in favour, averaged over a normal belief in the effect; the unit is that of `sd`.

    O'Hagan, Stevens & Campbell 2005 (Pharm Stat 4:187-201), with the SD taken as known. Raises `ValueError` for impossible
    values.
    """
    mean, spread = number("prior_mean", prior_mean), number("prior_sd", prior_sd, low=0, open_low=True)
    error = standard_error(sd=sd, n_treated=n_treated, n_control=n_control)
    at_mean, over_all = (chance_of_small_p(mean=mean, sd=width, standard_error=error, alpha=alpha) for width in (0, spread))
    return Assurance(at_mean, over_all, float(ndtr(mean / spread)))


@dataclass(frozen=True, eq=False)
class ChanceOfSuccess:
    """Power and assurance of a Phase 3 trial of `total` people in two equal arms, after a Phase 2 trial. Metres, and chances 0 to 1.

    `belief` is what is believed after Phase 2, `power` the chance if the true effect is the one `planned`. `powers` and
    `assurances` are the chances at each of `totals` people.
    """

    kind: str
    assumed_sd: float
    planned: float
    total: int
    belief: Posterior
    power: float
    found: Assurance
    totals: np.ndarray
    powers: np.ndarray
    assurances: np.ndarray

    def describe(self) -> str:
        """The power that is planned, the chance that is believed, and its ceiling."""
        return (
            f"With {self.total} people, an assumed SD of {metres(self.assumed_sd)} and a true effect of exactly {metres(self.planned, sign=True)}, the power is {percent(self.power)}. "
            f"But nobody knows the effect: after Phase 2 {BELIEVERS[self.kind]} believes in {metres(self.belief.mean, sign=True)} give or take {metres(self.belief.sd)} (SD), "
            f"and so in a chance of success of {percent(self.found.assurance)}. However many the people, its limit is the probability of any true gain: {percent(self.found.ceiling)}."
        ).replace("you believes", "you believe")

    def table(self) -> dict:
        """Power and assurance at some numbers of people."""
        shown = [place for place, total in enumerate(self.totals) if total % 100 == 0]
        return {
            "people": [str(self.totals[place]) for place in shown],
            f"power at {metres(self.planned, sign=True)}": [percent(self.powers[place]) for place in shown],
            "chance of success": [percent(self.assurances[place]) for place in shown],
        }


def chance_of_success(*, estimate, assumed_sd, n_treated, n_control, prior, large, planned, total, own=(0.0, 30.0)) -> ChanceOfSuccess:
    """The chance that a Phase 3 trial of `total` people, in two equal arms, finds p below 0.05 in favour, given a Phase 2 estimate.

    The belief after Phase 2 comes from `prior` (with `large` and `own` as in `prior_of`) and the `estimate` with its people; one
    assumed SD holds in both trials and is taken as known. The populations are taken to be the same, and the estimate as not
    chosen for being large. Raises `ValueError` for impossible values.
    """
    total, planned = whole("total", total, low=4), number("planned", planned)
    mean, sd = prior_of(prior, large=large, own=own)
    error = standard_error(sd=assumed_sd, n_treated=n_treated, n_control=n_control)
    belief = posterior(estimate=estimate, standard_error=error, prior_mean=mean, prior_sd=sd)
    errors = 2 * assumed_sd / np.sqrt(TOTALS)
    found = assurance(prior_mean=belief.mean, prior_sd=belief.sd, sd=assumed_sd, n_treated=total - total // 2, n_control=total // 2)
    power = chance_of_small_p(mean=planned, sd=0, standard_error=standard_error(sd=assumed_sd, n_treated=total - total // 2, n_control=total // 2))
    return ChanceOfSuccess(
        prior, float(assumed_sd), planned, total, belief, power, found, TOTALS,
        chance_of_small_p(mean=planned, sd=0, standard_error=errors), chance_of_small_p(mean=belief.mean, sd=belief.sd, standard_error=errors),
    )  # fmt: skip
