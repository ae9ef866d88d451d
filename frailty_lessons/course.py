"""Where the course's files are, and which lessons it has, from `notebooks/course.toml`."""

import tomllib
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

COURSE_FILE = Path("notebooks", "course.toml")
# The notebooks that links of a lesson lead to, and what a figure links to that was chosen for teaching.
SOURCES = "sources.ipynb"
GLOSSARY = "glossary.ipynb"
ASSUMED = "assumed"


class Lesson(BaseModel):
    """One lesson. `minutes` is the shortest and the longest time it takes."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    file: str
    title: str
    question: str
    minutes: tuple[Annotated[int, Field(gt=0)], Annotated[int, Field(gt=0)]]


class Course(BaseModel):
    """The course: its title, the trial pack that its lessons use, and its lessons in order."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    title: str
    trial: str
    lessons: tuple[Lesson, ...]


def shipped_folder() -> Path:
    """The course's files as they came: beside the package in a clone, inside it when installed from a wheel."""
    package = Path(__file__).parent
    inside = package / "course_files"
    return inside if inside.is_dir() else package.parent


def course_folder(start: Path | None = None) -> Path | None:
    """The course folder that `start` (default: the current folder) lies in, or None."""
    start = Path(start or Path.cwd()).resolve()
    for folder in (start, *start.parents):
        if (folder / COURSE_FILE).is_file():
            return folder
    return None


def datasets_folder() -> Path:
    """The folder of trial packs: that of the course one works in, otherwise the shipped one."""
    return (course_folder() or shipped_folder()) / "datasets"


def notebooks_folder() -> Path:
    """The folder of lessons: that of the course one works in, otherwise the shipped one."""
    return (course_folder() or shipped_folder()) / "notebooks"


def topic_of(file: str) -> str:
    """The topic word of a lesson's file: `02-walk-test.ipynb` is about `walk_test`."""
    return Path(file).stem.partition("-")[2].replace("-", "_")


def load_course(folder: Path | None = None) -> Course:
    """The course of `folder` (default: the one worked in, otherwise the shipped one).

    Raises `ValueError` with one sentence if its file cannot be used.
    """
    path = Path(folder or course_folder() or shipped_folder()) / COURSE_FILE
    try:
        return Course(**tomllib.loads(path.read_text(encoding="utf-8")))
    except ValidationError as error:
        fault = error.errors()[0]
        place = ", ".join(str(step + 1) if isinstance(step, int) else step for step in fault["loc"])
        raise ValueError(f"{COURSE_FILE.as_posix()} cannot be used: {place}: {fault['msg'][:1].lower()}{fault['msg'][1:]}.") from None
    except (OSError, ValueError) as error:
        raise ValueError(f"{COURSE_FILE.as_posix()} cannot be used: {error}.") from None
