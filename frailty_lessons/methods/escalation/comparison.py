"""Two designs under the same true risks: how often each is right, and whom it treats on the way."""

from dataclasses import dataclass

from frailty_lessons.methods.checks import hundred, number
from frailty_lessons.methods.escalation.characteristics import OperatingCharacteristics, operating_characteristics


# Times the target: where BOIN calls a dose too low, and overly toxic (Liu & Yuan 2015).
TOO_LOW, TOO_TOXIC = 0.6, 1.4


def right_dose(true_toxicity, target: float) -> int | None:
    """The level whose true risk lies nearest to the target; `None` if even the lowest is overly toxic.

    Of two risks as near the lower counts, and of doses with one risk the highest.
    """
    if true_toxicity[0] >= TOO_TOXIC * target - 1e-9:
        return None
    risks = dict(enumerate(true_toxicity, start=1))
    return min(risks, key=lambda level: (round(abs(risks[level] - target), 9), risks[level], -level))


def where_the_target_lies(true_toxicity, target: float) -> str:
    """Which dose is right, as the beginning of a sentence."""
    best = right_dose(true_toxicity, target)
    if best is None:
        return f"no dose is right: even dose 1 has a risk of {true_toxicity[0]:.0%}, far above the target of {target:.0%}"
    risk = true_toxicity[best - 1]
    if risk <= TOO_LOW * target + 1e-9:
        return f"every dose lies far below the target of {target:.0%}; dose {best} comes nearest, with a risk of {risk:.0%}"
    alike = " (the highest counts of doses with one risk)" if list(true_toxicity).count(risk) > 1 else ""
    return f"dose {best} lies nearest to the target of {target:.0%}, with a risk of {risk:.0%}{alike}"


@dataclass(frozen=True)
class DesignComparison:
    """What designs do if the true risks are the same for all. `target` is the risk that is aimed at, 0 to 1."""

    target: float
    results: tuple[OperatingCharacteristics, ...]

    @property
    def true_toxicity(self) -> tuple[float, ...]:
        """The true risk at each dose."""
        return self.results[0].true_toxicity

    @property
    def best(self) -> int | None:
        """The right answer, see `right_dose`."""
        return right_dose(self.true_toxicity, self.target)

    def right(self, result: OperatingCharacteristics) -> float:
        """How often a design recommends the right dose, or none where none is right."""
        return result.recommended[self.best - 1] if self.best else result.recommended_none

    def too_high(self, result: OperatingCharacteristics) -> float:
        """How often a design recommends a dose above the right one."""
        return float(sum(result.recommended[self.best or 0 :]))

    def people_above(self, result: OperatingCharacteristics) -> float:
        """How many people a design treats, on average, above the right dose."""
        return float(sum(result.patients[self.best or 0 :]))

    def describe(self) -> str:
        """The right answer, and for each design how often it is found and what that costs."""
        right = where_the_target_lies(self.true_toxicity, self.target)
        each = "; ".join(self._of(r) for r in self.results)
        found = "exact" if all(r.method == "exact" for r in self.results) else "from simulated trials"
        return f"With these true risks, {right}. Of 100 trials, {each}. These are averages over all trials that could be, {found}."

    def _of(self, result):
        people, toxic = f"{sum(result.patients):.1f} people", f"{sum(result.toxicities):.1f} of them have a toxicity"
        if not self.best:
            return f"{result.name} recommends no dose in {_hundred(self.right(result))}; it treats {people}, all with too high a dose, and {toxic}"
        above = f"{self.people_above(result):.1f} of them above that dose"
        return f"{result.name} recommends it in {_hundred(self.right(result))} and a higher one in {_hundred(self.too_high(result))}; it treats {people}, {above}, and {toxic}"

    def table(self) -> dict:
        """One row a dose and design, in words."""
        rows = []
        for level in range(len(self.true_toxicity) + 1):
            for r in self.results:
                share = r.recommended[level - 1] if level else r.recommended_none
                rows.append(
                    (
                        f"dose {level}" if level else "no dose",
                        f"{self.true_toxicity[level - 1]:.0%}" if level else "–",
                        r.name,
                        f"{100 * share:.1f}%",
                        f"{r.patients[level - 1]:.1f}" if level else "–",
                        f"{r.toxicities[level - 1]:.1f}" if level else "–",
                    )
                )
        names = ("dose", "true risk", "design", "recommends it in", "people treated there", "of them with a toxicity")
        return {name: list(column) for name, column in zip(names, zip(*rows))}


def compare_designs(designs, true_toxicity, *, target: float) -> DesignComparison:
    """The operating characteristics of each of `designs` (one or more) at the same true risks.

    Raises `ValueError` for impossible values, and for risks that fall from a dose to a higher one.
    """
    for level, (lower, higher) in enumerate(zip(true_toxicity, true_toxicity[1:]), start=2):
        if higher < lower:
            raise ValueError(
                f"a higher dose is taken to be at least as risky as a lower one, and dose {level} has a risk of {higher:.0%}, dose {level - 1} of {lower:.0%}: "
                "let the true risks rise, or stay the same, from dose to dose"
            )
    target = number("target", target, low=0, high=1, open_low=True, open_high=True)
    return DesignComparison(target, tuple(operating_characteristics(design, true_toxicity) for design in designs))


def _hundred(share: float) -> str:
    return hundred(share) if 0 < share < 1 else f"{100 * share:.0f}"
