"""The lesson on a percentage without a denominator: what its explorers say and show, for both packs."""

import json

import pytest

import frailty_lessons as fl
from frailty_lessons.methods import placebo, responders

PACKS = ("lomecel-b-phase-2b", "cratus")
NAMES = ("PercentOfWhom", "WithoutTreatment", "CutInTwo", "MarkerAndWalk")


@pytest.fixture(scope="module", params=PACKS)
def pack(request):
    return fl.load_trial(request.param)


@pytest.fixture(scope="module")
def trial():
    return fl.load_trial(PACKS[0])


def explorer_of(name, trial):
    return getattr(fl.explorers.responders, name)(trial)


def starts(explorer):
    return [explorer.start, *({**explorer.start, **case} for case in explorer.cases.values())]


@pytest.mark.parametrize("name", NAMES)
def test_each_explorer_works_along_every_control_or_says_what_it_lacks(name, pack):
    explorer = explorer_of(name, pack)
    if explorer.lacks():
        assert name == "PercentOfWhom" and explorer.lacks().endswith(".") and not pack.published(measure="frailty status", statistic="share")
        return
    assert len(explorer.look_for) == 2 and len(explorer.controls) <= 6 and explorer.caption.endswith(".")
    assert all(len(control.values) <= 60 for control in explorer.controls.values())
    for start in starts(explorer):
        for state in (start, *(state for control in explorer.controls for state in explorer.along(start, control)[::7])):
            frame = explorer.frame(state)
            assert frame["svg"] and frame["table"]["rows"] and "nan" not in json.dumps(frame)
            assert len(json.dumps(frame)) < 10_000
            assert frame["words"].endswith(".") and "significan" not in frame["words"]


@pytest.mark.parametrize("name", NAMES)
def test_without_a_trial_each_says_what_it_needs(name):
    sentence = explorer_of(name, None).lacks()
    assert (sentence is None) == (name == "CutInTwo")
    assert sentence is None or sentence.count(".") == 1


# What the lesson says of them.


def test_the_percentage_fits_no_group_of_the_trial(trial):
    explorer = explorer_of("PercentOfWhom", trial)
    row = trial.published("responders-30-8")
    assert list(explorer.controls)[0] == "fraction" and explorer.state["fraction"] == "4/13"
    found = explorer.compute(explorer.start)
    treated = [arm.treated for arm in trial.arms]
    assert found.printed == f"{row.value:g}%" and len(found.fractions) == 15
    assert {n for _, n in found.groups} == {*treated, 118, 148} and not any(found.fits(n) for _, n in found.groups)
    whole = explorer.compute({**explorer.start, "exactness": "whole"})
    assert [n for _, n in whole.groups if whole.fits(n)] == [16, 118, 148]


def test_the_list_has_what_fits_and_what_would_fit_a_group_of_a_whole_percentage(trial):
    explorer = explorer_of("PercentOfWhom", trial)
    offered = [tuple(map(int, value.split("/"))) for value in explorer.controls["fraction"].values]
    exact, whole = (explorer.compute({**explorer.start, "exactness": told}) for told in ("reported", "whole"))
    assert set(exact.fractions) < set(offered) < set(whole.fractions) and offered == sorted(offered, key=lambda one: one[::-1])
    assert set(offered) - set(exact.fractions) == {(5, 16), (36, 118), (37, 118), (46, 148)}
    nearest = explorer.at(fraction="5/16")
    assert "Suppose 5 of 16 (that is 31.25%, so it does not fit)" in nearest.describe() and "does not fit" in nearest.frame(nearest.state)["svg"]
    assert "does not fit" not in nearest.at(exactness="whole").describe()


@pytest.mark.parametrize("fraction", ["4/13", "20/65"])
def test_each_case_of_a_percentage_changes_the_fraction_alone(trial, fraction):
    explorer = fl.explorers.responders.PercentOfWhom(trial, fraction=fraction)
    assert list(explorer.cases.values()) == [{"fraction": "4/13"}, {"fraction": "45/146"}]
    assert fl.explorers.responders.PercentOfWhom(fl.load_trial("cratus"), fraction=fraction).lacks()


@pytest.mark.parametrize(("fraction", "row"), [("4/13", "responders-if-4-of-13"), ("8/26", "responders-if-8-of-26"), ("20/65", "responders-if-20-of-65"), ("36/117", "responders-if-36-of-117")])
def test_the_intervals_are_those_of_the_pack(trial, fraction, row):
    explorer, row = explorer_of("PercentOfWhom", trial), trial.published(row)
    one = explorer.compute({**explorer.start, "fraction": fraction}).supposed
    assert (round(100 * one.low, 1), round(100 * one.high, 1)) == (row.ci_low, row.ci_high)
    assert one.n == row.n


def test_the_chances_are_those_of_the_pack(trial):
    explorer = explorer_of("PercentOfWhom", trial)
    chances = [round(100 * explorer.compute({**explorer.start, "fraction": "4/13", "expected": expected}).chance) for expected in (27, 10)]
    assert chances == [trial.published(id).value for id in ("chance-4-of-13-if-27", "chance-4-of-13-if-9-6")]


def test_definitions_differ_a_hundredfold(trial):
    explorer = explorer_of("WithoutTreatment", trial)
    assert explorer.start["months"] == 9 and explorer_of("WithoutTreatment", fl.load_trial("cratus")).start["months"] == 6
    known = trial.literature.published("ofori-asenso-9-months")
    found = explorer.compute(explorer.start)
    assert [round(100 * share, 1) for share in (found.steady, *found.limits)] == [known.value, known.ci_low, known.ci_high]
    steady = {key: explorer.compute({**explorer.start, "definition": key}).steady for key in explorer.controls["definition"].values}
    assert steady["category"] / steady["robust"] > 100
    assert "do not trust it" in explorer.at(definition="category").describe() and "do not trust" not in explorer.describe()
    assert explorer.describe().endswith("Beside it stands the report's 30.8% (its group and day not told).")
    assert explorer.at(definition="robust").describe().endswith("Beside it stands the report's 30.8% (its group and day not told).")


def test_what_was_not_read_in_its_source_says_so(trial):
    explorer = explorer_of("WithoutTreatment", trial)
    doubt = "from general knowledge, not yet checked against the source"
    for key in explorer.controls["definition"].values:
        assert (doubt in explorer.at(definition=key).describe()) == (key == "review")
    assert f"16 studies: {doubt}." in explorer.caption
    assert "read in a text that quotes the source" in explorer.caption and "read in a text that quotes the source" in explorer_of("PercentOfWhom", trial).caption


def test_studies_are_what_the_rows_say(trial):
    found = explorer_of("WithoutTreatment", trial).compute({"definition": "rate", "months": 9})
    assert found.table()["study"] == ["25 studies (Ofori-Asenso)", "16 studies (Kojima 2019)", "Japan (Takatori 2021)", "Exercise trial (Chan 2012)", "Cohort of 70+ (Gill 2006)"]
    seen = {study.name: (study.after, round(100 * study.share, 1)) for study in found.studies}
    assert seen == {
        "25 studies": (36, 35.2), "16 studies": (pytest.approx(46.8), 43.6), "Japan": (24, 31.8), "Exercise trial": (3, 27), "Cohort of 70+": (18, 0.9),
    }  # fmt: skip


def test_counting_begins_with_the_headline_arm_and_the_control(trial):
    explorer = explorer_of("CutInTwo", trial)
    headline = trial.published(trial.headline)
    assert explorer.start["n_treated"] == trial.arm(headline.arm).treated and explorer.start["n_control"] == trial.arm(trial.control).treated
    found = explorer.compute(explorer.start)
    assert found.sd == 70 and found.power_means == placebo.power_of_t(difference=30, sd=70, n_arm=16, n_control=30)
    none = explorer.compute({**explorer.start, **explorer.cases["No effect at all"]})
    assert "no number is enough: there is no effect to find" in explorer.at(effect=0).frame({**explorer.start, "effect": 0})["svg"]
    assert ">149<" in explorer.frame(explorer.start)["svg"] and ">80,516 (bar cut short)<" in explorer.frame({**explorer.start, "effect": 5, "sd": 30, "cut": 100})["svg"]
    assert none.share_treated == none.share_control > 0.2 and none.needed.number == float("inf")
    assert explorer.compute({**explorer.start, "error": 0}).wrong.wrongly_in < 1e-9
    costs = [explorer.compute({**explorer.start, "cut": cut}) for cut in (15, 50, 100)]
    ratios = [one.people_means / one.people_counting for one in costs]
    # Cheapest where the cut lies midway between the arms: even there about a third is lost.
    assert ratios[0] == max(ratios) and 0.6 < ratios[0] < 0.66 and ratios[2] < 0.45


def test_the_four_stories_of_the_marker(trial):
    explorer = explorer_of("MarkerAndWalk", trial)
    told = {name: explorer.compute({**explorer.start, **case}) for name, case in explorer.cases.items()}
    follows, beside, pathway, common = told.values()
    assert list(told) == ["Marker follows the dose, the walk does not", "The walk follows the dose, not through the marker", "A true pathway", "Hidden health moves both"]
    assert follows.dose_marker > 0.8 and follows.total == 0
    assert beside.marker_walk > 0.6 and beside.within_dose == 0 == beside.through
    assert pathway.truly_through == 1 and pathway.within_dose > 0.8
    assert common.adjusted > 0.6 and common.through == common.total == 0
    assert follows.arms == ("placebo", "25M", "50M", "100M", "200M") and len(follows.walk) == 40
    assert explorer_of("MarkerAndWalk", fl.load_trial("cratus")).compute(explorer.start).arms == ("placebo", "100M-randomised", "200M-randomised")


def test_a_pack_with_other_figures_is_shown_with_these(trial):
    """Nothing of the one trial stands in the code: another percentage brings other fractions."""
    row = trial.published("responders-30-8")
    other = trial.model_copy(update={"results": tuple(one.model_copy(update={"value": 40.0}) if one is row else one for one in trial.results)})
    explorer = explorer_of("PercentOfWhom", other)
    assert explorer.state["fraction"] == "2/5" and len(explorer.controls["fraction"].values) == 60
    assert explorer.describe().startswith("With up to 148 people, ") and "print as 40%" in explorer.describe()
    without = trial.model_copy(update={"results": tuple(one for one in trial.results if one is not row)})
    assert explorer_of("PercentOfWhom", without).lacks() and not explorer_of("WithoutTreatment", without).lacks()
    assert "report" not in explorer_of("WithoutTreatment", without).describe()


def test_results_come_from_one_call(trial, monkeypatch):
    calls = []
    for name in ("percent_of_whom", "without_treatment", "cut_in_two", "marker_and_walk"):
        method = getattr(responders, name)
        monkeypatch.setattr(responders, name, lambda *args, _name=name, _method=method, **named: (calls.append(_name), _method(*args, **named))[1])
    for name in NAMES:
        explorer_of(name, trial).describe()
    assert calls == ["percent_of_whom", "without_treatment", "cut_in_two", "marker_and_walk"]


def test_the_lessons_explorers_show_what_its_text_says(trial):
    """Figures of lesson 06 and of its questions that come from its explorers."""

    def show(name, **state):
        explorer = explorer_of(name, trial)
        return explorer.compute({**explorer.start, **state})

    exact, whole = show("PercentOfWhom"), show("PercentOfWhom", exactness="whole")
    assert not any(exact.fits(n) for _, n in exact.groups)
    assert len(whole.fractions) == 110 and (5, 16) in whole.fractions
    smallest, largest = exact.supposed, show("PercentOfWhom", fraction="45/146").supposed
    assert (smallest.events, smallest.n) == (4, 13) and smallest.low == pytest.approx(1 / 8, abs=0.01) and smallest.high > 0.5
    assert largest.low == pytest.approx(1 / 4, abs=0.015) and largest.high == pytest.approx(2 / 5, abs=0.015)

    cut = show("CutInTwo")
    assert (cut.effect, cut.sd, cut.cut) == (30, 70, 50)
    said = explorer_of("CutInTwo", trial).at().describe()
    for words in ("39 of 100 treated people", "24 of 100 with placebo", "About 7 people must be treated for one more", "87 people in each arm by means, about 149 by counting", "18 of 100 people on the wrong side"):
        assert words in said
    assert "24 of 100 treated people gain 50 m or more, and 24 of 100 with placebo" in explorer_of("CutInTwo", trial).at(effect=0).describe()
    needed = {at: show("CutInTwo", cut=at).people_counting for at in range(10, 101, 5)}
    assert needed[100] == max(needed.values()) == 241 and needed[15] == min(needed.values()) == pytest.approx(136, abs=1)

    marker = explorer_of("MarkerAndWalk", trial)
    assert marker.start == {"to_marker": "strong", "through": "none", "direct": "none", "health": "strong"}
    assert "correlation of 0.69 among all, 0.00 among people of one dose" in marker.at(direct="strong", health="none").describe()
    assert "correlation of 0.53 among all, 0.69 among people of one dose" in marker.describe() and "The dose does not change the walk." in marker.describe()
    for hidden in (marker, marker.at(direct="strong")):
        assert "would say: the marker lengthens the walk. In truth, more of the marker alone does nothing for the walk." in hidden.describe()

    untreated = {months: show("WithoutTreatment", definition="rate", months=months) for months in (9, 36)}
    assert [(round(100 * one.steady), round(100 * one.chosen.share)) for one in untreated.values()] == [(10, 35), (33, 35)]
    nine = {key: show("WithoutTreatment", definition=key, months=9).steady for key in ("robust", "questionnaire", "category")}
    assert nine["robust"] < 0.01 and nine["questionnaire"] == pytest.approx(1 / 8, abs=0.015) and nine["category"] == pytest.approx(3 / 5, abs=0.015)
    wavering = show("WithoutTreatment", definition="category", months=48)
    assert wavering.steady > 0.66 and "(above the picture)" in explorer_of("WithoutTreatment", trial).frame({"definition": "category", "months": 48})["svg"]
