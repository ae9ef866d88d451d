"""The people whom a comparison of arms rests on, read from a frame and checked."""

from dataclasses import dataclass

import numpy as np

from frailty_lessons.methods.checks import number, plural


@dataclass(frozen=True, eq=False)
class People:
    """One entry a person: the arm as a number (0 is the control), the outcome, and the baseline or None.

    `arms` names the other arms in order (of a categorical column, of numbers, else of first appearance); arm number i is
    `arms[i - 1]`. `notes` says who was left out.
    """

    control: object
    arms: tuple
    of: np.ndarray
    outcome: np.ndarray
    baseline: np.ndarray | None = None
    notes: tuple[str, ...] = ()

    @property
    def counts(self) -> np.ndarray:
        """People in each arm, the control first."""
        return np.bincount(self.of, minlength=len(self.arms) + 1)

    def keep(self, rows) -> "People":
        """These people alone; raises `ValueError` for an arm that keeps fewer than two of them."""
        baseline = None if self.baseline is None else self.baseline[rows]
        kept = People(self.control, self.arms, self.of[rows], self.outcome[rows], baseline, self.notes)
        if not kept.of.size:
            raise ValueError("nobody has what is compared: every value is missing")
        for label, count in zip((self.control, *self.arms), kept.counts, strict=True):
            if count < 2:
                raise ValueError(f"a comparison needs at least two people in each arm, and arm {label} has {count}")
        return kept


def read_people(frame, *, outcome, arm, control, baseline=None) -> People:
    """The people of a frame with one row a person. Who lacks the outcome or the baseline is left out, and a note says so.

    Raises `ValueError` for names that the frame does not have, values that are no numbers or infinite, and an arm with
    fewer than two people.
    """
    of, arms = read_arms(frame, arm, control)
    values = numbers(frame, outcome)
    before = None if baseline is None else numbers(frame, baseline)
    known = ~np.isnan(values) if before is None else ~(np.isnan(values) | np.isnan(before))
    without = int((~known).sum())
    lacking = outcome if baseline is None else f"{outcome} or {baseline}"
    return People(control, arms, of, values, before, left_out(without, lacking)).keep(known)


def left_out(count, lacking) -> tuple[str, ...]:
    """The note on people who lack what is named, if there are any."""
    verb = "is" if count == 1 else "are"
    return (f"{plural(count, 'person', 'people')} without {lacking} {verb} left out.",) if count else ()


def read_arms(frame, arm, control):
    """Each row's arm as a number (0 is the control), and the labels of the other arms."""
    import pandas as pd

    labels = column(frame, arm)
    if labels.isna().any():
        raise ValueError(f"every row needs an arm, and {plural(int(labels.isna().sum()), 'row has', 'rows have')} none in column {arm!r}")
    codes, found = pd.factorize(labels, sort=labels.dtype.kind in "biuf")
    if isinstance(labels.dtype, pd.CategoricalDtype):
        found = list(found)
        order = [label for label in labels.cat.categories if label in found]
    else:
        order = list(found)
    if control not in order:
        raise ValueError(f"there is no arm {control!r} in column {arm!r}: the arms are {', '.join(map(str, order)) or 'none'}")
    arms = tuple(label for label in order if label != control)
    if not arms:
        raise ValueError(f"there is no arm to compare with {control}")
    place = {label: i for i, label in enumerate((control, *arms))}
    return np.array([place[label] for label in found])[codes], arms


def column(frame, name):
    """The frame's column of this name; raises `ValueError` if it has none, or two."""
    names = getattr(frame, "columns", None)
    if names is None:
        raise ValueError(f"the data must be a pandas DataFrame, not {type(frame).__name__}")
    times = list(names).count(name)
    if times != 1:
        raise ValueError(f"the data must have one column {name!r}, and have {times or 'none'}: the columns are {', '.join(map(str, names))}")
    return frame[name]


def numbers(frame, name) -> np.ndarray:
    """The frame's column as floats, NaN where missing; raises `ValueError` for what is no number, or infinite."""
    import pandas as pd

    values = column(frame, name)
    try:
        values = pd.to_numeric(values).to_numpy(dtype=float, na_value=np.nan)
    except (TypeError, ValueError):
        raise ValueError(f"column {name!r} must hold numbers") from None
    if np.isinf(values).any():
        raise ValueError(f"column {name!r} must hold finite numbers, and holds an infinite one")
    return values


def confidence(level) -> float:
    """The level as a float strictly between 0 and 1; raises `ValueError` otherwise."""
    return number("level", level, low=0, high=1, open_low=True, open_high=True)
