"""What a virtual trial is asked for: the pack's rows behind the defaults, and numbers by visit and by arm."""

from collections.abc import Mapping

import numpy as np

from frailty_lessons.methods.checks import number, whole
from frailty_lessons.trial.schema import PublishedResult, Trial

DEFAULTS = {
    "placebo_course": ("virtual-placebo-course",),
    "sd": ("virtual-sd",),
    "correlation": ("virtual-correlation",),
    "dropout": ("virtual-dropout",),
    "dropout_strength": ("virtual-dropout-strength",),
    "learning": ("holland-2018-learning-6-months",),
    "entry_window": ("entry-window-low", "entry-window-high"),
    "population_mean": ("virtual-population-mean",),
    "population_sd": ("virtual-population-sd",),
    "reliability": ("virtual-reliability",),
    "hope": ("virtual-hope",),
    "drift": ("virtual-drift",),
    "late_from": ("virtual-late-from",),
    "visits": ("virtual-last-visit",),
}
"""The rows that each argument's default comes from. A pack may put a word before an id: `p2-virtual-sd`."""


def assumptions(trial: Trial) -> dict[str, tuple[PublishedResult, ...]]:
    """The rows of the pack, or of its literature, behind each default; empty where there are none."""
    found = {argument: tuple(row_of(trial, id) for id in ids) for argument, ids in DEFAULTS.items()}
    return {argument: rows if all(rows) else () for argument, rows in found.items()}


def row_of(trial, id) -> PublishedResult | None:
    """The first row of the pack, or else of its literature, that has this id, with or without a word before it."""
    rows = [*trial.results, *(trial.literature.results if trial.literature else ())]
    for row in rows:
        if row.value is not None and (row.id == id or row.id.endswith(f"-{id}")):
            return row
    return None


def default(trial, name, given, assumed):
    """What is given, or else the figure of the pack's row; notes where it came from."""
    if given is not None:
        assumed[name] = {"value": plain(given), "rows": []}
        return given
    rows = [row_of(trial, id) for id in DEFAULTS[name]]
    if not all(rows):
        raise ValueError(f"{name} has no default, for the pack {trial.id!r} has no row {' or '.join(DEFAULTS[name])}: give it")
    values = [row.value / 100 if row.unit == "%" else row.value for row in rows]
    assumed[name] = {"value": values[0] if len(values) == 1 else values, "rows": [row.id for row in rows]}
    return assumed[name]["value"]


def window_of(trial, given, assumed) -> tuple[float, float]:
    if given is None and not all(row_of(trial, id) for id in DEFAULTS["entry_window"]):
        assumed["entry_window"] = {"value": None, "rows": []}
        return -np.inf, np.inf
    pair = default(trial, "entry_window", given, assumed)
    try:
        low, high = pair
    except (TypeError, ValueError):
        raise ValueError(f"entry_window must be two distances, lowest and highest, not {pair!r}") from None
    low, high = number("entry_window", low), number("entry_window", high)
    if low >= high:
        raise ValueError(f"entry_window must go from a lower to a higher distance: from {low:g} to {high:g} m it admits nobody")
    return low, high


def days_of(trial, given, assumed) -> tuple[int, ...]:
    known = {visit.id: visit.day for visit in trial.visits if visit.day > 0}
    if given is None:
        row = row_of(trial, DEFAULTS["visits"][0])
        days = sorted(day for day in known.values() if row is None or day <= row.value)
        assumed["visits"] = {"value": days, "rows": [row.id] if row else []}
    else:
        days = sorted({_day(visit, known) for visit in ([given] if np.ndim(given) == 0 else given)})
        assumed["visits"] = {"value": days, "rows": []}
    if not days:
        raise ValueError("visits must have at least one visit after day 0")
    return tuple(days)


def _day(visit, known) -> int:
    day = known.get(visit, visit) if isinstance(visit, str) else visit
    if day not in known.values():
        raise ValueError(f"there is no visit {visit!r} after day 0: there are {', '.join(f'{id} (day {day})' for id, day in known.items())}")
    return int(day)


def by_visit(name, given, days, names, **limits) -> np.ndarray:
    """One number a visit."""
    if isinstance(given, Mapping):
        by_day = {names.get(visit, visit): metres for visit, metres in given.items()}
        if set(by_day) != set(days):
            raise ValueError(f"{name} must have one number for each of the days {', '.join(map(str, days))}, and has {', '.join(map(str, given)) or 'none'}")
        given = [by_day[day] for day in days]
    values = np.asarray(number(name, given, **limits))
    if not np.isfinite(values).all():
        raise ValueError(f"{name} must be finite")
    if values.ndim > 1 or values.ndim and len(values) != len(days):
        raise ValueError(f"{name} must be one number, or one for each of the {len(days)} visits (days {', '.join(map(str, days))}), not {values.size}")
    return np.broadcast_to(values, len(days)).astype(float)


def effects_of(given, arms, treated, days, names) -> list[np.ndarray]:
    if isinstance(given, Mapping) and not _knows(given, names, days):
        _known_arms("effects", given, treated)
    else:
        given = dict.fromkeys(treated, given)
    return [by_visit("effects", given.get(arm.id, 0), days, names) for arm in arms]


def _knows(given, names, days) -> bool:
    """Whether a dict is by visit and not by arm."""
    return bool(given) and all(key in days or names.get(key) in days for key in given)


def by_arm(name, given, arms, may) -> np.ndarray:
    """One number an arm; 0 for those that may have none, and for those that a dict does not name."""
    if isinstance(given, Mapping):
        _known_arms(name, given, may)
    else:
        given = dict.fromkeys(may, given)
    values = [number(name, given.get(arm.id, 0)) for arm in arms]
    if any(np.ndim(value) or not np.isfinite(value) for value in values):
        raise ValueError(f"{name} must be one finite number, or a dict with one an arm")
    return np.array(values)


def sizes_of(given, arms) -> tuple[int, ...]:
    given = {} if given is None else given
    if not isinstance(given, Mapping):
        raise ValueError(f"sizes must be a dict from arm ids to people, not {given!r}")
    _known_arms("sizes", given, {arm.id for arm in arms})
    found = [given.get(arm.id, arm.planned if arm.treated is None else arm.treated) for arm in arms]
    for arm, size in zip(arms, found, strict=True):
        if size is None:
            raise ValueError(f"sizes must give the people of arm {arm.id}, for the pack does not")
    return tuple(whole(f"the size of arm {arm.id}", size, low=1) for arm, size in zip(arms, found, strict=True))


def _known_arms(name, given, may):
    for arm in given:
        if arm not in may:
            raise ValueError(f"{name} cannot name {arm!r}: the arms it may name are {', '.join(sorted(may))}")


def plain(value):
    """Arguments as they are, but without arrays, so that they can be compared and written down."""
    if isinstance(value, Mapping):
        return {key: plain(inner) for key, inner in value.items()}
    if isinstance(value, tuple | list | np.ndarray):
        return [plain(inner) for inner in value]
    return value.item() if isinstance(value, np.generic) else value
