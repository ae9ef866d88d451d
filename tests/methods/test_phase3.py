"""Planning a Phase 3 trial, against published tables, independent references, simulation, and itself."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from scipy.optimize import brentq

from frailty_lessons.methods import placebo
from frailty_lessons.methods.phase3 import KINDS, assurance, chance_of_success, effort, interim_looks, plan, sequential
from frailty_lessons.methods.phase3.sequential import _crossings

REFERENCE = Path(__file__).parents[1] / "reference"
TABLES = {case["id"]: case for case in json.loads((REFERENCE / "phase3_group_sequential.json").read_text())["cases"]}
SHAPES = {"pocock": 0, "obrien_fleming": 0.5}


def cases(file):
    found = json.loads((REFERENCE / f"{file}.json").read_text())["cases"]
    return [pytest.param(case["inputs"], case["outputs"], id=case["id"]) for case in found]


def constant(looks, shape):
    """The times, and the c of Pocock's boundary c or O'Brien and Fleming's c·√(K/k), for a false alarm in 5 of 100."""
    times = np.arange(1, looks + 1) / looks
    return times, brentq(lambda c: np.sum(_crossings(times, c * times**-shape, 0.0)) - 0.05, 1.5, 4, xtol=1e-12)


def crossed(times, boundaries, drift, trials=400_000):
    """The same chances by simulation: which share of Brownian motions first leaves at each look, above and below."""
    steps = np.diff(times, prepend=0)
    sums = np.cumsum(np.random.default_rng(2).normal(drift * steps, np.sqrt(steps), (trials, len(times))), axis=1)
    z = sums / np.sqrt(times)
    first = np.where((np.abs(z) > boundaries).any(axis=1), np.argmax(np.abs(z) > boundaries, axis=1), len(times))
    rows = np.arange(trials)
    up = np.array([((first == look) & (z[rows, np.minimum(first, len(times) - 1)] > 0)).mean() for look in range(len(times))])
    return up, np.array([(first == look).mean() for look in range(len(times))]) - up


# Against published tables and references.


@pytest.mark.parametrize("shape", SHAPES)
def test_the_constants_and_the_inflation_are_those_of_jennison_and_turnbull(shape):
    for place, looks in enumerate(TABLES["constants"]["inputs"]["looks"]):
        times, c = constant(looks, SHAPES[shape])
        assert c == pytest.approx(TABLES["constants"]["outputs"][shape][place], abs=6e-4)
        for power, expected in TABLES["inflation"]["outputs"][shape].items():
            one = stats.norm.ppf(0.975) + stats.norm.ppf(float(power))
            drift = brentq(lambda value: np.sum(_crossings(times, c * times ** -SHAPES[shape], value)[0]) - float(power), 1, 6)
            assert (drift / one) ** 2 == pytest.approx(expected[place], abs=6e-4)


def test_looking_each_time_at_five_percent_alarms_as_often_as_armitage_found():
    table = TABLES["repeated_looks"]
    found = [sequential(looks=looks, kind="naive").found(0) for looks in table["inputs"]["looks"]]
    assert found == pytest.approx(table["outputs"]["false_alarms"], abs=6e-4)


@pytest.mark.parametrize("name", ["spending_obrien_fleming", "spending_pocock"])
def test_boundaries_of_spending_functions_are_the_published_ones(name):
    table = TABLES[name]
    found = sequential(looks=table["inputs"]["looks"], kind=table["inputs"]["kind"])
    assert found.boundaries == pytest.approx(table["outputs"]["boundaries"], abs=table["tolerance"])
    assert found.found(0) == pytest.approx(0.05, abs=1e-9)


def test_boundaries_by_the_number_of_looks():
    table = TABLES["spending_obrien_fleming_by_looks"]
    for looks, expected in zip(table["inputs"]["looks"], table["outputs"]["boundaries"], strict=True):
        assert sequential(looks=looks).boundaries == pytest.approx(expected, abs=table["tolerance"])


@pytest.mark.parametrize("name", ["spending_unequal_steps", "spending_unequal_steps_pocock"])
def test_what_is_spent_at_looks_in_unequal_steps(name):
    inputs = TABLES[name]["inputs"]
    found = sequential(information=inputs["information"], kind=inputs["kind"], alpha=2 * inputs["alpha_one_sided"])
    assert found.spent / 2 == pytest.approx(TABLES[name]["outputs"]["spent"], abs=TABLES[name]["tolerance"])
    used = np.cumsum(found.stops(0)[0])
    assert used == pytest.approx(found.spent / 2, abs=1e-9)


def test_the_people_of_pococks_trial_are_those_of_sas():
    table = TABLES["pocock_people"]
    times, c = constant(table["inputs"]["looks"], 0)
    boundaries = np.full(len(times), c)
    one = stats.norm.ppf(0.975) + stats.norm.ppf(table["inputs"]["power"])
    drift = brentq(lambda value: np.sum(_crossings(times, boundaries, value)[0]) - table["inputs"]["power"], 1, 6)
    most = 100 * (drift / one) ** 2

    def people(at):
        stop = np.sum(_crossings(times, boundaries, at), axis=0)[:-1]
        return most * (times[:-1] @ stop + 1 - stop.sum())

    assert (most, people(0), people(drift)) == pytest.approx((table["outputs"]["most"], table["outputs"]["no_effect"], table["outputs"]["as_planned"]), abs=table["tolerance"])


@pytest.mark.parametrize(("inputs", "outputs"), cases("phase3_assurance"))
def test_assurance(inputs, outputs):
    found = assurance(
        prior_mean=inputs["prior_mean"], prior_sd=inputs["prior_sd"], sd=inputs["sigma"], n_treated=inputs["n1"], n_control=inputs["n2"], alpha=2 * inputs["alpha_one_sided"]
    )
    assert (found.at_mean, found.assurance, found.ceiling) == pytest.approx((outputs["power_at_mean"], outputs["assurance"], outputs["limit_n_inf"]), abs=1e-10)


@pytest.mark.parametrize(("inputs", "outputs"), [case for case in cases("placebo_t_power") if "n_per_arm" in case.values[1]])
def test_people_to_randomise(inputs, outputs):
    found = plan(difference=inputs["delta"], sd=inputs["sd"], power=inputs["power"])
    assert (found.treated, found.control) == (outputs["n_per_arm"], outputs["n_per_arm"])


# Against simulation.


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("drift", [0.0, 2.5])
def test_the_chances_of_stopping_are_those_of_simulated_trials(kind, drift):
    design = sequential(information=[0.2, 0.5, 0.9, 1.0], kind=kind)
    found, simulated = _crossings(design.information, design.boundaries, drift), crossed(design.information, design.boundaries, drift)
    for ours, theirs in zip(found, simulated, strict=True):
        np.testing.assert_allclose(ours, theirs, atol=0.0025)


# What holds for every design and every plan.


@given(st.integers(1, 12), st.sampled_from(KINDS[:2]), st.floats(0.01, 0.2), st.floats(0.5, 0.97))
@settings(max_examples=30)
def test_a_design_keeps_its_level_and_its_power(looks, kind, alpha, power):
    found = sequential(looks=looks, kind=kind, alpha=alpha, power=power)
    assert found.found(0) == pytest.approx(alpha, abs=1e-8)
    assert found.stops(1)[0].sum() == pytest.approx(power, abs=1e-8)
    assert found.spent[-1] == pytest.approx(alpha) and (np.diff(found.spent, prepend=0) > 0).all()
    assert found.inflation >= 1 - 1e-9 and found.expected(1) <= found.inflation + 1e-12
    up, down = found.stops(1)
    other_up, other_down = found.stops(-1)
    np.testing.assert_allclose((up, down), (other_down, other_up), atol=1e-12)


def test_one_look_is_a_trial_without_interim_looks():
    for kind in KINDS:
        found = sequential(looks=1, kind=kind)
        assert found.boundaries == pytest.approx([stats.norm.ppf(0.975)]) and found.inflation == pytest.approx(1) and found.expected(0) == pytest.approx(1)


@given(st.floats(10, 60), st.floats(30, 120), st.sampled_from([0.5, 1.0, 2.0, 3.0]), st.floats(0, 0.8), st.sampled_from([0.8, 0.9]))
@settings(max_examples=25)
def test_a_plan_is_the_smallest_that_has_the_power(difference, sd, allocation, correlation, power):
    found = plan(difference=difference, sd=sd, power=power, allocation=allocation, correlation=correlation)
    assert found.treated == max(2, int(np.ceil(allocation * found.control - 1e-9)))
    named = {"difference": difference, "sd": sd * np.sqrt(1 - correlation**2)}
    assert found.found == pytest.approx(placebo.power_of_t(**named, n_arm=found.treated, n_control=found.control)) and found.found >= power
    if found.control > 2:
        fewer = found.control - 1
        assert placebo.power_of_t(**named, n_arm=max(2, int(np.ceil(allocation * fewer - 1e-9))), n_control=fewer) < power


def test_adjusting_saves_the_square_of_the_correlation_and_leaving_costs_its_share():
    plain, adjusted, leaving = (plan(difference=20, sd=80, **more) for more in ({}, {"correlation": 0.6}, {"dropout": 0.2}))
    assert adjusted.total / plain.total == pytest.approx(1 - 0.36, abs=0.005)
    assert leaving.total == pytest.approx(plain.total / 0.8, abs=2)
    near = np.interp(plain.total, plain.totals, plain.curve)
    assert near == pytest.approx(0.9, abs=0.01) and (np.diff(plain.curve) >= -1e-9).all()
    unequal = plan(difference=20, sd=80, allocation=2)
    assert unequal.total / plain.total == pytest.approx(9 / 8, abs=0.01)


def test_effort_adds_up():
    found = effort(randomised=240, centres=8, per_centre_per_month=1.5, follow_up_months=6, screen_failure=0.4)
    assert (found.screened, found.recruiting_months, found.months, found.years) == pytest.approx((400, 20, 26, 26 / 12))
    assert found.describe() == "To randomise 240 people, 400 are screened; recruiting takes 1.7 years, the whole trial 2.2."
    whole = plan(difference=30, sd=70, dropout=0.1, centres=8, per_centre_per_month=1.5, follow_up_months=6, screen_failure=0.4, earlier=(16, 30))
    assert whole.effort == effort(randomised=whole.total, centres=8, per_centre_per_month=1.5, follow_up_months=6, screen_failure=0.4)
    assert whole.earlier_found == pytest.approx(placebo.power_of_t(difference=30, sd=70, n_arm=16, n_control=30))
    assert plan(difference=30, sd=70).effort is None and "screening" not in plan(difference=30, sd=70).describe()


def test_the_chance_of_success_is_assurance_after_phase_two():
    named = {"estimate": 63.4, "assumed_sd": 70, "n_treated": 16, "n_control": 30, "large": 50}
    found = chance_of_success(**named, prior="sceptical", planned=30, total=200)
    again = assurance(prior_mean=found.belief.mean, prior_sd=found.belief.sd, sd=70, n_treated=100, n_control=100)
    assert found.found == again
    assert np.interp(200, found.totals, found.assurances) == pytest.approx(again.assurance)
    assert found.power == pytest.approx(stats.norm.sf(1.959964 - 30 / (70 * np.sqrt(2 / 100))), abs=1e-6)
    doubtful, hopeful = (chance_of_success(**named, prior=prior, planned=30, total=200).found.assurance for prior in ("sceptical", "enthusiastic"))
    assert doubtful < hopeful and (np.diff(found.assurances) > 0).all() and found.assurances[-1] < found.found.ceiling
    assert "you believe in" in chance_of_success(**named, prior="own", planned=30, total=200, own=(0, 20)).describe()


def test_interim_looks_in_people():
    found = interim_looks(looks=3, kind="pocock", truth=0.5, difference=30, sd=70)
    assert found.fixed == 2 * placebo.people_needed(difference=30, sd=70, power=0.9) == 232
    assert found.people[-1] == int(np.ceil(found.design.inflation * 232)) and found.expected == pytest.approx(found.design.expected(0.5) * 232)
    assert found.found == pytest.approx(found.stops.sum()) and found.false_alarm == pytest.approx(0.05)
    naive = interim_looks(looks=5, kind="naive", truth=0, difference=30, sd=70)
    assert "14.2 of 100 trials find a difference" in naive.describe() and "false alarms" in naive.describe()
    assert "without interim looks" not in interim_looks(looks=1, kind="pocock", truth=1, difference=30, sd=70).describe()
    assert len(found.table()["look"]) == 3 and found.design.describe().startswith("3 looks: stop at z beyond 2.")


WRONG = {
    "kind": (sequential, {"looks": 3, "kind": "haybittle"}, "kind must be one of obrien-fleming, pocock, naive, not 'haybittle'"),
    "both": (sequential, {"looks": 3, "information": [0.5, 1]}, "either looks or information"),
    "neither": (sequential, {}, "either looks or information"),
    "falling": (sequential, {"information": [0.5, 0.4, 1]}, "information must rise from look to look"),
    "not to the end": (sequential, {"information": [0.5, 0.9]}, "its last share must be 1"),
    "power below alpha": (sequential, {"looks": 2, "power": 0.01}, "power must be above 0.05 and below 1"),
    "no difference": (plan, {"difference": 0, "sd": 70}, "difference must be above 0"),
    "everybody leaves": (plan, {"difference": 30, "sd": 70, "dropout": 1}, "dropout must be at least 0 and below 1"),
    "perfect baseline": (plan, {"difference": 30, "sd": 70, "correlation": 1}, "correlation must be above -1 and below 1"),
    "too many": (plan, {"difference": 0.001, "sd": 70}, "takes more than"),
    "no pace": (effort, {"randomised": 10, "centres": 2, "per_centre_per_month": 0, "follow_up_months": 6}, "per_centre_per_month must be above 0"),
    "no prior spread": (assurance, {"prior_mean": 1, "prior_sd": 0, "sd": 1, "n_treated": 9, "n_control": 9}, "prior_sd must be above 0"),
    "prior": (chance_of_success, {"estimate": 1, "assumed_sd": 1, "n_treated": 9, "n_control": 9, "prior": "bold", "large": 5, "planned": 1, "total": 100}, "prior must be one of"),
}


@pytest.mark.parametrize(("function", "named", "reason"), WRONG.values(), ids=WRONG)
def test_what_is_impossible_says_why(function, named, reason):
    with pytest.raises(ValueError, match=reason) as raised:
        function(**named)
    assert "\n" not in str(raised.value)
