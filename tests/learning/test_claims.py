"""The claim desk: what is asked, what is said of a verdict, what counts, and that nothing is lost."""

import json
from pathlib import Path

import pytest

import frailty_lessons as fl
from frailty_lessons.learning import Progress
from frailty_lessons.learning.claims import Desk, offered, row, score, score_in_words
from frailty_lessons.learning.progress import FILE
from frailty_lessons.trial import load_trial

ROOT = Path(__file__).parents[2]
PACK = "lomecel-b-phase-2b"


@pytest.fixture(scope="module")
def trial():
    return load_trial(ROOT / "datasets" / PACK)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder without a course, in which the learner's progress is kept."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def hand_in(desk, id, verdict, evidence, sure=60):
    return desk.hear({"key": id, "answer": {"verdict": verdict, "evidence": list(evidence), "sure": sure}})


def attempts(folder, id, pack=PACK):
    return json.loads((folder / FILE).read_text(encoding="utf-8"))["attempts"][f"claims/{pack}/{id}"]


@pytest.mark.parametrize("pack", [PACK, "cratus"])
def test_a_card_gives_nothing_away(folder, pack):
    trial = load_trial(ROOT / "datasets" / pack)
    desk = fl.claims(trial)
    for claim in desk.claims.values():
        state = desk.hear({"go": claim.id})
        assert state["card"]["prompt"] == claim.text and "feedback" not in state
        verdict, sure, evidence = state["card"]["parts"]
        assert [option["value"] for option in verdict["options"]] == ["supported", "overstated", "wrong", "cannot be known"]
        assert all(set(option) == {"value", "text", "more"} for option in evidence["options"])
        exchanged = claim.model_copy(update={"evidence": claim.others, "others": claim.evidence})
        assert [option["value"] for option in evidence["options"]] == offered(claim) == offered(exchanged)
        assert not any(part.strip() in json.dumps([desk.spec(), state]) for part in claim.why.split("\n\n"))


def test_a_row_says_its_figure_its_kind_of_source_and_how_well_it_is_known(trial):
    assert row(trial, "d270-50m") == {
        "value": "d270-50m",
        "text": "49.2 m: 6MWT, change or difference, 50 million cells, day 270",
        "more": [trial.published("d270-50m").note, "repository; read in a text that quotes the source"],
    }
    assert row(trial, "design-parallel")["text"].startswith("trial design: Randomised to parallel arms")
    assert row(trial, "life-hazard-ratio")["more"][-1] == "paper; read in the source itself" and row(trial, "life-hazard-ratio")["text"].startswith("From elsewhere: 0.82 (")
    assert row(trial, "p1-antibodies-cpra")["more"][-1] == "repository; read in a text that quotes the source"
    assert row(trial, "p1-antibodies-cpra")["text"].startswith("Another trial (CRATUS): 26%: ") and row(trial, "p1-design")["text"].startswith("Another trial (CRATUS): trial design: Phase 1")
    assert row(trial, "interval-63-4") == {"value": "interval-63-4", "text": trial.find("interval-63-4")[1].text, "more": ["looked for and not found"]}


def test_a_verdict_gets_the_reasons_and_every_row_says_whether_it_bears(folder, trial):
    desk = fl.claims(trial)
    claim = trial.claim("claim-07-escalation")
    state = hand_in(desk, claim.id, "overstated", ["n-200m", "design-parallel"], 95)
    feedback = state["feedback"]
    assert feedback["right"] is False and feedback["verdict"] == "We judge this claim “wrong”; you chose “overstated”."
    assert feedback["words"].startswith("In an escalation") and feedback["words"].endswith("The rows that bear on it: 3 read in the source itself.")
    told = [*feedback["options"], *feedback["rest"]["options"]]
    ids = {row(trial, id)["text"]: id for id in offered(claim)}
    marks = {ids[option["text"]]: option["mark"] for option in told}
    assert marks["design-parallel"] == "Bears on it, and you ticked it." and marks["planned-per-arm"] == "Bears on it; you did not tick it."
    assert marks["n-200m"] == "Does not bear on it, and you ticked it." and marks["dose-range-fold"] == "Does not bear on it; you left it empty."
    assert sum(option["right"] for option in told) == len(claim.evidence)
    assert any("Source: ClinicalTrials.gov" in option["more"][-1] for option in told)
    assert {ids[option["text"]] for option in feedback["options"]} == {"n-200m", *claim.evidence} - {"design-parallel"} and all(option["mistake"] for option in feedback["options"])
    assert feedback["rest"]["title"] == f"The rows that you judged right ({len(feedback['rest']['options'])})" and not any(option["mistake"] for option in feedback["rest"]["options"])
    (kept,) = attempts(folder, claim.id)
    assert kept | {"at": ""} == {"answer": {"verdict": "overstated", "evidence": kept["answer"]["evidence"]}, "confidence": 95, "right": False, "at": ""}
    assert set(kept["answer"]["evidence"]) == {"n-200m", "design-parallel"}
    assert "Answered in the whole course: 1. Of 1 with a right answer, you had 0 right." in fl.progress().hear({})["words"]
    assert fl.claims(trial).hear({"go": claim.id})["feedback"] == feedback


@pytest.mark.parametrize("id", ["claim-13-63-metres", "claim-12-dose-dependent"])
def test_how_well_the_rows_are_known_is_always_said(folder, trial, id):
    claim = trial.claim(id)
    said = hand_in(fl.claims(trial), id, claim.verdict, claim.evidence)["feedback"]["words"].splitlines()[-1]
    for evidence in claim.evidence:
        part = trial.find(evidence)[1]
        assert (part.certainty_in_words() if hasattr(part, "certainty") else "looked for and not found") in said


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (None, "Choose a verdict first."), ("supported", "Choose a verdict first."),
        ({"verdict": "perhaps", "evidence": ["n-200m"], "sure": 60}, "Choose a verdict first."),
        ({"verdict": ["wrong"], "evidence": ["n-200m"], "sure": 60}, "Choose a verdict first."),
        ({"verdict": "wrong", "evidence": [], "sure": 60}, "Tick at least one row"),
        ({"verdict": "wrong", "evidence": ["perera-2006-small"], "sure": 60}, "Tick at least one row"),
        ({"verdict": "wrong", "evidence": "n-200m", "sure": 60}, "Tick at least one row"),
        ({"verdict": "wrong", "evidence": ["n-200m"]}, "Say how sure you are"),
        ({"verdict": "wrong", "evidence": ["n-200m"], "sure": 101}, "Say how sure you are"),
        ({"verdict": "wrong", "evidence": ["n-200m"], "sure": True}, "Say how sure you are"),
    ],
)  # fmt: skip
def test_an_answer_that_is_none_gets_one_sentence_and_is_not_kept(folder, trial, answer, says):
    state = fl.claims(trial).hear({"key": "claim-07-escalation", "answer": answer})
    assert says in state["notice"] and "feedback" not in state and json.loads(state["draft"]) == answer
    assert not (folder / FILE).exists()


def test_a_verdict_can_be_changed_and_the_first_one_counts(folder, trial):
    desk, id = fl.claims(trial), "claim-07-escalation"
    hand_in(desk, id, "supported", ["n-200m"], 95)
    begun = json.loads(desk.hear({"key": id, "again": True})["draft"])
    assert begun == {"verdict": "supported", "evidence": ["n-200m"], "sure": 95}
    state = hand_in(desk, id, "wrong", ["design-parallel"], 80)
    assert state["feedback"]["right"] and "Verdicts right at the first go: 0." in state["card"]["note"]
    assert [kept["right"] for kept in attempts(folder, id)] == [False, True]
    done = score(desk, Progress().record())
    assert (done["right"], done["ticked"], done["strays"], done["sure"], done["sure_right"]) == (0, 0, 1, 1, 0)


def test_what_is_filled_in_is_kept_until_it_is_handed_in(folder, trial):
    desk, id = fl.claims(trial), "claim-13-63-metres"
    begun = json.dumps({"verdict": "wrong", "sure": None, "evidence": ["share-price"]})
    assert desk.hear({"key": id, "draft": begun}) | {"card": 0} == {"card": 0, "draft": begun, "draft_kept": True}
    assert fl.claims(trial).hear({"go": id})["draft"] == begun
    hand_in(desk, id, "wrong", ["share-price"])
    assert Progress().record().drafts == {}


def test_the_desk_goes_on_where_the_learner_left_and_ends_with_how_it_went(folder, trial):
    ids = list(trial.desk)
    assert fl.claims(trial).state()["card"]["key"] == ids[0]
    for id in (ids[0], ids[2]):
        hand_in(fl.claims(trial), id, "wrong", offered(trial.claim(id)))
    state = fl.claims(trial).state()
    assert state["card"]["key"] == ids[1]
    texts = [button["text"] for button in state["card"]["buttons"]]
    assert texts == ["Go on to claim 3", "Back to claim 1", "How it goes so far"]
    for id in ids:
        hand_in(fl.claims(trial), id, "wrong", offered(trial.claim(id)))
    card = fl.claims(trial).state()["card"]
    assert card["kind"] == "page" and card["prompt"] == "12 of 12 claims handed in" and len(card["rows"]) == 12
    last = fl.claims(trial).hear(card["rows"][-1]["send"])
    assert last["card"]["key"] == ids[-1] and [button["text"] for button in last["card"]["buttons"]] == ["Change my verdict", "Back to claim 11", "How it goes so far"]


def test_the_summary_tells_only_of_claims_that_were_handed_in(folder, trial):
    desk = fl.claims(trial)
    assert desk.hear({"go": ""})["card"]["lines"] == ["You have not handed in a claim yet."]
    hand_in(desk, "claim-07-escalation", "supported", ["n-200m"])
    told = [row["after"] for row in desk.hear({"go": ""})["card"]["rows"]]
    assert told[trial.desk.index("claim-07-escalation")] == "It was a dose-escalation trial. Our verdict: wrong. Yours: supported."
    assert sum("Not handed in yet." in line and "Reasoned" not in line for line in told) == 11


def test_verdicts_evidence_and_certainty_are_counted(folder, trial):
    desk = fl.claims(trial)
    for place, id in enumerate(trial.desk[:6]):
        claim = trial.claim(id)
        verdict = claim.verdict if place < 2 else next(word for word in ("wrong", "supported") if word != claim.verdict)
        hand_in(desk, id, verdict, [claim.evidence[0], claim.others[0]] if place else claim.evidence, 95 if place < 3 else 60)
    claims = [trial.claim(id) for id in trial.desk[:6]]
    done = score(desk, Progress().record())
    assert done == {
        "handed": 6, "right": 2, "bearing": sum(len(claim.evidence) for claim in claims), "ticked": len(claims[0].evidence) + 5,
        "others": sum(len(claim.others) for claim in claims), "strays": 5, "sure": 3, "sure_right": 2, "confidence": 3 * 95 + 3 * 60,
    }  # fmt: skip
    lines = score_in_words(done)
    assert lines[0] == "Verdicts: 2 of 6 right at the first go." and "Right among these: 2." in lines[2]
    assert lines[3] == "On average you were 78 % sure, and 33 % of your verdicts were right: you were surer than you were right."
    assert "right more often than you thought" in score_in_words(done | {"right": 6})[3]
    assert "about as sure" in score_in_words(done | {"right": 5, "confidence": 6 * 80})[3]
    assert len(score_in_words(done | {"handed": 3})) == len(lines) - 1, "three verdicts are too few to compare"


def test_two_open_desks_do_not_undo_each_other(folder, trial):
    one, other = fl.claims(trial), fl.claims(trial)
    hand_in(one, trial.desk[0], "wrong", offered(trial.claim(trial.desk[0])))
    state = hand_in(other, trial.desk[1], "wrong", offered(trial.claim(trial.desk[1])))
    assert state["card"]["note"].startswith("Handed in: 2 of 12.")


def test_the_desk_moves_to_another_computer(folder, trial, tmp_path, monkeypatch):
    hand_in(fl.claims(trial), "claim-07-escalation", "wrong", ["design-parallel"], 80)
    fl.claims(trial).hear({"key": "claim-12-dose-dependent", "draft": '{"verdict": "wrong"}'})
    file = fl.progress().hear({"download": True})["download"]
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert "1 answers were taken over" in fl.progress().hear({"upload": file})["words"]
    desk = fl.claims(trial)
    assert desk.hear({"go": "claim-07-escalation"})["feedback"]["right"]
    assert desk.hear({"go": "claim-12-dose-dependent"})["draft"] == '{"verdict": "wrong"}'


def test_another_pack_brings_its_own_claims(folder, trial):
    cratus = load_trial(ROOT / "datasets" / "cratus")
    desk = fl.claims(cratus)
    assert desk.state()["card"]["heading"].startswith("Claim 1 of 2.")
    hand_in(desk, "claim-100m-optimal", "overstated", ["p1-best-dose"])
    assert attempts(folder, "claim-100m-optimal", "cratus")[0]["right"] is True
    assert fl.claims(trial).state()["card"]["note"] == ""
    none = fl.claims(trial.model_copy(update={"desk": ()}))
    assert none.text == "This trial's pack has no claims for the desk."


def test_a_pack_that_was_changed_after_the_answer(folder, trial):
    hand_in(fl.claims(trial), "claim-07-escalation", "wrong", ["design-parallel", "n-200m"])
    claim = trial.claim("claim-07-escalation").model_copy(update={"verdict": "overstated", "others": ("dose-range-fold",)})
    desk = Desk(trial)
    desk.claims[claim.id] = claim
    feedback = desk.hear({"go": claim.id})["feedback"]
    assert feedback["right"] is False and len(feedback["options"]) + len(feedback["rest"]["options"]) == 4
    assert (score(desk, Progress().record())["right"], score(desk, Progress().record())["strays"]) == (0, 0)
    path = folder / FILE
    path.write_text(path.read_text(encoding="utf-8").replace('"wrong"', '"perhaps"'), encoding="utf-8")
    assert "feedback" not in desk.hear({"go": claim.id}) and score(desk, Progress().record())["handed"] == 0


def test_progress_that_cannot_be_read_or_written_is_said(folder, trial):
    (folder / FILE).mkdir()
    desk = fl.claims(trial)
    assert "cannot be read" in desk.state()["notice"]
    state = hand_in(desk, "claim-07-escalation", "wrong", ["design-parallel"])
    assert "cannot be read" in state["notice"] and state["feedback"]["right"]


@pytest.mark.parametrize("message", [{}, {"key": "gone", "again": True}, {"key": ["x"]}, {"go": "gone"}, {"go": ["x"]}, {"key": "claim-07-escalation", "draft": 3}])
def test_a_message_that_makes_no_sense_does_no_harm(folder, trial, message):
    assert "card" in fl.claims(trial).hear(message)
    assert not (folder / FILE).exists()


def test_the_widget_shows_the_card_and_counts_at_once(folder, trial):
    panel = fl.progress()._repr_mimebundle_()
    widget = fl.claims(trial).widget()
    widget.hear({"key": "claim-07-escalation", "answer": {"verdict": "wrong", "evidence": ["design-parallel"], "sure": 60}})
    assert widget.state["feedback"]["right"] and panel["text/plain"] == "You have not answered a question yet. Every answer will be kept beside the lessons."
    assert type(widget).__module__ == "frailty_lessons.ui.form"
    assert fl.claims(trial)._repr_mimebundle_()["text/plain"].startswith("Claim 2 of 12. The report says")
