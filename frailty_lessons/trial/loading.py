"""Reads a trial pack from its folder, and refuses a faulty one with one sentence a fault."""

import csv
import io
import tomllib
from collections import Counter
from pathlib import Path

from pydantic import ValidationError

from frailty_lessons.course import datasets_folder
from frailty_lessons.trial.faults import PackError, sentences
from frailty_lessons.trial.schema import Claims, Literature, PublishedResult, Trial

LARGEST_FILE = 2_000_000
LITERATURE = "literature"
CLAIMS = "claims.toml"
ROWS_ON_DESK = range(4, 8)


def load_trial(name: str | Path) -> Trial:
    """The trial pack `name`: a folder of the course's `datasets/`, or the path of any such folder.

    Raises `PackError` with one sentence for each fault in its files.
    """
    folder = _folder(name)
    literature = load_literature(folder.parent) if (folder.parent / LITERATURE).is_dir() else None
    path = folder / "trial.toml"
    table = _read_toml(path)
    if "escalation" in table:
        table["escalation"] = _escalation(table["escalation"], path)
    misplaced = sorted({"claims", "desk"} & set(table))
    if misplaced:
        raise PackError([f"{_name(path)}: {name} is not known here: move it to {folder.name}/{CLAIMS}." for name in misplaced])
    claims = _build(Claims, _read_toml(folder / CLAIMS) if (folder / CLAIMS).exists() else {}, folder / CLAIMS)
    trial = _build(Trial, {**table, **dict(claims), "results": _read_results(folder), "literature": literature}, path)
    faults = _disagreements(trial, folder)
    if faults:
        raise PackError(faults)
    return trial


def load_literature(datasets: str | Path | None = None) -> Literature:
    """The figures that belong to no single trial, from `literature/` in the folder `datasets`.

    Raises `PackError` with one sentence for each fault in its files.
    """
    folder = Path(datasets or datasets_folder()) / LITERATURE
    table = _read_toml(folder / "literature.toml")
    literature = _build(Literature, {**table, "results": _read_results(folder)}, folder / "literature.toml")
    faults = [
        *_repeated(literature.sources, "source", folder / "literature.toml"),
        *_unsourced(literature, folder),
        *_repeated(literature.results, "result", folder / "published_results.csv"),
        *(f"{folder.name}/published_results.csv: result {row.id!r} is of arm {row.arm!r}, and the literature has no arms: leave it empty." for row in literature.results if row.arm),
    ]
    if faults:
        raise PackError(faults)
    return literature


def pack_names(datasets: str | Path | None = None) -> list[str]:
    """The names of all trial packs in the folder `datasets` (default: the course's)."""
    return sorted(path.parent.name for path in Path(datasets or datasets_folder()).glob("*/trial.toml"))


def _escalation(name, path: Path) -> Trial:
    """The pack that another one names as its escalation."""
    packs = [other for other in pack_names(path.parent.parent) if other != path.parent.name]
    if name not in packs:
        raise PackError([f"{_name(path)}: escalation is {str(name)[:40]!r}, which is no other trial pack: it should be one of {', '.join(packs) or 'none'}, or left out."])
    other = path.parent.parent / name / "trial.toml"
    if "escalation" in _read_toml(other):
        raise PackError([f"{_name(path)}: escalation is {name!r}, which names an escalation itself: leave out one of the two."])
    return load_trial(other.parent)


def _folder(name) -> Path:
    folder = Path(name)
    if len(folder.parts) == 1 and not folder.is_absolute():
        folder = datasets_folder() / folder
    if not (folder / "trial.toml").is_file():
        raise PackError([f"There is no trial pack {str(name)!r} in {folder.parent}; there are {', '.join(pack_names(folder.parent)) or 'none'}."])
    return folder


def _name(path: Path) -> str:
    return f"{path.parent.name}/{path.name}"


def _read_text(path: Path) -> str:
    if not path.is_file():
        raise PackError([f"{_name(path)}: is missing: a pack needs this file."])
    size = path.stat().st_size
    if size > LARGEST_FILE:
        raise PackError([f"{_name(path)}: has {size / 1e6:.0f} MB, more than the {LARGEST_FILE / 1e6:.0f} MB that a pack's file may have: is it the right file?"])
    data = path.read_bytes()
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise PackError([f"{_name(path)}: line {line} is not UTF-8 text: save the file again as UTF-8 (in a spreadsheet: 'CSV UTF-8')."]) from None
    if not text.strip():
        raise PackError([f"{_name(path)}: is empty: copy the file of another pack and change it."])
    return text


def _read_toml(path: Path) -> dict:
    try:
        return tomllib.loads(_read_text(path))
    except tomllib.TOMLDecodeError as error:
        raise PackError([f"{_name(path)}: is not valid TOML: {error}. Text stands between straight quotes, and a number stands alone, without its unit."]) from None


def _read_results(folder: Path) -> tuple[PublishedResult, ...]:
    path = folder / "published_results.csv"
    columns = list(PublishedResult.model_fields)
    rows = csv.reader(io.StringIO(_read_text(path)), strict=True)
    results, faults = [], []
    try:
        header = next(rows)
        if header != columns:
            wrong = f"has the columns {', '.join(header)[:200]}"
            if len(header) == 1 and ";" in header[0]:
                wrong = "has semicolons between its columns"
            elif missing := [column for column in columns if column not in header]:
                wrong = f"lacks the columns {', '.join(missing)}" if len(missing) > 1 else f"lacks the column {missing[0]}"
            raise PackError([f"{_name(path)}: line 1 {wrong}; it should have {', '.join(columns)}, with commas between them."])
        for cells in rows:
            if not any(cell.strip() for cell in cells):
                continue
            if len(cells) != len(columns):
                faults.append(f"{_name(path)}: line {rows.line_num} has {len(cells)} cells and should have {len(columns)}: put text that contains a comma in double quotes.")
                continue
            row = {column: cell.strip() for column, cell in zip(columns, cells) if cell.strip()}
            row.setdefault("source", "")
            try:
                results.append(PublishedResult(**row))
            except ValidationError as error:
                faults += sentences(error, _name(path), f"line {rows.line_num} ({row.get('id', 'no id')[:40]})")
    except csv.Error as error:
        faults.append(f"{_name(path)}: line {rows.line_num} cannot be read as CSV ({error}): check its quotation marks.")
    if faults:
        raise PackError(faults)
    return tuple(results)


def _build(model, table: dict, path: Path):
    try:
        return model(**table)
    except ValidationError as error:
        raise PackError(sentences(error, _name(path))) from None


def _repeated(parts, kind: str, path: Path) -> list[str]:
    return [
        f"{_name(path)}: {count} {kind}s have the id {id!r}: give each an id of its own."
        for id, count in Counter(part.id for part in parts).items()
        if count > 1
    ]


def _unsourced(results, folder: Path) -> list[str]:
    known = {source.id for source in results.sources}
    return [
        f"{folder.name}/published_results.csv: result {row.id!r} names the source {row.source!r}, which the pack does not list: add it under [[sources]], or correct the name."
        for row in results.results
        if row.source not in known
    ]


def _disagreements(trial: Trial, folder: Path) -> list[str]:
    """Faults that show only when the parts of a pack are held against each other."""
    toml, table = folder / "trial.toml", folder / "published_results.csv"
    faults = []
    if trial.id != folder.name:
        faults.append(f"{_name(toml)}: the id is {trial.id!r} and the folder is {folder.name!r}: make them the same.")
    for kind in ("source", "arm", "visit", "outcome", "unknown"):
        faults += _repeated(getattr(trial, kind + "s"), kind, toml)
    faults += _repeated(trial.results, "result", table)
    faults += _unsourced(trial, folder)

    arms = {arm.id for arm in trial.arms}
    days = {visit.day for visit in trial.visits}
    own = ids = {row.id for row in trial.results}
    if trial.literature is not None:
        shared = ids & {row.id for row in trial.literature.results}
        faults += [f"{_name(table)}: result {id!r} has an id that the literature uses already: choose another." for id in sorted(shared)]
        ids = own | {row.id for row in trial.literature.results}
    if trial.control is not None and trial.control not in arms:
        faults.append(f"{_name(toml)}: control is {trial.control!r}, which is no arm: it should be one of {', '.join(sorted(arms))}.")
    if trial.efficacy_visit is not None and trial.efficacy_visit not in {visit.id for visit in trial.visits}:
        faults.append(f"{_name(toml)}: efficacy_visit is {trial.efficacy_visit!r}, which is no visit: it should be one of {', '.join(visit.id for visit in trial.visits)}.")
    if trial.headline is not None and trial.headline not in own:
        faults.append(f"{_name(toml)}: headline is {trial.headline!r}, which is the id of no result of this trial: correct the id.")
    for arm in trial.arms:
        if arm.late is not None and arm.late not in own:
            faults.append(f"{_name(toml)}: arm {arm.id!r} is late by the result {arm.late!r}, which this trial does not have: correct the id.")
    for row in trial.results:
        if row.arm and row.arm not in arms:
            faults.append(f"{_name(table)}: result {row.id!r} is of arm {row.arm!r}, which the trial does not have: it should be one of {', '.join(sorted(arms))}, or empty.")
        if row.day is not None and row.day not in days:
            faults.append(f"{_name(table)}: result {row.id!r} is of day {row.day}, which is no visit: it should be one of {', '.join(map(str, sorted(days)))}, or empty.")
        if row.certainty == "derived" and not ids.intersection(row.where.replace(",", " ").split()):
            faults.append(f"{_name(table)}: result {row.id!r} is derived and names no result it comes from: put their ids under 'where'.")
    figures = {row.id for results in filter(None, (trial, trial.literature)) for row in results.results if row.value is not None}
    for outcome in trial.outcomes:
        faults += [
            f"{_name(toml)}: outcome {outcome.id!r} has a threshold from the result {threshold.result!r}, which {'has no value' if threshold.result in ids else 'there is not'}: correct the id."
            for threshold in outcome.thresholds
            if threshold.result not in figures
        ]
    known = ids | {unknown.id for unknown in trial.unknowns} | {row.id for row in (trial.escalation.results if trial.escalation else ())}
    return faults + _claim_faults(trial, known, folder / CLAIMS)


def _claim_faults(trial: Trial, known: set[str], path: Path) -> list[str]:
    """Faults of the claims; `known` holds the ids that may bear on one."""
    file = _name(path)
    faults = _repeated(trial.claims, "claim", path)
    for claim in trial.claims:
        place = f"{file}: claim {claim.id!r}"
        rows = claim.evidence + claim.others
        faults += [f"{place} names {id!r}, which is the id of no result and of nothing unknown: correct the id." for id in rows if id not in known]
        faults += [f"{place} names {id!r} {count} times: name it once, as evidence or among the others." for id, count in Counter(rows).items() if count > 1]
        if claim.verdict and not (claim.evidence and claim.why):
            faults.append(f"{place} has a verdict without {'a why' if claim.evidence else 'evidence'}: add it, or take the verdict out.")
        if claim.id in trial.desk and not claim.verdict:
            faults.append(f"{place} is on the desk and has no verdict: add one, or take it off the desk.")
        if claim.id in trial.desk and (len(rows) not in ROWS_ON_DESK or not claim.others):
            faults.append(
                f"{place} is on the desk with {len(claim.evidence)} ids of evidence and {len(claim.others)} others: "
                f"it should have {ROWS_ON_DESK.start} to {ROWS_ON_DESK.stop - 1} together, at least one of them another."
            )
    claims = {claim.id for claim in trial.claims}
    faults += [f"{file}: the desk names {id!r}, which is the id of no claim: correct the id." for id in trial.desk if id not in claims]
    faults += [f"{file}: the desk names {id!r} {count} times: name it once." for id, count in Counter(trial.desk).items() if count > 1]
    return faults
