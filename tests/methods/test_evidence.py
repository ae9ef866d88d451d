"""Weighing evidence, against printed and independent references, against simulation, and against itself."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from frailty_lessons.methods import placebo
from frailty_lessons.methods.evidence import (
    PRIORS,
    any_look,
    any_look_simulated,
    before_and_after,
    best_of_arms,
    chance_of_small_p,
    exaggeration,
    fragility,
    many_looks,
    phase_two,
    posterior,
    predictive_value,
    prior_of,
    told_estimates,
    turning_prior,
)

REFERENCE = Path(__file__).parents[1] / "reference"


def cases(name, begins=""):
    found = json.loads((REFERENCE / f"evidence_{name}.json").read_text())["cases"]
    return [pytest.param(case["inputs"], case["outputs"], case["tolerance"], id=case["id"]) for case in found if case["id"].startswith(begins)]


# Against references.


@pytest.mark.parametrize(("inputs", "outputs", "tolerance"), cases("retrodesign"))
def test_type_s_and_type_m_errors_are_those_of_retrodesign(inputs, outputs, tolerance):
    found = exaggeration(effect=inputs["true_effect"], standard_error=inputs["se"], alpha=inputs["alpha"])
    assert (found.power, found.wrong_sign, found.exaggeration) == pytest.approx((outputs["power"], outputs["type_s"], outputs["type_m"]), rel=tolerance)


@pytest.mark.parametrize(("inputs", "outputs", "tolerance"), cases("winners_curse", "onesided"))
def test_the_average_of_estimates_beyond_the_limit(inputs, outputs, tolerance):
    found = exaggeration(effect=inputs["true"], standard_error=inputs["se"], alpha=2 * inputs["alpha_one_sided"])
    assert (found.in_favour, found.average_in_favour) == pytest.approx((outputs["power"], outputs["cond_mean"]), abs=tolerance)
    assert found.average_in_favour / inputs["true"] == pytest.approx(outputs["exaggeration"], abs=10 * tolerance)
    turned = exaggeration(effect=-inputs["true"], standard_error=inputs["se"], alpha=2 * inputs["alpha_one_sided"])
    assert (turned.in_favour, turned.average_in_favour) == (found.in_favour, -found.average_in_favour)


@pytest.mark.parametrize(("inputs", "outputs", "tolerance"), cases("winners_curse", "max"))
def test_the_best_of_several_arms(inputs, outputs, tolerance):
    found = best_of_arms(effects=inputs["true_means"], standard_errors=inputs["se"])
    assert found.expected == pytest.approx(outputs["expected_max"], abs=tolerance)
    assert found.chosen == pytest.approx(outputs["prob_selected"], abs=tolerance)
    assert (found.expected_truth, found.bias) == pytest.approx((outputs["expected_true_of_selected"], outputs["selection_bias"]), abs=tolerance)


@pytest.mark.parametrize(("inputs", "outputs", "tolerance"), cases("shrinkage"))
def test_the_belief_after_the_data(inputs, outputs, tolerance):
    found = posterior(estimate=inputs["est"], standard_error=inputs["se"], prior_mean=inputs["prior_mean"], prior_sd=inputs["prior_sd"])
    expected = outputs["shrinkage_weight"], outputs["post_mean"], outputs["post_sd"], *outputs["ci"], outputs["prob_gt0"]
    assert (found.weight, found.mean, found.sd, found.low, found.high, found.chance_above(0)) == pytest.approx(expected, abs=tolerance)


@pytest.mark.parametrize(("inputs", "outputs", "tolerance"), cases("ppv"))
def test_what_a_positive_result_is_worth(inputs, outputs, tolerance):
    found = predictive_value(**inputs)
    assert (found.positive, found.negative, found.false_positive_risk) == pytest.approx((outputs["ppv"], outputs["npv"], outputs["false_positive_risk"]), abs=tolerance)


def test_what_gelman_and_carlin_printed():
    found = exaggeration(effect=2, standard_error=8.1)
    assert [round(found.power, 2), round(found.wrong_sign, 2)] == [0.06, 0.24] and found.exaggeration == pytest.approx(9.7, abs=0.2)
    assert "24 of 100 of them have the wrong sign" in found.describe() and len(found.table()["value"]) == 3


# Against simulation and other methods.


@pytest.mark.parametrize(("effect", "sd", "n_treated", "n_control"), [(20, 70, 16, 30), (50, 70, 16, 30), (-30, 40, 3, 4), (5, 100, 60, 20)])
def test_estimates_told_are_those_of_many_virtual_trials(effect, sd, n_treated, n_control):
    found = told_estimates(effect=effect, sd=sd, sizes=[n_treated], n_control=n_control)
    trials = placebo.many_trials(effect=effect, sd=sd, n_treated=n_treated, n_control=n_control, trials=200_000)
    assert found.chance == pytest.approx(placebo.power_of_t(difference=effect, sd=sd, n_arm=n_treated, n_control=n_control), abs=1e-7)
    assert found.average == pytest.approx(trials.size_of_small, rel=0.02)
    assert found.exaggeration == pytest.approx(trials.exaggeration, rel=0.02)
    assert found.wrong_sign == pytest.approx(trials.wrong_sign, abs=0.01)


def test_with_many_people_the_spread_that_is_estimated_does_not_matter():
    found = told_estimates(effect=2, sd=100, sizes=[20_000], n_control=20_000)
    known = exaggeration(effect=2, standard_error=1)
    assert (found.chance, found.exaggeration, found.wrong_sign) == pytest.approx((known.power, known.exaggeration, known.wrong_sign), rel=1e-3)


def test_the_best_of_several_doses_is_that_of_simulated_trials():
    random, sizes, n_control, sd, effect = np.random.default_rng(5), np.array([16, 37, 31]), 30, 70, 20
    trials = 200_000
    means = random.normal(effect, sd / np.sqrt(sizes), (trials, 3))
    best = means.argmax(axis=1)
    estimates = means.max(axis=1) - random.normal(0, sd / np.sqrt(n_control), trials)
    df = sizes.sum() + n_control - 4
    errors = sd * np.sqrt(random.chisquare(df, trials) / df) * np.sqrt(1 / sizes[best] + 1 / n_control)
    small = 2 * stats.t.sf(np.abs(estimates / errors), df) < 0.05
    found = told_estimates(effect=effect, sd=sd, sizes=sizes, n_control=n_control, reported=50)
    assert found.chance == pytest.approx(small.mean(), abs=0.005)
    assert found.mean == pytest.approx(estimates.mean(), abs=0.3)
    assert found.average == pytest.approx(np.abs(estimates[small]).mean(), abs=0.4)
    assert found.beyond == pytest.approx((estimates >= 50).mean(), abs=0.004)
    # The control's mean drops out of the average, and so of the bias.
    assert found.mean == pytest.approx(best_of_arms(effects=[effect] * 3, standard_errors=sd / np.sqrt(sizes)).expected, abs=1e-6)


def test_an_area_is_a_chance():
    for sizes in ([16], [16, 37, 31, 34]):
        found = told_estimates(effect=30, sd=70, sizes=sizes, n_control=30, reported=63.4, points=801)
        step = found.at[1] - found.at[0]
        assert found.density.sum() * step == pytest.approx(1, abs=1e-4)
        assert found.told.sum() * step == pytest.approx(found.chance, abs=1e-4)
        assert found.density[found.at >= 63.4].sum() * step == pytest.approx(found.beyond, abs=0.003)
        assert (found.told <= found.density + 1e-12).all()


@pytest.mark.parametrize(("count", "correlation"), [(4, 0.5), (12, 0.3), (3, 0.9), (2, 0)])
def test_any_of_equally_correlated_looks_is_the_multivariate_normal(count, correlation):
    matrix = np.full((count, count), correlation) + (1 - correlation) * np.eye(count)
    limit = np.full(count, stats.norm.ppf(0.975))
    joint = stats.multivariate_normal(cov=matrix, seed=1, maxpts=400_000, abseps=1e-6).cdf(limit, lower_limit=-limit)
    assert any_look(count=count, correlation=correlation) == pytest.approx(1 - joint, abs=2e-4)
    assert any_look(count=count, correlation=correlation, times=3) == pytest.approx(1 - joint**3, abs=5e-4)


def test_simulated_looks_agree_with_exact_ones_within_their_error():
    named = {"doses": 4, "visits": 3, "outcomes": 2}
    chance, error, _ = any_look_simulated(**named, visit_correlation=0, outcome_correlation=0)
    assert abs(chance - any_look(count=4, correlation=0.5, times=6)) < 4 * error
    one = {"doses": 1, "visits": 1, "outcomes": 8, "visit_correlation": 0.5, "outcome_correlation": 0.6}
    chance, error, _ = any_look_simulated(**one)
    assert abs(chance - any_look(count=8, correlation=0.6)) < 4 * error
    assert many_looks(**one).any_look == any_look(count=8, correlation=0.6) and many_looks(**one).error == 0


def test_looks_correlate_as_they_are_said_to():
    _, _, small = any_look_simulated(doses=2, visits=2, outcomes=2, visit_correlation=0.6, outcome_correlation=0.8, trials=40_000, alpha=0.3)
    limit = stats.norm.ppf(0.85)
    for other, correlation in {(0, 0, 1): 0.5, (0, 1, 0): 0.6, (1, 0, 0): 0.8, (1, 1, 1): 0.24}.items():
        joint = stats.multivariate_normal(cov=[[1, correlation], [correlation, 1]])
        both_up = joint.cdf([-limit, -limit])
        opposite = stats.norm.cdf(-limit) - joint.cdf([limit, -limit])
        assert (small[0, 0, 0] & small[other]).mean() == pytest.approx(2 * (both_up + opposite), abs=0.01)


def test_more_looks_leave_the_others_as_they_were():
    few = any_look_simulated(doses=2, visits=2, outcomes=3, visit_correlation=0.5, outcome_correlation=0.3, trials=50)[2]
    more = any_look_simulated(doses=4, visits=3, outcomes=12, visit_correlation=0.5, outcome_correlation=0.3, trials=50)[2]
    assert np.array_equal(more[:3, :2, :2], few)
    assert np.array_equal(any_look_simulated(doses=2, visits=2, outcomes=3, visit_correlation=0.5, outcome_correlation=0.3, trials=50)[2], few)


def test_a_fragile_conclusion_has_students_intervals():
    found = fragility(difference=63.4, sds=[50, 70, 85], n_treated=16, n_control=30, prior_sd=30)
    for sd, low, high, p in zip(found.sds, found.lows, found.highs, found.p_values, strict=True):
        test = stats.ttest_ind_from_stats(63.4, sd, 16, 0, sd, 30)
        assert p == pytest.approx(test.pvalue, rel=1e-9)
        half = stats.t.ppf(0.975, 44) * sd * np.sqrt(1 / 16 + 1 / 30)
        assert (low, high) == pytest.approx((63.4 - half, 63.4 + half))
    at_turn = fragility(difference=63.4, sds=found.turning_sd, n_treated=16, n_control=30, prior_sd=30)
    assert at_turn.lows[0] == pytest.approx(0, abs=1e-9) and at_turn.p_values[0] == pytest.approx(0.05)
    assert found.shrunk == pytest.approx([posterior(estimate=63.4, standard_error=error, prior_mean=0, prior_sd=30).mean for error in found.standard_errors])
    assert "SD above 102 m" in found.describe() and found.table()["95% from"][0] == "+32"


# What holds for every belief and every trial.

effects = st.floats(-100, 100)
spreads = st.floats(1, 100)


@given(effects, spreads, effects, spreads)
def test_a_belief_lies_between_prior_and_data_and_is_surer_than_both(estimate, error, mean, sd):
    found = posterior(estimate=estimate, standard_error=error, prior_mean=mean, prior_sd=sd)
    assert min(estimate, mean) - 1e-9 <= found.mean <= max(estimate, mean) + 1e-9
    assert found.sd < min(error, sd)
    twice = posterior(estimate=estimate, standard_error=error, prior_mean=found.mean, prior_sd=found.sd)
    together = posterior(estimate=estimate, standard_error=error / np.sqrt(2), prior_mean=mean, prior_sd=sd)
    assert (twice.mean, twice.sd) == pytest.approx((together.mean, together.sd))


@given(st.floats(1, 200), spreads)
def test_the_turning_prior_leaves_the_limit_at_zero(estimate, error):
    sd = turning_prior(estimate=estimate, standard_error=error)
    if np.isinf(sd):
        assert estimate <= 1.96 * error
        return
    assert posterior(estimate=estimate, standard_error=error, prior_mean=0, prior_sd=sd).low == pytest.approx(0, abs=1e-6 * estimate)
    assert posterior(estimate=estimate, standard_error=error, prior_mean=0, prior_sd=0.9 * sd).low < 0


@given(st.floats(1, 90), spreads)
@settings(max_examples=50)
def test_type_m_is_never_below_one_and_type_s_never_above_a_half(effect, error):
    found = exaggeration(effect=effect, standard_error=error)
    assert found.exaggeration >= 1 and 0 <= found.wrong_sign <= 0.5 and 0.05 <= found.power <= 1
    assert found.average_in_favour >= effect


@given(effects, st.floats(0.1, 80), spreads)
def test_the_chance_of_a_small_p_is_the_average_power(mean, sd, error):
    shares = (np.arange(2_000) + 0.5) / 2_000
    powers = stats.norm.sf(1.959964 - stats.norm.ppf(shares, mean, sd) / error)
    assert chance_of_small_p(mean=mean, sd=sd, standard_error=error) == pytest.approx(powers.mean(), abs=2e-3)


def test_priors_say_what_they_promise():
    mean, sd = prior_of("sceptical", large=50)
    assert (mean, stats.norm.sf(50, mean, sd)) == pytest.approx((0, 0.05))
    mean, sd = prior_of("enthusiastic", large=50)
    assert (mean, stats.norm.cdf(0, mean, sd)) == pytest.approx((50, 0.05))
    assert prior_of("own", large=50, own=(10, 20)) == (10, 20) and prior_of("flat", large=50)[1] == np.inf


def test_a_flat_prior_leaves_the_data_as_they_are():
    found = before_and_after(estimate=63.4, assumed_sd=70, n_treated=16, n_control=30, prior="flat", large=50, meaningful=20)
    assert (found.after.mean, found.after.sd, found.after.weight) == (63.4, found.standard_error, 1)
    assert found.describe().startswith("Knowing nothing before") and "nan" not in str(found.table())
    assert found.chance_before(0) is None and " before)" not in found.describe()


def test_the_chances_before_are_those_of_the_prior():
    found = before_and_after(estimate=63.4, assumed_sd=70, n_treated=16, n_control=30, prior="sceptical", large=50, meaningful=20)
    assert (found.chance_before(0), found.chance_before(50)) == pytest.approx((0.5, 0.05))
    assert "(50% before)" in found.describe()
    assert found.table()["belief"][-1].startswith("for comparison") and found.table()["95% to"][-1] == f"{stats.norm.ppf(0.975) * found.turning_sd:+.0f}"


@pytest.mark.parametrize("prior", PRIORS)
def test_an_estimate_that_proves_nothing_convinces_no_sceptic(prior):
    found = before_and_after(estimate=20, assumed_sd=120, n_treated=10, n_control=10, prior=prior, large=50, meaningful=20)
    assert "contains 0 m" in found.describe() and found.turning_sd == np.inf and len(found.table()["belief"]) == 3


@given(st.floats(1, 99), st.floats(0.05, 0.99), st.integers(1, 30))
def test_treatments_in_phase_two_add_up(working, power, looks):
    found = phase_two(working=working, power=power, looks=looks)
    assert found.true_successes + found.false_successes + found.missed + found.spared == pytest.approx(100)
    assert found.true_successes + found.missed == pytest.approx(working)
    one = phase_two(working=working, power=power)
    assert found.value <= one.value + 1e-12
    assert one.value == pytest.approx(predictive_value(prior=working / 100, power=power, alpha=0.025).positive)


# Sentences and what is refused.


def test_chances_near_the_ends_are_not_rounded_away():
    nothing = told_estimates(effect=0, sd=70, sizes=[16], n_control=30)
    assert nothing.chance == pytest.approx(0.05, abs=1e-8) and "All of these are false alarms" in nothing.describe()
    assert "fewer than 1 of 100 trials, if" in told_estimates(effect=0, sd=30, sizes=[60], n_control=60, reported=63.4).describe()
    assert "more than 99 of 100" in told_estimates(effect=80, sd=30, sizes=[60], n_control=60).describe()


def test_many_looks_say_what_is_simulated_and_what_is_exact():
    simulated = many_looks(doses=4, visits=3, outcomes=5, visit_correlation=0.5, outcome_correlation=0.3)
    exact = many_looks(doses=4, visits=3, outcomes=5, visit_correlation=0, outcome_correlation=0)
    assert "simulated" in simulated.describe() and "simulated" not in exact.describe()
    assert simulated.expected == pytest.approx(3) and exact.any_primary == simulated.any_primary == pytest.approx(any_look(count=4, correlation=0.5))
    assert sum(text.count("dose") for text in simulated.table()["p below 0.05 by chance"]) == simulated.shining.sum()


WRONG = {
    "standard error": (exaggeration, {"effect": 1, "standard_error": 0}, "standard_error must be above 0, not 0"),
    "level": (posterior, {"estimate": 1, "standard_error": 1, "prior_mean": 0, "prior_sd": 1, "level": 1}, "level must be above 0 and below 1"),
    "prior": (prior_of, {"kind": "hopeful", "large": 50}, "prior must be one of sceptical, flat, enthusiastic, own, not 'hopeful'"),
    "own prior": (before_and_after, {"estimate": 1, "assumed_sd": 1, "n_treated": 9, "n_control": 9, "prior": "own", "large": 5, "meaningful": 1, "own": (0, 0)}, "prior_sd must be above 0"),
    "one person each": (told_estimates, {"effect": 1, "sd": 1, "sizes": [1], "n_control": 1}, "more people than groups"),
    "half a person": (told_estimates, {"effect": 1, "sd": 1, "sizes": [2.5], "n_control": 4}, "sizes must be a whole number"),
    "two people": (fragility, {"difference": 1, "sds": [1], "n_treated": 1, "n_control": 1, "prior_sd": 1}, "at least three people"),
    "correlation": (any_look, {"count": 2, "correlation": 1}, "correlation must be at least 0 and below 1"),
    "trial": (many_looks, {"doses": 1, "visits": 1, "outcomes": 1, "visit_correlation": 0, "outcome_correlation": 0, "trial": 5_000}, "trial must be at most 4000"),
    "nothing works": (phase_two, {"working": 0, "power": 0.8}, "working must be above 0 and below 100"),
    "no number": (best_of_arms, {"effects": ["far"], "standard_errors": 1}, "effects must be a number"),
}


@pytest.mark.parametrize(("function", "named", "reason"), WRONG.values(), ids=WRONG)
def test_what_is_impossible_says_why(function, named, reason):
    with pytest.raises(ValueError, match=reason) as raised:
        function(**named)
    assert "\n" not in str(raised.value)
