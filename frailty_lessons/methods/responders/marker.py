"""A marker that follows the dose: what a correlation, an adjusted analysis and the truth say of it, in a linear causal model."""

from dataclasses import dataclass

import numpy as np

from frailty_lessons.methods.checks import number, whole


@dataclass(frozen=True, eq=False)
class MarkerAndWalk:
    """A linear causal model with four arrows, what it makes one see, and synthetic people who show just that.

        marker = to_marker · dose + health · (hidden health) + own part
        walk   = direct · dose + through · marker + health · (hidden health) + own part

    Dose, hidden health and both own parts have the SD 1 and are independent: a unit is the spread of an own part.

    `dose_marker`, `dose_walk`, `marker_walk` and `within_dose` are correlations, the last that of marker and walk among
    people of one dose. `adjusted` is the coefficient of the marker in a regression of the walk on dose and marker, and
    `adjusted_dose` that of the dose; `through` is the true effect of the marker alone and `total` that of the dose. `explained` is
    the share of the dose's effect that an analysis calls explained by the marker (1 − adjusted_dose / total), `truly_through`
    the share that goes through it; both NaN without an effect of the dose. `dose` (standardised), `arm` (place among `arms`),
    `marker` and `walk` have one entry a synthetic person.
    """

    to_marker: float
    through: float
    direct: float
    health: float
    dose_marker: float
    dose_walk: float
    marker_walk: float
    within_dose: float
    adjusted: float
    adjusted_dose: float
    total: float
    explained: float
    truly_through: float
    arms: tuple[str, ...]
    arm: np.ndarray
    dose: np.ndarray
    marker: np.ndarray
    walk: np.ndarray

    @property
    def shown(self) -> tuple[np.ndarray, np.ndarray]:
        """Marker and walk of each person, each in SDs of all people: the slope of their line is `marker_walk`."""
        return self.marker / self.marker.std(), self.walk / self.walk.std()

    def line_within(self, place) -> tuple[np.ndarray, np.ndarray]:
        """The ends of the line through the people of one arm, as `shown`: one SD of theirs to each side of their mean."""
        marker, walk = (values[self.arm == place] for values in self.shown)
        half = np.array([-1, 1]) * marker.std()
        return marker.mean() + half, walk.mean() + half * self.adjusted * self.marker.std() / self.walk.std()

    def describe(self) -> str:
        """What the correlations show, what an analyst who adjusts for the dose would conclude, and what is true."""
        said = (
            f"Synthetic people: marker and walk have a correlation of {_number(self.marker_walk)} among all, {_number(self.within_dose)} among people of one dose. "
            f"An analyst who compares people of one dose (adjusts for the dose) would say: {_claimed(self.adjusted)}. In truth, {self._true()}. "
        )
        if not self.total:
            return f"{said}The dose does not change the walk."
        way = {0: "not through the marker", 1: "all through the marker"}.get(round(self.truly_through, 2), f"{_percent(self.truly_through)} of it through the marker")
        return f"{said}The dose {_verb(self.total)} the walk, {way}."

    def _true(self) -> str:
        if not self.through:
            return "more of the marker alone does nothing for the walk"
        said = f"more of the marker alone {_verb(self.through)} the walk"
        if abs(self.adjusted - self.through) < 0.005:
            return f"{said}, by as much as it seems"
        return f"{said}, but by {'less' if abs(self.adjusted) > abs(self.through) else 'more'} than it seems"

    def table(self) -> dict:
        """What is seen and what is true, in words."""
        rows = [
            ("correlation of dose and marker", _number(self.dose_marker)),
            ("correlation of dose and walk", _number(self.dose_walk)),
            ("correlation of marker and walk, all people", _number(self.marker_walk)),
            ("correlation of marker and walk, one dose", _number(self.within_dose)),
            ("marker's coefficient, adjusted for dose", _number(self.adjusted, sign=True)),
            ("dose's coefficient, adjusted for the marker", _number(self.adjusted_dose, sign=True)),
            ("true effect of the marker alone", _number(self.through, sign=True)),
            ("true effect of the dose on the walk", _number(self.total, sign=True)),
            ("share called explained by the marker", _percent(self.explained)),
            ("share that goes through the marker", _percent(self.truly_through)),
        ]
        return {"quantity": [name for name, _ in rows], "value": [value for _, value in rows]}


def marker_and_walk(*, to_marker, through, direct, health, arms=("0", "1"), people=12, seed=0) -> MarkerAndWalk:
    """What is seen of a marker and a walk in `people` people in each of the `arms`, whose doses rise in equal steps.

    Dose is drawn by lot, so its effects are not confounded; the marker is not, and hidden health confounds it: that an
    adjusted coefficient is then no effect is the flaw of naive mediation analysis (Baron & Kenny 1986, J Pers Soc Psychol
    51:1173-1182; VanderWeele 2016, Annu Rev Public Health 37:17-32). `explained` is the measure of Freedman, Graubard &
    Schatzkin (1992, Stat Med 11:167-178). For a marker to stand in for the walk, the dose must tell nothing more of the walk
    once the marker is known (Prentice 1989, Stat Med 8:431-440), and even that is not enough where health is hidden.

    All closed forms are exact, and the synthetic people are drawn such that their correlations and regressions are exactly
    these (`seed` moves single people only). Raises `ValueError` for impossible values.
    """
    a, b, c, u = (number(name, value) for name, value in (("to_marker", to_marker), ("through", through), ("direct", direct), ("health", health)))
    arms, people = tuple(map(str, arms)), whole("people", people, low=2)
    if len(arms) < 2:
        raise ValueError(f"arms must name at least two doses, not {len(arms)}")
    total = c + a * b
    # Variances and covariance of marker and walk, first among people of one dose, then among all.
    marker_one, walk_one, both_one = u**2 + 1, u**2 * (1 + b) ** 2 + b**2 + 1, b * (u**2 + 1) + u**2
    marker_all, walk_all, both_all = marker_one + a**2, walk_one + total**2, both_one + a * total
    adjusted = both_one / marker_one
    adjusted_dose = total - adjusted * a
    arm = np.repeat(np.arange(len(arms)), people)
    dose = (arm - arm.mean()) / arm.std()
    hidden, own_marker, own_walk = _exactly_independent(arm, seed)
    marker = a * dose + u * hidden + own_marker
    walk = c * dose + b * marker + u * hidden + own_walk
    return MarkerAndWalk(
        a, b, c, u, a / np.sqrt(marker_all), total / np.sqrt(walk_all), both_all / np.sqrt(marker_all * walk_all), both_one / np.sqrt(marker_one * walk_one),
        adjusted, adjusted_dose, total, 1 - adjusted_dose / total if total else np.nan, a * b / total if total else np.nan, arms, arm, dose, marker, walk,
    )  # fmt: skip


def _exactly_independent(arm, seed) -> np.ndarray:
    """Three normal draws for each person whose means in each arm are 0, SDs 1 and correlations 0, to rounding."""
    drawn = np.random.default_rng(seed).standard_normal((len(arm), 3))
    drawn -= np.array([drawn[arm == place].mean(axis=0) for place in range(arm.max() + 1)])[arm]
    orthogonal, _ = np.linalg.qr(drawn)
    return orthogonal.T * np.sqrt(len(arm))


def _number(value, sign=False) -> str:
    rounded = round(float(value), 2) + 0.0
    return f"{rounded:{'+' if sign and rounded else ''}.2f}".replace("-", "−")


def _verb(effect) -> str:
    return "lengthens" if effect > 0 else "shortens"


def _claimed(adjusted) -> str:
    return f"the marker {_verb(adjusted)} the walk" if round(float(adjusted), 2) else "the marker does not go with the walk"


def _percent(share) -> str:
    return "–" if np.isnan(share) else f"{100 * share:.0f}%".replace("-", "−")
