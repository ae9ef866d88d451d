"""How many people a comparison of two means needs, and how often it then finds a true difference."""

import math

from scipy.special import ncfdtr, stdtrit

from frailty_lessons.methods.checks import number, whole

# More than any trial has: beyond this a difference is as good as none.
MOST = 10_000_000


def power_of_t(*, difference, sd, n_arm, n_control, alpha=0.05) -> float:
    """The chance (0 to 1) that a two-sided t-test at `alpha` rejects no difference if the true one is `difference`.

    `difference` and `sd`, the spread between people of one arm, are in one unit. Both tails count: t² has a noncentral
    F-distribution (Cohen 1988, Statistical Power Analysis, section 12.8), by scipy. Raises `ValueError` for impossible values.
    """
    n_arm, n_control = whole("n_arm", n_arm, low=2), whole("n_control", n_control, low=2)
    effect, alpha = _effect(difference, sd), _share("alpha", alpha)
    df = n_arm + n_control - 2
    missed = float(ncfdtr(1, df, effect**2 / (1 / n_arm + 1 / n_control), stdtrit(df, alpha / 2) ** 2))
    # Where next to nothing is missed, scipy's noncentral F may have no value.
    return 1.0 if math.isnan(missed) else 1 - missed


def people_needed(*, difference, sd, power=0.8, alpha=0.05) -> int:
    """The smallest number of people in each of two arms with which `power_of_t` reaches `power`.

    Raises `ValueError` for impossible values, and where no number of people is large enough.
    """
    power, alpha, effect = _share("power", power), _share("alpha", alpha), _effect(difference, sd)
    if not effect:
        raise ValueError("no number of people is enough to find a difference of 0")

    def enough(n):
        return power_of_t(difference=effect, sd=1, n_arm=n, n_control=n, alpha=alpha) >= power

    most = 2
    while not enough(most):
        most *= 2
        if most > MOST:
            raise ValueError(f"finding a difference of {effect:.2g} standard deviations takes more than {MOST:,} people in each arm")
    least = max(1, most // 2)
    while most - least > 1:
        middle = math.floor((least + most) / 2)
        least, most = (least, middle) if enough(middle) else (middle, most)
    return most


def _effect(difference, sd) -> float:
    return abs(number("difference", difference)) / number("sd", sd, low=0, open_low=True)


def _share(name, value) -> float:
    return number(name, value, low=0, high=1, open_low=True, open_high=True)
