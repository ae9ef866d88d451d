"""The learner's trial, two designs side by side, and two trials on one line of time."""

import numpy as np
import pytest

from frailty_lessons.methods.escalation import (
    BOIN,
    CRM,
    Group,
    ThreePlusThree,
    compare_designs,
    getprior,
    learners_trial,
    operating_characteristics,
    people,
    right_dose,
    run_trial,
    schedule,
    write_outcomes,
    zero_events,
)

TRUTH = (0.05, 0.15, 0.25, 0.45)
DESIGNS = (ThreePlusThree(4), BOIN(4, target=0.25, max_n=24), CRM(getprior(0.06, 0.25, 2, 4), target=0.25, max_n=24))
# Persons 3 and 4 have a toxicity on dose 2 and above, nobody else below dose 4.
TOLERANCES = np.array([0.9, 0.9, 0.1, 0.1, *[0.6] * 20])


def sit(moves, **changes):
    return learners_trial(moves, **{"true_toxicity": TRUTH, "tolerances": TOLERANCES, "designs": DESIGNS, "target": 0.25, "most": 24, **changes})


def test_the_first_person_gets_the_lowest_dose_and_each_move_decides_on_the_next():
    assert sit("").outcomes == ((1, False),)
    trial = sit("SUUD")
    assert trial.outcomes == ((1, False), (1, False), (2, True), (3, True), (2, False))
    assert trial.shorthand == "1NN 2T 3T 2N"
    assert trial.counts(2) == (1, 2) and trial.toxicities == 2


def test_what_can_be_done_next_depends_on_the_dose_and_on_who_is_left():
    assert sit("").open_moves == "SURB"
    assert sit("U").open_moves == "SUDRB"
    assert sit("UUU").open_moves == "SDRB"
    assert sit("SS", most=3).open_moves == "RB"
    assert sit("UR").open_moves == ""


@pytest.mark.parametrize(("moves", "says"), [("D", "move 1, 'D'"), ("RS", "the trial has ended"), ("UUUU", "move 4, 'U'"), ("X", "move 1, 'X'")])
def test_a_move_that_cannot_be_made_is_refused(moves, says):
    with pytest.raises(ValueError, match=says):
        sit(moves)


def test_stopping_recommends_this_dose_or_the_one_below():
    assert sit("UR").recommended == 2
    assert sit("UB").recommended == 1
    assert sit("B").recommended is None and "You recommend no dose, after 1 person," in sit("B").describe()


def test_the_truth_is_said_only_at_the_end():
    standing, ended = sit("SSU"), sit("SSUR")
    for text in (standing.describe(), str(standing.table())):
        assert "25%" not in text.replace("target of 25%", "") and "45%" not in text
    assert "The true risks were 5%, 15%, 25%, 45%: dose 3 lies nearest to the target of 25%, with a risk of 25%, so your answer is too low." in ended.describe()
    toxic, treated = ended.counts(2)
    assert f"on dose 2 you saw a toxicity in {toxic} of {treated}" in ended.describe() and zero_events(treated, toxic).range_in_words in ended.describe()


def test_the_designs_advise_on_the_learners_people_and_end_with_their_own_trial():
    standing = sit("SSU")
    assert [colleague.advice for colleague in standing.colleagues] == [design.advise(standing.history) for design in DESIGNS]
    assert all(colleague.advice.why in standing.table()["because"] for colleague in standing.colleagues)
    ended = sit("SSUR")
    for colleague, design in zip(ended.colleagues, DESIGNS):
        assert colleague.history == run_trial(design, TRUTH, TOLERANCES)
        assert colleague.characteristics == operating_characteristics(design, TRUTH)
    table = ended.table()
    assert table["with these people"][1] == write_outcomes(run_trial(DESIGNS[0], TRUTH, TOLERANCES))
    exact = operating_characteristics(DESIGNS[1], TRUTH)
    assert table["of all trials: your answer"][2] == f"{exact.recommended[1]:.0%}"
    assert table["of all trials: no more toxicities than yours"][2] == f"{sum(exact.toxicity_probabilities[: ended.toxicities + 1]):.0%}"


def test_people_above_the_right_dose_are_counted():
    assert "2 of your people were treated above the right dose" in sit("UUUSR").describe()
    assert "so your answer is too high" in sit("UUUSR").describe() and "so your answer is right" in sit("UUUDR").describe()
    assert "every dose lies far below the target of 25%; dose 4 comes nearest, with a risk of 4%" in sit("R", true_toxicity=(0.01, 0.02, 0.03, 0.04)).describe()


def test_the_same_seed_brings_the_same_people():
    assert np.array_equal(people(3, 24), people(3, 24)) and not np.array_equal(people(3, 24), people(4, 24))
    assert people(3, 24).min() >= 0 and people(3, 24).max() < 1


@pytest.mark.parametrize(
    ("truth", "right"),
    [
        ((0.05, 0.15, 0.25, 0.45), 3),
        ((0.20, 0.30, 0.50, 0.60), 1),  # as near from below
        ((0.00, 0.00, 0.10, 0.10), 4),  # of equal risks the higher dose
        ((0.34, 0.50, 0.60, 0.70), 1),
        ((0.35, 0.50, 0.60, 0.70), None),  # 1.4 times the target
    ],
)
def test_the_right_dose(truth, right):
    assert right_dose(truth, 0.25) == right


def test_of_doses_with_one_risk_it_is_said_which_counts():
    said = [compare_designs(DESIGNS[:1], risks, target=0.25).describe() for risks in ((0.05, 0.1, 0.25, 0.25), (0.05, 0.1, 0.25, 0.45))]
    assert "dose 4 lies nearest to the target of 25%, with a risk of 25% (the highest counts of doses with one risk)." in said[0]
    assert "dose 3 lies nearest" in said[1] and "the highest counts" not in said[1]


def test_two_designs_are_compared_by_the_figures_of_each():
    comparison = compare_designs(DESIGNS[:2], TRUTH, target=0.25)
    three, boin = (operating_characteristics(design, TRUTH) for design in DESIGNS[:2])
    assert comparison.results == (three, boin)
    assert comparison.right(boin) == boin.recommended[2]
    assert comparison.too_high(three) == pytest.approx(three.recommended[3])
    assert comparison.people_above(boin) == pytest.approx(boin.patients[3])
    assert f"3+3 recommends it in {100 * three.recommended[2]:.0f} and a higher one in {100 * three.recommended[3]:.0f}; it treats {sum(three.patients):.1f} people" in comparison.describe()
    assert f"{sum(boin.toxicities):.1f} of them have a toxicity" in comparison.describe()
    assert comparison.table()["recommends it in"][:2] == [f"{100 * three.recommended_none:.1f}%", f"{100 * boin.recommended_none:.1f}%"]


def test_where_no_dose_is_right_no_dose_is_the_answer():
    comparison = compare_designs(DESIGNS[:1], (0.5, 0.6, 0.7, 0.8), target=0.25)
    (result,) = comparison.results
    assert comparison.right(result) == result.recommended_none
    assert comparison.too_high(result) == pytest.approx(1 - result.recommended_none)
    assert comparison.people_above(result) == pytest.approx(sum(result.patients))
    assert "no dose is right" in comparison.describe() and "all with too high a dose" in comparison.describe()


def test_risks_that_fall_are_refused():
    with pytest.raises(ValueError, match="dose 2 has a risk of 40%, dose 1 of 50%: let the true risks rise"):
        compare_designs(DESIGNS[:1], (0.5, 0.4, 0.7, 0.8), target=0.25)


ESCALATED = (Group("low", 20, 5), Group("high", 200, 5))
DRAWN = (Group("placebo", 0, 30), Group("low", 25, 37), Group("high", 200, 16, late=True))


def test_groups_follow_each_other_and_arms_stand_side_by_side():
    found = schedule(ESCALATED, DRAWN, question="safe", reached=1)
    assert found.treated("escalation") == [5, 5] and found.treated("randomised") == [30, 37, 16]
    low, high = (found.escalation_times[found.escalation_groups == group] for group in (0, 1))
    assert low.max() < found.boards[0] < high.min()
    drawn = [found.randomised_times[found.randomised_groups == arm] for arm in range(3)]
    assert drawn[0].min() < drawn[1].max() and drawn[1].min() < drawn[0].max()
    assert drawn[2].min() >= 0.5 > drawn[0].min()
    half = schedule(ESCALATED, DRAWN, question="safe", reached=0.5).treated("randomised")
    assert half == [15, pytest.approx(18.5, abs=0.6), 0]
    assert np.all(np.diff(found.randomised_times) >= 0)


def test_nobody_is_counted_before_the_time_has_come():
    counts = [schedule(ESCALATED, DRAWN, question="works", reached=reached) for reached in (0, 0.3, 0.6, 1)]
    totals = [sum(found.treated("randomised")) + sum(found.treated("escalation")) for found in counts]
    assert totals == sorted(totals) and totals[-1] == 93 and totals[0] == 0
    assert counts[0].describe().startswith("Escalation, until now: nobody yet. Randomised trial, until now: nobody yet.")


def test_each_question_has_its_answer_and_a_late_arm_is_named():
    said = {question: schedule(ESCALATED, DRAWN, question=question, reached=1).describe() for question in ("safe", "works", "more")}
    assert "30 people had placebo" in said["works"] and "opened late" in said["works"]
    assert "as few as 16 people on a dose. If the arm with high opened late" in said["more"]
    assert "with 10 people it sees only what is common" in said["safe"]
    with pytest.raises(ValueError, match="question must be one of safe, works, more"):
        schedule(ESCALATED, DRAWN, question="best", reached=1)
    with pytest.raises(ValueError, match="reached"):
        schedule(ESCALATED, DRAWN, question="safe", reached=2)


def test_the_lessons_explorers_show_what_its_text_says():
    import frailty_lessons as fl

    trial, explorers = fl.load_trial("lomecel-b-phase-2b"), fl.explorers.escalation

    def show(explorer, **state):
        return explorer.compute({**explorer.start, **state})

    committee = explorers.Committee(trial)
    assert [c.advice.dose for c in show(committee, moves="SS").colleagues] == [2, 2, 2]
    fourth = show(committee, moves="SSU")
    assert fourth.outcomes[3] == (2, True) and [c.advice.dose for c in fourth.colleagues] == [2, 1, 1]
    three, boin, crm = show(committee, moves="R").colleagues
    assert (len("".join(c.outcomes for c in three.history)), three.recommended, boin.recommended, crm.recommended) == (9, 1, 3, 3)
    path = {c.name: [cohort.dose for cohort in c.history] for c in (boin, crm)}
    assert path["BOIN"][:4] == [1, 2, 1, 2] and path["the CRM"][:6] == [1, 2, 2, 2, 2, 3]
    assert show(committee, trial_number=5, moves="R").best is None
    assert show(committee, trial_number=6, moves="UUU" + "S" * 20 + "R").toxicities == 0

    trials = explorers.AllTrials(trial)
    found = show(trials)
    assert [round(100 * found.right(r)) for r in found.results] == [41, 60]
    assert [round(sum(r.patients)) for r in found.results] == [13, 24]
    twelve = operating_characteristics(BOIN(4, target=0.25, max_n=12), found.true_toxicity)
    assert round(100 * twelve.recommended[2]) == 38
    alike = {"risk_1": 15, "risk_2": 20, "risk_3": 25, "risk_4": 30}
    shares = [round(100 * one.right(one.results[0])) for name in ("three", "boin", "crm") for one in [show(trials, first=name, second=name, **alike)]]
    assert shares == [17, 26, 31]
    bold, own = (show(trials, first="own", second="own", **limits) for limits in ({"up_at": 40, "down_at": 80}, {}))
    assert [round(one.people_above(one.results[0])) for one in (bold, own)] == [10, 3]
    assert round(100 * bold.right(bold.results[0])) == 61
    assert [round(sum(r.toxicities), 1) for r in (bold.results[0], found.results[1])] == [6.8, 4.4]
    assert [round(100 * r.recommended[3]) for r in found.results] == [12, 13]

    none = explorers.NoneInFive(trial)
    assert [round(100 * show(none, n=n).upper) for n in (5, 15)] == [45, 18]
    assert show(none, n=59).upper < 0.05 < show(none, n=58).upper
    one = show(none, events=1)
    assert (round(100 * one.upper), round(100 * one.low, 1), round(100 * one.high)) == (66, 0.5, 72)
    assert round(100 * 0.75**3) == 42 and round(100 * 0.8**5) == 33
