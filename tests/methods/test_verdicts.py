"""What the lessons on evidence and on Phase 3 show: their explorers start from the pack, and say what their texts will say."""

import dataclasses
import math
import shutil

import numpy as np
import pytest
from scipy import stats

import frailty_lessons as fl
from frailty_lessons.course import shipped_folder
from frailty_lessons.methods import evidence, phase3, placebo

EXPLORERS = [("evidence", name) for name in ("ManyLooks", "WinnersCurse", "BeforeAndAfter", "PhaseTwoSuccess")]
EXPLORERS += [("phase3", name) for name in ("PlanTheTrial", "ChanceOfSuccess", "InterimLooks")]


@pytest.fixture(scope="module")
def trial():
    return fl.load_trial("lomecel-b-phase-2b")


@pytest.fixture(scope="module")
def other():
    return fl.load_trial("cratus")


def explorer_of(topic, name, trial):
    return getattr(getattr(fl.explorers, topic), name)(trial)


def show(explorer, **state):
    return explorer.compute({**explorer.start, **state})


def test_explorers_start_from_the_pack(trial, other):
    many = explorer_of("evidence", "ManyLooks", trial)
    assert [many.start[name] for name in ("doses_looked_at", "visits", "outcomes")] == [4, 3, len(trial.outcomes)]
    assert [explorer_of("evidence", "ManyLooks", other).start[name] for name in ("doses_looked_at", "visits", "outcomes")] == [2, 3, len(other.outcomes)]
    told = explorer_of("evidence", "WinnersCurse", trial)
    assert (told.start["n_treated"], told.start["n_control"], told.start["sd"]) == (16, 30, 70)
    assert show(told, told="best").sizes == (16, 37, 31, 34)
    assert show(explorer_of("evidence", "WinnersCurse", other), told="best").sizes == (10, 10)
    assert show(explorer_of("phase3", "PlanTheTrial", trial)).earlier == (16, 30)
    assert show(explorer_of("phase3", "PlanTheTrial", other)).earlier == (10, 10)


@pytest.fixture
def told_in_full(tmp_path):
    """The trial as it might have been: larger, with an interval, and with people behind its percentage."""
    shutil.copytree(shipped_folder() / "datasets", tmp_path / "datasets")
    pack = tmp_path / "datasets" / "lomecel-b-phase-2b"
    for file, old, new in (
        ("published_results.csv", ",63.4,m,,,", ",63.4,m,33.4,93.4,"),
        ("published_results.csv", ",share,30.8,%,,,,,news", ",share,30.8,%,,,,65,news"),
        ("trial.toml", "treated = 16", "treated = 62"),
        ("trial.toml", "treated = 30", "treated = 61"),
    ):
        text = (pack / file).read_text(encoding="utf-8")
        assert old in text
        (pack / file).write_text(text.replace(old, new, 1), encoding="utf-8")
    return fl.load_trial(pack)


def test_an_interval_that_was_published_is_taken_up(told_in_full):
    half, error = 30, math.sqrt(1 / 62 + 1 / 61)
    implied = half / stats.t.ppf(0.975, 121) / error
    assert evidence.implied_sd(low=33.4, high=93.4, n_treated=62, n_control=61) == pytest.approx(implied)
    for topic, name in (("evidence", "BeforeAndAfter"), ("phase3", "ChanceOfSuccess")):
        explorer = explorer_of(topic, name, told_in_full)
        assert explorer.state["sd"] == round(implied, -1)
        assert f"stands for an SD of people's changes of {implied:.0f} m" in explorer.caption and "no interval" not in explorer.caption
    assert explorer_of("walk_test", "MissingInterval", told_in_full).lacks().endswith("gives it: 63.4 m (33.4 to 93.4).")
    assert explorer_of("responders", "PercentOfWhom", told_in_full).lacks().endswith("says it: 30.8% of 65 people.")


def test_a_trial_larger_than_the_sliders_starts_at_their_ends_and_the_caption_says_so(told_in_full, trial):
    for topic, name in (("placebo", "ManyTrials"), ("evidence", "WinnersCurse"), ("responders", "CutInTwo")):
        explorer = explorer_of(topic, name, told_in_full)
        assert (explorer.state["n_treated"], explorer.state["n_control"]) == (60, 60)
        assert "The trial has 62 and 61 people in these arms, and the sliders do not go that far." in explorer.caption
        assert "do not go that far" not in explorer_of(topic, name, trial).caption


def test_one_dose_is_enough_to_see_who_leaves(other):
    drawn = sorted((arm for arm in other.arms if arm.randomised), key=lambda arm: arm.dose)
    one = other.model_copy(update={"arms": (drawn[0], drawn[-1])})
    explorer = explorer_of("placebo", "WhoLeft", one)
    assert explorer.lacks() is None and explorer.describe()


def test_a_change_within_an_arm_is_no_difference_to_believe_in(other):
    for topic, name in (("evidence", "BeforeAndAfter"), ("phase3", "ChanceOfSuccess")):
        assert explorer_of(topic, name, other).lacks().startswith("This part needs a trial with a reported difference in metres")
    told = explorer_of("evidence", "WinnersCurse", other)
    assert told.headline is None and show(told).reported is None and "report" not in told.describe()


def test_a_trial_without_groups_says_what_is_missing(trial):
    bare = trial.model_copy(update={"control": None})
    assert explorer_of("evidence", "ManyLooks", bare).lacks() and explorer_of("evidence", "WinnersCurse", bare).lacks()
    for topic, name in (("evidence", "PhaseTwoSuccess"), ("phase3", "PlanTheTrial"), ("phase3", "InterimLooks")):
        for pack in (bare, None):
            explorer = explorer_of(topic, name, pack)
            assert explorer.lacks() is None and explorer.describe().endswith(".") and explorer.caption


def test_something_shines_nearly_always_though_nothing_works(trial):
    many = explorer_of("evidence", "ManyLooks", trial)
    every, planned = show(many), show(many, visits=1, outcomes=1)
    assert every.any_look > 0.95 and every.error < 0.005 and every.looks == 4 * 3 * len(trial.outcomes)
    assert planned.any_look == planned.any_primary == every.any_primary == pytest.approx(0.16, abs=0.005)
    told = [int(show(many, number=number).shining.sum()) for number in range(1, 21)]
    assert np.mean([count > 0 for count in told]) > 0.8 and np.mean(told) == pytest.approx(every.expected, abs=2.5)
    assert show(many, visit_correlation=0.9, outcome_correlation=0.9).any_look < every.any_look - 0.1


def test_what_a_true_effect_must_look_like_to_make_the_news(trial):
    told = explorer_of("evidence", "WinnersCurse", trial)
    averages = {effect: round(show(told, effect=effect).average) for effect in (20, 30, 50)}
    assert averages == {20: 53, 30: 56, 50: 63}
    few = show(told, effect=20)
    assert round(few.needed[0]) == 44 and few.exaggeration > 2.5 and few.beyond == pytest.approx(0.023, abs=0.001)
    best = show(told, effect=20, told="best")
    assert best.mean > 30 and best.chance > 2 * few.chance
    assert show(told, effect=0, told="best").chance > 0.07


def test_what_the_sceptic_and_the_enthusiast_believe_afterwards(trial):
    belief = explorer_of("evidence", "BeforeAndAfter", trial)
    sceptic, flat, enthusiast = (show(belief, prior=prior) for prior in ("sceptical", "flat", "enthusiastic"))
    assert [round(found.after.mean) for found in (sceptic, flat, enthusiast)] == [42, 63, 59]
    assert sceptic.after.chance_above(0) > 0.97 and sceptic.meaningful == trial.literature.published("perera-2006-small").value
    assert show(belief, sd=120).turning_sd == np.inf and np.isfinite(sceptic.turning_sd)
    doubtful = show(belief, prior="own", own_mean=0, own_sd=10)
    assert doubtful.after.low < 0 < doubtful.after.mean
    # The prior at which the answer turns lies between a doubter's and the sceptic's.
    assert doubtful.prior_sd < sceptic.turning_sd < sceptic.prior_sd


def test_how_often_a_success_holds(trial):
    two = explorer_of("evidence", "PhaseTwoSuccess", trial)
    one, small, many = (show(two, working=10, **more) for more in ({}, {"power": 20}, {"looks": 12}))
    assert [round(100 * found.value) for found in (one, small, many)] == [78, 47, 26]
    assert "28.9%" in two.caption and "57.8%" in two.caption and "not yet checked" in two.caption


def test_halving_the_difference_takes_four_times_the_people(trial):
    planned = explorer_of("phase3", "PlanTheTrial", trial)
    whole, half = show(planned, difference=40, dropout=0), show(planned, difference=20, dropout=0)
    assert half.total / whole.total == pytest.approx(4, abs=0.1)
    assert show(planned).effort.randomised == show(planned).total and "8 centres, 0.47 people a month in each (both as in the trial of the headline)" in planned.caption
    assert show(planned, correlation=0.5).total < show(planned, dropout=0).total


def test_power_is_not_the_chance_of_success(trial):
    chance = explorer_of("phase3", "ChanceOfSuccess", trial)
    start = show(chance)
    assert start.power > 0.9 and start.found.assurance < start.power
    doubtful = show(chance, prior="own", own_mean=0, own_sd=10)
    assert doubtful.power == start.power and doubtful.found.assurance < 0.35 and doubtful.found.ceiling < 0.95
    assert show(chance, prior="flat").found.assurance > start.found.assurance


def test_careless_looks_alarm_and_boundaries_do_not(trial):
    looks = explorer_of("phase3", "InterimLooks", trial)
    careless = show(looks, looks=5, kind="naive", truth=0)
    assert careless.found == pytest.approx(0.142, abs=0.001) and careless.people[-1] == careless.fixed
    late, early = (show(looks, looks=5, kind=kind) for kind in ("obrien-fleming", "pocock"))
    assert late.found == pytest.approx(early.found, abs=1e-4) and late.people[-1] < early.people[-1] and early.expected < late.expected
    assert show(looks, looks=5, kind="pocock", truth=0).expected > show(looks, looks=1, truth=0).expected


@pytest.mark.parametrize(("topic", "name"), EXPLORERS)
def test_every_named_case_has_a_plain_sentence(trial, topic, name):
    explorer = explorer_of(topic, name, trial)
    assert explorer.cases
    for case in ({}, *explorer.cases.values()):
        found = show(explorer, **case)
        assert dataclasses.is_dataclass(found) and not any(isinstance(getattr(found, field.name), (bool, np.bool_)) for field in dataclasses.fields(found))
        words = found.describe()
        assert words.endswith(".") and "nan" not in words and "significant" not in words and "-" not in words.replace("two-sided", "").replace("follow-up", "")
        assert len({len(column) for column in found.table().values()}) == 1
        assert not any("nan" in text for column in found.table().values() for text in column)


def test_results_of_functions_that_no_explorer_shows_speak_too():
    found = [
        evidence.exaggeration(effect=0, standard_error=10), evidence.best_of_arms(effects=[10, 20], standard_errors=10),
        evidence.posterior(estimate=20, standard_error=10, prior_mean=-5, prior_sd=10), evidence.predictive_value(prior=0.1, power=0.8, alpha=0.05),
        evidence.fragility(difference=63.4, sds=[50, 70], n_treated=16, n_control=30, prior_sd=30), phase3.sequential(looks=2),
        phase3.assurance(prior_mean=0.3, prior_sd=0.2, sd=1, n_treated=100, n_control=100),
        phase3.effort(randomised=10, centres=2, per_centre_per_month=1, follow_up_months=6),
    ]  # fmt: skip
    for result in found:
        assert result.describe().endswith(".") and "nan" not in result.describe()
        assert len({len(column) for column in result.table().values()}) == 1 and not any("nan" in text for column in result.table().values() for text in column)


def test_the_plan_needs_the_people_that_the_placebo_lesson_names(trial):
    planned = show(explorer_of("phase3", "PlanTheTrial", trial), difference=30, dropout=0)
    assert planned.treated == placebo.people_needed(difference=30, sd=70, power=0.9)


def test_of_what_shines_in_favour_and_what_the_spread_does_to_the_size(trial):
    """Figures of the lessons 07 and 08 that no explorer shows."""
    doses, visits, outcomes = (np.full((count, count), share) + (1 - share) * np.eye(count) for count, share in ((4, 0.5), (3, 0.5), (12, 0.3)))
    assert round(100 * (1 - stats.multivariate_normal(cov=doses).cdf(np.full(4, 1.96)))) == 8
    root = np.linalg.cholesky(np.kron(np.kron(outcomes, visits), doses))
    z = np.random.default_rng(0).standard_normal((20_000, 144)) @ root.T
    assert (z > 1.96).any(axis=1).mean() == pytest.approx(0.78, abs=0.01)
    low, high = (trial.literature.published(id).value for id in ("testosterone-pft-placebo-change-sd", "hf-trial-control-sd"))
    two_arms = 2 * placebo.people_needed(difference=20, sd=low, power=0.9)
    three_arms = 3 * placebo.people_needed(difference=20, sd=high, power=0.9, alpha=0.025) / 0.85
    assert two_arms == 230 and round(three_arms, -1) == 1480


def test_the_lessons_explorers_show_what_their_texts_say(trial):
    """Figures of the lessons 07 and 08 and of their questions that come from their explorers."""

    def said(topic, name, **state):
        return explorer_of(topic, name, trial).at(**state).describe()

    looks = explorer_of("evidence", "ManyLooks", trial)
    assert "144 looks (4 doses, 3 visits, 12 outcomes): in 99 of 100" in looks.describe() and "16 of 100" in looks.describe()
    quiet = [number for number in looks.controls["number"].values if " 0 of 144 shine" in looks.at(number=number).describe()]
    assert quiet == [9, 11]

    curse = said("evidence", "WinnersCurse", effect=30)
    assert "about 44 m or more if people differ as assumed, and 27 of 100 trials have one. These show 56 m on average" in curse
    best = said("evidence", "WinnersCurse", told="best", effect=30)
    assert "66 of 100 trials have one. These show 52 m on average" in best and " 8 of 100 trials have one" in said("evidence", "WinnersCurse", told="best", effect=0)
    assert "an estimate must be about 34 to 43 m" in best and "1.0 times the truth" in said("evidence", "WinnersCurse", effect=80) and "1.0 times the truth" in said("evidence", "WinnersCurse", effect=50, n_treated=60, n_control=60)

    belief = explorer_of("evidence", "BeforeAndAfter", trial)
    after = {name: round(show(belief, **state).after.mean) for name, state in belief.cases.items()}
    assert (after["The enthusiast"], after["Expecting a little"]) == (59, 19)
    assert round(100 * show(belief, **belief.cases["Expecting a little"]).after.chance_above(0)) == 98
    assert [round(show(belief, sd=sd).after.mean) for sd in (70, 120)] == [42, 25]
    assert [show(belief, sd=sd).after.low > 0 for sd in (70, 90)] == [True, False]
    assert show(belief, **belief.cases["Expecting a little"]).chance_before(0) == pytest.approx(0.84, abs=0.005)
    assert round(show(belief, **belief.cases["A sure sceptic"]).after.mean) == 11
    assert "98% (84% before)" in belief.at(**belief.cases["Expecting a little"]).describe() and "Whoever" not in belief.describe()
    table = belief.table()
    assert (table["belief"][-1], table["95% to"][-1]) == ("for comparison, before: a sceptic who would only just be convinced", "+38")
    assert round(show(belief).prior_sd) == 30 and show(belief, prior="own", own_mean=0, own_sd=10).after.low < 0

    success = explorer_of("evidence", "PhaseTwoSuccess", trial)
    values = [round(100 * show(success, working=10, **state).value) for state in ({"power": 20}, {}, {"looks": 12})]
    assert values == [47, 78, 26]
    assert min(share for share in success.controls["working"].values if show(success, working=share).value >= 0.9) == 22

    plan = fl.explorers.phase3.PlanTheTrial(trial, dropout=0)
    people = {name: show(plan, **state) for name, state in {"asked": {}, "15 leave": {"dropout": 15}, "half": {"difference": 10}, "adjusted": {"correlation": 0.5}, "adjusted less": {"correlation": 0.3}, "two to one": {"allocation": 2}}.items()}
    assert {name: found.treated + found.control for name, found in people.items()} == {"asked": 518, "15 leave": 610, "half": 2062, "adjusted": 518 - 128, "adjusted less": 518 - 46, "two to one": 582}
    assert [round(people[name].effort.years) for name in ("asked", "half")] == [12, 46]
    assert placebo.people_needed(difference=20, sd=70, power=0.9, alpha=0.05 / 2) == 306 and 306 / 0.85 == 360
    assert show(plan, difference=63.4).total == 54 and round(placebo.power_of_t(difference=30, sd=70, n_arm=27, n_control=27), 2) == 0.34

    chance = explorer_of("phase3", "ChanceOfSuccess", trial)
    assert "240 people" in chance.describe() and "the power is 91%" in chance.describe()
    beliefs = {name: round(100 * show(chance, **state).found.assurance) for name, state in {**chance.cases, "sceptic": {}}.items()}
    assert (beliefs["Expecting a little"], beliefs["sceptic"], beliefs["Taken at face value"]) == (55, 89, 97)
    more = {sd: [round(100 * show(chance, **case, sd=sd, total=280).found.assurance) for case in chance.cases.values()] for sd in (70, 120)}
    assert list(chance.cases) == ["The sceptic", "Taken at face value", "The enthusiast", "Expecting a little"]
    assert more == {70: [91, 98, 99, 60], 120: [46, 81, 84, 20]}
    assert [show(chance, total=total).power >= 0.945 for total in (260, 280)] == [False, True]
    firm = show(chance, **chance.cases["Expecting a little"]).belief
    assert (round(firm.mean), round(firm.sd), round(show(chance).belief.mean)) == (19, 9, 42)
    assert (firm.mean - 10) / (63.4 - 10) == pytest.approx(1 / 6, abs=0.01)

    assert "14.2 of 100" in said("phase3", "InterimLooks", looks=5, kind="naive", truth=0) and "10.7 of 100" in said("phase3", "InterimLooks", kind="naive", truth=0)
    assert "5.0 of 100" in said("phase3", "InterimLooks", looks=5, truth=0)
    assert "56 of 100 before the end, and 188 people on average" in said("phase3", "InterimLooks")
    assert "at most 268" in said("phase3", "InterimLooks", kind="pocock") and "73 of 100 before the end, and 167" in said("phase3", "InterimLooks", kind="pocock")
    assert "239 people" in said("phase3", "InterimLooks", kind="pocock", truth=0.5) and "at most 235" in said("phase3", "InterimLooks", truth=0.5) and "225 people" in said("phase3", "InterimLooks", truth=0.5)
