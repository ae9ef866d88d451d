"""Refuses impossible values with the reason, and puts numbers into words."""

import numpy as np


def number(name: str, value, *, low=-np.inf, high=np.inf, open_low=False, open_high=False, unit=""):
    """`value` as a float, or an array of floats, if all of it lies between `low` and `high`.

    Raises `ValueError` that names `name`, the limits and the value.
    """
    try:
        values = np.asarray(value, dtype=float)
    except (TypeError, ValueError):
        raise ValueError(f"{name} must be a number, not {value!r}") from None
    too_low = values <= low if open_low else values < low
    too_high = values >= high if open_high else values > high
    wrong = np.isnan(values) | too_low | too_high
    if wrong.any():
        limits = []
        if np.isfinite(low):
            limits.append(f"{'above' if open_low else 'at least'} {low:g}")
        if np.isfinite(high):
            limits.append(f"{'below' if open_high else 'at most'} {high:g}")
        unit = f" {unit}" if unit else ""
        must = " and ".join(limits) + unit if limits else "a number"
        raise ValueError(f"{name} must be {must}, not {values[wrong].flat[0]:g}")
    return values if values.ndim else float(values)


def whole(name: str, value, *, low: int) -> int:
    """`value` as an int of at least `low`; raises `ValueError` otherwise."""
    value = number(name, value, low=low)
    if not isinstance(value, float):
        raise ValueError(f"{name} must be a single number")
    if not value.is_integer():
        raise ValueError(f"{name} must be a whole number, not {value:g}")
    return int(value)


def metres(value: float, sign: bool = False) -> str:
    """Metres in words: `315 m`, or with a sign `+12 m`, `−8 m`, `0 m`."""
    rounded = round(float(value))
    mark = "−" if rounded < 0 else "+" if sign and rounded > 0 else ""
    return f"{mark}{abs(rounded)} m"


def hundred(share) -> str:
    """A chance as a count of 100 that is never rounded to certainty: `15`, `fewer than 1`, `more than 99`."""
    if share < 0.01:
        return "fewer than 1"
    return "more than 99" if share > 0.99 else f"{100 * share:.0f}"


def percent(share) -> str:
    """A chance in percent that is never rounded to certainty: `15%`, `below 1%`, `above 99%`."""
    if share < 0.01:
        return "below 1%"
    return "above 99%" if share > 0.99 else f"{100 * share:.0f}%"


def plural(count: int, one: str, many: str) -> str:
    """`1 turn`, `12 turns`."""
    return f"{count} {one if count == 1 else many}"
