"""The number ledger: figures in a lesson's prose agree with the published results that they are linked to.

A figure is a number with a unit.
In prose it is the text of a link to its row, `[63.4 m](sources.ipynb#d270-200m-vs-placebo)`:

- `[63.4 m]` or `[63 m]`: the row's value, rounded to the decimals that are written, and its unit;
- `[63.4]`: the same without a unit, for a figure without one or for the first of two, `[20](...) to [50 m](...)`;
- `[12.9 to 80.9 m]`: the row's interval, `ci_low` to `ci_high`;
- `[158 people]`: the row's value if it counts people, otherwise its n;
- `[p = 0.02]`: the row's p-value;
- `[70 m](sources.ipynb#assumed)`: a figure chosen for teaching, which has no row.

A negative value may be written without its sign (`fell by [25 %]`): the words around it then say the direction.
A line that links to a row says in words how well the row is known, unless it was read in the source itself.

No figures of the ledger, and free to stand in plain text: headings and code; minutes and seconds; numbers in words;
numbers that name something (Day 270, phase 2, in 2014, a 10-metre track, an 80-year-old, a 95 % interval, a dose of the
trial's arms);
p-values.
"""

import re
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from frailty_lessons.course import ASSUMED, SOURCES
from frailty_lessons.teaching import prose
from frailty_lessons.trial.schema import PublishedResult

UNITS = {
    "m": ("m", "metre", "metres"),
    "cm": ("cm", "centimetre", "centimetres"),
    "ft": ("ft", "feet", "foot"),
    "yd": ("yd", "yard", "yards"),
    "m/s": ("m/s", "metres per second"),
    "kg": ("kg",),
    "pg/mL": ("pg/mL",),
    "%": ("%", "per cent", "percent"),
    "people": ("people", "person", "participants", "patients"),
    "years": ("years", "year"),
    "days": ("days", "day"),
    "points": ("points", "point"),
    "million cells": ("million cells",),
}

SAID_BY = {
    "secondary": ("report", "quote", "quoting", "news", "second hand", "second-hand"),
    "unverified": ("general knowledge", "not checked", "not yet checked", "unverified"),
    "derived": ("calculated", "calculate", "calculation", "computed", "works out", "work out", "worked out"),
    "inference": ("probably", "probable", "inference", "reading"),
    "assumed": ("assumed", "assume", "assumption"),
}

_UNIT_OF = {word: unit for unit, words in UNITS.items() for word in words}
_NUMBER = r"[-−+]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?"
_ONE_OR_TWO = rf"(?P<first>{_NUMBER})(?:\s*(?:to|and|–|-)\s*(?P<second>{_NUMBER}))?"
_LINKED = re.compile(rf"{_ONE_OR_TWO}[\s-]?(?P<unit>[^\d\s].*)?")
_P_VALUE = re.compile(rf"p\s*(?:=|<|of|below)\s*({_NUMBER})")
_WORDS = "|".join(re.escape(word) for word in sorted(_UNIT_OF, key=len, reverse=True))
_FIGURE = re.compile(rf"(?<![\w.]){_ONE_OR_TWO}[\s-]?(?P<unit>{_WORDS})(?![\w/])")
_NAMES = re.compile(
    r"\b(?:phase|day|lesson|visit|part|figure|table|step)s?\s+\d+\w?(?:/\d\w?)?"
    r"|\b(?:in|since|from|until|before|after|by)\s+(?:19|20)\d\d\b"
    r"|(?<![\w.])\d+-[a-z]+"
    r"|\b\d+\s?(?:%|per cent)\s+(?:confidence|credible|prediction|interval)",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Ledger:
    """What links may lead to: published results by id, all ids that the sources list, and the doses of all arms."""

    rows: dict[str, PublishedResult]
    ids: frozenset[str]
    doses: frozenset[tuple[Decimal, str]]


def read_ledger(packs) -> Ledger:
    """The ledger of trial packs and of the literature."""
    rows = {row.id: row for pack in packs for row in pack.results}
    listed = {part.id for pack in packs for part in (*pack.sources, *pack.unknowns)}
    doses = {(Decimal(str(arm.dose)), _unit(pack.dose_unit)) for pack in packs for arm in getattr(pack, "arms", ())}
    return Ledger(rows, frozenset({*rows, *listed, ASSUMED}), frozenset(doses))


def faults_in_line(line: str, ledger: Ledger) -> list[str]:
    """What is wrong with the figures in one line of Markdown, one clause a fault."""
    faults, unsaid = [], {}
    said = prose.without_markup(line).lower()
    for link in prose.links(line):
        id = _id(link)
        if id is None or id not in ledger.ids:
            continue
        row = ledger.rows.get(id)
        faults += _linked_figure(prose.without_markup(link.text).strip(), id, row)
        if row is not None and row.certainty in SAID_BY and not any(word in said for word in SAID_BY[row.certainty]):
            unsaid[id] = row
    faults += [_say_so(row) for row in unsaid.values()]
    if not prose.heading(line):
        faults += [
            f"{figure!r} is a figure in plain text: link it to its row, as in [{figure}]({SOURCES}#the-row's-id), "
            f"or mark it as assumed, as in [{figure}]({SOURCES}#{ASSUMED})"
            for figure in _plain_figures(prose.without_markup(line, lambda link: "\0" if _id(link) else link.text), ledger)
        ]
    return faults


def _id(link) -> str | None:
    path, _, id = link.target.partition("#")
    return id if path in ("", SOURCES) and id else None


def _plain_figures(text: str, ledger: Ledger) -> list[str]:
    found = []
    for figure in _FIGURE.finditer(_NAMES.sub("\0", text)):
        numbers, unit = [number for number in (figure["first"], figure["second"]) if number], _unit(figure["unit"])
        if not all((_number(number), unit) in ledger.doses for number in numbers):
            found.append(figure[0])
    return list(dict.fromkeys(found))


def _linked_figure(text: str, id: str, row: PublishedResult | None) -> list[str]:
    p_value, figure = _P_VALUE.fullmatch(text), _LINKED.fullmatch(text)
    if id == ASSUMED:
        return []
    if row is None:
        return [f"{text!r} is linked to {id!r}, which is no published result: link it to a result's row"] if _FIGURE.search(text) else []
    if p_value:
        right = _agrees(p_value[1], row.p_value)
    elif figure:
        right = _figure_agrees(figure["first"], figure["second"], _unit(figure["unit"] or ""), row)
    elif _FIGURE.search(text):
        return [f"{text!r} is linked to {id!r} with other words around the figure: link the figure alone, as in [63.4 m]"]
    else:
        return []
    return [] if right else [f"{text!r} is linked to {id!r}, which says {_known(row)}: correct the number or its unit, or link another row"]


def _figure_agrees(first: str, second: str | None, unit: str, row: PublishedResult) -> bool:
    same_unit = unit in ("", _unit(row.unit))
    if second is not None:
        return same_unit and _agrees(first, row.ci_low) and _agrees(second, row.ci_high)
    return (same_unit and _agrees(first, row.value)) or (unit == "people" and _agrees(first, row.n))


def _agrees(written: str, value: float | None) -> bool:
    if value is None:
        return False
    number, exact = _number(written), Decimal(str(value))
    if written[0] not in "+-−":
        exact = abs(exact)
    return exact.quantize(number, rounding=ROUND_HALF_UP) == number


def _number(written: str) -> Decimal:
    return Decimal(written.replace("−", "-").replace(",", ""))


def _unit(word: str) -> str:
    return _UNIT_OF.get(word.strip(), word.strip().removesuffix("s"))


def _known(row: PublishedResult) -> str:
    parts = [row.figure()]
    if row.p_value is not None:
        parts.append(f"p = {row.p_value:g}")
    if row.n is not None:
        parts.append(f"n = {row.n}")
    return ", ".join(parts)


def _say_so(row: PublishedResult) -> str:
    first, second = SAID_BY[row.certainty][:2]
    return (
        f"{row.id!r} is linked in a line that does not say how well it is known "
        f"({row.certainty_in_words()}): say so, with a word such as '{first}' or '{second}'"
    )
