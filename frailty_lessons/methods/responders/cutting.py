"""What it costs to cut a measurement in two and to count those beyond the cut."""

import math
from dataclasses import dataclass

import numpy as np
from scipy.special import bdtr, ndtr, ndtri

from frailty_lessons.methods.checks import hundred, metres, number, whole
from frailty_lessons.methods.placebo import people_needed, power_of_t
from frailty_lessons.methods.responders.number_needed import NumberNeeded, number_needed

POWER = 0.8


@dataclass(frozen=True)
class WrongSide:
    """Shares of people (0 to 1) whom measurement error alone puts on the wrong side of a cut.

    `wrongly_in`: truly below, measured above; `wrongly_out`: the reverse. `changing`: two measurements of the same people
    disagree about the side.
    """

    wrongly_in: float
    wrongly_out: float
    changing: float


def wrong_side(*, mean, sd, cut, error_share) -> WrongSide:
    """Whom measurement error puts on the wrong side of `cut`, if measured changes are normal with this mean and SD.

    `error_share` of their variance (0 to 1) is measurement error, the rest true change: true and measured change have the
    correlation √(1 − error_share), two measurements 1 − error_share (classical test theory: Lord & Novick 1968). From the
    bivariate normal distribution, by scipy. Raises `ValueError` for impossible values.
    """
    from scipy.stats import multivariate_normal

    mean, cut, sd = number("mean", mean), number("cut", cut), number("sd", sd, low=0, open_low=True)
    reliability = 1 - number("error_share", error_share, low=0, high=1, open_high=True)
    measured, true = (cut - mean) / sd, (cut - mean) / (sd * math.sqrt(reliability))

    def both_below(one, other, correlation):
        return float(multivariate_normal.cdf([one, other], cov=[[1, correlation], [correlation, 1]], allow_singular=True))

    below = both_below(true, measured, math.sqrt(reliability))
    again = both_below(measured, measured, reliability)
    return WrongSide(*(max(0.0, float(value)) for value in (ndtr(true) - below, ndtr(measured) - below, 2 * (ndtr(measured) - again))))


def power_of_counting(*, share_treated, share_control, n_treated, n_control, alpha=0.05) -> float:
    """The chance (0 to 1) that Pearson's chi-square test without correction, two-sided at `alpha`, rejects equal shares.

    Exact: every possible pair of counts is weighed with its binomial probability. Raises `ValueError` for impossible values.
    """
    n_treated, n_control = whole("n_treated", n_treated, low=1), whole("n_control", n_control, low=1)
    share_treated, share_control = number("share_treated", share_treated, low=0, high=1), number("share_control", share_control, low=0, high=1)
    alpha = number("alpha", alpha, low=0, high=1, open_low=True, open_high=True)
    treated, control = np.arange(n_treated + 1)[:, None], np.arange(n_control + 1)[None, :]
    pooled = (treated + control) / (n_treated + n_control)
    # The square of the z of two shares with the pooled variance is Pearson's chi-square.
    spread = pooled * (1 - pooled) * (1 / n_treated + 1 / n_control)
    rejects = (treated / n_treated - control / n_control) ** 2 > ndtri(alpha / 2) ** 2 * spread * (1 + 1e-12)
    return float(_binomial(n_treated, share_treated) @ rejects @ _binomial(n_control, share_control))


def people_needed_to_count(*, share_treated, share_control, power=POWER, alpha=0.05) -> int:
    """People in each of two arms for a comparison of two shares to reach `power`, two-sided, by the normal approximation.

    By statsmodels: pooled variance under no difference, unpooled under the alternative (Fleiss, Levin & Paik 2003,
    Statistical Methods for Rates and Proportions, chapter 4). Raises `ValueError` for impossible values and equal shares.
    """
    from statsmodels.stats.proportion import samplesize_proportions_2indep_onetail

    named = {"share_treated": share_treated, "share_control": share_control, "power": power, "alpha": alpha}
    share_treated, share_control, power, alpha = (number(name, value, low=0, high=1, open_low=True, open_high=True) for name, value in named.items())
    if share_treated == share_control:
        raise ValueError("no number of people is enough to find a difference of 0")
    return math.ceil(samplesize_proportions_2indep_onetail(share_treated - share_control, share_control, power, alpha=alpha))


def relative_efficiency(cut):
    """How much of the information on a small difference in means is left when one only counts those beyond `cut`.

    `cut` is in SDs from the mean; normal data. At the median 2/π = 0.64, as if a third of the people were thrown away (Cohen
    1983, Appl Psychol Meas 7:249-253; Royston, Altman & Sauerbrei 2006, Stat Med 25:127-141). Arrays broadcast.
    """
    cut = number("cut", cut)
    density = np.exp(-(cut**2) / 2) / math.sqrt(2 * math.pi)
    return density**2 / (ndtr(cut) * ndtr(-cut))


@dataclass(frozen=True)
class CutInTwo:
    """Changes of two arms, normal with one SD, compared as means and as responders beyond `cut`. Metres.

    `share_treated` and `share_control` are the responders expected (0 to 1), and `needed` is the number needed to treat of a
    trial that finds just these. `people_means` and `people_counting` are the people in each arm that find the effect with power 0.8 (None without an
    effect); `wrong` says whom measurement error alone puts on the wrong side, over both arms.
    """

    cut: float
    effect: float
    sd: float
    n_treated: int
    n_control: int
    error_share: float
    share_treated: float
    share_control: float
    needed: NumberNeeded
    power_means: float
    power_counting: float
    people_means: int | None
    people_counting: int | None
    wrong: WrongSide

    def shape(self, metres, *, treated) -> np.ndarray:
        """The bell of an arm's changes at these metres, 1 at its top."""
        return np.exp(-(((np.asarray(metres) - (self.effect if treated else 0.0)) / self.sd) ** 2) / 2)

    def describe(self) -> str:
        """Responders, the number needed to treat, how many people it takes to find the effect, and who is on the wrong side."""
        treated, control = map(hundred, (self.share_treated, self.share_control))
        mean = f"a true effect of {metres(self.effect, sign=True)}" if self.effect else "no effect"
        said = (
            f"With {mean} and an SD of {metres(self.sd)}, {treated} of 100 treated people gain {metres(self.cut)} or more, "
            f"and {control} of 100 with placebo. {self.needed.describe()} "
        )
        if self.effect:
            said += (
                f"To find this effect in {100 * POWER:.0f} of 100 trials takes {self.people_means:,} people in each arm by means, "
                f"about {self.people_counting:,} by counting. "
            )
        else:
            said += "All that differs is chance: there is nothing to find, and no number of people is enough. "
        wrong = 100 * (self.wrong.wrongly_in + self.wrong.wrongly_out)
        return f"{said}Measurement error alone puts {wrong:.0f} of 100 people on the wrong side of the cut."

    def table(self) -> dict:
        """The numbers as columns of equal length, in words."""
        people = [f"{count:,}" if count is not None else "no number is enough" for count in (self.people_means, self.people_counting)]
        rows = [
            ("responders, treated", f"{self.share_treated:.1%}"),
            ("responders, placebo", f"{self.share_control:.1%}"),
            ("difference, percentage points", f"{100 * (self.share_treated - self.share_control):+.1f}".replace("-", "−")),
            ("power by means", f"{self.power_means:.0%}"),
            ("power by counting", f"{self.power_counting:.0%}"),
            ("people in each arm, by means", people[0]),
            ("people in each arm, by counting (approximate)", people[1]),
            ("called responders without being one", f"{self.wrong.wrongly_in:.1%}"),
            ("responders who are missed", f"{self.wrong.wrongly_out:.1%}"),
            ("on another side when measured again", f"{self.wrong.changing:.1%}"),
        ]
        return {"quantity": [name for name, _ in rows], "value": [value for _, value in rows]}


def cut_in_two(*, cut, effect, sd, n_treated, n_control, error_share=0.0, alpha=0.05) -> CutInTwo:
    """Two arms' changes, normal with one SD (of measured changes), means 0 and `effect`, seen as means and as responders.

    A responder changes by `cut` or more; all in metres. The power of the means is that of the t-test (exact, noncentral t),
    that of counting is exact for the chi-square test; people needed for counting come from the normal approximation, which
    names too many where nearly nobody without treatment, or nearly everybody with it, is a responder. Raises
    `ValueError` for impossible values.
    """
    from statsmodels.stats.proportion import confint_proportions_2indep

    cut, effect, sd = number("cut", cut), number("effect", effect), number("sd", sd, low=0, open_low=True)
    shares = [float(ndtr((mean - cut) / sd)) for mean in (effect, 0.0)]
    sizes = {"n_treated": n_treated, "n_control": n_control}
    counts = {"share_treated": shares[0], "share_control": shares[1]}
    means = power_of_t(difference=effect, sd=sd, n_arm=n_treated, n_control=n_control, alpha=alpha)
    both = [wrong_side(mean=mean, sd=sd, cut=cut, error_share=error_share) for mean in (effect, 0.0)]
    weights = np.array([n_treated, n_control]) / (n_treated + n_control)
    wrong = WrongSide(*(float(weights @ [getattr(one, name) for one in both]) for name in ("wrongly_in", "wrongly_out", "changing")))
    # Newcombe's limits (1998, Stat Med 17:873-890) of the shares expected, which need not be whole numbers of people.
    limits = confint_proportions_2indep(n_treated * shares[0], n_treated, n_control * shares[1], n_control, method="newcomb", compare="diff", alpha=0.05)
    return CutInTwo(
        cut, effect, sd, n_treated, n_control, error_share, *shares, number_needed(shares[0] - shares[1], *map(float, limits)), means, power_of_counting(**counts, **sizes, alpha=alpha),
        people_needed(difference=effect, sd=sd, power=POWER, alpha=alpha) if effect else None,
        people_needed_to_count(**counts, power=POWER, alpha=alpha) if effect else None,
        wrong,
    )  # fmt: skip


def _binomial(n, share) -> np.ndarray:
    """The probabilities of 0 to n events."""
    return np.diff(bdtr(np.arange(n + 1), n, share), prepend=0.0)

