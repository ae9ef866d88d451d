"""A trial and its published results as HTML, every text escaped."""

from dataclasses import dataclass
from html import escape
from itertools import groupby

STYLE = """<style>
.fl-pack { font-size: 0.95rem; line-height: 1.45; max-width: 60rem; overflow-x: auto; }
.fl-pack table { border-collapse: collapse; margin: 0.5rem 0 1.5rem; }
.fl-pack th, .fl-pack td { border-bottom: 1px solid #c9ced6; padding: 0.25rem 0.8rem 0.25rem 0; text-align: left !important; vertical-align: top; }
.fl-pack tr:target { background: #fff4c2; }
.fl-pack .fl-figure { white-space: nowrap; font-weight: 600; }
</style>"""


@dataclass(frozen=True)
class Page:
    """HTML that a notebook shows."""

    html: str

    def _repr_html_(self) -> str:
        return f'{STYLE}<div class="fl-pack">{self.html}</div>'


def listing(results) -> Page:
    """The published results of a trial or of the literature by measure, what is not known, and the sources."""
    return Page(f"<h3>{escape(results.title)}</h3>{_results(results)}{_unknowns(results)}{_sources(results)}")


def listings(packs) -> Page:
    """The listings of several trials, one below another."""
    return Page("".join(listing(pack).html for pack in packs))


def card(trial) -> Page:
    """What the trial is, its arms, and how much is known of it."""
    facts = [
        ("Registered as", trial.registry_id),
        ("Phase", trial.phase),
        ("Design", trial.design),
        ("People", "; ".join(trial.population)),
        ("Visits", ", ".join(visit.label for visit in trial.visits)),
        ("Outcomes", ", ".join(outcome.label + (" (primary)" if outcome.primary else "") for outcome in trial.outcomes)),
        ("Here", f"{len(trial.results)} published results, {len(trial.claims)} claims, {len(trial.unknowns)} things that are not known"),
    ]
    about = "".join(f'<tr><th scope="row">{escape(name)}</th><td>{escape(text)}</td></tr>' for name, text in facts if text)
    arms = _table(
        ("arm", f"dose ({trial.dose_unit})", "planned", "treated"),
        [(arm.label, f"{arm.dose:g}", _count(arm.planned), _count(arm.treated)) for arm in trial.arms],
    )
    return Page(f"<h3>{escape(trial.title)}</h3><table>{about}</table>{arms}")


def _results(results) -> str:
    parts = []
    for measure, rows in groupby(sorted(results.results, key=lambda row: row.measure.lower()), key=lambda row: row.measure):
        body = "".join(_result(row, results) for row in rows)
        head = "".join(f'<th scope="col">{name}</th>' for name in ("figure", "what it is", "how well known", "source", "note"))
        parts.append(f"<h4>{escape(measure)}</h4><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>")
    return "".join(parts)


def _result(row, results) -> str:
    about = [row.statistic, row.arm, "" if row.day is None else f"day {row.day}", "" if row.n is None else f"n = {row.n}"]
    source = next(source for source in results.sources if source.id == row.source)
    cells = [", ".join(filter(None, about)), row.certainty_in_words(), ", ".join(filter(None, [source.citation, row.where])), row.note]
    return (
        f'<tr id="{escape(row.id)}"><th scope="row" class="fl-figure">{escape(row.figure())}</th>'
        + "".join(f"<td>{escape(cell)}</td>" for cell in cells)
        + "</tr>"
    )


def _unknowns(results) -> str:
    if not results.unknowns:
        return ""
    items = "".join(f'<li id="{escape(unknown.id)}">{escape(unknown.text)}</li>' for unknown in results.unknowns)
    return f"<h4>What is not known</h4><ul>{items}</ul>"


def _sources(results) -> str:
    items = []
    for source in results.sources:
        link = f' <a href="{escape(source.url)}">{escape(source.url)}</a>' if source.url.startswith(("https://", "http://")) else ""
        items.append(f'<li id="{escape(source.id)}">{escape(source.citation)} ({escape(source.kind)}){link}</li>')
    return f"<h4>Sources</h4><ul>{''.join(items)}</ul>"


def _table(columns, rows) -> str:
    head = "".join(f'<th scope="col">{escape(column)}</th>' for column in columns)
    body = "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _count(people) -> str:
    return "not known" if people is None else str(people)
