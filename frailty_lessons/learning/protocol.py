"""A protocol of a made-up trial in which some sentences are flawed, others for each learner."""

import json
import tomllib
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from frailty_lessons.course import notebooks_folder
from frailty_lessons.learning.cards import Cards, chosen, mixed
from frailty_lessons.learning.progress import PROTOCOL, ProgressError, protocol_key
from frailty_lessons.learning.questions import LONGEST_ANSWER, QuestionError, Text
from frailty_lessons.trial import load_literature
from frailty_lessons.trial.faults import PackError, sentences
from frailty_lessons.trial.schema import Literature
from frailty_lessons.ui.words import WORDS

FILE = "protocol.toml"
FLAWS = (5, 6)  # how many of the sentences are flawed, by the learner's number
SAY = WORDS["protocol"]


class Sentence(BaseModel):
    """One sentence of the protocol: `sound`, and `flawed` if it has a flawed wording; `why` fits both.

    `rows` holds ids of the literature's results that stand behind the reasons.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]*$")]
    about: Text
    sound: Text
    flawed: Text | None = None
    why: Text
    rows: tuple[str, ...] = ()


class Sheet(BaseModel):
    """A protocol in all its wordings; `setting` says what is made up."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    setting: Text
    sentences: tuple[Sentence, ...]


def load_protocol(folder: Path | None = None) -> Sheet:
    """The protocol of `protocol.toml` in `folder` (default: the course's notebooks).

    Raises `QuestionError` with one sentence for each fault of the file.
    """
    path = Path(folder or notebooks_folder()) / FILE
    try:
        sheet = Sheet.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        raise QuestionError([f"There is no file {FILE} beside the lessons."]) from None
    except ValidationError as error:
        raise QuestionError(sentences(error, FILE)) from None
    except (OSError, ValueError) as error:
        raise QuestionError([f"{FILE}: cannot be read: {error}."]) from None
    try:
        known = load_literature(path.parent.parent / "datasets").results
    except PackError as error:
        raise QuestionError(error.faults) from None
    faults = _faults(sheet, {row.id for row in known})
    if faults:
        raise QuestionError(faults)
    return sheet


def _faults(sheet: Sheet, rows: set[str]) -> list[str]:
    ids = [sentence.id for sentence in sheet.sentences]
    faults = [f"{FILE}: {ids.count(id)} sentences have the id {id!r}: give each an id of its own." for id in sorted(set(ids)) if ids.count(id) > 1]
    flawed = sum(sentence.flawed is not None for sentence in sheet.sentences)
    if flawed < 2 * max(FLAWS):
        faults.append(f"{FILE}: {flawed} sentences have a flawed wording: give one to at least {2 * max(FLAWS)}, so that learners get different flaws.")
    for sentence in sheet.sentences:
        if sentence.flawed == sentence.sound:
            faults.append(f"{FILE}: sentence {sentence.id!r} is flawed in the words in which it is sound: change one of them.")
        faults += [f"{FILE}: sentence {sentence.id!r} names the row {id!r}, which the literature does not have: correct the id." for id in sentence.rows if id not in rows]
    return faults


def flaws(sheet: Sheet, seed: int) -> frozenset[str]:
    """The ids of the sentences that are flawed in the protocol that is drawn by `seed`."""
    candidates = [sentence.id for sentence in sheet.sentences if sentence.flawed]
    return frozenset(mixed(seed, candidates)[: FLAWS[seed % len(FLAWS)]])


class Protocol(Cards):
    """The learner's protocol: she marks what is flawed, writes what she would put instead, and reads the reasons."""

    def __init__(self, sheet: Sheet, literature: Literature):
        super().__init__()
        self.sheet, self.literature = sheet, literature

    def spec(self):
        return {"id": "protocol", "words": WORDS["form"] | SAY["form"]}

    def state(self):
        return self._drawn(another=False)

    def hear(self, message):
        if message.get("another"):
            return self._drawn(another=True)
        seed, draft = message.get("key"), message.get("draft")
        if isinstance(seed, bool) or not isinstance(seed, int):
            return self.state()
        try:
            if isinstance(draft, str):
                self.progress.keep_draft(protocol_key(seed), draft)
                return {"card": self._card(seed), "draft": draft, "draft_kept": True}
            return self._handed_in(seed, message.get("answer"))
        except (QuestionError, ProgressError) as error:
            draft = draft if isinstance(draft, str) else json.dumps(message.get("answer"))
            return {"card": self._card(seed), "draft": draft, "notice": str(error)}

    def _drawn(self, another) -> dict:
        notice = {}
        try:
            seed = self.progress.seed(another)
        except ProgressError as error:
            seed, notice = 0, {"notice": str(error)}
        record, _ = self.recorded()
        attempts = record.attempts.get(protocol_key(seed))
        if attempts:
            return {"card": self._card(seed, True), "feedback": self._feedback(seed, attempts[-1].answer)} | notice
        return {"card": self._card(seed), "draft": record.drafts.get(protocol_key(seed), "")} | notice

    def _handed_in(self, seed, given) -> dict:
        answer = judged(self.sheet, given)
        notice = {}
        try:
            self.progress.add(protocol_key(seed), answer, None, None)
        except ProgressError as error:
            notice = {"notice": str(error)}
        return {"card": self._card(seed, True), "feedback": self._feedback(seed, answer)} | notice

    def _card(self, seed, handed_in=False) -> dict:
        flawed = flaws(self.sheet, seed)
        return {
            "key": seed,
            "kind": "parts",
            "heading": SAY["heading"],
            "prompt": SAY["prompt"],
            "lines": [self.sheet.setting.strip()],
            "parts": [
                {"name": "flawed", "kind": "several", "legend": SAY["flawed"], "missing": SAY["no_flawed"],
                 "options": [{"value": sentence.id, "text": _text(number, sentence, flawed)} for number, sentence in self._numbered()]},
                {"name": "instead", "kind": "text", "legend": SAY["instead"], "missing": SAY["no_instead"]},
            ],
            "buttons": [{"text": SAY["another"], "send": {"another": True}}] if handed_in else [],
            "note": self._earlier(seed),
        }  # fmt: skip

    def _numbered(self):
        return enumerate(self.sheet.sentences, 1)

    def _feedback(self, seed, answer) -> dict:
        flawed, marked = flaws(self.sheet, seed), chosen(answer, "flawed", [sentence.id for sentence in self.sheet.sentences])
        told, rest = [], []
        for number, sentence in self._numbered():
            is_flawed, is_marked = sentence.id in flawed, sentence.id in marked
            sound = [SAY["sound"].format(sound=sentence.sound)] if is_flawed else []
            (told if is_flawed or is_marked else rest).append({
                "text": _text(number, sentence, flawed),
                "mark": SAY["is_flawed" if is_flawed else "is_sound"][is_marked],
                "right": is_flawed == is_marked,
                "mistake": is_flawed != is_marked,
                "why": "\n\n".join([*sound, sentence.why]),
                "more": [self._row(id) for id in sentence.rows],
            })  # fmt: skip
        return {
            "verdict": SAY["found"].format(**score(self.sheet, seed, answer)),
            "right": None,
            "words": "",
            "options": told,
            "rest": {"title": SAY["rest"].format(count=len(rest)), "options": rest},
            "shown": str(answer.get("instead", "")) if isinstance(answer, dict) else "",
        }

    def _row(self, id) -> str:
        """A row of the literature with its source and how well it is known, in one line."""
        row = self.literature.published(id)
        says = row.note if row.value is None or row.statistic == "p-value" else f"{row.figure()}: {row.note}"
        known = WORDS["evidence"]["known"].format(certainty=row.certainty_in_words())
        return f"{says} {WORDS['evidence']['source'].format(source=self.literature.source(row.source).citation)} {known}"

    def _earlier(self, seed) -> str:
        """How the learner's other protocols went, in words; empty if there are none."""
        record, _ = self.recorded()
        results = [
            SAY["earlier_one"].format(**score(self.sheet, int(number), attempts[-1].answer))
            for key, attempts in record.attempts.items()
            if (number := key.removeprefix(PROTOCOL)).isdecimal() and key not in (number, protocol_key(seed))
        ]
        return SAY["earlier"].format(results="; ".join(results)) if results else ""


def judged(sheet: Sheet, given) -> dict:
    """What was marked and written; raises `QuestionError` with one sentence for what is no answer."""
    marked = chosen(given, "flawed", [sentence.id for sentence in sheet.sentences])
    if not marked:
        raise QuestionError([SAY["no_flawed"]])
    instead = given.get("instead")
    if not isinstance(instead, str) or not instead.strip():
        raise QuestionError([SAY["no_instead"]])
    if len(instead) > LONGEST_ANSWER:
        raise QuestionError([f"The text has {len(instead)} characters: shorten it to {LONGEST_ANSWER}."])
    return {"flawed": marked, "instead": instead}


def score(sheet: Sheet, seed: int, answer) -> dict[str, int]:
    """How many flaws of the protocol drawn by `seed` were found, of how many, and how many sound sentences were marked."""
    flawed, marked = flaws(sheet, seed), chosen(answer, "flawed", [sentence.id for sentence in sheet.sentences])
    found = sum(id in flawed for id in marked)
    return {"found": found, "flaws": len(flawed), "strays": len(marked) - found, "sound": len(sheet.sentences) - len(flawed)}


def _text(number: int, sentence: Sentence, flawed) -> str:
    return f"{number}. {sentence.about}: {sentence.flawed if sentence.id in flawed else sentence.sound}"


def protocol() -> Protocol:
    """The learner's protocol of `protocol.toml`; raises `QuestionError` with one sentence for each fault of the file."""
    return Protocol(load_protocol(), load_literature())
