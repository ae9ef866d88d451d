"""What holds a course in shape: each fault gives one sentence that names its file and cell."""

import json
import shutil

import pytest

from frailty_lessons import cli
from frailty_lessons.teaching.check import check

LESSON = "notebooks/01-first.ipynb: "
PROSE, CODE, LAST = LESSON + "cell 1 (First lesson): ", LESSON + "cell 2 (", LESSON + "cell 3 (What now?): "


def only(faults, place, words):
    assert len(faults) == 1, faults
    assert faults[0].startswith(place), faults[0]
    assert words in faults[0]
    assert faults[0].endswith((".", "?."))


def test_a_course_in_shape_has_no_faults(course, monkeypatch, capsys):
    assert check(course.folder) == []
    monkeypatch.chdir(course.folder / "notebooks")
    assert check() == []
    assert cli.main(["check"]) == 0
    assert capsys.readouterr().out == "All 1 lessons are in shape.\n"


def test_the_command_prints_the_faults(course, capsys):
    course.add("The gain was 63 m.")
    assert cli.main(["check", str(course.folder)]) == 1
    assert capsys.readouterr().out.startswith(LAST)


# The list of lessons and the packs


def test_a_list_of_lessons_that_cannot_be_read(course):
    course.toml.write_text("title = ")
    only(check(course.folder), "notebooks/course.toml", "cannot be used")


def test_a_listed_lesson_that_is_missing(course):
    course.toml.write_text(course.toml.read_text().replace("01-first", "01-furst"))
    faults = check(course.folder)
    assert len(faults) == 2
    assert faults[0].startswith("notebooks/course.toml: lesson 1 is in '01-furst.ipynb', which is not in notebooks/")
    assert faults[1].startswith("notebooks/course.toml: does not list notebooks/01-first.ipynb")


def test_a_lesson_that_is_not_listed(course):
    shutil.copy(course.lesson, course.lesson.with_name("02-second.ipynb"))
    only(check(course.folder), "notebooks/course.toml: ", "does not list notebooks/02-second.ipynb")


def test_a_listed_lesson_without_a_number(course):
    course.toml.write_text(course.toml.read_text().replace("01-first", "sources"))
    course.lesson.unlink()
    course.write("00-start.ipynb", json.loads((course.folder / "notebooks/sources.ipynb").read_text())["cells"][0])
    only(check(course.folder), "notebooks/course.toml: lesson 1 is in 'sources.ipynb'", "lesson's number")


def test_a_course_of_a_trial_that_is_not_there(course):
    course.toml.write_text(course.toml.read_text().replace("lomecel-b-phase-2b", "no-such-trial"))
    only(check(course.folder), "There is no trial pack", "cratus, lomecel-b-phase-2b")


@pytest.mark.parametrize("pack", ["cratus", "literature"])
def test_a_pack_with_a_fault(course, pack):
    table = course.folder / "datasets" / pack / "published_results.csv"
    table.write_text(table.read_text().replace(",primary,", ",certain,", 1))
    only(check(course.folder), f"{pack}/published_results.csv: line ", "certainty")


# One notebook as a whole


def cell(number, **changes):
    return lambda notebook: notebook["cells"][number].update(changes)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"cells": []}', "\ufeff{}"])
def test_a_file_that_is_no_notebook(course, text):
    (course.folder / "notebooks/extra.ipynb").write_text(text, encoding="utf-8")
    only(check(course.folder), "notebooks/extra.ipynb: is no", "JupyterLab")


@pytest.mark.parametrize(
    ("change", "place", "words"),
    [
        (lambda notebook: notebook.update(nbformat_minor=4), LESSON, "format 4.5"),
        (lambda notebook: notebook["cells"][1].pop("outputs"), LESSON + "cell 2: ", "'outputs' is a required property"),
        (lambda notebook: notebook["cells"][2].pop("id"), LESSON + "cell 3: ", "'id' is a required property"),
        (lambda notebook: notebook["metadata"].pop("kernelspec"), LESSON, "kernel python3"),
        (lambda notebook: notebook["metadata"]["kernelspec"].update(name="ir"), LESSON, "kernel python3"),
        (lambda notebook: notebook["metadata"]["language_info"].update(name="R"), LESSON, "language python"),
        (lambda notebook: notebook["cells"].clear(), LESSON, "has no cells"),
        (cell(2, id="a"), LAST, "has the id 'a'"),
        (cell(0, source="Hello."), LESSON + "cell 1 (Hello.): ", "title"),
        (cell(0, source="# One\n\n# Two"), LESSON + "cell 1 (One): ", "second title, 'Two'"),
        (cell(2, source="# What now?"), LAST, "second title"),
        (cell(2, source="### What now?"), LAST, "skips a level of headings at 'What now?': write '## '"),
        (cell(1, metadata={"tags": ["hide-input"]}), CODE, "jupyter.source_hidden"),
        (cell(1, metadata={"tags": ["hide-input"], "jupyter": {"source_hidden": False}}), CODE, "jupyter.source_hidden"),
        (cell(1, metadata={"jupyter": {"source_hidden": True}}), CODE, "hide-input"),
        (cell(1, execution_count=3), CODE, "execution count"),
        (cell(1, outputs=[{"output_type": "stream", "name": "stdout", "text": "x"}]), CODE, "outputs"),
    ],
)
def test_a_notebook_out_of_shape(course, change, place, words):
    # No links, so that a heading that changes breaks none.
    course.write("00-start.ipynb", {"cell_type": "markdown", "id": "a", "metadata": {}, "source": "# Start"})
    course.change(cell(2, source="## What now?"))
    course.change(change)
    only(check(course.folder), place, words)


# Code


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("a = fl.load_trial()\n\nb = fl.load_trial()\na\nb", "has 4 lines of code"),
        ("%matplotlib inline", "is not Python"),
        ("import numpy as np", "imports 'numpy'"),
        ("import frailty_lessons, os", "imports 'os'"),
        ("from matplotlib.pyplot import plot", "imports 'matplotlib.pyplot'"),
        ("import frailty_lessons_of_others", "imports 'frailty_lessons_of_others'"),
        ("from . import secrets", "imports '.'"),
        ("x = 5", "does more than call and show (x = 5)"),
        ("a = b = fl.load_trial()", "does more"),
        ("trial.shown = fl.load_trial()", "does more"),
        ("fl.show(1 + 2)", "does more than call and show (fl.show(1 + 2))"),
        ("fl.show(lambda: 3)", "does more"),
        ("[fl.show(x) for x in trial]", "does more"),
        ("for arm in trial.arms: fl.show(arm)", "does more"),
        ("'<style>h1 {color: red}</style>'", "does more"),
        ("print(trial)", "uses 'print'"),
        ("fl.show(trail)", "uses 'trail'"),
        ("__import__('os').remove('x')", "uses '__import__'"),
    ],
)
def test_code_that_a_lesson_may_not_have(course, source, words):
    setup = {"cell_type": "code", "id": "d", "source": "import frailty_lessons as fl\ntrial = fl.load_trial()"}
    course.change(lambda notebook: notebook["cells"].insert(1, notebook["cells"][1] | setup))
    course.change(cell(2, source=source))
    only(check(course.folder), LESSON + "cell 3 (", words)


@pytest.mark.parametrize(
    "source",
    [
        "",
        "from frailty_lessons import explorers\nexplorers.walk_test.Corridor(low=-5, arms=['a'], show=True)",
        "import frailty_lessons.explorers\nfrailty_lessons.explorers",
        "import frailty_lessons as fl\ntrial = fl.load_trial()\nfl.show(trial).table.first",
    ],
)
def test_code_that_a_lesson_may_have(course, source):
    course.change(cell(1, source=source))
    assert check(course.folder) == []


# Links and pictures


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("See [this](09-none.ipynb).", "link to '09-none.ipynb', which is not in the course"),
        ("See [this](../../outside.txt).", "which is not in the course"),
        ("See [this](09-(none).ipynb).", "link to '09-(none).ipynb'"),
        ("See [this]().", "link to ''"),
        ("See [this](00-start.ipynb#Stard).", "did you mean '#Start'?"),
        ("See [this](#First-lesso).", "did you mean '#First-lesson'?"),
        ("See [this](sources.ipynb#change-sd).", "did you mean '#change-sds'?"),
        ("It is [63.4 m](sources.ipynb#d270-200m-vs-placeboo), the report says.", "did you mean '#d270-200m-vs-placebo'?"),
        ("See [this](javascript:alert).", "link to 'javascript:alert'"),
        ("![](picture.svg)", "without alternative text"),
        ('<img src="picture.svg">', "without alternative text"),
        ("![A curve](missing.svg)", "link to 'missing.svg'"),
        ("![A curve](https://example.org/a.png)", "loads the image"),
        ("![A curve](attachment:a.png)", "loads the image"),
        ('<img alt="A curve" src="//example.org/a.png">', "loads the image"),
        ('<script src="https://example.org/a.js"></script>', "loads content from another host"),
        ('<a href="09-none.ipynb">this</a>', "link to '09-none.ipynb'"),
    ],
)
def test_a_link_that_leads_nowhere(course, text, words):
    (course.folder.parent / "outside.txt").write_text("outside")
    course.add(text)
    only(check(course.folder), LAST, words)


@pytest.mark.parametrize(
    "text",
    [
        "See [the paper](https://doi.org/10.1016/S0140-6736(20)30566-3) or <https://example.org>.",
        "See [the data](../datasets/cratus/README.md) or [the same](datasets/cratus/README.md).",
        "See [the start](00-start.ipynb#Start \"the start\") or [an assumption](sources.ipynb#assumed).",
        "See [the design](sources.ipynb#yousefi-2022), or `[code](nowhere.ipynb) and 63 m`.",
        "```\n[code](nowhere.ipynb) and 63 m. One. Two.\n```",
        "<!-- [a note](nowhere.ipynb) of 63 m\n and more -->",
        "[![A curve](picture.svg)](00-start.ipynb)",
    ],
)
def test_a_link_that_leads_somewhere(course, text):
    course.add(text)
    assert check(course.folder) == []


def test_an_image_pasted_into_a_cell(course):
    course.change(cell(2, source="## What now?\n\n![A curve](attachment:a.png)", attachments={"a.png": {"image/png": ""}}))
    assert check(course.folder) == []


# Figures and sentences


def test_a_figure_in_plain_text(course):
    course.add("She walked 63 m further.")
    only(check(course.folder), LAST, "'63 m' is a figure in plain text: link it to its row")


def test_a_value_that_changes_in_the_pack_fails_the_prose(course):
    table = course.folder / "datasets/lomecel-b-phase-2b/published_results.csv"
    old = "\nd270-200m-vs-placebo,6MWT,200M,270,difference,63.4,"
    assert old in table.read_text()
    table.write_text(table.read_text().replace(old, old.replace("63.4", "36.4")))
    only(check(course.folder), PROSE, "'63.4 m' is linked to 'd270-200m-vs-placebo', which says 36.4 m")


@pytest.mark.parametrize("text", ["She walks. He waits.", "Is it hers? Or is it the test's?", "> “It works!” The report said so.", "It was (in 2014). Then it stopped."])
def test_two_sentences_in_a_line(course, text):
    course.add(text)
    only(check(course.folder), LAST, "has two sentences in one line")


@pytest.mark.parametrize(
    "text",
    [
        "Mrs A. Smith met Dr. Jones, i.e. her doctor, vs. None, as in Fig. A says.",
        "Smith et al. Found it at 6.5 in 2014.",
        "1. First. Second.\n2. Third.",
        "- First. Second.",
        "| First. Second. | Third. Fourth. |",
        "**Predict.** How far will she walk?",
        "“Is it hers?” she asks.",
        "### First. Second.",
    ],
)
def test_one_sentence_in_a_line(course, text):
    course.add(text)
    assert check(course.folder) == []


def test_several_faults_come_in_the_order_of_the_cells(course):
    course.add("She walked 63 m further.\nHe walked 40 m. She waited.")
    course.change(cell(1, execution_count=1))
    course.change(lambda notebook: notebook["cells"][0].update(source=notebook["cells"][0]["source"] + "It was 9 m."))
    places = [fault.split(":")[1] for fault in check(course.folder)]
    assert places == [" cell 1 (First lesson)", " cell 2 (import frailty_lessons as fl trial)"] + [" cell 3 (What now?)"] * 3


def test_prose_after_a_code_block(course):
    course.add("```\n9 m\n```\nShe walked 63 m further.")
    only(check(course.folder), LAST, "'63 m'")
