"""What the start page and the glossary show: the way through the course, and the words it uses."""

import tomllib
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from frailty_lessons.course import load_course, notebooks_folder, topic_of
from frailty_lessons.learning.progress import Progress, Record
from frailty_lessons.learning.questions import QuestionError, load_questions
from frailty_lessons.trial.faults import sentences
from frailty_lessons.ui.words import WORDS

GLOSSARY_FILE = "glossary.toml"


class Term(BaseModel):
    """One word of the glossary. Lessons link to it as `glossary.ipynb#id`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]*$")]
    term: Annotated[str, Field(min_length=1)]
    meaning: Annotated[str, Field(min_length=1)]


@dataclass(frozen=True)
class Page:
    """HTML that a notebook shows, and the same as plain text."""

    html: str
    text: str

    def _repr_mimebundle_(self, include=None, exclude=None):
        return {"text/html": self.html, "text/plain": self.text}


def load_glossary(folder: Path | None = None) -> tuple[Term, ...]:
    """The terms of `glossary.toml` in `folder` (default: the course's notebooks), in the order of the alphabet.

    Raises `QuestionError` with one sentence for each fault of the file.
    """
    path = Path(folder or notebooks_folder()) / GLOSSARY_FILE
    try:
        entries = tomllib.loads(path.read_text(encoding="utf-8")).get("terms", [])
    except (OSError, ValueError) as error:
        raise QuestionError([f"{GLOSSARY_FILE}: cannot be read: {error}."]) from None
    if not isinstance(entries, list):
        raise QuestionError([f"{GLOSSARY_FILE}: terms is no list: begin each term with a line [[terms]]."])
    terms, faults = [], []
    for number, entry in enumerate(entries, 1):
        try:
            terms.append(Term.model_validate(entry))
        except ValidationError as error:
            faults += sentences(error, GLOSSARY_FILE, f"term {number}")
    ids = [term.id for term in terms]
    faults += [f"{GLOSSARY_FILE}: {ids.count(id)} terms have the id {id!r}: give each an id of its own." for id in sorted(set(ids)) if ids.count(id) > 1]
    if faults:
        raise QuestionError(faults)
    return tuple(sorted(terms, key=lambda term: term.term.lower()))


def glossary() -> Page:
    """All words of the glossary with their meanings."""
    terms = load_glossary()
    items = "".join(f'<dt id="{escape(term.id)}"><strong>{escape(term.term)}</strong></dt><dd>{escape(term.meaning)}</dd>' for term in terms)
    return Page(f"<dl>{items}</dl>", "\n".join(f"{term.term}: {term.meaning}" for term in terms))


def course_map() -> Page:
    """The lessons in order with the learner's progress in each, and where to go on."""
    record, words = Progress().record(), WORDS["map"]
    rows, lines, go_on = [], [], None
    for lesson in load_course().lessons:
        answered, asked = _done(record, topic_of(lesson.file))
        done = words["done"].format(answered=answered, asked=asked) if asked else words["no_questions"]
        if go_on is None and answered < asked:
            go_on = lesson
        rows.append(
            f'<tr><td><a href="{escape(lesson.file)}">{escape(lesson.title)}</a></td>'
            f"<td>{lesson.minutes[0]} {words['to']} {lesson.minutes[1]}</td><td>{escape(done)}</td></tr>"
        )
        lines.append(f"{lesson.title}: {done}")
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in words["columns"])
    if go_on is None:
        last = f"<p>{escape(words['finished'])}</p>"
    else:
        last = f'<p>{escape(words["go_on"])} <a href="{escape(go_on.file)}">{escape(go_on.title)}</a></p>'
    return Page(f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table>{last}", "\n".join(lines))


def _done(record: Record, topic: str) -> tuple[int, int]:
    """How many questions of a topic were answered, and how many there are."""
    try:
        ids = load_questions(topic)
    except QuestionError:
        return 0, 0
    return sum(f"{topic}/{id}" in record.attempts for id in ids), len(ids)
