"""The command: what it passes on, what it says, and how it ends."""

import subprocess
import sys
import types

import pytest

from frailty_lessons import __version__, cli
from frailty_lessons.teaching import opening


@pytest.fixture
def opened(monkeypatch):
    calls = []
    monkeypatch.setattr(opening, "open_course", lambda folder, options: calls.append((folder, options)) or 0)
    return calls


@pytest.mark.parametrize(
    ("argv", "folder", "options"),
    [
        ([], None, []),
        (["open"], None, []),
        (["--no-browser", "--port", "8899"], None, ["--no-browser", "--port", "8899"]),
        (["open", "--port", "8899"], None, ["--port", "8899"]),
        (["open", "--port=8899", "--LabApp.collaborative=False"], None, ["--port=8899", "--LabApp.collaborative=False"]),
        (["open", "mine"], "mine", []),
        (["open", "mine", "--no-browser", "--port", "8899"], "mine", ["--no-browser", "--port", "8899"]),
        (["open", "--version"], None, ["--version"]),
    ],
)
def test_options_it_does_not_know_go_to_jupyterlab(opened, argv, folder, options):
    assert cli.main(argv) == 0
    assert opened == [(folder, options)]


def test_what_cannot_be_opened_is_said_in_one_sentence(monkeypatch, capsys):
    def refuse(folder, options):
        raise opening.OpeningError("The course cannot be copied there.")

    monkeypatch.setattr(opening, "open_course", refuse)
    assert cli.main(["open", "there"]) == 1
    assert capsys.readouterr().err == "The course cannot be copied there.\n"


@pytest.mark.parametrize("argv", [["opne"], ["check", "a", "b"], ["check", "--fast"]])
def test_a_wrong_command_is_said_in_one_line(argv, capsys):
    with pytest.raises(SystemExit, match="2"):
        cli.main(argv)
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert "frailty-lessons --help" in error


@pytest.mark.parametrize("argv", [["--help"], ["open", "--help"], ["check", "--help"], ["open", "mine", "-h"]])
def test_help_names_the_command(argv, capsys):
    with pytest.raises(SystemExit, match="0"):
        cli.main(argv)
    assert "frailty-lessons" in capsys.readouterr().out


def test_version(capsys):
    with pytest.raises(SystemExit, match="0"):
        cli.main(["--version"])
    assert capsys.readouterr().out == f"frailty-lessons {__version__}\n"


@pytest.fixture
def course(tmp_path, monkeypatch):
    (tmp_path / "notebooks").mkdir()
    lesson = '[[lessons]]\nfile = "{0}.ipynb"\ntitle = "{0}"\nquestion = "?"\nminutes = [10, 20]\n'
    text = 'title = "T"\ntrial = "t"\n' + lesson.format("a") + lesson.format("b")
    (tmp_path / "notebooks/course.toml").write_text(text)
    faults = []
    checker = types.ModuleType("frailty_lessons.teaching.check")
    checker.check = lambda folder: faults if folder == tmp_path else ["another folder"]
    monkeypatch.setitem(sys.modules, checker.__name__, checker)
    return tmp_path, faults


def test_check_says_that_all_is_well(course, monkeypatch, capsys):
    folder, _ = course
    assert cli.main(["check", str(folder)]) == 0
    assert capsys.readouterr().out == "All 2 lessons are in shape.\n"
    monkeypatch.chdir(folder / "notebooks")
    assert cli.main(["check"]) == 0


def test_check_prints_each_fault(course, capsys):
    folder, faults = course
    faults += ["a.ipynb: no title.", "b.ipynb: no question."]
    assert cli.main(["check", str(folder)]) == 1
    assert capsys.readouterr().out.splitlines() == faults


def test_check_outside_a_course_says_what_to_name(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert cli.main(["check"]) == 2
    assert capsys.readouterr().err == "There is no course in this folder: name the folder that has notebooks/ in it.\n"


def test_the_command_starts_without_the_heavy_libraries():
    program = (
        "import sys, frailty_lessons.cli, frailty_lessons.teaching.opening\n"
        "print([m for m in ('numpy', 'pandas', 'matplotlib', 'scipy', 'ipywidgets', 'IPython') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
