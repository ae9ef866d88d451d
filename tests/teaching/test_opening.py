"""Opening the course: where it is found, what is copied, and how JupyterLab is started."""

import json
import os
import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from frailty_lessons.teaching import opening
from frailty_lessons.teaching.opening import OpeningError, copy_course, find_or_copy, lab_command, lab_environment, update_course

FILES = {
    "notebooks/course.toml": b'title = "T"\ntrial = "t"\nlessons = []\n',
    "notebooks/00-start.ipynb": b"{}",
    "notebooks/questions/frailty.toml": b"# questions",
    "datasets/t/trial.toml": b"# trial",
}
SKIPPED = {"notebooks/.ipynb_checkpoints/00-start-checkpoint.ipynb": b"old", "datasets/__pycache__/a.pyc": b"code"}


def write(folder, files):
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def read(folder):
    files = {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    files.pop(opening.AS_SHIPPED.as_posix(), None)
    return files


@pytest.fixture
def shipped(tmp_path, monkeypatch):
    folder = tmp_path / "shipped"
    write(folder, FILES | SKIPPED)
    monkeypatch.setattr(opening, "shipped_folder", lambda: folder)
    return folder


@pytest.fixture
def elsewhere(tmp_path, monkeypatch):
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


def test_outside_a_course_it_is_copied_without_checkpoints_and_caches(shipped, elsewhere, capsys):
    assert find_or_copy() == elsewhere / "frailty-lessons"
    assert read(elsewhere / "frailty-lessons") == FILES
    assert capsys.readouterr().out == f"Copied the course to {elsewhere / 'frailty-lessons'} (4 files).\n"


def test_the_progress_of_whoever_used_the_course_before_stays_behind(shipped, elsewhere):
    for name in ("my-progress.json", "my-progress-before-starting-over-1.json", ".my-progress.json.lock"):
        (shipped / "notebooks" / name).write_bytes(b"{}")
    find_or_copy()
    assert not list((elsewhere / "frailty-lessons").rglob("*my-progress*"))


def test_a_copy_made_before_is_opened_as_it_is(shipped, elsewhere, capsys):
    folder = find_or_copy()
    (folder / "notebooks/00-start.ipynb").write_bytes(b"changed")
    (folder / "datasets/t/trial.toml").unlink()
    before = read(folder)
    capsys.readouterr()
    assert find_or_copy() == folder
    assert read(folder) == before
    assert capsys.readouterr().out == ""


RUN = {"cells": [{"cell_type": "code", "source": ["fl.ask()"], "outputs": [{"text": "run"}], "execution_count": 3, "metadata": {"x": 1}}]}
CAME = {"cells": [{"cell_type": "code", "source": "fl.ask()", "outputs": [], "execution_count": None, "metadata": {}}]}
NEXT = {"cells": [{"cell_type": "code", "source": "fl.predict()", "outputs": [], "execution_count": None, "metadata": {}}]}


def test_a_newer_version_brings_its_lessons_into_a_copy_and_keeps_what_was_changed(shipped, elsewhere, capsys):
    write(shipped, {"notebooks/02-a.ipynb": json.dumps(CAME).encode(), "notebooks/03-b.ipynb": json.dumps(CAME).encode()})
    folder = find_or_copy()
    mine = {"cells": [{**CAME["cells"][0], "source": "fl.mine()"}]}
    own = {
        "notebooks/02-a.ipynb": json.dumps(RUN).encode(),  # only run
        "notebooks/03-b.ipynb": json.dumps(mine).encode(),  # changed
        "notebooks/my-progress.json": b"{}",
    }
    write(folder, own)
    (folder / "datasets/t/trial.toml").unlink()
    newer = {
        "notebooks/02-a.ipynb": json.dumps(NEXT).encode(),
        "notebooks/03-b.ipynb": json.dumps(NEXT).encode(),
        "notebooks/04-c.ipynb": b"new",
        "notebooks/course.toml": FILES["notebooks/course.toml"] + b"# more",
        "datasets/t/trial.toml": b"# another",
    }
    write(shipped, newer)
    capsys.readouterr()
    assert find_or_copy() == folder
    expected = FILES | newer | {name: own[name] for name in ("notebooks/03-b.ipynb", "notebooks/my-progress.json")}
    del expected["datasets/t/trial.toml"]
    assert read(folder) == expected
    said = capsys.readouterr().out.splitlines()
    assert said == [
        f"Brought the course in {folder} up to date (3 files).",
        f"Kept your own version of 1 file there, for example notebooks/03-b.ipynb: the course's can be looked at in {shipped}.",
    ]
    assert find_or_copy() == folder
    assert capsys.readouterr().out == "" and read(folder) == expected


def test_a_folder_that_is_no_copy_is_never_brought_up_to_date(shipped, tmp_path):
    write(tmp_path / "checkout", FILES | {"notebooks/00-start.ipynb": b"older"})
    write(shipped, {"notebooks/04-c.ipynb": b"new"})
    before = read(tmp_path / "checkout")
    assert update_course(tmp_path / "checkout").written == 0
    assert find_or_copy(tmp_path / "checkout") == tmp_path / "checkout"
    assert read(tmp_path / "checkout") == before


@pytest.mark.parametrize("inside", [".", "notebooks", "notebooks/questions"])
def test_inside_a_course_that_course_is_opened(shipped, tmp_path, monkeypatch, inside):
    course = tmp_path / "course"
    write(course, FILES)
    monkeypatch.chdir(course / inside)
    assert find_or_copy() == course
    monkeypatch.chdir(tmp_path)
    assert find_or_copy(course / inside) == course
    assert read(course) == FILES


names = st.sampled_from([*FILES, "notebooks/mine.ipynb", "notes.txt"])


@settings(max_examples=60, deadline=None)
@given(there=st.dictionaries(names, st.binary(max_size=20) | st.just(b"{}")))
def test_copying_never_changes_a_file_that_is_there(tmp_path_factory, there):
    source, target = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("target")
    write(source, FILES | SKIPPED)
    write(target, there)
    copy = copy_course(target, source)
    assert read(target) == FILES | there
    assert copy.written == len(FILES.keys() - there.keys())
    assert {file.as_posix() for file in copy.kept} == {n for n in FILES if there.get(n, FILES[n]) != FILES[n]}


def test_kept_files_are_said_and_where_the_course_s_are(shipped, elsewhere, capsys):
    write(elsewhere / "mine", {"datasets/t/trial.toml": b"my trial", "notebooks/00-start.ipynb": b"{}"})
    find_or_copy("mine")
    assert capsys.readouterr().out.splitlines()[1] == (
        "Kept your own version of 1 file there, for example datasets/t/trial.toml: "
        f"the course's can be looked at in {shipped}."
    )


def test_an_interrupted_copy_leaves_no_half_file_and_is_finished_the_next_time(shipped, elsewhere, monkeypatch):
    target = elsewhere / "frailty-lessons"
    whole, replace = opening.Path.write_bytes, opening.Path.replace

    def half(path, content):
        whole(path, content[: len(content) // 2])
        raise KeyboardInterrupt

    def third(path, new):
        if len(read(target)) == 3:
            monkeypatch.setattr(opening.Path, "write_bytes", half)
        return replace(path, new)

    monkeypatch.setattr(opening.Path, "replace", third)
    with pytest.raises(KeyboardInterrupt):
        find_or_copy()
    monkeypatch.undo()
    monkeypatch.chdir(elsewhere)
    monkeypatch.setattr(opening, "shipped_folder", lambda: shipped)
    left = read(target)
    assert left == {name: FILES[name] for name in left}
    assert "notebooks/course.toml" not in left
    find_or_copy()
    assert read(target) == FILES


@pytest.mark.parametrize("folder", ["file", "file/deeper"])
def test_a_file_in_the_way_gives_one_sentence(shipped, elsewhere, folder):
    (elsewhere / "file").write_text("mine")
    with pytest.raises(OpeningError, match=r"cannot be copied to .*: name another folder, for example .*\.$"):
        find_or_copy(folder)
    assert (elsewhere / "file").read_text() == "mine"


def test_a_folder_that_may_not_be_written_gives_one_sentence(shipped, elsewhere, monkeypatch):
    def refuse(*args, **kwargs):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(opening.Path, "mkdir", refuse)
    with pytest.raises(OpeningError, match=r"\(Permission denied\): name another folder"):
        find_or_copy()


def test_an_installation_without_the_course_gives_one_sentence(shipped, elsewhere):
    (shipped / "notebooks/course.toml").unlink()
    with pytest.raises(OpeningError, match="install frailty-lessons again"):
        find_or_copy()


def test_jupyterlab_gets_the_start_page_and_the_options(tmp_path, monkeypatch):
    write(tmp_path, FILES)
    options = ["--no-browser", "--port", "8899", "--ip=127.0.0.1", "--allow-root"]
    command = lab_command(tmp_path, options)
    assert command[:3] == [sys.executable, "-m", "jupyterlab"]
    assert command[3:5] == [f"--ServerApp.root_dir={tmp_path}", "--LabApp.default_url=/lab/tree/notebooks/00-start.ipynb"]
    assert command[5:] == options


def test_without_a_start_page_the_notebooks_are_listed(tmp_path):
    assert "--LabApp.default_url=/lab/tree/notebooks" in lab_command(tmp_path)


def test_the_settings_stand_beside_the_learner_s_own(monkeypatch):
    monkeypatch.setenv("JUPYTER_CONFIG_PATH", "theirs")
    paths = lab_environment()["JUPYTER_CONFIG_PATH"].split(os.pathsep)
    assert paths == [str(opening.LAB_SETTINGS), "theirs"]
    monkeypatch.delenv("JUPYTER_CONFIG_PATH")
    assert lab_environment()["JUPYTER_CONFIG_PATH"] == str(opening.LAB_SETTINGS)


def test_jupyterlab_takes_the_settings_and_asks_no_other_host(tmp_path):
    shown = subprocess.run(
        [*lab_command(tmp_path, ["--show-config-json"])],
        env=lab_environment() | {"JUPYTER_CONFIG_DIR": str(tmp_path / "config")},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
    )
    config = json.loads(shown.stdout)
    assert config["ServerApp"]["ip"] == "127.0.0.1"
    assert config["LabApp"]["news_url"] is None
    assert config["LabApp"]["check_for_updates_class"] == "jupyterlab.NeverCheckForUpdate"
    assert config["LabApp"]["extension_manager"] == "readonly"


def test_only_notebooks_that_are_as_they_came_are_signed(tmp_path, monkeypatch):
    from nbformat import v4
    from nbformat.sign import NotebookNotary

    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path / "jupyter"))
    opening.copy_course(tmp_path / "course")
    notebooks = tmp_path / "course" / "notebooks"
    changed = notebooks / "sources.ipynb"
    changed.write_text(changed.read_text(encoding="utf-8").replace("How well", "How badly"), encoding="utf-8")
    opening.trust_notebooks(tmp_path / "course")
    signed = {path.name for path in notebooks.glob("*.ipynb") if NotebookNotary().check_signature(v4.reads(path.read_text(encoding="utf-8")))}
    assert signed == {path.name for path in notebooks.glob("*.ipynb")} - {"sources.ipynb"}
