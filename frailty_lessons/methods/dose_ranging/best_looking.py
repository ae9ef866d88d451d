"""Is the best-looking dose the best dose? How arm means fall by chance."""

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr, stdtrit

from frailty_lessons.methods.checks import hundred, metres, number, plural, whole
from frailty_lessons.methods.dose_ranging.truth import TrueCurve
from frailty_lessons.methods.placebo import people_needed

POWER = 0.8


@dataclass(frozen=True, eq=False)
class BestLooking:
    """One entry an arm, lowest dose first: the chance (0 to 1) that its mean is the best of all.

    `difference` is the true effect of the highest dose minus that of the one below, `looks_worse` the chance that its mean is
    the lower one, `half_width` that of the 95% interval of the difference as expected, and `needed` the people in each of
    these two arms with whom a t-test finds the difference in 80 of 100 trials, None where there is none to find.
    """

    arms: tuple[str, ...]
    truth: TrueCurve
    sizes: tuple[int, ...]
    sd: float
    chances: np.ndarray
    difference: float
    looks_worse: float
    half_width: float
    needed: int | None

    def describe(self) -> str:
        """Which doses look best how often, and what can be said of the two highest."""
        top, below = self.arms[-1], self.arms[-2]
        looks = ", ".join(f"{arm} {hundred(chance)}" for arm, chance in zip(self.arms, self.chances, strict=True))
        said = (
            f"Virtual trials ({', '.join(map(str, self.sizes))} people, placebo first), assumed SD of changes {metres(self.sd)}, true effect: {self.truth.words}. "
            f"Looks best, of 100 trials: {looks}. "
        )
        if self.difference >= 0:
            truly = f"{metres(self.difference)} better than" if self.difference else "as good as"
            said += f"{top} is truly {truly} {below}, and looks worse in {hundred(self.looks_worse)} of 100. "
        else:
            said += f"{top} is truly {metres(-self.difference)} worse than {below}, and looks better in {hundred(1 - self.looks_worse)} of 100. "
        said += f"The 95% interval of {top} minus {below} reaches about {metres(self.half_width)} to each side"
        if self.needed is None:
            return f"{said}."
        return f"{said}; to find their difference in 80 of 100 trials takes {plural(self.needed, 'person', 'people')} in each of the two arms."

    def table(self) -> dict:
        """One row an arm, in words."""
        return {
            "arm": list(self.arms),
            "people": [str(size) for size in self.sizes],
            "true effect": [metres(value, sign=True) for value in self.truth.effects],
            "looks best, of 100 trials": [f"{100 * chance:.1f}" for chance in self.chances],
        }


def best_looking(truth: TrueCurve, arms, sizes, *, sd) -> BestLooking:
    """How often each arm's mean is the best, exactly: the means are independent and normal, with one `sd` between people.

    The chance that one mean is above all others is an integral over that mean (Bechhofer 1954, Ann Math Stat 25:16-39).
    Raises `ValueError` for impossible values, and for fewer than two doses besides placebo.
    """
    arms, sizes = tuple(arms), tuple(whole("sizes", size, low=2) for size in sizes)
    if len(truth.doses) < 3:
        raise ValueError("to compare the two highest doses there must be two besides placebo")
    if not len(arms) == len(sizes) == len(truth.doses):
        raise ValueError(f"arms and sizes must have one entry for each of the {len(truth.doses)} doses, not {len(arms)} and {len(sizes)}")
    sd = number("sd", sd, low=0, open_low=True)
    means, errors = truth.effects, sd / np.sqrt(sizes)
    # Equal steps are exact on a smooth bell, once they are small against the narrowest of the others.
    step = 0.25 * errors.min() / errors.max()
    z = np.arange(-8.5, 8.5 + step, step)
    weight = np.exp(-(z**2) / 2)
    above = ndtr((means[:, None, None] + errors[:, None, None] * z - means[None, :, None]) / errors[None, :, None])
    above[np.arange(len(arms)), np.arange(len(arms))] = 1
    chances = above.prod(axis=1) @ weight / weight.sum()
    difference = float(means[-1] - means[-2])
    error = float(np.hypot(errors[-1], errors[-2]))
    half = float(stdtrit(sum(sizes) - len(sizes), 0.975) * error)
    needed = people_needed(difference=difference, sd=sd, power=POWER) if difference else None
    return BestLooking(arms, truth, sizes, sd, chances, difference, float(ndtr(-difference / error)), half, needed)
