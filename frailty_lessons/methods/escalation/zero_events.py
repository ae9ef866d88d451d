"""What no event among n people shows, and what it does not."""

from dataclasses import dataclass

from scipy.special import bdtr, betaincinv

from frailty_lessons.methods.checks import number, plural, whole


@dataclass(frozen=True)
class ZeroEvents:
    """Limits of a risk after `events` among `n` people. Shares 0 to 1.

    `upper` is the one-sided limit: with `level` confidence the risk is not above it. `low` and `high` are the two-sided
    limits. `rule_of_three` is 3/n, the rough 95% limit after no event, `None` otherwise. `chance_of_none` is, for each of
    `risks`, the chance that none of n people has the event.
    """

    n: int
    events: int
    level: float
    upper: float
    low: float
    high: float
    rule_of_three: float | None
    risks: tuple[float, ...]
    chance_of_none: tuple[float, ...]

    def chance_of_so_few(self, risk):
        """The chance of as many events or fewer among n people, if the true risk is `risk` (0 to 1). Arrays broadcast."""
        return bdtr(self.events, self.n, risk)

    @property
    def not_excluded(self) -> tuple[float, float]:
        """The lowest and the highest risk left open: after no event up to the one-sided limit, otherwise between the two-sided ones."""
        return (self.low, self.high) if self.events else (0.0, self.upper)

    @property
    def range_in_words(self) -> str:
        """`not_excluded` in words: `up to 45%`, `0.51% to 72%`."""
        low, high = (_percent(limit) for limit in self.not_excluded)
        return f"{low} to {high}" if self.events else f"up to {high}"

    def describe(self) -> str:
        """What was seen, what may still be true, and how often a risk stays hidden."""
        happened = f"{plural(self.events, 'event', 'events')}" if self.events else "No event"
        if self.events:
            return (
                f"{happened} among {plural(self.n, 'person', 'people')} {'leave' if self.events > 1 else 'leaves'} open, with {self.level:.0%} confidence, "
                f"true risks from {self.range_in_words} (two-sided: both ends are asked). "
                f"If only the upper end is asked (one-sided), it is {_percent(self.upper)}."
            )
        rough = f"; the rule of three says {self.rule_of_three:.0%}" if self.rule_of_three is not None and self.rule_of_three <= 1 else ""
        hidden = ""
        if self.risks:
            hidden = f" If the true risk is {_percent(self.risks[0])}, none of {plural(self.n, 'person', 'people')} has the event in {_percent(self.chance_of_none[0])} of such groups."
        return (
            f"{happened} among {plural(self.n, 'person', 'people')} is compatible, with {self.level:.0%} confidence, "
            f"with a risk of {self.range_in_words}{rough}.{hidden}"
        )

    def table(self) -> dict:
        """The figures in words, one row each."""
        rows = [
            ("events seen", f"{self.events} of {self.n}"),
            (f"risk at most, {self.level:.0%} one-sided", _percent(self.upper)),
            (f"risk from, {self.level:.0%} two-sided", _percent(self.low)),
            (f"risk to, {self.level:.0%} two-sided", _percent(self.high)),
            *((("rule of three, 3/n", _percent(self.rule_of_three)),) if self.rule_of_three is not None else ()),
            *((f"chance of no event if the risk is {_percent(risk)}", _percent(chance)) for risk, chance in zip(self.risks, self.chance_of_none)),
        ]
        return {"quantity": [name for name, _ in rows], "value": [value for _, value in rows]}


def zero_events(n, events=0, level=0.95, *, risks=(0.05, 0.1, 0.2, 0.3)) -> ZeroEvents:
    """The exact limits of a risk after `events` among `n` people (Clopper & Pearson 1934, Biometrika 26:404-413).

    The rule of three is that of Hanley & Lippman-Hand 1983, JAMA 249:1743-1745. `risks` are true risks for which to give
    the chance of seeing none. Raises `ValueError` for impossible values.
    """
    n = whole("n", n, low=1)
    events = whole("events", events, low=0)
    if events > n:
        raise ValueError(f"events must be at most the {n} people, not {events}")
    level = number("level", level, low=0, high=1, open_low=True, open_high=True)
    risks = tuple(number("risks", risk, low=0, high=1) for risk in risks)

    def highest(confidence):
        return 1.0 if events == n else float(betaincinv(events + 1, n - events, confidence))

    low = 0.0 if events == 0 else float(betaincinv(events, n - events + 1, (1 - level) / 2))
    three = 3 / n if events == 0 and level == 0.95 else None
    return ZeroEvents(n, events, level, highest(level), low, highest((1 + level) / 2), three, risks, tuple((1 - risk) ** n for risk in risks))


def _percent(share: float) -> str:
    if 0.995 <= share < 1:
        return f"{100 * share:.4g}%"
    if share >= 0.095 or share == 0:
        return f"{100 * share:.0f}%"
    return f"{100 * share:.{3 if share >= 0.01 else 2}g}%"
