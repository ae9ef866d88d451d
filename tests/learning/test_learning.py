"""Questions, answers and progress: what is asked, what is said of an answer, and that nothing is lost."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from filelock import FileLock

import frailty_lessons as fl
from frailty_lessons.learning import ProgressError, QuestionError, load_questions
from frailty_lessons.learning.progress import FILE, Progress, summary

ROOT = Path(__file__).parents[2]

TOML = """
[[questions]]
id = "one"
kind = "choice"
prompt = "Which?"
options = [{ text = "A", why = "because", right = true }, { text = "B", why = "not so" }]

[[questions]]
id = "many"
kind = "several"
prompt = "Which ones?"
options = [{ text = "A", why = "a", right = true }, { text = "B", why = "b" }, { text = "C", why = "c", right = true }]

[[questions]]
id = "how-far"
kind = "number"
prompt = "How far?"
unit = "m"
least = 0
most = 500
right_from = 40
right_to = 60
why = "Fifty."

[[questions]]
id = "say"
kind = "text"
prompt = "Say it."
why = "Others said this."

[[questions]]
id = "chance"
kind = "probability"
prompt = "It holds."
truth = false
why = "It does not."
"""


@pytest.fixture
def course(tmp_path, monkeypatch):
    """A course of one's own, with the questions above as the topic `test`."""
    shutil.copytree(ROOT / "notebooks", tmp_path / "notebooks", ignore=shutil.ignore_patterns("my-progress*"))
    shutil.copytree(ROOT / "datasets", tmp_path / "datasets")
    (tmp_path / "notebooks" / "questions" / "test.toml").write_text(TOML, encoding="utf-8")
    monkeypatch.chdir(tmp_path / "notebooks")
    return tmp_path / "notebooks"


@pytest.mark.parametrize(
    ("id", "answer", "right", "words"),
    [
        ("one", 0, True, ""), ("one", 1, False, ""),
        ("many", [0, 2], True, ""), ("many", [0, 1], False, ""), ("many", [1], False, ""),
        ("how-far", 40, True, "Fifty."), ("how-far", 60.5, False, "Fifty."),
        ("say", "Two words", None, "Others said this."),
        ("chance", 20, True, "You gave 80% to what is the case."), ("chance", 90, False, "You gave 10%"),
    ],
)  # fmt: skip
def test_answers_are_judged_and_explained(course, id, answer, right, words):
    state = fl.ask("test", id).hear({"answer": answer, "confidence": 60})
    assert state["feedback"]["right"] is right and words in state["feedback"]["words"]
    kept = json.loads((course / FILE).read_text())["attempts"][f"test/{id}"]
    assert [attempt["answer"] for attempt in kept] == [answer] and kept[0]["confidence"] == 60 and kept[0]["right"] is right
    assert fl.ask("test", id).state()["feedback"] == state["feedback"]


def test_all_explanations_show_after_the_answer_and_none_before(course):
    asked = fl.ask("test", "one")
    before = json.dumps([asked.spec(), asked.state()])
    assert "because" not in before and "not so" not in before and '"right"' not in json.dumps(asked.spec()["options"])
    options = asked.hear({"answer": 1, "confidence": 20})["feedback"]["options"]
    assert [(o["why"], o["right"], o["chosen"]) for o in options] == [("because", True, False), ("not so", False, True)]


@pytest.mark.parametrize(
    ("id", "answer", "says"),
    [
        ("one", 2, "Choose one of the 2 options."), ("one", None, "Choose one"), ("one", True, "Choose one"), ("one", "0", "Choose one"),
        ("many", [], "Choose at least one"), ("many", [7], "Choose one of the 3"), ("many", 1, "Choose at least one"),
        ("how-far", 501, "Enter a number from 0 to 500 m."), ("how-far", "far", "Enter a number"), ("how-far", float("nan"), "Enter a number"),
        ("say", "  ", "Write at least a word."), ("say", "x" * 10_001, "shorten it to 10000"),
        ("chance", 101, "from 0 to 100"),
    ],
)  # fmt: skip
def test_an_answer_that_is_none_gets_one_sentence_and_is_not_kept(course, id, answer, says):
    state = fl.ask("test", id).hear({"answer": answer, "confidence": 60})
    assert says in state["notice"] and "feedback" not in state
    assert not (course / FILE).exists()


@pytest.mark.parametrize(
    ("answer", "verdict", "mistakes"),
    [([0, 2], None, []), ([0, 1], "Partly right: 1 of 3 are ticked, or left empty, as they should be.", [1, 2]), ([1], None, [0, 1, 2])],
)
def test_of_several_options_each_mistake_is_marked(course, answer, verdict, mistakes):
    feedback = fl.ask("test", "many").hear({"answer": answer, "confidence": 60})["feedback"]
    assert feedback.get("verdict") == verdict
    assert [place for place, option in enumerate(feedback["options"]) if option["mistake"]] == mistakes


def test_a_text_is_answered_again_from_what_was_written_beside_what_was_said(course):
    asked = fl.ask("test", "say")
    asked.hear({"answer": "Two words"})
    assert asked.hear({"again": True}) == {"draft": "Two words", "beside": "Others said this."}
    assert "feedback" in asked.state()


def test_a_question_can_be_answered_again_and_a_prediction_cannot(course):
    asked = fl.ask("test", "one")
    asked.hear({"answer": 1, "confidence": 95})
    assert asked.hear({"again": True}) == {"draft": ""}
    asked.hear({"answer": 0, "confidence": 40})
    assert [a.right for a in Progress(course).attempts("test/one")] == [False, True]
    prediction = fl.predict("test", "one", None)
    assert prediction.spec()["again"] is False and "feedback" in prediction.state()


def test_a_prediction_opens_what_follows_and_stays_open(course):
    trial = fl.load_trial()
    prediction = fl.predict("walk_test", "short-track", fl.explorers.walk_test.Corridor(trial))
    gate = prediction.widget()
    assert len(gate.children) == 1
    gate.children[0].hear({"answer": 0, "confidence": 60})
    assert len(gate.children) == 2
    gate.children[0].hear({"answer": 1, "confidence": 60})
    assert len(gate.children) == 2
    assert len(fl.predict("walk_test", "short-track", fl.explorers.walk_test.Corridor(trial)).widget().children) == 2


def test_an_unfinished_text_is_kept_until_it_is_answered(course):
    fl.ask("test", "say").hear({"draft": "half a sen"})
    assert fl.ask("test", "say").state() == {"draft": "half a sen"}
    fl.ask("test", "say").hear({"answer": "half a sentence"})
    assert Progress(course).record().drafts == {}


def test_two_open_lessons_do_not_undo_each_other(course):
    one, other = fl.ask("test", "one"), fl.ask("test", "how-far")
    one.hear({"answer": 0, "confidence": 60})
    other.hear({"answer": 50, "confidence": 60})
    assert set(Progress(course).record().attempts) == {"test/one", "test/how-far"}


def test_answers_of_lessons_that_write_at_once_are_all_kept(course):
    code = "import sys; from frailty_lessons.learning.progress import Progress\nfor n in range(25): Progress().add(f'test/{sys.argv[1]}-{n}', 0, 60, True)"
    writers = [subprocess.Popen([sys.executable, "-c", code, str(name)], cwd=course) for name in range(3)]
    assert [writer.wait(60) for writer in writers] == [0, 0, 0]
    assert len(Progress(course).record().attempts) == 75


def test_an_answer_waits_for_another_lesson_and_then_says_that_it_is_not_kept(course, monkeypatch):
    monkeypatch.setattr(sys.modules[Progress.__module__], "WAIT", 0.05)
    with FileLock(course / f".{FILE}.lock"):
        state = fl.ask("test", "one").hear({"answer": 0, "confidence": 60})
    assert state["feedback"]["right"] and "could not be saved (another lesson is writing)" in state["notice"]


def test_a_text_without_end_is_refused_and_the_rest_stays(course):
    fl.ask("test", "one").hear({"answer": 0, "confidence": 60})
    assert "shorten it to 20000" in fl.ask("test", "say").hear({"draft": "x" * 2_100_000})["notice"]
    assert set(Progress(course).record().attempts) == {"test/one"}


def test_trials_that_ended_elsewhere_come_along_in_the_file(course, tmp_path):
    there, here = Progress(course), Progress(tmp_path)
    there.keep_decided("escalation/Committee", {"path": "SS"}, "There.", ended=True)
    here.keep_decided("escalation/Committee", {"path": "UU"}, "Here.", ended=True)
    here.take(there.text())
    kept = here.record().decided["escalation/Committee"]
    assert (kept.state, kept.ended) == ({"path": "UU"}, ("There.", "Here."))


def test_progress_moves_to_a_fresh_copy_and_nothing_is_lost_or_doubled(course, tmp_path):
    fl.ask("test", "one").hear({"answer": 1, "confidence": 60})
    file = fl.progress().hear({"download": True})["download"]
    fresh = Progress(tmp_path)
    fresh.add("test/how-far", 50, 60, True)
    assert (fresh.take(file), fresh.take(file)) == (1, 0)
    assert set(fresh.record().attempts) == {"test/one", "test/how-far"}
    assert summary(fresh.record()).items() >= {"answered": 2, "judged": 2, "right": 1}.items()


@pytest.mark.parametrize("text", ["", "no", "[]", '{"version": 2}', '{"attempts": {"a": 1}}', '{"attempts": {"a": []}}', '{"attempts": {"a": [{"answer": 1, "at": "2026-01-01T10:00:00"}]}}', '{"more": 1}', " " * 2_000_001])
def test_a_file_that_is_no_progress_gives_one_sentence_and_changes_nothing(course, text):
    fl.ask("test", "one").hear({"answer": 0, "confidence": 60})
    before = (course / FILE).read_bytes()
    said = fl.progress().hear({"upload": text})["words"]
    assert "progress file of this course" in said and "\n" not in said
    assert (course / FILE).read_bytes() == before


def test_a_broken_file_is_put_aside_and_never_overwritten(course):
    (course / FILE).write_text("{ broken", encoding="utf-8")
    fl.ask("test", "one").hear({"answer": 0, "confidence": 60})
    assert (course / "my-progress-unreadable-1.json").read_text(encoding="utf-8") == "{ broken"
    assert len(Progress(course).attempts("test/one")) == 1


def test_starting_over_puts_the_answers_aside(course):
    fl.ask("test", "one").hear({"answer": 0, "confidence": 60})
    said = fl.progress().hear({"start_over": True})["words"]
    assert "my-progress-before-starting-over-1.json" in said and not (course / FILE).exists()
    assert "not answered a question yet" in fl.progress().hear({})["words"]


def test_an_answer_that_cannot_be_saved_is_still_shown(course):
    (course / FILE).mkdir()
    state = fl.ask("test", "one").state()
    assert "cannot be read" in state["notice"]


def test_an_answer_to_a_question_that_has_changed_is_asked_again(course):
    fl.ask("test", "one").hear({"answer": 1, "confidence": 60})
    path = course / "questions" / "test.toml"
    path.write_text(TOML.replace('kind = "choice"', 'kind = "number"\nleast = 5\nmost = 9\nright_from = 6\nright_to = 7\nwhy = "x"', 1).replace('options = [{ text = "A", why = "because", right = true }, { text = "B", why = "not so" }]\n', "", 1))
    assert "has changed" in fl.ask("test", "one").state()["notice"]


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('why = "because"', 'wy = "because"', "options, entry 1, why: is missing"),
        (', right = true }, { text = "B", why = "not so" }]', ' }, { text = "B", why = "not so" }]', "exactly one right option"),
        ('why = "not so" }', 'why = "not so", right = true }', "exactly one right option"),
        ('why = "a", right = true }, { text = "B", why = "b" }, { text = "C", why = "c", right = true }', 'why = "a" }, { text = "B", why = "b" }', "at least one right option"),
        ('kind = "choice"', 'kind = "guess"', "question 1 (one)"),
        ("right_from = 40", "right_from = 70", "least, right_from, right_to, most"),
        ('id = "many"', 'id = "one"', "2 questions have the id 'one'"),
        ('id = "many"', 'id = "Many ones"', "question 2 (Many ones)"),
        ("truth = false", "", "truth: is missing"),
        ("[[questions]]", "[[question]]", "should hold [[questions]] and nothing else"),
        ('prompt = "Which?"', "prompt = ", "cannot be read"),
    ],
)  # fmt: skip
def test_a_faulty_question_file_gives_one_sentence(course, old, new, says):
    assert old in TOML
    (course / "questions" / "test.toml").write_text(TOML.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(QuestionError) as caught:
        load_questions("test")
    assert caught.value.faults[0].startswith("questions/test.toml: ") and says in caught.value.faults[0]
    assert all("\n" not in fault for fault in caught.value.faults)


def test_a_question_that_is_not_there(course):
    with pytest.raises(QuestionError, match="there is no question 'two'; there are one, many"):
        fl.ask("test", "two")
    with pytest.raises(QuestionError, match="There is no question file questions/tst.toml; there are .*test, walk_test"):
        fl.ask("tst", "one")


@pytest.mark.parametrize("path", sorted((ROOT / "notebooks" / "questions").glob("*.toml")), ids=lambda path: path.stem)
def test_the_courses_own_questions_load(path):
    questions = load_questions(path.stem, ROOT / "notebooks")
    assert all(question.prompt for question in questions.values())


def test_a_number_shows_its_source_and_how_well_it_is_known():
    evidence = fl.evidence(fl.load_trial("lomecel-b-phase-2b"))
    figure, *lines = evidence.look_up("sources", "d270-200m-vs-placebo")
    assert figure == "63.4 m" and "How well it is known: read in a text that quotes the source." in lines
    assert evidence.look_up("sources", "singh-2014-learning")[0] == "26 m" and evidence.look_up("sources", "assumed")[0] == "Assumed for teaching"
    assert evidence.look_up("sources", "nothing") is None


def test_a_word_shows_its_meaning():
    evidence = fl.evidence(fl.load_trial("lomecel-b-phase-2b"))
    term, meaning = evidence.look_up("glossary", "p-value")
    assert term.startswith("p-value") and len(meaning) > 40
    assert evidence.look_up("glossary", "nothing") is None and evidence.look_up("sources", "p-value") is None


@pytest.mark.parametrize(
    ("answer", "confidence", "says"),
    [
        (1, 95, "You were very sure: a surprise"),
        (1, 80, "You were quite sure: a surprise"),
        (1, 60, ""),
        (0, 20, "You were not sure. Now you can be"),
        (0, 40, "You were not sure. Now you can be"),
        (0, 95, ""),
        (1, None, ""),
    ],
)
def test_somebody_who_was_sure_and_wrong_or_right_and_unsure_is_told(course, answer, confidence, says):
    asked = fl.ask("test", "one")
    for state in (asked.hear({"answer": answer, "confidence": confidence}), fl.ask("test", "one").state()):
        assert state["feedback"]["sure"].startswith(says) and bool(state["feedback"]["sure"]) == bool(says)


def test_the_panel_counts_sure_answers_by_the_first_attempt(course):
    fl.ask("test", "one").hear({"answer": 1, "confidence": 95})
    fl.ask("test", "one").hear({"answer": 0, "confidence": 95})
    fl.ask("test", "many").hear({"answer": [0, 2], "confidence": 80})
    assert summary(Progress().record()) == {"answered": 2, "judged": 2, "right": 2, "sure": 2, "sure_right": 1}
    assert fl.progress().hear({})["words"].endswith("You were quite or very sure of 2; right the first time: 1.")
