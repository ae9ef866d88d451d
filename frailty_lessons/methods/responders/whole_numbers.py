"""A percentage without its whole numbers: which fractions it can have been, and what each would mean."""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from frailty_lessons.methods.checks import number, plural, whole
from frailty_lessons.methods.responders.shares import Share, chance_of_at_least, share_of

SHOWN = 30  # fractions in a table, beside those of the known groups


def fractions_rounding_to(percent, decimals, n_max) -> tuple[tuple[int, int], ...]:
    """All `(events, n)` with 1 ≤ n ≤ `n_max` that print as `percent` with that many decimals, fewest people first.

    Where a share lies exactly half-way between two printed values, both ways of rounding are allowed for, half up and half
    to even. The idea is that of the GRIM test (Brown & Heathers 2017, Soc Psychol Personal Sci 8:363-369). Raises
    `ValueError` for impossible values, and for a percentage with more decimals than `decimals`.
    """
    number("percent", percent, low=0, high=100)
    decimals, n_max = whole("decimals", decimals, low=0), whole("n_max", n_max, low=1)
    printed = Decimal(str(percent)).scaleb(decimals)
    if printed != printed.to_integral_value():
        raise ValueError(f"percent must have at most {plural(decimals, 'decimal', 'decimals')}, not {percent}")
    printed, hundred = int(printed), 200 * 10**decimals
    found = []
    for n in range(1, n_max + 1):
        # Twice the share in printed units lies between 2·printed − 1 and 2·printed + 1: whole numbers, so that ties are exact.
        least, most = -(n * (1 - 2 * printed) // hundred), n * (2 * printed + 1) // hundred
        for events in range(max(least, 0), min(most, n) + 1):
            # Half up leaves the value at the upper tie; half to even keeps it there if its last digit is even.
            at_upper_tie = events * hundred == n * (2 * printed + 1)
            if not at_upper_tie or printed % 2 == 0:
                found.append((events, n))
    return tuple(found)


@dataclass(frozen=True)
class PercentOfWhom:
    """The fractions that print as `printed`, and one of them, `supposed`, with its limits.

    `fractions` are all `(events, n)` up to `n_max` people; `groups` pairs each known group's name with its size; `chance` is
    the probability of as many events or more as supposed, if a share `expected` has them anyway.
    """

    printed: str
    fractions: tuple[tuple[int, int], ...]
    groups: tuple[tuple[str, int], ...]
    n_max: int
    supposed: Share
    expected: float
    chance: float

    def fits(self, n: int) -> bool:
        """Whether the percentage can be one of `n` people."""
        return any(n == people for _, people in self.fractions)

    @property
    def supposed_fits(self) -> bool:
        """Whether the supposed fraction prints as the percentage."""
        return (self.supposed.events, self.supposed.n) in self.fractions

    def describe(self) -> str:
        """How many fractions there are, which known groups they leave, what the supposed one says, and what chance brings."""
        if self.fractions:
            smallest = "{} of {}".format(*self.fractions[0])
            said = f"With up to {self.n_max} people, {plural(len(self.fractions), 'fraction prints', 'fractions print')} as {self.printed}, the smallest {smallest}. "
        else:
            said = f"With up to {self.n_max} people, no fraction prints as {self.printed}. "
        possible = [f"{name} ({n})" for name, n in self.groups if self.fits(n)]
        if self.groups:
            of = f"of the {len(self.groups)} known groups"
            said += f"Possible {of}: {', '.join(possible)}. " if possible else f"None {of} has such a size. "
        one, chance = self.supposed, round(100 * self.chance)
        doubt = "" if self.supposed_fits else f" (that is {one.share:.2%}, so it does not fit)"
        often = f"{chance} of 100" if 0 < chance < 100 else "nearly all" if chance else "fewer than 1 of 100"
        return (
            f"{said}Suppose {one.events} of {one.n}{doubt}: the {one.level:.0%} interval goes from {100 * one.low:.0f}% to {100 * one.high:.0f}%. "
            f"If {100 * self.expected:.0f}% get better anyway, {one.events} or more would turn up in {often} groups of {one.n}."
        )

    def table(self) -> dict:
        """The smallest fractions, and the nearest ones of the known groups, fewest people first, in words."""
        names = {}
        for name, n in self.groups:
            names[n] = f"{names[n]}, {name}" if n in names else name
        target = float(self.printed.removesuffix("%"))
        fitting = [(events, n) for place, (events, n) in enumerate(self.fractions) if place < SHOWN or n in names]
        rows = sorted([(n, events, True) for events, n in fitting] + [(n, round(target * n / 100), False) for n in names if not self.fits(n)])
        return {
            "people": [str(n) for n, _, _ in rows],
            "fraction": [f"{events} of {n}" for n, events, _ in rows],
            "as a percentage": [f"{100 * events / n:.2f}%" for n, events, _ in rows],
            f"prints as {self.printed}": ["yes" if fits else "no, the nearest" for _, _, fits in rows],
            "known group": [names.get(n, "–") for n, _, _ in rows],
        }


def percent_of_whom(percent, *, decimals, n_max, events, n, groups=(), expected=0.0, level=0.95) -> PercentOfWhom:
    """What a percentage printed with `decimals` decimals can have been, and what it means if it was `events` of `n`.

    A percentage with more decimals is first rounded, half up, as if the report had been less exact. `groups` are pairs of a
    name and a size, `expected` is a share (0 to 1). Raises `ValueError` for impossible values.
    """
    number("percent", percent, low=0, high=100)
    expected, decimals = number("expected", expected, low=0, high=1), whole("decimals", decimals, low=0)
    shown = Decimal(str(percent)).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
    groups = tuple((str(name), whole(f"the size of group {name}", size, low=1)) for name, size in groups)
    supposed = share_of(events, n, level)
    fractions = fractions_rounding_to(shown, decimals, n_max)
    return PercentOfWhom(f"{shown}%", fractions, groups, whole("n_max", n_max, low=1), supposed, expected, chance_of_at_least(events, n, expected))
