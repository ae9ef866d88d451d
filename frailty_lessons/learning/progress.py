"""One learner's progress: a small JSON file beside the notebooks, whole after every answer."""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from frailty_lessons.course import course_folder

FILE = "my-progress.json"
LARGEST = 2_000_000  # characters of an uploaded file
LONGEST_DRAFT = 20_000  # characters
WAIT = 5  # seconds for another lesson to finish writing
PROTOCOL = "protocol/"
SURE = 80  # per cent, and above: "quite" and "very"


class ProgressError(ValueError):
    """One sentence on why progress could not be read or kept."""

    def _render_traceback_(self):
        return [str(self)]


class Attempt(BaseModel):
    """One answer: what it was, how sure the learner was (per cent), whether it was right, and when (UTC).

    An answer of several parts is kept by their names, with the ids of what was chosen.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    answer: int | float | str | list[int] | dict[str, str | list[str]]
    confidence: int | None = Field(None, ge=0, le=100)
    right: bool | None = None
    at: AwareDatetime


class Decided(BaseModel):
    """Decisions that a learner took in an explorer: the state they led to, what came of them in words, and the words of
    all that were taken to their end.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    state: dict[str, int | float | str]
    words: str
    ended: tuple[str, ...] = ()


class Record(BaseModel):
    """All that a learner did: attempts and an unfinished answer by question, e.g. `walk_test/short-track`, decisions
    by explorer, e.g. `escalation/Committee`, and the number that the learner's protocol is drawn by.
    """

    model_config = ConfigDict(extra="forbid")

    version: int = Field(1, ge=1, le=1)
    attempts: dict[str, Annotated[list[Attempt], Field(min_length=1)]] = {}
    drafts: dict[str, str] = {}
    decided: dict[str, Decided] = {}
    seed: int | None = None


def protocol_key(seed: int | None) -> str:
    """The key of the answer to the protocol that was drawn by `seed`."""
    return f"{PROTOCOL}{seed}"


class Progress:
    """The progress file of one folder: the notebooks of the course that one is in, otherwise the current folder.

    Every change reads the file again, adds to it and replaces it as a whole, and meanwhile no other lesson changes it:
    two open lessons do not undo each other, and an interrupted change leaves the file as it was. A file that cannot
    be read is put aside under another name and never overwritten.
    """

    def __init__(self, folder: Path | None = None):
        course = course_folder()
        self.path = Path(folder or (course / "notebooks" if course else Path.cwd())) / FILE

    def record(self) -> Record:
        """What the file holds; an empty record if there is none yet."""
        try:
            return parse(self.path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return Record()
        except OSError as error:
            raise ProgressError(f"Your progress cannot be read from {self.path.name} ({error.strerror}).") from None
        except (ProgressError, UnicodeDecodeError):
            self._put_aside("unreadable")
            return Record()

    def attempts(self, key: str) -> list[Attempt]:
        """The attempts at one question, oldest first."""
        return self.record().attempts.get(key, [])

    def add(self, key: str, answer, confidence: int | None, right: bool | None) -> None:
        """Keep one more attempt at a question, and drop its draft."""
        attempt = Attempt(answer=answer, confidence=confidence, right=right, at=datetime.now(UTC).replace(microsecond=0))
        with self._changed() as record:
            record.attempts.setdefault(key, []).append(attempt)
            record.drafts.pop(key, None)

    def seed(self, another: bool = False) -> int:
        """The number that the learner's protocol is drawn by; a new one if there is none, or if `another` is wished for."""
        known = self.record().seed
        if known is not None and not another:
            return known
        with self._changed() as record:
            if another or record.seed is None:
                record.seed = secrets.randbelow(2**31)
        return record.seed

    def keep_draft(self, key: str, text: str) -> None:
        """Keep an answer that is not finished."""
        if len(text) > LONGEST_DRAFT:
            raise ProgressError(f"The text has {len(text)} characters and is not kept: shorten it to {LONGEST_DRAFT}.")
        with self._changed() as record:
            record.drafts[key] = text

    def keep_decided(self, key: str, state: dict, words: str, ended: bool) -> None:
        """Keep the decisions that a learner has taken in an explorer until now, and whether they have come to their end."""
        with self._changed() as record:
            before = record.decided[key].ended if key in record.decided else ()
            record.decided[key] = Decided(state=state, words=words, ended=(*before, words) if ended and words not in before else before)

    def take(self, text: str) -> int:
        """Take over the attempts of a downloaded file, beside those that are here; how many were new.

        Raises `ProgressError` with one sentence if the text is not such a file.
        """
        if len(text) > LARGEST:
            raise ProgressError("This file is too large to be a progress file of this course.")
        new, count = parse(text), 0
        with self._changed() as record:
            if new.seed is not None and protocol_key(record.seed) not in {*record.attempts, *record.drafts}:
                record.seed = new.seed  # a protocol that was only shown here gives way to the one that came
            for key, attempts in new.attempts.items():
                here = record.attempts.setdefault(key, [])
                fresh = [attempt for attempt in attempts if attempt not in here]
                count += len(fresh)
                record.attempts[key] = sorted([*here, *fresh], key=lambda attempt: attempt.at)
            record.drafts = {**new.drafts, **record.drafts}
            for key, there in new.decided.items():
                here = record.decided.get(key, there)
                record.decided[key] = here.model_copy(update={"ended": tuple(dict.fromkeys((*there.ended, *here.ended)))})
        return count

    def start_over(self) -> Path | None:
        """Put the file aside and begin with nothing; where it was put, or None if there was none."""
        with self._alone():
            return self._put_aside("before-starting-over")

    def text(self) -> str:
        """The record as the text of a file, to download."""
        return self.record().model_dump_json(indent=1) + "\n"

    def _put_aside(self, why: str) -> Path | None:
        """Under which name the file was put aside; None if there is no file, or not any more."""
        stem = self.path.with_suffix("").name
        number = 1
        while (aside := self.path.with_name(f"{stem}-{why}-{number}.json")).exists():
            number += 1
        try:
            self.path.replace(aside)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise ProgressError(f"Your progress in {self.path.name} cannot be put aside ({error.strerror}).") from None
        return aside

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """While nobody else changes the file."""
        from filelock import FileLock, Timeout

        lock = FileLock(self.path.with_name(f".{self.path.name}.lock"), timeout=WAIT)
        try:
            lock.acquire()
        except Timeout:
            raise _unsaved("another lesson is writing") from None
        except OSError as error:
            raise _unsaved(error.strerror) from None
        try:
            yield
        finally:
            lock.release()

    @contextmanager
    def _changed(self) -> Iterator[Record]:
        """The record, which is written at the end."""
        with self._alone():
            record = self.record()
            yield record
            self._write(record)

    def _write(self, record: Record) -> None:
        part = self.path.with_name(f".{self.path.name}.{os.getpid()}.part")
        try:
            with part.open("w", encoding="utf-8") as file:
                file.write(record.model_dump_json(indent=1) + "\n")
                file.flush()
                os.fsync(file.fileno())
            part.replace(self.path)
        except OSError as error:
            raise _unsaved(error.strerror) from None
        finally:
            part.unlink(missing_ok=True)


def _unsaved(why: str) -> ProgressError:
    return ProgressError(f"Your answer is shown but could not be saved ({why}): download your progress before you close this page.")


def parse(text: str) -> Record:
    """The record in the text of a progress file; raises `ProgressError` with one sentence if it is none."""
    try:
        return Record.model_validate_json(text)
    except ValidationError as error:
        fault = error.errors()[0]
        place = ", ".join(map(str, fault["loc"])) or "its beginning"
        raise ProgressError(f"This is not a progress file of this course: at {place}, {fault['msg'][:1].lower()}{fault['msg'][1:]}.") from None


def summary(record: Record) -> dict[str, int]:
    """How many questions were answered, how many of those that have a right answer were right in the end, and how many
    of those that the learner was sure of were right the first time."""
    last = [attempts[-1] for attempts in record.attempts.values()]
    judged = [attempt for attempt in last if attempt.right is not None]
    first = [attempts[0] for attempts in record.attempts.values()]
    sure = [attempt for attempt in first if attempt.right is not None and (attempt.confidence or 0) >= SURE]
    return {
        "answered": len(last),
        "judged": len(judged),
        "right": sum(attempt.right for attempt in judged),
        "sure": len(sure),
        "sure_right": sum(attempt.right for attempt in sure),
    }
