"""The anatomy of a lesson: each missing part, minute, question or word gives one sentence."""

from pathlib import Path

import pytest

from frailty_lessons.teaching.check import check

ROOT = Path(__file__).parents[2]


def change_cell(course, id, old, new):
    def do(notebook):
        cell = next(cell for cell in notebook["cells"] if cell["id"] == id)
        assert old in cell["source"]
        cell["source"] = cell["source"].replace(old, new)

    course.change(do)


def test_a_whole_lesson_has_no_fault(course):
    assert check(course.folder) == []


@pytest.mark.parametrize(
    ("id", "old", "new", "says"),
    [
        ("report", "## A report to criticise", "## Another part", "has no part 'A report to criticise': add a heading"),
        ("check", "## Check yourself", "## Test", "has no part 'Check yourself'"),
        ("patient", "## Two sentences", "## Three sentences", "has no part 'Two sentences'"),
        ("objectives", "| 6 to 12 |", "| 6 to 13 |", "its parts take 10 to 21 minutes together, and course.toml says 10 to 20"),
        ("objectives", "| First | 4 to 8 |\n| Second | 6 to 12 |", "| First | some |", "has no table of its parts' minutes"),
        ("objectives", "1. See it.", "See it.", "lists 0 objectives"),
        ("remember", "1. It was seen.", "1. It was seen.\n2. Twice.", "has 1 objectives and 2 lines under 'What to remember'"),
        ("round-two", "predict", "ask", "has 1 predictions: it should have 2 to 5"),
        ("ask", '"one"', '"two"', "asks the question 'two', which questions/first.toml does not have: there are one"),
        ("ask", '"first"', '"fist"', "asks a question of 'fist', and There is no question file questions/fist.toml"),
        ("ask", "ask", "predict", "has no question that tests objective 1"),
        ("patient", "glossary.ipynb#walk", "glossary.ipynb#wlk", "wlk"),
    ],
)  # fmt: skip
def test_each_fault_of_the_anatomy_is_named(course, id, old, new, says):
    change_cell(course, id, old, new)
    faults = check(course.folder)
    assert any(fault.startswith("notebooks/01-first.ipynb: ") and says in fault for fault in faults), faults
    assert all("\n" not in fault for fault in faults)


def test_an_option_without_an_explanation_is_a_fault(course):
    path = course.folder / "notebooks/questions/first.toml"
    path.write_text(path.read_text().replace(', why = "It is not."', ""))
    assert any("notebooks/questions/first.toml: question 1 (one), " in fault and "why: is missing" in fault for fault in check(course.folder))


def test_a_protocol_without_flaws_is_a_fault(course):
    (course.folder / "notebooks/protocol.toml").write_text('setting = "Made up."\n[[sentences]]\nid = "one"\nabout = "People"\nsound = "Old people."\nwhy = "They are frail."\n')
    assert any("notebooks/protocol.toml: 0 sentences have a flawed wording: give one to at least" in fault for fault in check(course.folder))


def test_literature_that_cannot_be_read_is_a_fault_and_no_traceback(course):
    (course.folder / "notebooks/protocol.toml").write_text((ROOT / "notebooks/protocol.toml").read_text(encoding="utf-8"), encoding="utf-8")
    (course.folder / "datasets/literature/literature.toml").unlink()
    assert any("literature.toml: is missing" in fault for fault in check(course.folder))


def test_terms_that_are_no_list_are_a_fault(course):
    (course.folder / "notebooks/glossary.toml").write_text("terms = 5\n")
    assert any("notebooks/glossary.toml: terms is no list" in fault for fault in check(course.folder))


def test_a_term_without_a_meaning_is_a_fault(course):
    path = course.folder / "notebooks/glossary.toml"
    path.write_text(path.read_text().replace("meaning", "means"))
    assert any("notebooks/glossary.toml: term 1, meaning: is missing" in fault for fault in check(course.folder))
