"""Questions from `notebooks/questions/<topic>.toml`: what is asked, what is right, and why."""

import tomllib
from collections import Counter
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, model_validator

from frailty_lessons.course import notebooks_folder
from frailty_lessons.trial.faults import sentences
from frailty_lessons.ui.words import WORDS

LONGEST_ANSWER = 10_000

Text = Annotated[str, Field(min_length=1, max_length=4000)]
Number = Annotated[float, Field(allow_inf_nan=False)]


class QuestionError(ValueError):
    """A question file, or an answer, that cannot be used: one sentence a fault, and no traceback in a notebook."""

    def __init__(self, faults):
        self.faults = tuple(faults)
        super().__init__("\n".join(self.faults))

    def _render_traceback_(self):
        return list(self.faults)


class Option(BaseModel):
    """One option of a choice. It cannot be made without an explanation of why it is right or wrong."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    text: Text
    why: Text
    right: bool = False


class Question(BaseModel):
    """What all kinds of questions have. `objective` is the number of the lesson's objective that it tests."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]*$")]
    prompt: Text
    objective: Annotated[int, Field(ge=1, le=4)] | None = None

    def judge(self, answer) -> dict:
        """What to tell the learner of an answer: `right` (None where nothing is right or wrong), `words`, `options`.

        Raises `QuestionError` with one sentence for an answer that is none.
        """
        raise TypeError(f"{type(self).__name__} does not judge answers")

    def form(self) -> dict:
        """What the front end needs in order to ask, and nothing of what is right."""
        return {"id": self.id, "kind": self.kind, "prompt": self.prompt}


class _WithOptions(Question):
    options: Annotated[tuple[Option, ...], Field(min_length=2, max_length=8)]

    def form(self):
        return {**super().form(), "options": [option.text for option in self.options]}

    def _explained(self, chosen) -> list[dict]:
        return [
            {"text": option.text, "why": option.why, "right": option.right, "chosen": place in chosen, "mistake": self._mistaken(option, place in chosen)}
            for place, option in enumerate(self.options)
        ]

    def _mistaken(self, option, is_chosen) -> bool:
        """Whether to mark the option as the learner's mistake: chosen and wrong."""
        return is_chosen and not option.right

    def _place(self, answer) -> int:
        if isinstance(answer, bool) or not isinstance(answer, int) or not 0 <= answer < len(self.options):
            raise QuestionError([f"Choose one of the {len(self.options)} options."])
        return answer


class ChoiceQuestion(_WithOptions):
    """One of several options, of which one is right."""

    kind: Literal["choice"]

    @model_validator(mode="after")
    def _one_is_right(self):
        if sum(option.right for option in self.options) != 1:
            raise ValueError("a question of kind 'choice' has exactly one right option: mark one with right = true")
        return self

    def judge(self, answer):
        place = self._place(answer)
        return {"right": self.options[place].right, "words": "", "options": self._explained({place})}


class SeveralQuestion(_WithOptions):
    """Any number of several options, each of which is right or wrong by itself."""

    kind: Literal["several"]

    @model_validator(mode="after")
    def _some_are_right(self):
        if not any(option.right for option in self.options):
            raise ValueError("a question of kind 'several' has at least one right option: mark it with right = true")
        return self

    def _mistaken(self, option, is_chosen):
        return is_chosen != option.right

    def _explained(self, chosen):
        marks = WORDS["form"]["marks"]
        return [option | {"mark": marks[option["right"]][option["chosen"]]} for option in super()._explained(chosen)]

    def judge(self, answer):
        if not isinstance(answer, list) or not answer:
            raise QuestionError(["Choose at least one option."])
        chosen = {self._place(place) for place in answer}
        hits = sum((place in chosen) == option.right for place, option in enumerate(self.options))
        partly = WORDS["form"]["partly"].format(hits=hits, count=len(self.options)) if 0 < hits < len(self.options) else None
        return {"right": hits == len(self.options), "verdict": partly, "words": "", "options": self._explained(chosen)}


class NumberQuestion(Question):
    """A number; `right_from` to `right_to` counts as right. `least` and `most` limit what can be entered."""

    kind: Literal["number"]
    unit: str = ""
    right_from: Number
    right_to: Number
    least: Number
    most: Number
    why: Text

    @model_validator(mode="after")
    def _limits_are_in_order(self):
        if not self.least <= self.right_from <= self.right_to <= self.most:
            raise ValueError("the limits should be in this order: least, right_from, right_to, most")
        return self

    def form(self):
        return {**super().form(), "unit": self.unit, "least": self.least, "most": self.most}

    def judge(self, answer):
        if isinstance(answer, bool) or not isinstance(answer, (int, float)) or not self.least <= answer <= self.most:
            unit = f" {self.unit}" if self.unit else ""
            raise QuestionError([f"Enter a number from {self.least:g} to {self.most:g}{unit}."])
        right = self.right_from <= answer <= self.right_to
        return {"right": right, "words": self.why, "options": []}


class TextQuestion(Question):
    """Free text. Nothing is right or wrong; afterwards the learner sees what others looked for."""

    kind: Literal["text"]
    why: Text

    def judge(self, answer):
        if not isinstance(answer, str) or not answer.strip():
            raise QuestionError(["Write at least a word."])
        if len(answer) > LONGEST_ANSWER:
            raise QuestionError([f"The text has {len(answer)} characters: shorten it to {LONGEST_ANSWER}."])
        return {"right": None, "words": self.why, "options": []}


class ProbabilityQuestion(Question):
    """A statement; the learner says how probable it is, in per cent. `truth` says whether it holds."""

    kind: Literal["probability"]
    truth: bool
    why: Text

    def judge(self, answer):
        if isinstance(answer, bool) or not isinstance(answer, (int, float)) or not 0 <= answer <= 100:
            raise QuestionError(["Enter a probability from 0 to 100 per cent."])
        given = answer if self.truth else 100 - answer
        return {"right": given > 50, "words": f"You gave {given:g}% to what is the case. {self.why}", "options": []}


AnyQuestion = Annotated[
    ChoiceQuestion | SeveralQuestion | NumberQuestion | TextQuestion | ProbabilityQuestion, Field(discriminator="kind")
]
_ADAPTER = TypeAdapter(AnyQuestion)


def load_questions(topic: str, folder: Path | None = None) -> dict[str, Question]:
    """The questions of a topic by id, from `questions/<topic>.toml` in `folder` (default: the course's notebooks).

    Raises `QuestionError` with one sentence for each fault of the file.
    """
    path = Path(folder or notebooks_folder()) / "questions" / f"{topic}.toml"
    name = f"questions/{path.name}"
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        there = ", ".join(sorted(other.stem for other in path.parent.glob("*.toml"))) or "none"
        raise QuestionError([f"There is no question file {name}; there are {there}."]) from None
    except UnicodeDecodeError:
        raise QuestionError([f"{name}: is not UTF-8 text: save the file again as UTF-8."]) from None
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise QuestionError([f"{name}: cannot be read: {error}."]) from None
    entries = table.pop("questions", None)
    if table or not isinstance(entries, list) or not entries:
        raise QuestionError([f"{name}: should hold [[questions]] and nothing else."])
    questions, faults = [], []
    for number, entry in enumerate(entries, 1):
        try:
            questions.append(_ADAPTER.validate_python(entry))
        except ValidationError as error:
            label = entry.get("id", "no id") if isinstance(entry, dict) else "not a table"
            faults += sentences(error, name, f"question {number} ({str(label)[:40]})")
    faults += [
        f"{name}: {count} questions have the id {id!r}: give each an id of its own."
        for id, count in Counter(question.id for question in questions).items()
        if count > 1
    ]
    if faults:
        raise QuestionError(faults)
    return {question.id: question for question in questions}
