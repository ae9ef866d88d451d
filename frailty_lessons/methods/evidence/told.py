"""Which estimates make the news, and how far they lie from the truth."""

from dataclasses import dataclass

import numpy as np
from scipy.special import chdtr, ndtr, ndtri, stdtrit

from frailty_lessons.methods.checks import hundred, metres, number, plural, whole

LIMIT = 0.05
# Beyond this many standard errors the normal distribution has nothing left at double precision.
FAR = 8.5


@dataclass(frozen=True)
class Exaggeration:
    """Estimates with a small p-value, when the true `effect` and the standard error are known; one unit for all.

    `power` is the chance (0 to 1) of a small p in either direction. Of these estimates, `wrong_sign` is the share with the
    wrong sign (Type S error) and `exaggeration` how many times too large they are on average (Type M error); both are NaN
    without an effect. `in_favour` is the chance of a small p in the direction of the effect, `average_in_favour` the average
    of those estimates.
    """

    effect: float
    standard_error: float
    alpha: float
    power: float
    wrong_sign: float
    exaggeration: float
    in_favour: float
    average_in_favour: float

    def describe(self) -> str:
        """How often the p-value is small, and what those estimates look like."""
        said = (
            f"With a true effect of {self.effect:g} and a standard error of {self.standard_error:g}, "
            f"{hundred(self.power)} of 100 studies have p below {self.alpha:g}."
        )
        if not self.effect:
            return f"{said} All of them are false alarms."
        return f"{said} Those estimates are {self.exaggeration:.1f} times too large on average, and {hundred(self.wrong_sign)} of 100 of them have the wrong sign."

    def table(self) -> dict:
        """One row a figure, in words."""
        rows = [
            ("power", f"{self.power:.3f}"),
            ("wrong sign, of those with a small p (Type S)", f"{self.wrong_sign:.3f}"),
            ("times too large, of those with a small p (Type M)", f"{self.exaggeration:.2f}"),
        ]
        return {"quantity": [name for name, _ in rows], "value": [value if "nan" not in value else "–" for _, value in rows]}


def exaggeration(*, effect, standard_error, alpha=LIMIT) -> Exaggeration:
    """What p-values below `alpha` (two-sided) do to estimates of a true `effect`: Type S and Type M errors.

    The errors are those of Gelman & Carlin (2014, Perspect Psychol Sci 9:641-651), in closed form (Lu, Qiu & Deng 2019,
    Br J Math Stat Psychol 72:1-17). Raises `ValueError` for impossible values.
    """
    effect = number("effect", effect)
    error = number("standard_error", standard_error, low=0, open_low=True)
    alpha = number("alpha", alpha, low=0, high=1, open_low=True, open_high=True)
    z, at = float(-ndtri(alpha / 2)), abs(effect) / error
    right, wrong = float(ndtr(at - z)), float(ndtr(-at - z))
    power = right + wrong
    in_favour = at + _bell(z - at) / right
    size = at * (right - wrong) + _bell(z - at) + _bell(z + at)
    sign = -1 if effect < 0 else 1
    too_large = float(size / power / at) if effect else np.nan
    return Exaggeration(effect, error, alpha, power, wrong / power if effect else np.nan, too_large, right, float(sign * error * in_favour))


@dataclass(frozen=True)
class BestOfArms:
    """The largest of several independent estimates; one unit for all.

    `expected` is its average, `chosen` each arm's chance of being it, `expected_truth` the average true effect of the arm
    that is chosen for it.
    """

    effects: tuple[float, ...]
    expected: float
    chosen: tuple[float, ...]
    expected_truth: float

    @property
    def bias(self) -> float:
        """How much too large the largest estimate is on average."""
        return self.expected - self.expected_truth

    def describe(self) -> str:
        """What the best arm shows on average, and what it is worth."""
        return (
            f"The best of {plural(len(self.effects), 'arm', 'arms')} shows {self.expected:.3g} on average, and its true effect is {self.expected_truth:.3g} on average: "
            f"choosing the best adds {self.bias:.2g}."
        )

    def table(self) -> dict:
        """One row an arm, in words."""
        return {
            "arm": [str(place) for place in range(1, len(self.effects) + 1)],
            "true effect": [f"{effect:g}".replace("-", "−") for effect in self.effects],
            "chance of being the best": [f"{chance:.0%}" for chance in self.chosen],
        }


def best_of_arms(*, effects, standard_errors) -> BestOfArms:
    """The expected largest of independent normal estimates of the true `effects`, by numerical integration.

    For arms that share a control, give each arm's own standard error, SD/√n: the control's mean moves all arms alike and
    drops out of the choice and of the average. `standard_errors` is one number or one an arm. Raises `ValueError` for
    impossible values.
    """
    effects = np.atleast_1d(number("effects", effects))
    errors = np.broadcast_to(number("standard_errors", standard_errors, low=0, open_low=True), effects.shape)
    at = _grid(effects.min() - FAR * errors.max(), effects.max() + FAR * errors.max(), errors.min() / 8)
    densities = _largest(at, effects, errors)
    step = at[1] - at[0]
    chosen = densities.sum(axis=1) * step
    return BestOfArms(tuple(effects.tolist()), float(densities.sum(axis=0) @ at * step), tuple(chosen.tolist()), float(chosen @ effects))


@dataclass(frozen=True, eq=False)
class ToldEstimates:
    """Estimates of one treated arm minus control, or of the best of several, over all trials that could be. Metres.

    `at` are differences in equal steps, `density` how the estimates spread, and `told` the part of it with p below 0.05; the
    area under `told` is their chance. `needed` is, by arm, the size of estimate that has p = 0.05 if the trial's SD is the
    assumed one. `average` is the average size of those told, `mean` the average of all estimates. `wrong_sign` is the share of those
    told that point the wrong way, `exaggeration` how many times too large they are; both are NaN without an effect.
    `beyond` is the chance of an estimate as large as the one `reported` or larger; None where none was reported.
    """

    effect: float
    sd: float
    sizes: tuple[int, ...]
    n_control: int
    at: np.ndarray
    density: np.ndarray
    told: np.ndarray
    needed: tuple[float, ...]
    chance: float
    mean: float
    average: float
    exaggeration: float
    wrong_sign: float
    reported: float | None
    beyond: float | None

    @property
    def _needed(self) -> str:
        least, most = round(min(self.needed)), round(max(self.needed))
        return f"{least} m" if least == most else f"{least} to {most} m (by the arm's size)"

    def describe(self) -> str:
        """How large an estimate must be to have a small p, how often that comes, and how far it is from the truth."""
        people = " or ".join(map(str, self.sizes))
        who = f"one dose, {people}" if len(self.sizes) == 1 else f"the best of {len(self.sizes)} doses with the same true effect, {people}"
        said = (
            f"True effect {metres(self.effect, sign=True)}, assumed SD of {metres(self.sd)}, {who} against {self.n_control} people: "
            f"for p below 0.05 an estimate must be about {self._needed} or more if people differ as assumed, and {hundred(self.chance)} of 100 trials have one."
        )
        if self.effect:
            ways, wrong = (" (up or down)", f", and {hundred(self.wrong_sign)} of 100 of them point the wrong way") if self.wrong_sign >= 0.005 else ("", "")
            said += f" These show {metres(self.average)} on average{ways}, {self.exaggeration:.1f} times the truth{wrong}."
        else:
            said += f" All of these are false alarms, in either direction, and {metres(self.average)} large on average."
        if self.reported is None:
            return said
        return f"{said} An estimate as large as the {self.reported:g} m of the report, or larger, comes in {hundred(self.beyond)} of 100 trials, if it is a planned difference from control."

    def table(self) -> dict:
        """One row a figure, in words."""
        rows = [
            ("true effect", metres(self.effect, sign=True)),
            ("SD of changes (assumed)", metres(self.sd)),
            ("people, treated", " or ".join(map(str, self.sizes))),
            ("people, control", str(self.n_control)),
            ("average of all estimates", metres(self.mean, sign=True)),
            ("estimate with p = 0.05", self._needed),
            ("trials with p below 0.05, of 100", hundred(self.chance)),
            ("average size of these", metres(self.average)),
        ]
        if self.effect:
            rows += [("times the truth", f"{self.exaggeration:.1f}"), ("of 100 of these, wrong way", hundred(self.wrong_sign))]
        if self.reported is not None:
            rows.append((f"{self.reported:g} m or more, of 100 trials", hundred(self.beyond)))
        return {"quantity": [name for name, _ in rows], "value": [value for _, value in rows]}


def told_estimates(*, effect, sd, sizes, n_control, reported=None, points=121) -> ToldEstimates:
    """How the estimate of a dose minus control spreads, and the part of it with p below 0.05, exactly.

    Changes are normal with one `sd` in all arms, and every dose has the same true `effect`. `sizes` are the people of each
    treated arm: of several, the arm with the largest mean is told. The p-value is Student's, two-sided, with the SD pooled
    over the arms named and the control, and not adjusted for the choice. `density` and `told` come at `points` differences.
    Raises `ValueError` for impossible values.
    """
    effect = number("effect", effect)
    sd = number("sd", sd, low=0, open_low=True, unit="m")
    sizes = tuple(whole("sizes", size, low=1) for size in np.atleast_1d(sizes))
    n_control, points = whole("n_control", n_control, low=1), whole("points", points, low=3)
    reported = None if reported is None else number("reported", reported)
    df = sum(sizes) + n_control - len(sizes) - 1
    if df < 1:
        raise ValueError("groups of one person each have no SD: there must be more people than groups")
    people = np.array(sizes, dtype=float)
    errors = sd * np.sqrt(1 / people + 1 / n_control)
    # The widest estimates lie within this reach, with those that need a large SD of their own.
    reach = FAR * errors.max()
    # The more people, the sharper the edge of what is told: equal steps as wide as it are exact to 1e-7.
    fine = _grid(effect - reach, effect + reach, errors.min() * min(1 / 16, 1 / np.sqrt(df)))
    densities = _difference(fine, effect, sd, people, n_control)
    every = densities.sum(axis=0)
    limit = float(stdtrit(df, 1 - LIMIT / 2))
    # Given the means, the pooled variance is free: p is small if it falls below that at which the difference has p = 0.05.
    told = np.sum(densities * chdtr(df, df * (fine / (limit * errors[:, None])) ** 2), axis=0)
    step = fine[1] - fine[0]
    chance, average = float(told.sum() * step), float(told @ np.abs(fine) * step)
    wrong = float(told[fine * effect < 0].sum() * step)
    # The sum up to the middle of each step is the distribution at its end.
    ends, reached = fine + step / 2, np.cumsum(every) * step
    beyond = None if reported is None else float(np.clip(1 - np.interp(reported, ends, reached), 0, 1))
    shown = np.linspace(effect - 4.5 * errors.max(), effect + 4.5 * errors.max(), points)
    return ToldEstimates(
        effect, sd, sizes, n_control, shown, np.interp(shown, fine, every), np.interp(shown, fine, told),
        tuple((limit * errors).tolist()), chance, float(every @ fine * step), average / chance,
        average / chance / abs(effect) if effect else np.nan, wrong / chance if effect else np.nan, reported, beyond,
    )  # fmt: skip


def _difference(at, effect, sd, people, n_control):
    """The density of the difference `at`, by arm told: one row an arm."""
    if len(people) == 1:
        error = sd * np.sqrt(1 / people + 1 / n_control)
        return _bell((at - effect) / error)[None] / error[0]
    # Given the control's mean the arms are independent: average over it.
    away = np.arange(-FAR, FAR + 0.25, 0.25)
    weights = _bell(away)
    means = at[:, None] + sd / np.sqrt(n_control) * away
    return _largest(means, np.full(len(people), effect), sd / np.sqrt(people)) @ (weights / weights.sum())


def _largest(at, effects, errors):
    """The density with which each arm's estimate is `at` and the largest; the arms stand before the axes of `at`."""
    by_arm = (-1, *[1] * at.ndim)
    scaled = (at - effects.reshape(by_arm)) / errors.reshape(by_arm)
    below, found = ndtr(scaled), _bell(scaled) / errors.reshape(by_arm)
    for arm in range(len(effects)):
        found[arm] *= np.prod(np.delete(below, arm, axis=0), axis=0)
    return found


def _grid(low, high, step):
    return np.linspace(low, high, int(np.ceil((high - low) / step)) + 1)


def _bell(z):
    return np.exp(-np.square(z) / 2) / np.sqrt(2 * np.pi)
