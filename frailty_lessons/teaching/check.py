"""Checks that a course is in shape: its list of lessons, its trial packs, and each notebook.

It does not run a lesson's code, and it does not judge what a sentence means.
"""

import ast
import difflib
import json
import re
from pathlib import Path
from urllib.parse import unquote

from nbformat import v4
from nbformat.validator import iter_validate

from frailty_lessons.course import COURSE_FILE, GLOSSARY, SOURCES, Course, course_folder, load_course, shipped_folder
from frailty_lessons.learning.pages import load_glossary
from frailty_lessons.learning.questions import QuestionError
from frailty_lessons.teaching import prose
from frailty_lessons.teaching.anatomy import lesson_faults, question_file_faults
from frailty_lessons.teaching.ledger import Ledger, faults_in_line, read_ledger
from frailty_lessons.trial.faults import PackError
from frailty_lessons.trial.loading import LITERATURE, load_literature, load_trial

LINES_OF_CODE = 3
PACKAGE = "frailty_lessons"

_CALLS_AND_NAMES = (
    ast.Assign, ast.Expr, ast.Call, ast.keyword, ast.Name, ast.Attribute, ast.Constant,
    ast.List, ast.Tuple, ast.Dict, ast.UnaryOp, ast.USub, ast.Load, ast.Store,
)  # fmt: skip


def check(folder: str | Path | None = None) -> list[str]:
    """One sentence for each fault of the course in `folder` (default: the one worked in, otherwise the shipped one)."""
    folder = Path(folder or course_folder() or shipped_folder()).resolve()
    course, faults = None, []
    try:
        course = load_course(folder)
    except ValueError as error:
        faults.append(f"{str(error).removesuffix('.')}.")
    else:
        faults += _lesson_faults(course, folder)
    ledger, pack_faults = _load_packs(folder / "datasets", course)
    faults += pack_faults
    faults += question_file_faults(folder)

    notebooks = {}
    for path in sorted((folder / "notebooks").glob("*.ipynb")):
        notebook, fault = _read(path)
        if fault:
            faults.append(f"notebooks/{path.name}: {fault}.")
        else:
            notebooks[path.name] = notebook
    anchors = {name: _anchors(notebook) for name, notebook in notebooks.items()}
    if ledger is None:
        anchors.pop(SOURCES, None)
    elif SOURCES in anchors:
        anchors[SOURCES] |= ledger.ids
    if GLOSSARY in anchors:
        anchors[GLOSSARY] |= _terms(folder)
    lessons = {lesson.file: lesson for lesson in course.lessons} if course else {}
    for name, notebook in notebooks.items():
        found = [
            *_notebook_faults(notebook),
            *_code_faults(notebook),
            *_link_faults(notebook, name, folder, anchors),
            *_prose_faults(notebook, ledger),
            *(lesson_faults(notebook, lessons[name], folder) if name in lessons and notebook.cells and name[:2].isdigit() else ()),
        ]
        for number, fault in sorted(found, key=lambda pair: pair[0]):
            cell = f"cell {number}{_label(notebook.cells[number - 1])}: " if number else ""
            faults.append(f"notebooks/{name}: {cell}{fault}.")
    return faults


def _lesson_faults(course: Course, folder: Path) -> list[str]:
    faults = []
    file = COURSE_FILE.as_posix()
    for number, lesson in enumerate(course.lessons, start=1):
        if not (folder / "notebooks" / lesson.file).is_file():
            faults.append(f"{file}: lesson {number} is in {lesson.file!r}, which is not in notebooks/: correct its name, or add the notebook.")
        elif not re.fullmatch(r"\d\d-[^/]+\.ipynb", lesson.file):
            faults.append(f"{file}: lesson {number} is in {lesson.file!r}: begin the name with the lesson's number, as in 02-walk-test.ipynb.")
    listed = {lesson.file for lesson in course.lessons}
    for path in sorted((folder / "notebooks").glob("[0-9][0-9]-*.ipynb")):
        # Lessons count from 01; 00 is the start page.
        if path.name not in listed and not path.name.startswith("00"):
            faults.append(f"{file}: does not list notebooks/{path.name}: add it under [[lessons]], or take the number off its name.")
    return faults


def _load_packs(datasets: Path, course: Course | None) -> tuple[Ledger | None, list[str]]:
    """The ledger of all packs and the literature, or None with the faults of those that cannot be used."""
    names = {path.parent.name for path in datasets.glob("*/trial.toml")} | ({course.trial} if course else set())
    loading = [(load_trial, datasets / name) for name in sorted(names)]
    if (datasets / LITERATURE).is_dir():
        loading.insert(0, (load_literature, datasets))
    packs, faults = [], []
    for load, place in loading:
        try:
            packs.append(load(place))
        except PackError as error:
            faults += error.faults
    # Each trial brings the literature's faults with it.
    return (None if faults else read_ledger(packs)), list(dict.fromkeys(faults))


def _terms(folder: Path) -> set[str]:
    try:
        return {term.id for term in load_glossary(folder / "notebooks")}
    except QuestionError:
        return set()


def _read(path: Path):
    """The notebook, or None and what makes it unreadable."""
    try:
        text = path.read_text(encoding="utf-8")
        notebook = json.loads(text)
    except ValueError as error:
        return None, f"is no notebook ({error}): save it again in JupyterLab"
    version = (notebook.get("nbformat"), notebook.get("nbformat_minor")) if isinstance(notebook, dict) else None
    if version is None or version[0] != 4 or version[1] not in range(5, 100):
        return None, "is not in notebook format 4.5 or later: open it in JupyterLab and save it again"
    for error in iter_validate(notebook):
        steps = list(error.absolute_path)
        cell = f"cell {steps[1] + 1}: " if steps[:1] == ["cells"] and len(steps) > 1 else ""
        return None, f"{cell}is not valid in notebook format 4 ({error.message}): save it again in JupyterLab"
    return v4.reads(text), None


def _label(cell) -> str:
    found = prose.headings(cell.source) if cell.cell_type == "markdown" else []
    words = found[0][1] if found else " ".join(cell.source.split()[:5])
    return f" ({words})" if words else ""


def _numbered(notebook, cell_type: str):
    return [(number, cell) for number, cell in enumerate(notebook.cells, start=1) if cell.cell_type == cell_type]


def _anchors(notebook) -> set[str]:
    return {prose.anchor(text) for _, cell in _numbered(notebook, "markdown") for _, text in prose.headings(cell.source)}


def _notebook_faults(notebook) -> list[tuple[int, str]]:
    """Faults of metadata, ids, headings and outputs, each with its cell's number (0: the notebook itself)."""
    faults = []
    if notebook.metadata.get("kernelspec", {}).get("name") != "python3":
        faults.append((0, "does not have the kernel python3: choose 'Python 3' in JupyterLab and save it"))
    if notebook.metadata.get("language_info", {}).get("name") != "python":
        faults.append((0, "does not have the language python in its metadata: run a cell in JupyterLab with 'Python 3', clear the outputs and save it"))
    ids = set()
    for number, cell in enumerate(notebook.cells, start=1):
        if cell.id in ids:
            faults.append((number, f"has the id {cell.id!r}, which an earlier cell has: give it an id of its own"))
        ids.add(cell.id)
    first = notebook.cells[0] if notebook.cells else None
    if first is None:
        faults.append((0, "has no cells: begin with the title, one line '# Title'"))
    elif first.cell_type != "markdown" or 1 not in [level for level, _ in prose.headings(first.source)]:
        faults.append((1, "does not have the title: write it into the first cell, in one line '# Title'"))
    level, titles = 1, 0
    for number, cell in _numbered(notebook, "markdown"):
        for next_level, text in prose.headings(cell.source):
            titles += next_level == 1
            if next_level == 1 and titles > 1:
                faults.append((number, f"has a second title, {text!r}: a notebook has one '# ', so write '## '"))
            if next_level > level + 1:
                faults.append((number, f"skips a level of headings at {text!r}: write '{'#' * (level + 1)} ' instead of '{'#' * next_level} '"))
            level = next_level
    for number, cell in _numbered(notebook, "code"):
        if cell.metadata.get("jupyter", {}).get("source_hidden") is not True:
            faults.append((number, "shows its code in JupyterLab: hide it (metadata jupyter.source_hidden: true)"))
        if "hide-input" not in cell.metadata.get("tags", []):
            faults.append((number, "shows its code in books: give it the tag hide-input"))
        if cell.outputs:
            faults.append((number, "holds outputs: clear all outputs and save the notebook"))
        if cell.execution_count is not None:
            faults.append((number, "holds an execution count: clear all outputs and save the notebook"))
    return faults


def _code_faults(notebook) -> list[tuple[int, str]]:
    faults, known = [], set()
    for number, cell in _numbered(notebook, "code"):
        count = sum(bool(line.strip()) for line in cell.source.splitlines())
        if count > LINES_OF_CODE:
            faults.append((number, f"has {count} lines of code: keep {LINES_OF_CODE} at most, and move the rest into {PACKAGE}"))
        try:
            statements = ast.parse(cell.source).body
        except (SyntaxError, ValueError) as error:
            faults.append((number, f"is not Python ({error}): a lesson's code is one or two plain calls"))
            continue
        faults += [(number, fault) for statement in statements if (fault := _statement_fault(statement, known))]
    return faults


def _statement_fault(statement: ast.stmt, known: set[str]) -> str | None:
    """What is wrong with one statement; the names that it makes are added to `known`."""
    if isinstance(statement, (ast.Import, ast.ImportFrom)):
        modules = [statement.module or "."] if isinstance(statement, ast.ImportFrom) else [alias.name for alias in statement.names]
        known |= {alias.asname or alias.name.split(".")[0] for alias in statement.names}
        foreign = [module for module in modules if module.split(".")[0] != PACKAGE]
        return f"imports {foreign[0]!r}: lessons import {PACKAGE} and nothing else" if foreign else None
    one_call = (
        isinstance(statement, ast.Assign)
        and len(statement.targets) == 1
        and isinstance(statement.targets[0], ast.Name)
        and isinstance(statement.value, ast.Call)
    )
    shown = isinstance(statement, ast.Expr) and isinstance(statement.value, (ast.Call, ast.Name, ast.Attribute))
    nodes = list(ast.walk(statement))
    names = [node for node in nodes if isinstance(node, ast.Name)]
    unknown = [node.id for node in names if isinstance(node.ctx, ast.Load) and node.id not in known]
    known |= {node.id for node in names if isinstance(node.ctx, ast.Store)}
    if not (one_call or shown) or not all(isinstance(node, _CALLS_AND_NAMES) for node in nodes):
        return f"does more than call and show ({ast.unparse(statement).splitlines()[0][:40]}): move the work into {PACKAGE}, and call it"
    if unknown:
        return f"uses {unknown[0]!r}, which is neither from {PACKAGE} nor made in a cell above"
    return None


def _link_faults(notebook, name: str, folder: Path, anchors: dict[str, set[str]]) -> list[tuple[int, str]]:
    faults = []
    for number, cell in _numbered(notebook, "markdown"):
        for line in prose.lines(cell.source):
            for link in prose.links(line):
                if link.image and not link.text.strip():
                    faults.append((number, f"has the image {link.target!r} without alternative text: say in words what it shows, as in ![words]({link.target})"))
                fault = _target_fault(link, name, folder, anchors, cell.get("attachments", {}))
                if fault:
                    faults.append((number, fault))
            for tag in prose.loads_from_elsewhere(line):
                faults.append((number, f"loads content from another host ({tag[:60]}): keep the file in the course, or link to the page"))
    return faults


def _target_fault(link: prose.Link, name: str, folder: Path, anchors, attachments) -> str | None:
    scheme = re.match(r"([a-zA-Z][a-zA-Z0-9+.-]*):|//", link.target)
    if scheme:
        if scheme[1] == "attachment" and link.target.partition(":")[2] in attachments:
            return None
        if link.image:
            return f"loads the image {link.target!r} from outside the course: keep the file in notebooks/"
        return None if scheme[1] in ("http", "https", "mailto") else f"has a link to {link.target!r}: use a web address, or a file of the course"
    path, _, anchor = map(unquote, link.target.partition("#"))
    files = [(place / path).resolve() for place in (folder / "notebooks", folder)] if path else [folder / "notebooks" / name]
    file = next((file for file in files if file.exists() and file.is_relative_to(folder)), None)
    if file is None or not link.target:
        return f"has a link to {link.target!r}, which is not in the course: correct the path"
    known = anchors.get(file.name) if file.parent == folder / "notebooks" else None
    if anchor and known is not None and anchor not in known:
        close = difflib.get_close_matches(anchor, known, n=1)
        return f"has a link to {link.target!r}, and {file.name} has nothing of that name: " + (
            f"did you mean '#{close[0]}'?" if close else "correct the part after '#'"
        )
    return None


def _prose_faults(notebook, ledger: Ledger | None) -> list[tuple[int, str]]:
    faults = []
    for number, cell in _numbered(notebook, "markdown"):
        for line in prose.lines(cell.source):
            if ledger is not None:
                faults += [(number, fault) for fault in faults_in_line(line, ledger)]
            if prose.holds_two_sentences(line):
                start = " ".join(prose.without_markup(line).split()[:6])
                faults.append((number, f"has two sentences in one line ({start} ...): begin each sentence on a line of its own"))
    return faults
