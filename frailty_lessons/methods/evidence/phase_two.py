"""How often a success in Phase 2 is one: successes that hold and successes by chance."""

from dataclasses import dataclass

from frailty_lessons.methods.checks import number, percent, plural, whole

ALARM = 0.025  # the chance of p below 0.05 in favour of a treatment that does nothing


@dataclass(frozen=True)
class PredictiveValue:
    """The share (0 to 1) of the `positive` results that are true, and of the `negative` results that are."""

    positive: float
    negative: float

    @property
    def false_positive_risk(self) -> float:
        """How many of the positive results are false."""
        return 1 - self.positive

    def describe(self) -> str:
        """What a positive and a negative result are worth."""
        return f"Of the positive results {percent(self.positive)} are true, of the negative results {percent(self.negative)}."

    def table(self) -> dict:
        """One row a figure, in words."""
        return {"result": ["positive", "negative"], "true": [percent(self.positive), percent(self.negative)]}


def predictive_value(*, prior, power, alpha) -> PredictiveValue:
    """What a result is worth, by Bayes's theorem, if the share `prior` of all treatments work (0 to 1).

    `power` is the chance of a positive result of a treatment that works, `alpha` that of one that does not (Wacholder and
    others 2004, J Natl Cancer Inst 96:434-442). Raises `ValueError` for impossible values.
    """
    prior = number("prior", prior, low=0, high=1)
    power = number("power", power, low=0, high=1, open_low=True, open_high=True)
    alpha = number("alpha", alpha, low=0, high=1, open_low=True, open_high=True)
    right, wrong = prior * power, (1 - prior) * alpha
    missed, spared = prior * (1 - power), (1 - prior) * (1 - alpha)
    return PredictiveValue(right / (right + wrong), spared / (spared + missed))


@dataclass(frozen=True)
class PhaseTwo:
    """What becomes of 100 treatments in Phase 2, on average, and of those that go on.

    `true_successes`, `false_successes`, `missed` and `spared` (that do not work and fail) add up to 100. `value` is the share
    of the successes that truly work.
    """

    working: float
    power: float
    looks: int
    false_alarm: float
    true_successes: float
    false_successes: float
    missed: float
    spared: float

    @property
    def value(self) -> float:
        """The share of the successes that truly work, 0 to 1."""
        return self.true_successes / (self.true_successes + self.false_successes)

    def describe(self) -> str:
        """Successes, and how many of them hold."""
        called = "one planned look at p below 0.05" if self.looks == 1 else f"the best of {plural(self.looks, 'look', 'looks')} at p below 0.05"
        return (
            f"Of 100 treatments in Phase 2, {self.working:.0f} truly {'works' if self.working == 1 else 'work'} (assumed). With a power of {percent(self.power)} and {called}, "
            f"{_count(self.true_successes + self.false_successes)} succeed: {_count(self.true_successes)} that work and {_count(self.false_successes)} by chance. "
            f"A success is true in {percent(self.value)} of cases, and {_count(self.missed)} treatments that work are missed."
        )

    def table(self) -> dict:
        """One row a kind of treatment, in words."""
        return {
            "of 100 treatments": ["truly work", "do not work", "all"],
            "succeed": [_count(self.true_successes), _count(self.false_successes), _count(self.true_successes + self.false_successes)],
            "fail": [_count(self.missed), _count(self.spared), _count(self.missed + self.spared)],
        }


def phase_two(*, working, power, looks=1) -> PhaseTwo:
    """What becomes of 100 treatments of which `working` truly work (0 to 100), when a success is p below 0.05 in favour.

    The p-values are two-sided, so that a look at a treatment that does not work succeeds with a chance of 0.025.
    Of several looks, any one may count: the first has the `power`, the others add chance alone, and all are independent.
    Raises `ValueError` for impossible values.
    """
    working = number("working", working, low=0, high=100, open_low=True, open_high=True)
    power = number("power", power, low=0, high=1, open_low=True, open_high=True)
    looks = whole("looks", looks, low=1)
    quiet = (1 - ALARM) ** (looks - 1)
    found, alarm = 1 - (1 - power) * quiet, 1 - (1 - ALARM) * quiet
    return PhaseTwo(working, power, looks, alarm, working * found, (100 - working) * alarm, working * (1 - found), (100 - working) * (1 - alarm))


def _count(value) -> str:
    return f"{value:.1f}".removesuffix(".0")
