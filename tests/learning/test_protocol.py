"""The protocol with flaws: another one for each learner, the same for one, judged and kept."""

import json
import math
import re
import shutil
from collections import Counter
from pathlib import Path

import pytest

import frailty_lessons as fl
from frailty_lessons.learning import Progress, QuestionError, load_protocol
from frailty_lessons.learning.progress import FILE
from frailty_lessons.learning.protocol import FLAWS, flaws, score

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def sheet():
    return load_protocol(ROOT / "notebooks")


@pytest.fixture
def course(tmp_path, monkeypatch):
    """A course of one's own."""
    shutil.copytree(ROOT / "notebooks", tmp_path / "notebooks", ignore=shutil.ignore_patterns("my-progress*"))
    shutil.copytree(ROOT / "datasets", tmp_path / "datasets")
    monkeypatch.chdir(tmp_path / "notebooks")
    return tmp_path / "notebooks"


def hand_in(protocol, flawed, instead="Draw by lot."):
    return protocol.hear({"key": protocol.state()["card"]["key"], "answer": {"flawed": list(flawed), "instead": instead}})


def test_each_number_draws_its_own_flaws_and_always_the_same(sheet):
    drawn = [flaws(sheet, seed) for seed in range(400)]
    assert drawn == [flaws(sheet, seed) for seed in range(400)]
    assert {len(ids) for ids in drawn} == set(FLAWS) and len(set(drawn)) > 370
    counts = Counter(id for ids in drawn for id in ids)
    assert set(counts) == {sentence.id for sentence in sheet.sentences if sentence.flawed}
    # 400 draws of 5.5 out of 15: about 147 each, with a standard deviation of about 10.
    assert all(100 < count < 190 for count in counts.values())


def test_a_known_number_draws_what_it_always_drew():
    """The order hangs on nothing but the number and the ids: progress that is taken along shows the same protocol."""
    from frailty_lessons.learning.cards import mixed

    assert mixed(7, ["a", "b", "c", "d", "e"]) == ["c", "b", "a", "e", "d"]  # by sha256sum


def test_a_learner_keeps_her_protocol_and_another_has_another(course, tmp_path, monkeypatch):
    first = fl.protocol().state()["card"]
    assert fl.protocol().state()["card"] == first
    texts = {json.dumps(first["parts"])}
    for number in range(5):
        (course / FILE).unlink()
        texts.add(json.dumps(fl.protocol().state()["card"]["parts"]))
    assert len(texts) >= 5


def test_it_is_the_same_on_another_computer_even_if_another_was_shown_there_first(course, tmp_path, monkeypatch):
    card = fl.protocol().state()["card"]
    fl.protocol().hear({"key": card["key"], "draft": '{"flawed": ["dose"], "instead": "Half"}'})
    file = fl.progress().hear({"download": True})["download"]
    (course / FILE).unlink()
    assert fl.protocol().state()["card"]["key"] != card["key"]
    fl.progress().hear({"upload": file})
    assert fl.protocol().state()["card"] == card and "Half" in fl.protocol().state()["draft"]

    # What was begun here goes on here.
    (course / FILE).unlink()
    here = fl.protocol().state()["card"]["key"]
    hand_in(fl.protocol(), ["dose"])
    fl.progress().hear({"upload": file})
    assert fl.protocol().state()["card"]["key"] == here


def test_the_card_has_one_wording_of_each_sentence_and_gives_nothing_away(course, sheet):
    protocol = fl.protocol()
    card = protocol.state()["card"]
    flawed = flaws(sheet, card["key"])
    shown = json.dumps([protocol.spec(), card], ensure_ascii=False)
    for number, (sentence, option) in enumerate(zip(sheet.sentences, card["parts"][0]["options"], strict=True), 1):
        there, hidden = (sentence.flawed, sentence.sound) if sentence.id in flawed else (sentence.sound, sentence.flawed)
        assert option == {"value": sentence.id, "text": f"{number}. {sentence.about}: {there}"}
        assert sentence.why not in shown and (hidden is None or json.dumps(hidden, ensure_ascii=False)[1:-1] not in shown)


def test_what_was_marked_is_judged_and_explained(course, sheet):
    protocol = fl.protocol()
    seed = protocol.state()["card"]["key"]
    flawed = flaws(sheet, seed)
    found, missed = sorted(flawed)[:3], sorted(flawed)[3:]
    stray = next(sentence.id for sentence in sheet.sentences if sentence.flawed and sentence.id not in flawed)
    feedback = hand_in(protocol, [*found, stray], "Draw by lot.\nAnd <b>hide</b> it.")["feedback"]
    assert feedback["verdict"] == f"You found 3 of {len(flawed)} flaws, and marked 1 of {16 - len(flawed)} sound sentences."
    assert feedback["shown"] == "Draw by lot.\nAnd <b>hide</b> it."
    rest = feedback["rest"]["options"]
    assert feedback["rest"]["title"] == f"The sound sentences that you did not mark ({16 - len(flawed) - 1})" and len(rest) == 16 - len(flawed) - 1
    told = {id: option for option in [*feedback["options"], *rest] for id in [sheet.sentences[int(option["text"].partition(".")[0]) - 1].id]}
    for sentence in sheet.sentences:
        option = told[sentence.id]
        if sentence.id in found:
            assert option["mark"] == "Flawed, and you marked it." and option["right"] and sentence.sound in option["why"] and sentence.why in option["why"]
        elif sentence.id in missed:
            assert option["mark"] == "Flawed; you did not mark it." and option["mistake"] and sentence.sound in option["why"]
        elif sentence.id == stray:
            assert option["mark"] == "Sound, and you marked it." and sentence.why in option["why"] and "sound wording" not in option["why"]
        else:
            assert option["mark"] == "Sound." and option["right"] and not option["mistake"] and option["why"] == sentence.why and option in rest
    assert fl.protocol().state()["feedback"] == feedback
    (kept,) = Progress().attempts(f"protocol/{seed}")
    assert set(kept.answer["flawed"]) == {*found, stray} and kept.right is None
    assert "Answered in the whole course: 1. Of 0 with a right answer" in fl.progress().hear({})["words"]


def test_reasons_name_their_source_and_how_well_it_is_known(course, sheet):
    protocol = fl.protocol()
    options = hand_in(protocol, [sentence.id for sentence in sheet.sentences])["feedback"]["options"]
    told = {sentence.id: option["more"] for sentence, option in zip(sheet.sentences, options)}
    assert told["practice"][1].startswith("26 m: ") and told["practice"][1].endswith("How well it is known: read in the source itself.")
    assert told["endpoint"][0].endswith("How well it is known: from general knowledge, not yet checked against the source.")
    assert [len(more) for more in told.values()] == [len(sentence.rows) for sentence in sheet.sentences]


def test_another_protocol_is_another_and_the_first_is_kept(course, sheet):
    protocol = fl.protocol()
    first = protocol.state()["card"]["key"]
    assert protocol.state()["card"]["buttons"] == []
    state = hand_in(protocol, flaws(sheet, first))
    assert [button["send"] for button in state["card"]["buttons"]] == [{"another": True}] and state["card"]["note"] == ""
    second = protocol.hear({"key": first, "another": True})
    assert second["card"]["key"] != first and second["draft"] == "" and "feedback" not in second
    size = len(flaws(sheet, first))
    assert second["card"]["note"] == f"Your other protocols: {size} of {size} flaws found, 0 sound sentences marked."
    assert fl.protocol().state() == second and Progress().attempts(f"protocol/{first}")


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (None, "Mark at least one"), ({"flawed": [], "instead": "x"}, "Mark at least one"), ({"flawed": ["gone"], "instead": "x"}, "Mark at least one"),
        ({"flawed": "dose", "instead": "x"}, "Mark at least one"), ({"flawed": ["dose"], "instead": " "}, "Write what you would put"),
        ({"flawed": ["dose"]}, "Write what you would put"), ({"flawed": ["dose"], "instead": "x" * 10_001}, "shorten it to 10000"),
    ],
)  # fmt: skip
def test_an_answer_that_is_none_gets_one_sentence_and_is_not_kept(course, answer, says):
    protocol = fl.protocol()
    state = protocol.hear({"key": protocol.state()["card"]["key"], "answer": answer})
    assert says in state["notice"] and "feedback" not in state and json.loads(state["draft"]) == answer
    assert Progress().record().attempts == {}


def test_what_is_begun_is_kept_and_goes_when_it_is_handed_in(course):
    protocol = fl.protocol()
    seed = protocol.state()["card"]["key"]
    begun = '{"flawed": ["dose", "looks"], "instead": "One lo"}'
    assert protocol.hear({"key": seed, "draft": begun})["draft_kept"]
    assert fl.protocol().state()["draft"] == begun
    hand_in(protocol, ["dose"])
    assert Progress().record().drafts == {}


def test_after_starting_over_a_page_that_is_still_open_loses_nothing(course, sheet):
    protocol = fl.protocol()
    seed = protocol.state()["card"]["key"]
    fl.progress().hear({"start_over": True})
    protocol.hear({"key": seed, "answer": {"flawed": ["dose"], "instead": "x"}})
    assert "Your other protocols: " in fl.protocol().state()["card"]["note"]


def test_progress_that_cannot_be_read_is_said(course):
    (course / FILE).mkdir()
    state = fl.protocol().state()
    assert "cannot be read" in state["notice"] and state["card"]["parts"]


@pytest.mark.parametrize("message", [{}, {"key": "x"}, {"key": True, "answer": 1}, {"draft": "x"}])
def test_a_message_that_makes_no_sense_does_no_harm(course, message):
    state = fl.protocol().hear(message)
    assert "card" in state and Progress().record().attempts == {} and Progress().record().drafts == {}


def test_the_courses_own_protocol_can_be_drawn_in_every_way(sheet):
    assert 14 <= len(sheet.sentences) <= 16 and sum(bool(sentence.flawed) for sentence in sheet.sentences) >= 12
    wordings = [wording for sentence in sheet.sentences for wording in (sentence.sound, sentence.flawed) if wording]
    assert len(set(wordings)) == len(wordings)
    assert "made up" in sheet.setting and "assumed" in sheet.setting
    size = next(sentence for sentence in sheet.sentences if sentence.id == "size")
    assert all(word in size.sound for word in ("assumed", "power", "460"))


def test_the_planned_size_is_what_its_assumptions_need():
    from statsmodels.stats.power import TTestIndPower

    for difference, people in ((20, 460), (60, 53)):
        complete = math.ceil(TTestIndPower().solve_power(effect_size=difference / 90, alpha=0.025, power=0.8))
        needed = math.ceil(complete / (1 - 0.15))
        assert needed <= people < needed + 5


def test_a_mark_that_the_file_no_longer_has_does_not_count(sheet):
    flawed = flaws(sheet, 3)
    assert score(sheet, 3, {"flawed": [*flawed, "gone"], "instead": "x"})["found"] == len(flawed)
    assert score(sheet, 3, "nonsense")["found"] == 0


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('id = "dose"', 'id = "arms"', "2 sentences have the id 'arms': give each an id of its own"),
        ('id = "dose"', 'id = "Dose 1"', "sentences, entry 3, id"),
        ('about = "Doses"\n', "", "sentences, entry 3, about: is missing: add it"),
        ('about = "Doses"', 'title = "Doses"', "sentences, entry 3, "),
        ('rows = ["winners-curse"]', 'rows = ["winner"]', "sentence 'endpoint' names the row 'winner', which the literature does not have: correct the id"),
        ("setting =", "settings =", "setting: is missing"),
        ('about = "Doses"', "about = ", "cannot be read"),
    ],
)
def test_a_faulty_file_gives_one_sentence(course, old, new, says):
    text = (course / "protocol.toml").read_text(encoding="utf-8")
    assert old in text
    (course / "protocol.toml").write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(QuestionError) as caught:
        fl.protocol()
    assert says in caught.value.faults[0] and all(fault.startswith("protocol.toml: ") and "\n" not in fault for fault in caught.value.faults)


def test_too_few_flaws_the_same_words_twice_and_no_file(course):
    path = course / "protocol.toml"
    text = path.read_text(encoding="utf-8")
    kept = [line for line in text.splitlines() if not line.startswith("flawed = ")]
    path.write_text("\n".join(kept), encoding="utf-8")
    with pytest.raises(QuestionError, match="0 sentences have a flawed wording: give one to at least 12"):
        load_protocol()
    path.write_text(re.sub(r'sound = "(Both doses.*)"\nflawed = ".*"', r'sound = "\1"\nflawed = "\1"', text), encoding="utf-8")
    with pytest.raises(QuestionError, match="sentence 'dose' is flawed in the words in which it is sound: change one of them"):
        load_protocol()
    path.unlink()
    with pytest.raises(QuestionError, match="There is no file protocol.toml beside the lessons."):
        load_protocol()
