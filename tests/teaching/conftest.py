"""A small course that is in shape, for tests to put one fault into."""

import json
import shutil
from pathlib import Path

import pytest

DATASETS = Path(__file__).parents[2] / "datasets"

COURSE = """title = "A small course"
trial = "lomecel-b-phase-2b"

[[lessons]]
file = "01-first.ipynb"
title = "First"
question = "What is it?"
minutes = [10, 20]
"""
LESSON = """# First lesson

Her walk is [63.4 m](sources.ipynb#d270-200m-vs-placebo) longer, the news report says.
Nobody published [the spread](sources.ipynb#change-sds).
"""

QUESTIONS = """[[questions]]
id = "one"
kind = "choice"
objective = 1
prompt = "Which?"
options = [{ text = "This", why = "It is.", right = true }, { text = "That", why = "It is not." }]
"""
GLOSSARY = """[[terms]]
id = "walk"
term = "Walk"
meaning = "One foot before the other."
"""


def markdown(id, source, **more):
    return {"cell_type": "markdown", "id": id, "metadata": {}, "source": source} | more


def code(id, source, **more):
    metadata = {"jupyter": {"source_hidden": True}, "tags": ["hide-input"]}
    return {"cell_type": "code", "id": id, "metadata": metadata, "source": source, "outputs": [], "execution_count": None} | more


ANATOMY = [
    markdown("objectives", "## What you will be able to do\n\n1. See it.\n\n| part | minutes |\n|---|---|\n| First | 4 to 8 |\n| Second | 6 to 12 |"),
    code("round-one", 'import frailty_lessons as fl\ntrial = fl.load_trial()\nfl.predict("first", "one", trial)'),
    code("round-two", 'fl.predict("first", "one", trial)'),
    markdown("report", "## A report to criticise\n\nIt is short."),
    markdown("check", "## Check yourself\n\nOne question."),
    code("ask", 'fl.ask("first", "one")'),
    markdown("remember", "## What to remember\n\n1. It was seen."),
    markdown("patient", "## Two sentences to her\n\nA [walk](glossary.ipynb#walk)."),
]


class SmallCourse:
    """A course in `folder`; `change` and `write` make it another."""

    def __init__(self, folder):
        self.folder = folder
        self.lesson = folder / "notebooks/01-first.ipynb"
        self.toml = folder / "notebooks/course.toml"
        self.lesson.parent.mkdir()
        self.toml.write_text(COURSE)
        shutil.copytree(DATASETS, folder / "datasets")
        (folder / "notebooks/picture.svg").write_text("<svg/>")
        self.write("00-start.ipynb", markdown("a", "# Start\n\nOpen [the first lesson](01-first.ipynb#What-now?)."))
        self.write("sources.ipynb", markdown("a", "# Sources"), code("b", "import frailty_lessons as fl\nfl.load_trial()"))
        self.write(
            "01-first.ipynb",
            markdown("a", LESSON),
            code("b", "import frailty_lessons as fl\ntrial = fl.load_trial()"),
            markdown("c", "## What now?\n\nGo [back](#First-lesson), or see the ![curve](picture.svg)."),
            *ANATOMY,
        )
        (folder / "notebooks/questions").mkdir()
        (folder / "notebooks/questions/first.toml").write_text(QUESTIONS)
        (folder / "notebooks/glossary.toml").write_text(GLOSSARY)
        self.write("glossary.ipynb", markdown("a", "# Glossary"), code("b", "import frailty_lessons as fl\nfl.glossary()"))

    def write(self, name, *cells):
        metadata = {"kernelspec": {"name": "python3", "display_name": "Python 3"}, "language_info": {"name": "python"}}
        notebook = {"nbformat": 4, "nbformat_minor": 5, "metadata": metadata, "cells": list(cells)}
        (self.folder / "notebooks" / name).write_text(json.dumps(notebook))

    def change(self, do):
        """Do something to the first lesson's notebook, which has cells of prose, code and prose."""
        notebook = json.loads(self.lesson.read_text())
        do(notebook)
        self.lesson.write_text(json.dumps(notebook))

    def add(self, text):
        """Add lines to the first lesson's last cell."""
        self.change(lambda notebook: notebook["cells"][2].update(source=notebook["cells"][2]["source"] + "\n" + text))


@pytest.fixture
def course(tmp_path):
    return SmallCourse(tmp_path)
