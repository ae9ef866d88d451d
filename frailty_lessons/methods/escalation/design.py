"""What all designs share: they are asked for the next dose, for the dose to recommend, and for advice."""

from dataclasses import dataclass
from numbers import Integral

import numpy as np

from frailty_lessons.methods.checks import whole
from frailty_lessons.methods.escalation.outcomes import History, as_history, count


@dataclass(frozen=True)
class Advice:
    """What a design says of a history: the next `dose` (its level; `None` to stop), and `why` in one or two sentences.

    `recommended` is the level that the design names when it stops, `None` while it goes on and for no dose at all.
    """

    dose: int | None
    why: str
    recommended: int | None = None


class Design:
    """A rule for choosing doses in order. All begin on the lowest dose, and none goes above the highest.

    A design of its own has the fields `doses` (labels, from `dose_labels`), `cohort_size` and `max_n`, and four methods
    over many trials at once, where `n` and `y` are people treated and people with a toxicity, one row a trial and one
    column a dose, and a level of 0 stands for none:

    - `_decide(n, y, dose, toxicities, size)`: next level for each trial, 0 to stop, after a cohort of `size` people at
      level `dose` of whom so many had `toxicities`. It is not asked when `max_n` is reached.
    - `_recommend(n, y)`: level that each trial recommends if it ends here.
    - `_why(n, y, dose, following)`: the reason for the decision, in words, for one trial.
    - `name`: what the design is called.
    """

    # Whether the trial ends when `max_n` people are treated; else its rule ends it, with at most so many.
    _ends_by_number = True

    @property
    def levels(self) -> int:
        """How many doses there are."""
        return len(self.doses)

    def title(self, level: int) -> str:
        """A dose in a sentence: `dose 2`, or `dose 2 (50 million)` where doses have labels of their own."""
        return title(self.doses, level)

    def size_after(self, treated: int) -> int:
        """People in the next cohort once so many are treated: the last one is cut to fit `max_n`."""
        return min(self.cohort_size, self.max_n - treated)

    def next_dose(self, history: History | str) -> int | None:
        """The level for the next cohort, or `None` when the trial is over.

        Raises `ValueError` for a history that this design could not have produced, naming the cohort.
        """
        return self._replay(as_history(history)) or None

    def recommend(self, history: History | str) -> int | None:
        """The level that the design recommends if the trial ends here, or `None` for no dose.

        Raises `ValueError` for a history that this design could not have produced, naming the cohort.
        """
        history = as_history(history)
        self._replay(history)
        return self._recommended(history)

    def advise(self, history: History | str) -> Advice:
        """What the design would say of any history, also of one that it would not have produced.

        Raises `ValueError` only for a dose above the highest.
        """
        history = as_history(history)
        n, y = count(history, self.levels)
        if not history:
            return Advice(1, f"The trial starts on the lowest dose, {self.title(1)}.")
        last = history[-1]
        if self._ends_by_number and n.sum() >= self.max_n:
            following, why = 0, f"{n.sum()} people have been treated, and {self.max_n} were planned."
        else:
            following = self._ask(n, y, last)
            why = self._why(n, y, last.dose, following)
        if following:
            return Advice(following, why)
        recommended = self._recommended(history)
        ends = f"recommend {self.title(recommended)}" if recommended else "recommend no dose"
        return Advice(None, f"{why} Stop, and {ends}.", recommended)

    def _early(self, n, y):
        """Whether each finished trial ended before it had all the people planned."""
        return n.sum(axis=1) < self.max_n

    def _ask(self, n, y, last) -> int:
        toxicities = np.array([last.toxicities])
        return int(self._decide(n[None], y[None], np.array([last.dose]), toxicities, last.size)[0])

    def _recommended(self, history) -> int | None:
        n, y = count(history, self.levels)
        return (int(self._recommend(n[None], y[None])[0]) if history else 0) or None

    def _replay(self, history) -> int:
        """The level after a history that the design followed, 0 when it is over."""
        n, y = count(history, self.levels)
        n[:], y[:] = 0, 0
        expected, treated = 1, 0
        for number, cohort in enumerate(history, start=1):
            if not expected:
                raise ValueError(f"cohort {number} is on dose {cohort.dose}, but {self.name} would have stopped before it")
            if cohort.dose != expected:
                raise ValueError(f"cohort {number} is on dose {cohort.dose}, but {self.name} would have treated it on dose {expected}")
            size = self.size_after(treated)
            if cohort.size != size:
                raise ValueError(f"cohort {number} has {cohort.size} people, but {self.name} would have treated {size} together")
            n[expected - 1] += size
            y[expected - 1] += cohort.toxicities
            treated += size
            expected = self._ask(n, y, cohort) if treated < self.max_n else 0
        return expected


def dose_labels(doses) -> tuple:
    """Labels of the doses, lowest first; a whole number stands for so many doses labelled 1, 2, 3 and so on.

    Raises `ValueError` if there is no dose, or a label twice.
    """
    if isinstance(doses, Integral):
        return tuple(range(1, whole("doses", doses, low=1) + 1))
    if isinstance(doses, str):
        raise ValueError(f"doses must be a whole number or a list of labels, not the text {doses!r}")
    labels = tuple(doses)
    if not labels:
        raise ValueError("doses must have at least one label")
    if len({str(label) for label in labels}) < len(labels):
        raise ValueError(f"doses must have a different label each, not {', '.join(map(str, labels))}")
    return labels


def title(doses, level: int) -> str:
    """A dose in a sentence: `dose 2`, or `dose 2 (50 million)` where doses have labels of their own."""
    label = doses[level - 1]
    return f"dose {level}" if str(label) == str(level) else f"dose {level} ({label})"


def seen(y: int, n: int, where: str) -> str:
    """`2 of 6 had a toxicity on dose 3`."""
    return f"{y if y else 'none'} of {n} had a toxicity on {where}"


def sentence(text: str) -> str:
    """The text with a capital letter at its beginning."""
    return text[:1].upper() + text[1:]


def at(counts, level):
    """The count at one level of each row; a level of 0 gives no meaningful figure."""
    return counts[np.arange(len(counts)), level - 1]


def before_first(flags):
    """How many columns stand before the first that is true, for each row: all of them where none is."""
    ended = np.ones((len(flags), flags.shape[1] + 1), dtype=bool)
    ended[:, :-1] = flags
    return ended.argmax(axis=1)


def distinct(codes):
    """Where each distinct code is first, in rising order, and for each code which of them it is: a leaner `numpy.unique`."""
    order = codes.argsort(kind="stable")
    ordered = codes[order]
    new = np.ones(len(codes), dtype=bool)
    np.not_equal(ordered[1:], ordered[:-1], out=new[1:])
    which = np.empty(len(codes), dtype=np.int64)
    which[order] = new.cumsum() - 1
    return order[new], which


def row_codes(lead, counts):
    """One whole number a row of `lead` and `counts`, the same for equal rows and for no others; it rises with `lead` first."""
    columns, radix = counts.shape[1], int(counts.max(initial=0)) + 1
    if (int(lead.max(initial=0)) + 1) * radix**columns < 2**62:
        return lead * radix**columns + counts @ radix ** np.arange(columns)
    half = columns // 2
    first_half = distinct(row_codes(lead, counts[:, :half]))[1]
    return row_codes(first_half, counts[:, half:])
