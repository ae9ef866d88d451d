"""Opening the course in JupyterLab, from a copy of its own where one is not yet at hand."""

import hashlib
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from frailty_lessons.course import COURSE_FILE, course_folder, shipped_folder
from frailty_lessons.learning.progress import FILE

START_PAGE = Path("notebooks", "00-start.ipynb")
SHIPPED = ("datasets", "notebooks")
SKIPPED = {".ipynb_checkpoints", "__pycache__"}
PROGRESS = Path(FILE).stem  # in the name of whatever holds a learner's progress
AS_SHIPPED = Path(".course-as-shipped.json")  # in a copy: what its files were like when they came

# Settings for JupyterLab and Voilà, beside the learner's own: they ask no other host for news, releases or extensions.
# The template of the course's pages is there too.
LAB_SETTINGS = Path(__file__).with_name("jupyter")


class OpeningError(Exception):
    """One sentence on why the course cannot be opened, and what to do."""


@dataclass(frozen=True)
class Copy:
    """What copying the course did: how many files it wrote, and which it kept because they were there and differ."""

    written: int
    kept: tuple[Path, ...]


def copy_course(target: Path, source: Path | None = None) -> Copy:
    """Copy the shipped course (or `source`) to `target`, never over a file that is there.

    The course file comes last, so a folder that has it has all the others.
    """
    source = Path(source or shipped_folder())
    written, kept = 0, []
    for file in _shipped(source):
        old, new = source / file, target / file
        if file == COURSE_FILE:
            _write_prints(target, source)
        if not os.path.lexists(new):
            _write_whole(new, old.read_bytes())
            written += 1
        elif not (new.is_file() and new.read_bytes() == old.read_bytes()):
            kept.append(file)
    return Copy(written, tuple(kept))


def update_course(target: Path, source: Path | None = None) -> Copy:
    """Bring a copy that `copy_course` made to the shipped course's state, and leave alone what its owner changed or took away.

    A notebook that was only run counts as unchanged. A folder that is no such copy stays as it is.
    """
    source = Path(source or shipped_folder())
    try:
        came = json.loads((target / AS_SHIPPED).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return Copy(0, ())
    written, kept = 0, []
    for file in _shipped(source):
        old, new = source / file, target / file
        print_then, print_now = came.get(file.as_posix()), _print(old)
        if print_then == print_now:
            continue
        if print_then is None and not os.path.lexists(new) or new.is_file() and _print(new) == print_then:
            _write_whole(new, old.read_bytes())
            written += 1
        elif new.is_file() and _print(new) != print_now:
            kept.append(file)
    if written or kept:
        _write_prints(target, source)
    return Copy(written, tuple(kept))


def _shipped(source: Path) -> list[Path]:
    """The files of the shipped course, the course file last."""
    if not (source / COURSE_FILE).is_file():
        raise OpeningError("The course's files are missing from this installation: install frailty-lessons again.")
    files = (path.relative_to(source) for name in SHIPPED for path in (source / name).rglob("*") if path.is_file() and PROGRESS not in path.name)
    return sorted((file for file in files if not SKIPPED.intersection(file.parts)), key=lambda file: (file == COURSE_FILE, file))


def _print(path: Path) -> str:
    """A fingerprint of a file; of a notebook, without what running it leaves behind."""
    content = path.read_bytes()
    if path.suffix == ".ipynb":
        try:
            content = repr([(cell["cell_type"], "".join(cell["source"])) for cell in json.loads(content)["cells"]]).encode()
        except (ValueError, KeyError, TypeError):
            pass
    return hashlib.sha256(content).hexdigest()


def _write_prints(target: Path, source: Path) -> None:
    prints = {file.as_posix(): _print(source / file) for file in _shipped(source)}
    _write_whole(target / AS_SHIPPED, json.dumps(prints, indent=1).encode())


def _write_whole(path: Path, content: bytes) -> None:
    """Write a file under another name first, so that it is there as a whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        part.write_bytes(content)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def find_or_copy(folder: str | Path | None = None) -> Path:
    """The course folder that `folder` (default: the current one) lies in, otherwise a new copy in it.

    Without `folder` the copy is `frailty-lessons` in the current folder. A copy that an older version made is brought up
    to date. Prints a sentence on what was done.
    """
    target = Path(folder or "frailty-lessons").absolute()
    try:
        found = course_folder(folder) or course_folder(target)
        copy = update_course(found) if found else copy_course(target)
    except OSError as error:
        raise OpeningError(
            f"The course cannot be copied to {target} ({error.strerror or error}): "
            "name another folder, for example frailty-lessons open my-course."
        ) from None
    if not found:
        print(f"Copied the course to {target} ({_count(copy.written)}).")
    elif copy.written:
        print(f"Brought the course in {found} up to date ({_count(copy.written)}).")
    if copy.kept:
        print(
            f"Kept your own version of {_count(len(copy.kept))} there, for example {copy.kept[0].as_posix()}: "
            f"the course's can be looked at in {shipped_folder()}."
        )
    return found or target


def _count(files: int) -> str:
    return "1 file" if files == 1 else f"{files} files"


def trust_notebooks(folder: Path) -> None:
    """Sign the course's notebooks that are as they came, so that JupyterLab runs their buttons without asking.

    A notebook that somebody changed is left to JupyterLab, which asks. What cannot be signed is left, too.
    """
    from nbformat import v4
    from nbformat.sign import NotebookNotary

    notary = NotebookNotary()
    for shipped in sorted((shipped_folder() / "notebooks").glob("*.ipynb")):
        own = folder / "notebooks" / shipped.name
        try:
            content = shipped.read_bytes()
            if own.read_bytes() == content:
                notary.sign(v4.reads(content.decode("utf-8")))
        except OSError:
            continue


def lab_command(folder: Path, options=()) -> list[str]:
    """The command that opens JupyterLab, with its own `options`, on the start page of the course in `folder`."""
    page = START_PAGE if (folder / START_PAGE).is_file() else START_PAGE.parent
    command = [sys.executable, "-m", "jupyterlab", f"--ServerApp.root_dir={folder}"]
    command += [f"--LabApp.default_url=/lab/tree/{page.as_posix()}", *options]
    if hasattr(os, "geteuid") and os.geteuid() == 0 and "--allow-root" not in options:
        command.append("--allow-root")
    return command


def lab_environment() -> dict[str, str]:
    """The environment variables for Jupyter, with the course's settings and templates first among those that it reads."""
    names = ("JUPYTER_CONFIG_PATH", "JUPYTER_PATH")
    return {**os.environ, **{name: os.pathsep.join([str(LAB_SETTINGS), *filter(None, [os.environ.get(name)])]) for name in names}}


def open_course(folder: str | Path | None = None, options=()) -> int:
    """Open the course in JupyterLab, and return its exit code once it ends (on Windows) or become it (elsewhere)."""
    found = find_or_copy(folder)
    print(f"Opening the course in {found}. Ctrl-C ends it.", flush=True)
    trust_notebooks(found)
    command = lab_command(found, options)
    if os.name != "nt":
        os.execve(command[0], command, lab_environment())
    try:
        return subprocess.run(command, env=lab_environment()).returncode
    except KeyboardInterrupt:
        return 0
