"""Reference equations: how far healthy people of one age, sex and size walk in six minutes.

Coefficients are as tabulated in the systematic review behind the ERS/ATS 2014 standard
(Singh et al. 2014, Eur Respir J 44:1447-1478, table 5), except where an equation names another source.
Equations that need a peak heart rate (Casanova 2011, Poh 2006) cannot be computed from age, sex,
height and weight, and are left out.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from frailty_lessons.methods.checks import metres, number

SEXES = ("female", "male")


@dataclass(frozen=True)
class Equation:
    """A published reference equation.

    Attributes
    ----------
    id, label, citation, population
        Its name here, its name for a reader, its source, and whom it was made from.
    ages
        Youngest and oldest age of those people, `(women, men)` or one pair; None where the sources read do not
        say, and None as the oldest where there was no upper limit.
    r_squared
        Share of the spread in distance that it explains, `(women, men)` or one figure, None if not known.
    below_for_lower_limit
        Metres below the prediction at which the published lower limit of normal lies, `(women, men)`, or None.
    unverified
        What of this entry is general knowledge, not yet checked against the source; empty if nothing is.
    """

    id: str
    label: str
    citation: str
    population: str
    ages: tuple[tuple[int, int | None], ...] | None
    r_squared: tuple[float, ...] | None
    women: Callable = field(repr=False)
    men: Callable = field(repr=False)
    below_for_lower_limit: tuple[float, float] | None = None
    unverified: str = ""

    def covers(self, age, sex) -> bool | None:
        """Whether people of this age and sex were among those it was made from; None if not known."""
        if self.ages is None:
            return None
        youngest, oldest = self.ages[0 if sex == "female" else -1]
        return youngest <= age and (oldest is None or age <= oldest)

    def ages_in_words(self, sex) -> str:
        """The ages of the people of this sex that it was made from: `50 to 85`, `68 and more` or `not known`."""
        if self.ages is None:
            return "not known"
        youngest, oldest = self.ages[0 if sex == "female" else -1]
        return f"{youngest} and more" if oldest is None else f"{youngest} to {oldest}"


def _both(formula, male: float):
    """One formula for women, and the same plus `male` metres for men."""
    return formula, lambda *body: formula(*body) + male


# Each formula takes age (years), height (cm), weight (kg) and body mass index (kg/m²).
_EQUATIONS = (
    Equation(
        "enright-1998", "Enright & Sherrill 1998", "Enright & Sherrill 1998, Am J Respir Crit Care Med 158:1384-1387",
        "173 women and 117 men, 40 to 80 years, USA", ((40, 80),), (0.38, 0.42),
        lambda a, h, w, b: 2.11 * h - 2.29 * w - 5.78 * a + 667,
        lambda a, h, w, b: 7.57 * h - 5.02 * a - 1.76 * w - 309,
        below_for_lower_limit=(139, 153), unverified="lower limit, ages and numbers of people",
    ),
    Equation(
        "enright-2003", "Enright 2003", "Enright et al. 2003, Chest 123:387-398",
        "Cardiovascular Health Study: people of 68 years and more, walking at their own pace, USA", ((68, None),), (0.20,),
        lambda a, h, w, b: 493 + 2.2 * h - 0.93 * w - 5.3 * a,
        lambda a, h, w, b: 510 + 2.2 * h - 0.93 * w - 5.3 * a,
    ),
    Equation(
        "troosters-1999", "Troosters 1999", "Troosters, Gosselink & Decramer 1999, Eur Respir J 14:270-274",
        "51 healthy volunteers, 50 to 85 years, 50 m corridor, encouraged every 30 seconds, Belgium", ((50, 85),), (0.66,),
        *_both(lambda a, h, w, b: 218 + 5.14 * h - 5.32 * a - 1.80 * w, 51.31),
    ),
    Equation(
        "gibbons-2001", "Gibbons 2001", "Gibbons et al. 2001, J Cardiopulm Rehabil 21:87-93",
        "79 people, 20 to 80 years, 20 m track, best of repeated walks", ((20, 80),), (0.41,),
        lambda a, h, w, b: 868.8 - 2.99 * a - 74.7,
        lambda a, h, w, b: 868.8 - 2.99 * a,
        unverified="ages, number of people, track",
    ),
    Equation(
        "chetta-2006", "Chetta 2006", "Chetta et al. 2006, Respir Med 100:1573-1578",
        "healthy people of 20 to 50 years, Italy", ((20, 50),), (0.42,),
        lambda a, h, w, b: 518.853 + 1.25 * h - 2.816 * a - 39.07,
        lambda a, h, w, b: 518.853 + 1.25 * h - 2.816 * a,
        unverified="ages",
    ),
    Equation(
        "camarri-2006", "Camarri 2006", "Camarri et al. 2006, Respir Med 100:658-665",
        "70 people of 55 to 75 years, best of three walks, Australia", ((55, 75),), (0.36,),
        lambda a, h, w, b: 216.90 + 4.12 * h - 1.75 * a - 1.15 * w - 34.04,
        lambda a, h, w, b: 216.90 + 4.12 * h - 1.75 * a - 1.15 * w,
    ),
    Equation(
        "jenkins-2009", "Jenkins 2009", "Jenkins et al. 2009, Physiother Theory Pract 25:516-522",
        "61 women and 48 men, 45 to 85 years, better of two walks, Australia", ((45, 85),), (0.43, 0.40),
        lambda a, h, w, b: 525 - 2.86 * a + 2.71 * h - 6.22 * b,
        lambda a, h, w, b: 867 - 5.71 * a + 1.03 * h,
    ),
    Equation(
        "osses-2010", "Osses 2010", "Osses et al. 2010, Rev Med Chil 138:1124-1130",
        "healthy people, 20 to 80 years, Chile", ((20, 80),), (0.63, 0.55),
        lambda a, h, w, b: 457 - 3.46 * a + 2.61 * h - 1.57 * w,
        lambda a, h, w, b: 530 - 3.31 * a + 2.36 * h - 1.49 * w,
        unverified="ages",
    ),
    Equation(
        "hill-2011", "Hill 2011", "Hill et al. 2011, Appl Physiol Nutr Metab 36:643-649",
        "healthy people, 45 to 85 years, Canada", ((45, 85),), None,
        *_both(lambda a, h, w, b: 970.7 - 5.5 * a + 0 * h, 56.3),
        unverified="year, journal and ages",
    ),
    Equation(
        "britto-2013", "Britto 2013", "Britto et al. 2013, Braz J Phys Ther 17:556-563 (read in PMC4207140)",
        "617 healthy people, Brazil", None, (0.46,),
        *_both(lambda a, h, w, b: 890.46 - 6.11 * a + 0.0345 * a**2 - 4.87 * b, 48.87),
    ),
    Equation(
        "geird-2022-active", "GEIRD 2022, physically active", "GEIRD study 2022, Respir Res, doi 10.1186/s12931-022-02003-y, table 5",
        "287 women of 21 to 76 years and 243 men of 21 to 78, general population, Italy; for people who exercise 2 or 3 times a week", ((21, 76), (21, 78)), (0.24, 0.16),
        lambda a, h, w, b: 8.10 * a + 1.61 * h - 0.99 * w + 22.58 - 0.10 * a**2 + 222.55,
        lambda a, h, w, b: 26.80 * a + 8.46 * h - 0.45 * w - 2.54 - 0.06 * a**2 - 0.13 * a * h - 890.18,
        below_for_lower_limit=(96, 122),
    ),
    Equation(
        "geird-2022-inactive", "GEIRD 2022, not active", "GEIRD study 2022, Respir Res, doi 10.1186/s12931-022-02003-y, table 5",
        "287 women of 21 to 76 years and 243 men of 21 to 78, general population, Italy; for people who exercise less", ((21, 76), (21, 78)), (0.24, 0.16),
        lambda a, h, w, b: 8.10 * a + 1.61 * h - 0.99 * w - 0.10 * a**2 + 222.55,
        lambda a, h, w, b: 26.80 * a + 8.46 * h - 0.45 * w - 0.06 * a**2 - 0.13 * a * h - 890.18,
        below_for_lower_limit=(96, 122),
    ),
)

EQUATIONS: dict[str, Equation] = {equation.id: equation for equation in _EQUATIONS}
"""The reference equations by id."""


@dataclass(frozen=True)
class Prediction:
    """A predicted distance: `metres`, `lower_limit` (metres; None where none is published, or where it would be below nothing), `equation` (its id)."""

    metres: float
    lower_limit: float | None
    equation: str


def predicted_distance(*, age, sex, height_cm, weight_kg, equation) -> Prediction:
    """The distance that the reference equation of that id predicts, and its lower limit of normal.

    `age` in years, `sex` "female" or "male", height in centimetres, weight in kilograms; arrays broadcast.
    A prediction outside the equation's ages is given all the same: see `EQUATIONS[equation].covers(age, sex)`.

    Raises `ValueError` for an unknown equation, an impossible value, or a body so far from the equation's
    people that its prediction is not above zero.
    """
    if equation not in EQUATIONS:
        raise ValueError(f"there is no equation {equation!r}; there are {', '.join(EQUATIONS)}")
    chosen = EQUATIONS[equation]
    age = number("age", age, low=0, open_low=True, high=120, unit="years")
    height = number("height_cm", height_cm, low=50, high=250, unit="cm")
    weight = number("weight_kg", weight_kg, low=10, high=400, unit="kg")
    sexes = np.asarray(sex)
    if not np.isin(sexes, SEXES).all():
        raise ValueError(f"sex must be 'female' or 'male', for which the equations were published, not {sex!r}")
    male = sexes == "male"

    body = (age, height, weight, weight / (height / 100) ** 2)
    distance = np.where(male, chosen.men(*body), chosen.women(*body))
    if (distance <= 0).any():
        raise ValueError(f"{chosen.label} predicts no distance above zero for this body: it was made from {chosen.population}")
    limit = None
    if chosen.below_for_lower_limit is not None:
        women, men = chosen.below_for_lower_limit
        limit = distance - np.where(male, men, women)
    if distance.ndim == 0:
        distance, limit = float(distance), float(limit) if limit is not None and limit > 0 else None
    return Prediction(distance, limit, equation)


def percent_predicted(distance, prediction):
    """`distance` (metres) as a percentage of a `Prediction`, or of a predicted distance in metres. Arrays broadcast.

    Raises `ValueError` for a negative distance or a prediction that is not above zero.
    """
    distance = number("distance", distance, low=0, unit="m")
    expected = number("prediction", getattr(prediction, "metres", prediction), low=0, open_low=True, unit="m")
    return 100 * distance / expected


@dataclass(frozen=True)
class EquationComparison:
    """What every equation expects of one person, from the lowest prediction to the highest."""

    age: float
    sex: str
    height_cm: float
    weight_kg: float
    distance: float
    predictions: tuple[Prediction, ...]

    def percents(self) -> list[float]:
        """The distance as per cent of each prediction."""
        return [percent_predicted(self.distance, prediction) for prediction in self.predictions]

    def covered(self) -> list[bool | None]:
        """For each prediction, whether the equation's people had this age; None where not known."""
        return [EQUATIONS[prediction.equation].covers(self.age, self.sex) for prediction in self.predictions]

    def describe(self) -> str:
        """Two sentences: the spread of predictions, and what the distance is of them."""
        lowest, highest = self.predictions[0], self.predictions[-1]
        outside = sum(cover is False for cover in self.covered())
        limited = [EQUATIONS[p.equation] for p in self.predictions if p.lower_limit is not None]
        below = sum(self.distance < p.lower_limit for p in self.predictions if p.lower_limit is not None)
        unchecked = sum("lower limit" in equation.unverified for equation in limited)
        person = "woman" if self.sex == "female" else "man"
        return (
            f"For a {person} of {self.age:.0f} years, {self.height_cm:.0f} cm and {self.weight_kg:.0f} kg, "
            f"{len(self.predictions)} equations from {_studies(EQUATIONS[p.equation] for p in self.predictions)} studies predict "
            f"from {metres(lowest.metres)} ({EQUATIONS[lowest.equation].label}) "
            f"to {metres(highest.metres)} ({EQUATIONS[highest.equation].label}); {outside} of them were made from people of other ages. "
            f"A walk of {metres(self.distance)} is {min(self.percents()):.0f} to {max(self.percents()):.0f} per cent of predicted, "
            f"and below {below} of {len(limited)} lower limits, which come from {_studies(limited)} studies ({unchecked} not yet checked)."
        )

    def table(self) -> dict:
        """One row an equation, as columns of equal length."""
        known = {True: "yes", False: "no", None: "not known"}
        return {
            "equation": [EQUATIONS[p.equation].label for p in self.predictions],
            "made from ages": [EQUATIONS[p.equation].ages_in_words(self.sex) for p in self.predictions],
            "this age among them": [known[cover] for cover in self.covered()],
            "predicted (m)": [f"{p.metres:.0f}" for p in self.predictions],
            "lower limit (m)": ["none published" if p.lower_limit is None else f"{p.lower_limit:.0f}" for p in self.predictions],
            "per cent predicted": [f"{percent:.0f}" for percent in self.percents()],
            "not yet checked": [EQUATIONS[p.equation].unverified or "–" for p in self.predictions],
        }


def _studies(equations) -> int:
    return len({equation.citation for equation in equations})


def compare_equations(*, age, sex, height_cm, weight_kg, distance) -> EquationComparison:
    """Every reference equation for one person, ordered by predicted distance.

    Raises `ValueError` for an impossible value.
    """
    distance = number("distance", distance, low=0, unit="m")
    predictions = [
        predicted_distance(age=age, sex=sex, height_cm=height_cm, weight_kg=weight_kg, equation=id) for id in EQUATIONS
    ]
    return EquationComparison(age, sex, height_cm, weight_kg, distance, tuple(sorted(predictions, key=lambda p: p.metres)))
