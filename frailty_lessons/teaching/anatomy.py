"""The anatomy of a lesson: its parts, its minutes, its questions and its words, held against each other."""

import ast
import re
from pathlib import Path

from frailty_lessons.course import Lesson, topic_of
from frailty_lessons.learning.pages import GLOSSARY_FILE, load_glossary
from frailty_lessons.learning.protocol import FILE as PROTOCOL
from frailty_lessons.learning.protocol import load_protocol
from frailty_lessons.learning.questions import QuestionError, load_questions
from frailty_lessons.teaching import prose

OBJECTIVES = "What you will be able to do"
PARTS = (OBJECTIVES, "A report to criticise", "Check yourself", "What to remember", "Two sentences")
ROUNDS = range(2, 6)
MOST_OBJECTIVES = 4
MINUTES = re.compile(r"^\|.*\|\s*(\d+) to (\d+)\s*\|\s*$", re.M)
NUMBERED = re.compile(r"^(\d+)\. ", re.M)

Faults = list[tuple[int, str]]


def lesson_faults(notebook, lesson: Lesson, folder: Path) -> Faults:
    """Faults of one lesson's anatomy, each with its cell's number (0: the lesson itself)."""
    texts = [(number, cell.source) for number, cell in enumerate(notebook.cells, 1) if cell.cell_type == "markdown"]
    headings = [(number, level, text) for number, source in texts for level, text in prose.headings(source)]
    faults: Faults = []
    for part in PARTS:
        if not any(level == 2 and text.startswith(part) for _, level, text in headings):
            faults.append((0, f"has no part {part!r}: add a heading '## {part}'"))
    faults += _minutes_faults(texts, lesson)
    calls = [call for number, cell in enumerate(notebook.cells, 1) if cell.cell_type == "code" for call in _questions(number, cell.source)]
    predictions = [call for call in calls if call[1] == "predict"]
    if len(predictions) not in ROUNDS:
        faults.append((0, f"has {len(predictions)} predictions: it should have {ROUNDS.start} to {ROUNDS.stop - 1}"))
    faults += _question_faults(calls, lesson, folder, _objectives(texts), _remembered(texts))
    return faults


def question_file_faults(folder: Path) -> list[str]:
    """Faults of the question files, of the glossary and of the protocol, one sentence each."""
    faults = []
    for path in sorted((folder / "notebooks" / "questions").glob("*.toml")):
        try:
            load_questions(path.stem, folder / "notebooks")
        except QuestionError as error:
            faults += [f"notebooks/{fault}" for fault in error.faults]
    for file, load in ((GLOSSARY_FILE, load_glossary), (PROTOCOL, load_protocol)):
        if (folder / "notebooks" / file).is_file():
            try:
                load(folder / "notebooks")
            except QuestionError as error:
                faults += [f"notebooks/{fault}" for fault in error.faults]
    return faults


def _minutes_faults(texts, lesson: Lesson) -> Faults:
    for number, source in texts:
        found = [(int(low), int(high)) for low, high in MINUTES.findall(source)]
        if found:
            total = tuple(map(sum, zip(*found)))
            if total != lesson.minutes:
                return [(number, f"its parts take {total[0]} to {total[1]} minutes together, and course.toml says {lesson.minutes[0]} to {lesson.minutes[1]}: make them the same")]
            return []
    return [(0, "has no table of its parts' minutes: add one, with a row such as '| 1 The corridor | 9 to 11 |'")]


def _section(texts, title: str) -> str:
    return next((source for _, source in texts if any(text.startswith(title) for _, text in prose.headings(source))), "")


def _objectives(texts) -> int:
    return len(NUMBERED.findall(_section(texts, OBJECTIVES)))


def _remembered(texts) -> int:
    return len(NUMBERED.findall(_section(texts, "What to remember")))


def _questions(number: int, source: str):
    """The calls `fl.ask(topic, id)` and `fl.predict(topic, id, ...)` of a cell."""
    try:
        tree = ast.parse(source)
    except SyntaxError:
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in ("ask", "predict"):
            values = [argument.value for argument in node.args[:2] if isinstance(argument, ast.Constant)]
            if len(values) == 2:
                yield number, node.func.attr, *values


def _question_faults(calls, lesson: Lesson, folder: Path, objectives: int, remembered: int) -> Faults:
    faults: Faults = []
    if not 1 <= objectives <= MOST_OBJECTIVES:
        faults.append((0, f"lists {objectives} objectives under {OBJECTIVES!r}: it should list 1 to {MOST_OBJECTIVES}, numbered"))
    if remembered != objectives:
        faults.append((0, f"has {objectives} objectives and {remembered} lines under 'What to remember': there should be one line for each objective"))
    assessed = set()
    for number, kind, topic, id in calls:
        try:
            questions = load_questions(topic, folder / "notebooks")
        except QuestionError as error:
            faults.append((number, f"asks a question of {topic!r}, and {str(error).splitlines()[0].removesuffix('.')}"))
            continue
        if id not in questions:
            faults.append((number, f"asks the question {id!r}, which questions/{topic}.toml does not have: there are {', '.join(questions)}"))
        elif kind == "ask":
            assessed.add(questions[id].objective)
    for objective in range(1, objectives + 1):
        if objective not in assessed:
            faults.append((0, f"has no question that tests objective {objective}: add one to questions/{topic_of(lesson.file)}.toml with objective = {objective}, and ask it"))
    return faults
