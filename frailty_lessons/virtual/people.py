"""The people of one arm, from standard normal numbers."""

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr, ndtri

from frailty_lessons.virtual.model import AT_RANDOM, SEEN, Model


@dataclass(frozen=True, eq=False)
class People:
    """Arrays, trials by people (by visits)."""

    entry: np.ndarray
    true_baseline: np.ndarray
    baseline: np.ndarray
    true: np.ndarray
    distance: np.ndarray
    left: np.ndarray


def people(model: Model, k: int, size: int, normal: np.ndarray) -> People:
    """The people of arm number `k`, from standard normal numbers."""
    m = len(model.days)
    first, noise, when = normal[..., 0], normal[..., 1], normal[..., 2]
    own, error, urge = normal[..., 3 : 3 + m], normal[..., 3 + m : 3 + 2 * m], normal[..., 3 + 2 * m :]
    baseline = _inside(ndtr(first.astype(float)), model).astype(np.float32)
    # Given the measured walk, its error is normal: mean (1 - r)(walk - population's mean), variance r (1 - r) S2.
    sem = np.float32(model.sd * np.sqrt(1 - model.reliability))
    true_baseline = baseline - np.float32(1 - model.reliability) * (baseline - np.float32(model.mean)) - np.float32(np.sqrt(model.reliability)) * sem * noise
    entry = model.opens[k] + (1 - model.opens[k]) * ndtr(when)
    entry = entry.astype(np.float32)
    true = own @ model.root
    true += model.shift[k]
    true += (true_baseline + np.float32(model.drift) * (entry - np.float32(0.5)))[..., None]
    distance = sem * error
    distance += true
    distance += model.added[k]
    return People(entry, true_baseline, baseline, true, distance, _left(model, k, first, distance, baseline, urge))


def _inside(share, model) -> np.ndarray:
    """The measured walk of the person at this share of those inside the window, by the inverse of the distribution."""
    a, b = ((edge - model.mean) / model.sd for edge in model.window)
    # In the left tail, where probabilities are accurate.
    flip = -1 if a > 0 else 1
    low, high = ndtr(sorted((flip * a, flip * b)))
    share = share if flip == 1 else 1 - share
    walk = model.mean + flip * model.sd * ndtri(low + share * (high - low))
    return np.clip(walk, *model.window)


def _left(model, k, first, distance, baseline, urge) -> np.ndarray:
    limits = model.limits[k]
    if np.isneginf(limits).all():
        return np.zeros(distance.shape, bool)
    if model.mechanism != AT_RANDOM:
        scores = (distance - baseline[..., None] - model.expected) / model.spread
        if model.mechanism == SEEN:
            scores = np.concatenate([first[..., None], scores[..., :-1]], axis=-1)
        urge = np.float32(model.strength) * scores + np.float32(np.sqrt(1 - model.strength**2)) * urge
    return np.logical_or.accumulate(urge < limits, axis=-1)


def moments(change, there):
    """People measured, and mean and sample variance of their changes, over the people of each trial."""
    count = there.sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = np.einsum("tpv,tpv->tv", change, there) / count
        off = change - mean[:, None].astype(np.float32)
        variance = np.where(count > 1, np.einsum("tpv,tpv,tpv->tv", off, off, there) / (count - 1), np.nan)
    return count, mean, variance
