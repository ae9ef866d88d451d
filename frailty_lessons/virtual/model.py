"""The assumptions of a virtual trial, checked and as arrays."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy.special import ndtri

from frailty_lessons.methods.checks import number
from frailty_lessons.methods.walk_test import regression_to_the_mean
from frailty_lessons.trial.schema import Arm, Trial
from frailty_lessons.virtual.arguments import by_arm, by_visit, days_of, default, effects_of, plain, sizes_of, window_of

AT_RANDOM, SEEN, NOT_SEEN = "completely at random", "depends on what was seen", "depends on what was not seen"
MECHANISMS = (AT_RANDOM, SEEN, NOT_SEEN)
"""Why people leave: by chance, the likelier the worse the last walk was, the likelier the worse the next would be."""

_REFERENCE = 20_000


@dataclass(frozen=True, eq=False)
class Model:
    arms: tuple[Arm, ...]
    control: str | None
    days: tuple[int, ...]
    sizes: tuple[int, ...]
    opens: tuple[float, ...]
    shift: np.ndarray
    added: np.ndarray
    expected: np.ndarray
    mean: float
    sd: float
    reliability: float
    window: tuple[float, float]
    drift: float
    spread: np.ndarray
    root: np.ndarray
    mechanism: str
    strength: float
    limits: np.ndarray
    assumed: dict

    @property
    def draws(self) -> int:
        """Normal numbers a person: screening walk, its error, entry; and a visit: own change, error, urge to leave."""
        return 3 + 3 * len(self.days)


def model(
    trial, *, effects, placebo_course=None, sd=None, correlation=None, dropout=None, mechanism=AT_RANDOM, dropout_strength=None,
    learning=None, entry_window=None, population_mean=None, population_sd=None, reliability=None, hope=None, drift=None,
    late_from=None, sizes=None, visits=None,
) -> Model:  # fmt: skip
    if not isinstance(trial, Trial):
        raise ValueError(f"trial must be a loaded trial pack, not {type(trial).__name__}")
    if mechanism not in MECHANISMS:
        raise ValueError(f"mechanism must be one of {', '.join(MECHANISMS)}; not {mechanism!r}")
    assumed = {}

    def value(name, given, **limits):
        found = number(name, default(trial, name, given, assumed), **limits)
        if np.ndim(found) or not np.isfinite(found):
            raise ValueError(f"{name} must be one finite number, not {given!r}")
        return found

    arms = tuple(arm for arm in trial.arms if arm.randomised)
    if not arms:
        raise ValueError("the trial has no randomised arm, and people are drawn to arms by lot")
    days = days_of(trial, visits, assumed)
    names = {visit.id: visit.day for visit in trial.visits}
    treated = {arm.id for arm in arms if arm.dose > 0 and arm.id != trial.control}

    def by_day(name, given, **limits):
        return by_visit(name, default(trial, name, given, assumed), days, names, **limits)

    course, learned = by_day("placebo_course", placebo_course), by_day("learning", learning)
    spread = by_day("sd", sd, low=0, open_low=True)
    correlation = value("correlation", correlation, low=-1, high=1)
    mean = value("population_mean", population_mean, low=0, open_low=True, high=2000, unit="m")
    population_sd = value("population_sd", population_sd, low=0, open_low=True, high=2000, unit="m")
    reliability = value("reliability", reliability, low=0, high=1)
    drift = value("drift", drift)
    late_from = value("late_from", late_from, low=0, high=1, open_high=True)
    strength = value("dropout_strength", dropout_strength, low=0, high=1)
    window = window_of(trial, entry_window, assumed)
    shift = np.array([course + effect for effect in effects_of(effects, arms, treated, days, names)])
    hoped = by_arm("hope", default(trial, "hope", hope, assumed), arms, treated)
    shares = by_arm("dropout", default(trial, "dropout", dropout, assumed), arms, {arm.id for arm in arms})
    shares = number("dropout", shares, low=0, high=1, open_high=True)
    assumed |= {"effects": {"value": plain(effects), "rows": []}, "mechanism": {"value": mechanism, "rows": []}}

    chosen = regression_to_the_mean(mean=mean, sd=population_sd, reliability=reliability, low=window[0], high=window[1])
    if chosen.share_admitted < 1e-9:
        raise ValueError(f"entry_window from {window[0]:g} to {window[1]:g} m admits hardly anybody of a population around {mean:g} m: widen it")
    own = _own_changes(spread, correlation, chosen)
    # Hazards that are constant over time lead to the share asked for at the last visit.
    part = np.diff([0, *days]) / days[-1]
    hazards = -np.expm1(np.log1p(-shares)[:, None] * part)
    limits = np.array([_limits(tuple(row), mechanism, strength, correlation) for row in hazards])
    return Model(
        arms, trial.control if trial.control in {arm.id for arm in arms} else None, days, sizes_of(sizes, arms),
        tuple(late_from if arm.late else 0.0 for arm in arms), shift.astype(np.float32),
        (learned + hoped[:, None]).astype(np.float32), (course + learned + chosen.expected_change).astype(np.float32),
        mean, population_sd, reliability, window, drift, spread.astype(np.float32), own.astype(np.float32),
        mechanism, strength, limits.astype(np.float32), assumed,
    )  # fmt: skip


def _own_changes(spread, correlation, chosen) -> np.ndarray:
    """The symmetric root of the covariance of own changes, so that measured changes have the spread asked for.

    A measured change is own change + error of the visit - error of the baseline. Among the people let in, the error of the
    baseline has the variance r (1 - r) S2 + (1 - r)^2 V, where S2 is the population's and V their variance at baseline.
    """
    error = (1 - chosen.reliability) * chosen.sd**2
    first = chosen.reliability * error + (1 - chosen.reliability) ** 2 * _variance_let_in(chosen)
    m = len(spread)
    asked = np.outer(spread, spread) * (correlation + (1 - correlation) * np.eye(m))
    values, vectors = np.linalg.eigh(asked - error * np.eye(m) - first)
    if values[0] < -1e-6 * values[-1] - 1e-9:
        least = np.sqrt(error + first)
        if spread.min() < least - 1e-9:
            raise ValueError(f"sd must be at least {np.ceil(10 * least) / 10:g} m, not {spread.min():g}: so much comes from the errors of two walks of reliability {chosen.reliability:g} alone")
        square = spread.min() ** 2
        low, high = max(-1, (error + m * first - square) / (square * (m - 1))), 1 - error / square
        limits = f"must be between {np.ceil(100 * low) / 100:g} and {np.floor(100 * high) / 100:g}, not" if np.ptp(spread) == 0 else "cannot be"
        raise ValueError(
            f"correlation {limits} {correlation:g}, with an sd of {spread.min():g} m and a reliability of {chosen.reliability:g}: "
            "changes share the error of the baseline walk, and not those of the later walks"
        )
    return (vectors * np.sqrt(np.clip(values, 0, None))) @ vectors.T


def _variance_let_in(chosen) -> float:
    """Variance of a normal walk inside the window (Johnson, Kotz & Balakrishnan 1994, section 10.1)."""
    z = (np.array([chosen.low, chosen.high]) - chosen.mean) / chosen.sd
    density = np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi)
    edges = np.where(np.isfinite(z), z, 0) * density
    shift = (chosen.expected_baseline - chosen.mean) / chosen.sd
    return float(np.clip(1 + (edges[0] - edges[1]) / chosen.share_admitted - shift**2, 0, 1)) * chosen.sd**2


@lru_cache(maxsize=256)
def _limits(hazards, mechanism, strength, correlation) -> tuple[float, ...]:
    """Urges below which people leave before each visit, so that the share `hazards` of those still there does."""
    if mechanism == AT_RANDOM:
        return tuple(ndtri(hazards))
    m = len(hazards)
    walks = np.random.default_rng(0).standard_normal((_REFERENCE, 2 * m + 1))
    values, vectors = np.linalg.eigh(correlation + (1 - correlation) * np.eye(m))
    scores = walks[:, 1 : m + 1] @ ((vectors * np.sqrt(np.clip(values, 0, None))) @ vectors.T)
    scores = scores if mechanism == NOT_SEEN else np.column_stack([walks[:, 0], scores[:, :-1]])
    urges = strength * scores + np.sqrt(1 - strength**2) * walks[:, m + 1 :]
    there, found = np.ones(_REFERENCE, bool), []
    for hazard, urge in zip(hazards, urges.T, strict=True):
        found.append(float(np.quantile(urge[there], hazard)) if hazard else -np.inf)
        there &= urge >= found[-1]
    return tuple(found)
