"""An arm that opens late: compare it with all people on placebo, or with those who entered at the same time?"""

from dataclasses import dataclass

import numpy as np
from scipy.special import stdtrit

from frailty_lessons.methods.checks import metres, number, whole
from frailty_lessons.methods.dose_ranging.largest import one_beyond


@dataclass(frozen=True)
class Against:
    """The late arm minus some of placebo: people on placebo, mean estimate, bias and half-width of its 95% interval (metres).

    `misses` is the chance (0 to 1) that the interval leaves the true effect out; 0.05 is what it promises.
    """

    who: str
    people: float
    estimate: float
    bias: float
    standard_error: float
    half_width: float
    misses: float


@dataclass(frozen=True)
class LateArm:
    """Both comparisons of an arm that opens when the share `opens` of the recruitment time has passed."""

    n_late: int
    drift: float
    opens: float
    effect: float
    sd: float
    everybody: Against
    same_time: Against

    @property
    def rows(self) -> tuple[Against, Against]:
        return self.everybody, self.same_time

    def describe(self) -> str:
        """Bias and half-width of both comparisons."""
        all_of, same = self.rows
        when = "opens with the others" if not self.opens else f"opens when {100 * self.opens:.0f}% of the recruitment time has passed"
        drift = "people who enter last gain as much as those who enter first"
        if self.drift:
            more = "more" if self.drift > 0 else "less"
            drift = f"people who enter last gain {metres(abs(self.drift))} {more} than those who enter first, whatever they get"
        said = f"A dose with {self.n_late} people {when}; {drift}. True effect {metres(self.effect, sign=True)}, assumed SD {metres(self.sd)}. "
        for one in self.rows:
            said += (
                f"Against {one.who} ({one.people:.0f} people): {metres(one.estimate, sign=True)} on average, off by {metres(one.bias, sign=True)}, "
                f"interval ±{metres(one.half_width)}, which misses the truth in {100 * one.misses:.0f} of 100 trials. "
            )
        return said.strip()

    def table(self) -> dict:
        """One row a comparison, in words."""
        return {
            "compared with": [one.who for one in self.rows],
            "people on placebo": [f"{one.people:.0f}" for one in self.rows],
            "mean estimate": [metres(one.estimate, sign=True) for one in self.rows],
            "bias": [metres(one.bias, sign=True) for one in self.rows],
            "95% interval reaches": [f"±{metres(one.half_width)}" for one in self.rows],
            "misses the truth, of 100": [f"{100 * one.misses:.0f}" for one in self.rows],
        }


def late_arm(*, n_late, n_control, drift, opens, effect, sd) -> LateArm:
    """The late arm against all `n_control` people on placebo, and against those who entered after it opened.

    People enter evenly over the recruitment time, those of the late arm over what is left of it. Changes are normal with
    `sd` between people who enter together, and rise by `drift` from the first to the last entry. Bias and
    error are exact: a uniform time from a to 1 has the mean (1 + a)/2 and the variance (1 − a)²/12. Interval and misses are
    those of a t-test, with changes as good as normal while the drift is small against `sd`. On controls who entered earlier
    see Lee & Wason 2020, BMC Med Res Methodol 20:165. Raises `ValueError` for impossible values, and if fewer than two people on placebo
    entered at the same time.
    """
    n_late, n_control = whole("n_late", n_late, low=2), whole("n_control", n_control, low=2)
    drift, effect = number("drift", drift), number("effect", effect)
    opens, sd = number("opens", opens, low=0, high=1, open_high=True), number("sd", sd, low=0, open_low=True)
    same = n_control * (1 - opens)
    if same < 2 - 1e-9:
        raise ValueError(f"of {n_control} people on placebo fewer than two enter after {100 * opens:.0f}% of the recruitment time: there is nobody to compare with")

    def against(who, people, control_opens):
        variances = [sd**2 + (drift * (1 - start)) ** 2 / 12 for start in (opens, control_opens)]
        error = float(np.sqrt(variances[0] / n_late + variances[1] / people))
        bias = drift * (opens - control_opens) / 2
        reach = stdtrit(n_late + people - 2, 0.975)
        misses = one_beyond(reach, n_late + people - 2, bias / error)
        return Against(who, people, effect + bias, bias, error, float(reach * error), misses)

    return LateArm(n_late, drift, opens, effect, sd, against("everybody on placebo", float(n_control), 0.0), against("those who entered at the same time", same, opens))
