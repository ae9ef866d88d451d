"""Dose-response: contrasts, tests, curves and power, against R, against scipy and simulation, and against themselves."""

import json
from pathlib import Path
from subprocess import run
from sys import executable

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize, stats

from frailty_lessons.methods.dose_ranging import (
    MODELS,
    candidate,
    dose_means,
    estimates,
    fit,
    jonckheere,
    many_fits,
    mcp_mod,
    multiple_contrast_test,
    optimal_contrasts,
    power_of_contrasts,
    power_of_pairs,
    power_of_trend,
    williams,
)
from frailty_lessons.methods.dose_ranging.largest import Largest, chance_beyond, one_beyond
from frailty_lessons.methods.dose_ranging.models import INTERPOLATION
from frailty_lessons.methods.placebo import adjust, dunnett_critical, power_of_t

REFERENCE = Path(__file__).parents[1] / "reference"
R = json.loads((REFERENCE / "synthetic_open.json").read_text())["results"]
TRIAL = pd.read_csv(REFERENCE / "synthetic_open.csv")
DAY_180 = TRIAL[TRIAL["day"] == 180]
DOSES, SIZES = np.array([0, 25, 50, 100, 200.0]), np.array([30, 37, 31, 34, 16])
NAMES = {"linear": "linear", "emax": "emax", "sigEmax": "sigmoid emax", "betaMod": "beta", "linInt": INTERPOLATION}
SHAPES = (
    candidate("linear"), candidate("emax", ed50=25), candidate("emax", ed50=100), candidate("quadratic", delta=-0.0035),
    candidate("exponential", delta=60), candidate("sigmoid emax", ed50=80, h=4),
)  # fmt: skip
TRUE = {
    "linear": (10, 0.2), "log-linear": (20, 12), "quadratic": (10, 0.6, -0.002), "emax": (10, 50, 40), "sigmoid emax": (10, 50, 60, 3),
    "exponential": (10, 5, 90), "logistic": (5, 50, 70, 20), "beta": (10, 50, 1.3, 1.1),
}  # fmt: skip


def cases(name):
    found = json.loads((REFERENCE / f"dose_ranging_{name}.json").read_text())["cases"]
    return [pytest.param(case["inputs"], case["outputs"], id=case["id"]) for case in found]


def shapes(described):
    renamed = {"scal": "scale"}
    return [candidate(NAMES.get(name, name), **{renamed.get(key, key): value for key, value in given.items()}) for name, given in described["models"]]


def standardised(contrasts, sizes):
    rows = contrasts.T / np.sqrt(sizes)
    return rows / np.linalg.norm(rows, axis=1)[:, None]


def curve(model, doses, parameters):
    """The models once more, as Bornkamp, Pinheiro & Bretz (2009) write them."""
    d, (e0, e1, *shape) = np.asarray(doses, dtype=float), parameters
    if model == "sigmoid emax":
        ed50, h = shape
        return e0 + e1 * d**h / (ed50**h + d**h)
    if model == "beta":
        a, b = shape
        return e0 + e1 * (a + b) ** (a + b) / (a**a * b**b) * (d / 240) ** a * (1 - d / 240) ** b
    return {
        "linear": lambda: e0 + e1 * d,
        "log-linear": lambda: e0 + e1 * np.log(d + 2),
        "quadratic": lambda: e0 + e1 * d + shape[0] * d**2,
        "emax": lambda: e0 + e1 * d / (shape[0] + d),
        "exponential": lambda: e0 + e1 * (np.exp(d / shape[0]) - 1),
        "logistic": lambda: e0 + e1 / (1 + np.exp((shape[0] - d) / shape[1])),
    }[model]()


# Against R.


@pytest.mark.parametrize(("inputs", "outputs"), cases("mcpmod_contrasts"))
def test_contrasts_are_those_of_r(inputs, outputs):
    described, sizes = inputs["models_struct"], np.array(inputs["n_per_arm"])
    found = optimal_contrasts(described["doses"], shapes(described), sizes=sizes, constrained=inputs.get("type") == "constrained")
    np.testing.assert_allclose(found.T, list(outputs["contrasts"].values()), atol=1e-9)
    rows = standardised(found, sizes)
    np.testing.assert_allclose(rows @ rows.T, outputs["corMat"], atol=1e-9)
    assert np.allclose(found.sum(axis=0), 0) and np.allclose(np.linalg.norm(found, axis=0), 1)


def test_the_test_on_estimates_is_that_of_r():
    expected = R["mcpmod_d180"]
    for means in (
        dose_means(DAY_180, outcome="change", dose="dose", baseline="baseline"),
        estimates(DOSES, expected["adjusted_means"], expected["covariance"], df=expected["df"]),
    ):
        np.testing.assert_allclose(means.means, expected["adjusted_means"], atol=1e-9)
        np.testing.assert_allclose(means.covariance, expected["covariance"], atol=1e-8)
        found = multiple_contrast_test(means, SHAPES, alternative="increasing")
        np.testing.assert_allclose(found.contrasts, expected["contrasts"], atol=1e-9)
        np.testing.assert_allclose(found.statistics, expected["t"], atol=1e-9)
        np.testing.assert_allclose(found.correlation, expected["correlation"], atol=1e-9)
        # R's own p-values differ by so much from run to run.
        np.testing.assert_allclose(found.adjusted_p, expected["p"], atol=1e-3)


def test_curves_on_estimates_are_those_of_r():
    means, expected = dose_means(DAY_180, outcome="change", dose="dose", baseline="baseline"), R["fitmod_d180"]
    emax = fit(means, "emax")
    np.testing.assert_allclose(emax.coefficients, expected["emax"]["coef"], rtol=1e-6)
    np.testing.assert_allclose(fit(means, "linear").coefficients, expected["linear"]["coef"], rtol=1e-9)
    assert emax.effective_dose(0.8) == pytest.approx(expected["ed80_emax"], rel=1e-6)


@pytest.mark.parametrize(("inputs", "outputs"), cases("jonckheere"))
def test_jonckheere_is_that_of_r(inputs, outputs):
    asked = {"alternative": inputs["alternative"].replace(".", "-")}
    found = jonckheere(inputs["x"], inputs["g"], **asked, correct_ties=False)
    assert found.statistic == outputs["JT"] and found.p_value == pytest.approx(outputs["p"], abs=1e-12)
    assert found.exact == (len(set(inputs["x"])) == len(inputs["x"]))
    assert jonckheere(inputs["x"], inputs["g"], **asked).p_value == pytest.approx(outputs["p_perm_20000"], abs=0.002)


def test_jonckheere_of_the_synthetic_trial_is_that_of_r():
    people = DAY_180.dropna(subset="change")
    found = jonckheere(people["change"], people["dose"], alternative="increasing", correct_ties=False)
    assert (found.statistic, found.p_value) == pytest.approx((R["jonckheere_d180"]["statistic"], R["jonckheere_d180"]["p"]), abs=1e-12)


@pytest.mark.parametrize(("inputs", "outputs"), cases("mcpmod_power"))
def test_power_is_that_of_r(inputs, outputs):
    described = inputs["models_struct"]
    candidates, doses = shapes(described), described["doses"]

    def powers(n):
        true = [one.at(doses) for one in candidates]
        true = [described["maxEff"] * (shape - shape[0]) / np.ptp(shape) for shape in true]
        return [power_of_contrasts(doses, means, candidates, sd=0.7, sizes=[n] * 5, alternative="increasing", alpha=0.025) for means in true]

    if "target" in outputs:
        n = outputs["n_per_arm"][0]
        assert min(powers(n - 1)) < inputs["power"] < min(powers(n)) == pytest.approx(outputs["target"], abs=0.001)
    else:
        for n, expected in zip(inputs["n_per_arm"], outputs["power"], strict=True):
            np.testing.assert_allclose(powers(n), list(expected.values()), atol=2e-4)


# The multivariate t-distribution.


def hard_rows():
    """Contrasts with correlations up to 0.998, more of them than dimensions; comparisons with a control; a single direction."""
    described = [case for case in json.loads((REFERENCE / "dose_ranging_mcpmod_contrasts.json").read_text())["cases"] if case["id"] == "unequal"][0]["inputs"]
    wide = optimal_contrasts(described["models_struct"]["doses"], shapes(described["models_struct"]), sizes=described["n_per_arm"])
    control = np.vstack([-np.ones(4), np.eye(4)])
    return {
        "wide": standardised(wide, described["n_per_arm"]),
        "six": standardised(optimal_contrasts(DOSES, SHAPES, sizes=SIZES), SIZES),
        "control": standardised(control, SIZES),
        "opposite": np.array([[1, 0.0], [-0.6, 0.8], [0, -1]]),
        "one": np.array([[1.0, 0], [1, 0]]),
    }


@pytest.mark.parametrize("two_sided", [True, False])
@pytest.mark.parametrize("name", ["wide", "six", "control", "opposite"])
def test_two_ways_to_integrate_agree_and_both_with_simulation(name, two_sided):
    rows, df = hard_rows()[name], 60
    largest = Largest(rows, df, two_sided=two_sided)
    limits = np.array([1.0, 2.0, 2.5, 3.5])
    found = largest.beyond(limits)
    np.testing.assert_allclose(found, [chance_beyond(rows, limit, df, 0.0, two_sided=two_sided) for limit in limits], atol=4e-5)
    random = np.random.default_rng(1)
    t = random.standard_normal((200_000, rows.shape[1])) @ rows.T / np.sqrt(random.chisquare(df, (200_000, 1)) / df)
    t = np.abs(t) if two_sided else t
    for shift in (0.0, 1.5):
        moved = [chance_beyond(rows, limit, df, shift, two_sided=two_sided) for limit in limits]
        if shift:
            t = random.standard_normal((200_000, rows.shape[1])) @ rows.T + shift
            t = t / np.sqrt(random.chisquare(df, (200_000, 1)) / df)
            t = np.abs(t) if two_sided else t
        assert np.abs(moved - (t.max(axis=1)[:, None] > limits).mean(axis=0)).max() < 4 * np.sqrt(0.25 / 200_000)


def test_many_more_points_give_the_same():
    """One hundred thousand directions against a million, scrambled otherwise."""
    rows, r = hard_rows()["wide"], 4
    from frailty_lessons.methods.dose_ranging.largest import even_normal, turned

    for two_sided in (True, False):
        mean = np.zeros(3)
        for seed in (7, 8):
            z = even_normal(r, seed=seed, count=2**19)
            along = turned(rows) @ (z / np.linalg.norm(z, axis=0))
            along = np.abs(along).max(axis=0) if two_sided else np.maximum(along.max(axis=0), 1e-12)
            mean += [stats.f.sf((t / along) ** 2 / r, r, 95).mean() / 2 for t in (2.0, 2.5, 3.0)]
            even_normal.cache_clear()
        np.testing.assert_allclose(Largest(rows, 95, two_sided=two_sided).beyond([2.0, 2.5, 3.0]), mean, atol=1e-5)


def test_it_is_dunnetts_where_the_rows_are_comparisons_with_a_control():
    rows = hard_rows()["control"]
    for df, two_sided in ((10, True), (143, True), (np.inf, False)):
        expected = dunnett_critical(SIZES[1:], SIZES[0], df, two_sided=two_sided)
        assert Largest(rows, df, two_sided=two_sided).quantile(0.95) == pytest.approx(expected, abs=2e-4)


@pytest.mark.parametrize("df", [2, 12, 143])
def test_one_noncentral_t_value_is_that_of_scipy_where_scipy_has_one(df):
    for shift in (0.0, 0.7, -1.5, 3.0):
        for limit in (0.5, 2.0, 3.0):
            upper, lower = stats.nct.sf(limit, df, shift), stats.nct.cdf(-limit, df, shift)
            assert one_beyond(limit, df, shift) == pytest.approx(upper + lower, abs=1e-7)
            assert one_beyond(limit, df, shift, two_sided=False) == pytest.approx(upper, abs=1e-7)
    assert one_beyond(2.0, df, 300.0) == pytest.approx(1) and one_beyond(2.0, np.inf, 1.0, two_sided=False) == pytest.approx(stats.norm.sf(1))


def test_power_has_a_value_however_large_the_effect():
    for n in (30, 300, 30_000):
        for largest in (5, 20, 60, 200):
            powers = power_of_trend(DOSES, DOSES / 200 * largest, sd=30, sizes=[n] * 5), power_of_contrasts(DOSES, DOSES / 200 * largest, SHAPES, sd=30, sizes=[n] * 5)
            pairs = power_of_pairs(DOSES, DOSES / 200 * largest, sd=30, sizes=[n] * 5)
            assert all(0 <= power <= 1 for power in (*powers, pairs.any_dose, pairs.top_dose))


def test_it_is_students_where_there_is_one_direction():
    rows = hard_rows()["one"]
    assert Largest(rows, 12).quantile(0.95) == pytest.approx(stats.t.ppf(0.975, 12), abs=1e-8)
    assert Largest(rows, 12, two_sided=False).beyond([-1.0, 0.0, 2.0]) == pytest.approx(stats.t.sf([-1, 0, 2], 12), abs=1e-9)
    assert chance_beyond(rows, 2.0, 12, 1.0, two_sided=False) == pytest.approx(stats.nct.sf(2.0, 12, 1.0), abs=1e-4)


@pytest.mark.parametrize("alternative", ["two-sided", "increasing", "decreasing"])
def test_adjusted_p_values_lie_between_those_alone_and_bonferronis(alternative):
    means = dose_means(DAY_180, outcome="change", dose="dose", baseline="baseline")
    found = multiple_contrast_test(means, SHAPES, alternative=alternative)
    assert (found.adjusted_p >= found.p_values).all() and (found.adjusted_p <= np.minimum(6 * found.p_values, 1)).all()
    sizes = {"two-sided": abs(found.statistics), "increasing": found.statistics, "decreasing": -found.statistics}[alternative]
    assert ((found.adjusted_p < 0.05) == (sizes > found.critical)).all()
    assert np.array_equal(found.adjusted_p, multiple_contrast_test(means, SHAPES, alternative=alternative).adjusted_p)
    turned = estimates(means.doses, -means.means, means.covariance, df=means.df)
    opposite = {"increasing": "decreasing", "decreasing": "increasing"}.get(alternative, alternative)
    np.testing.assert_allclose(multiple_contrast_test(turned, SHAPES, alternative=opposite).adjusted_p, found.adjusted_p, atol=1e-12)


def test_another_process_finds_the_same_numbers():
    code = (
        "from frailty_lessons.methods.dose_ranging import *; "
        "m = estimates([0, 25, 50, 100], [0, 10, 20, 15], [[50, 0, 0, 0], [0, 50, 0, 0], [0, 0, 50, 0], [0, 0, 0, 50]], df=80); "
        "print(multiple_contrast_test(m, [candidate('linear'), candidate('emax', ed50=20)]).adjusted_p.tolist())"
    )
    once, again = (run([executable, "-c", code], capture_output=True, text=True, check=True).stdout for _ in range(2))
    assert once == again and 0.04 < min(json.loads(once)) < 0.2


@given(st.lists(st.floats(0.5, 20), min_size=4, max_size=6), st.integers(0, 10_000))
@settings(max_examples=25, deadline=None)
def test_no_other_contrast_finds_a_shape_more_surely(sizes, seed):
    doses = np.arange(len(sizes)) * 10.0
    shape = candidate("emax", ed50=12.0)
    best = optimal_contrasts(doses, [shape], sizes=sizes)[:, 0]
    held = optimal_contrasts(doses, [shape], sizes=sizes, constrained=True)[:, 0]

    def surely(contrast):
        return contrast @ shape.at(doses) / np.sqrt(contrast**2 @ (1 / np.array(sizes)))

    other = np.random.default_rng(seed).standard_normal(len(sizes))
    assert surely(best) >= surely(other - other.mean()) - 1e-9
    assert surely(best) >= surely(held) - 1e-9 and held[0] < 0 and (held[1:] >= 0).all() and abs(held.sum()) < 1e-12


# Curves.


@pytest.mark.parametrize("model", MODELS)
def test_a_curve_without_error_is_found_again(model):
    true = curve(model, DOSES, TRUE[model])
    found = fit(estimates(DOSES, true, np.diag(1 / SIZES)), model)
    np.testing.assert_allclose(found.coefficients, TRUE[model], rtol=1e-3)
    at = np.linspace(0, 200, 9)
    np.testing.assert_allclose(found.predict(at)[0], curve(model, at, TRUE[model]), atol=1e-3)
    gains = curve(model, at, TRUE[model]) - curve(model, [0], TRUE[model])
    np.testing.assert_allclose(found.gain(at)[0], gains, atol=1e-3)
    fine = np.linspace(0, 200, 200_001)
    over = curve(model, fine, TRUE[model]) - curve(model, [0], TRUE[model])
    assert found.target_dose(15) == pytest.approx(fine[np.argmax(over >= 15)], abs=0.01)
    assert np.isnan(found.target_dose(over.max() + 1))
    assert found.effective_dose(0.5) == pytest.approx(fine[np.argmax(over >= over.max() / 2)], abs=0.01)
    # The same curve upside down has the same effective doses, and gains nothing.
    turned = fit(estimates(DOSES, -true, np.diag(1 / SIZES)), model)
    assert turned.effective_dose(0.5) == pytest.approx(found.effective_dose(0.5), abs=0.01) and np.isnan(turned.target_dose(15))


@pytest.mark.parametrize("model", MODELS)
def test_no_start_of_scipys_finds_a_nearer_curve(model):
    random = np.random.default_rng(3)
    covariance = np.diag(70**2 / SIZES) + 15
    means = np.array([5, 20, 25, 40, 35.0]) + random.multivariate_normal(np.zeros(5), covariance, 3)
    many = many_fits(DOSES, means, covariance, model)
    root = np.linalg.cholesky(np.linalg.inv(covariance)).T
    limits = MODELS[model].bounds(200.0)
    for one, left, coefficients in zip(means, many.distance, many.coefficients, strict=True):
        single = fit(estimates(DOSES, one, covariance), model)
        assert single.distance == pytest.approx(left, abs=1e-6) and single.aic == pytest.approx(left + 2 * len(single.names), abs=1e-6)
        np.testing.assert_allclose(root @ (one - curve(model, DOSES, coefficients)) @ (root @ (one - curve(model, DOSES, coefficients))), left, rtol=1e-6, atol=1e-9)
        linear = len(single.names) - len(limits)
        low, high = [-np.inf] * linear + [low for low, _ in limits], [np.inf] * linear + [high for _, high in limits]
        for _ in range(4):
            start = [0.0, *random.normal(0, 0.1, linear - 1), *(np.exp(random.uniform(*np.log(pair))) for pair in limits)]
            other = optimize.least_squares(lambda x, one=one: root @ (one - curve(model, DOSES, x)), start, bounds=(low, high), x_scale="jac")
            assert left <= 2 * other.cost + 2e-3


def test_errors_are_those_of_least_squares():
    people = DAY_180.dropna(subset="change")
    found = fit(dose_means(people, outcome="change", dose="dose"), "emax")
    expected, covariance = optimize.curve_fit(
        lambda d, e0, emax, ed50: e0 + emax * d / (ed50 + d), people["dose"].to_numpy(float), people["change"].to_numpy(), p0=[10, 60, 50],
        jac=lambda d, e0, emax, ed50: np.column_stack([np.ones(len(d)), d / (ed50 + d), -emax * d / (ed50 + d) ** 2]), ftol=1e-14, xtol=1e-12,
    )  # fmt: skip
    np.testing.assert_allclose(found.coefficients, expected, rtol=1e-4)
    np.testing.assert_allclose(found.covariance, covariance, rtol=1e-3)
    residual = people["change"] - curve("emax", people["dose"], found.coefficients)
    n, left = len(people), residual @ residual
    assert found.distance == pytest.approx(left, rel=1e-9) and found.df == n - 3
    assert found.aic == pytest.approx(n * np.log(2 * np.pi * left / n) + n + 2 * 4) and found.bic == pytest.approx(found.aic - 8 + 4 * np.log(n))
    # The delta method against small steps of each coefficient.
    at, slopes = np.array([10.0, 150.0]), []
    for i in range(3):
        step = np.zeros(3)
        step[i] = 1e-4 * abs(found.coefficients[i])
        ahead, back = (curve("emax", at, found.coefficients + sign * step) - curve("emax", [0], found.coefficients + sign * step) for sign in (1, -1))
        slopes.append((ahead - back) / (2 * step[i]))
    slopes = np.array(slopes).T
    np.testing.assert_allclose(found.gain(at)[1], np.sqrt(np.einsum("di,ij,dj->d", slopes, found.covariance, slopes)), rtol=1e-5)


def test_a_baseline_enters_the_curve_as_in_one_model_of_all_people():
    people = DAY_180.dropna(subset="change")
    found = fit(dose_means(people, outcome="change", dose="dose", baseline="baseline"), "linear")
    design = np.column_stack([np.ones(len(people)), people["dose"], people["baseline"] - people["baseline"].mean()])
    coefficients, left, *_ = np.linalg.lstsq(design, people["change"].to_numpy(), rcond=None)
    np.testing.assert_allclose(found.coefficients, coefficients[:2], rtol=1e-9)
    assert found.distance == pytest.approx(float(left[0]), rel=1e-9) and found.df == len(people) - 3
    covariance = np.linalg.inv(design.T @ design) * left[0] / found.df
    np.testing.assert_allclose(found.covariance, covariance[:2, :2], rtol=1e-9)


def test_a_flat_curve_has_errors_and_no_target():
    flat = fit(estimates(DOSES, [7.0] * 5, np.diag(49 / SIZES)), "emax")
    assert np.isfinite(flat.predict([0, 100])[1]).all() and np.isnan(flat.target_dose(5))
    assert flat.gain([200])[0][0] == pytest.approx(0, abs=1e-9)


def test_bounds_are_kept_and_said():
    means = estimates(DOSES, curve("exponential", DOSES, (0, 5, 90)), np.diag(1 / SIZES))
    found = fit(means, "exponential", bounds=[(100, 300)])
    assert found.coefficients[2] == pytest.approx(100) and found.at_bound == ("delta",) and "delta ended at the limit set" in found.describe()


# MCP-Mod as a whole.


def test_mcp_mod_tests_then_chooses_then_finds_a_dose():
    means = dose_means(DAY_180, outcome="change", dose="dose", baseline="baseline")
    found = mcp_mod(means, SHAPES, gain=30)
    assert list(found.fits) == ["linear", "emax", "quadratic", "sigmoid emax"] and sum(found.weights.values()) == pytest.approx(1)
    sizes = {name: one.aic for name, one in found.fits.items()}
    assert found.chosen == min(sizes, key=sizes.get) and found.curve is found.fits[found.chosen]
    assert found.weights["emax"] / found.weights["linear"] == pytest.approx(np.exp((sizes["linear"] - sizes["emax"]) / 2))
    assert found.target_doses == {name: one.target_dose(30) for name, one in found.fits.items()}
    mean, errors = found.average([0, 100])
    gains = np.array([one.gain([0, 100])[0] for one in found.fits.values()])
    np.testing.assert_allclose(mean, np.array(list(found.weights.values())) @ gains)
    assert errors[0] == pytest.approx(0, abs=1e-9) and errors[1] > 0
    assert len({len(column) for column in found.table().values()}) == 1 and found.table()["weight of its curve"].count("–") == 2
    assert "the smallest dose that gains 30 is" in found.describe()
    bic = mcp_mod(means, SHAPES, criterion="bic")
    assert bic.chosen == min(bic.fits, key=lambda name: bic.fits[name].bic) and bic.target_doses == {}


def test_mcp_mod_stops_where_nothing_is_found():
    found = mcp_mod(estimates(DOSES, [0, 1, 0, 1, 0.0], np.diag(100 / SIZES), df=100), SHAPES, gain=10)
    assert found.fits == {} and found.chosen is found.curve is None and found.target_doses == {}
    assert found.describe().endswith("the method stops here, and no curve is fitted.") and len(found.table()["shape"]) == 6
    with pytest.raises(ValueError, match="nothing to average"):
        found.average([0])


def test_it_is_one_method_for_people_and_for_estimates():
    people = dose_means(DAY_180, outcome="change", dose="dose")
    known = estimates(people.doses, people.means, people.covariance, df=people.df)
    for model in ("linear", "emax", "quadratic"):
        np.testing.assert_allclose(fit(known, model).coefficients, fit(people, model).coefficients, rtol=1e-5)
    np.testing.assert_allclose(multiple_contrast_test(known, SHAPES).adjusted_p, multiple_contrast_test(people, SHAPES).adjusted_p, atol=1e-12)


# Trends.


def test_jonckheere_counts_every_order():
    from itertools import permutations

    values, groups = [3, 1, 2, 5, 4, 6], [0, 0, 1, 1, 2, 2]
    found = jonckheere(values, groups, alternative="increasing")

    def pairs(order):
        return sum(order[i] > order[j] for i in range(6) for j in range(6) if groups[i] > groups[j])

    every = [pairs(order) for order in permutations(values)]
    assert found.exact and found.statistic == pairs(values) and found.expected == pytest.approx(np.mean(every))
    assert found.p_value == pytest.approx(np.mean(np.array(every) >= found.statistic), abs=1e-12)


def test_jonckheere_of_two_groups_is_mann_and_whitneys():
    random = np.random.default_rng(2)
    a, b = random.normal(0, 1, 60), random.normal(0.4, 1, 45)
    for values, method in ((np.concatenate([a, b]), "exact"), (np.round(np.concatenate([a, b])), "asymptotic")):
        found = jonckheere(values, [0] * 60 + [1] * 45, alternative="increasing")
        expected = stats.mannwhitneyu(values[60:], values[:60], alternative="greater", method=method, use_continuity=False)
        assert found.exact == (method == "exact")
        assert (found.statistic, found.p_value) == pytest.approx((expected.statistic, expected.pvalue), abs=1e-12)


def test_ties_are_corrected_as_shuffles_say():
    random = np.random.default_rng(4)
    groups = np.repeat([0, 1, 2], [12, 15, 9])
    values = np.round(random.normal(groups * 0.3, 1))
    counted = []
    for _ in range(4_000):
        shuffled = random.permutation(values)
        pairs = [np.sign(shuffled[groups == j][:, None] - shuffled[groups == i]) for i, j in ((0, 1), (0, 2), (1, 2))]
        counted.append(sum(np.sum(pair + 1) / 2 for pair in pairs))
    found = jonckheere(values, groups, alternative="increasing")
    assert found.expected == pytest.approx(np.mean(counted), rel=0.02)
    assert found.p_value == pytest.approx(stats.norm.sf((found.statistic - found.expected) / np.std(counted)), abs=0.01)
    assert jonckheere([5.0] * 36, groups).p_value == 1


def test_williams_critical_values_are_those_of_his_table():
    """Williams 1971, Biometrics 27:103-117, Table 1: one-sided 5 per cent points for equal groups and infinite df."""
    for k, expected in ((1, 1.645), (2, 1.716), (3, 1.739), (4, 1.750), (5, 1.756)):
        rows = np.zeros((k, k + 1))
        rows[:, 0] = -1
        for start in range(k):
            rows[start, start + 1 :] = 1 / (k - start)
        assert Largest(rows / np.sqrt(2), np.inf, two_sided=False).quantile(0.95) == pytest.approx(expected, abs=6e-4)


def test_doses_stand_in_their_order_whatever_the_type_of_their_column():
    numbers = DAY_180.dropna(subset=["change"])
    mixed = numbers.sample(frac=1, random_state=3)
    for kind in (mixed, mixed.astype({"dose": object}), mixed.astype({"dose": "category"})):
        assert dose_means(kind, outcome="change", dose="dose").doses.tolist() == sorted(numbers["dose"].unique())
        assert williams(kind, outcome="change", dose="dose").p_values == pytest.approx(williams(numbers, outcome="change", dose="dose").p_values)


def test_williams_by_hand_and_by_simulation():
    frame = pd.DataFrame({"dose": np.repeat(DOSES, 4), "y": [0, 1, 2, 1, 3, 5, 4, 4, 2, 3, 2, 1, 5, 6, 7, 6, 6, 5, 7, 6]})
    found = williams(frame, outcome="y", dose="dose")
    # 4 and 2 are pooled to 3.
    assert found.monotone_means == pytest.approx([3, 3, 6, 6])
    spread = np.sqrt(frame.groupby("dose")["y"].var().mean() / 2)
    assert found.statistics == pytest.approx([3 / spread, 2 / spread, 5 / spread, 5 / spread]) and found.df == 15
    random, runs = np.random.default_rng(6), 100_000
    means, s = random.standard_normal((runs, 5)) / 2, np.sqrt(random.chisquare(15, runs) / 15)
    top = np.maximum.reduce([means[:, start:].mean(axis=1) for start in range(1, 5)])
    null = (top - means[:, 0]) / (s * np.sqrt(1 / 2))
    for t in (1.0, 2.0):
        rows = np.array([[-1] + [0] * start + [1 / (4 - start)] * (4 - start) for start in range(4)]) / np.sqrt(2)
        assert Largest(rows, 15, two_sided=False).beyond(t) == pytest.approx((null > t).mean(), abs=4 * 0.5 / np.sqrt(runs))
    assert "dose 200 p below 0.001" in found.describe() and len(found.table()["p"]) == 4


# Power.


def test_the_power_of_a_trend_of_two_doses_is_that_of_the_t_test():
    found = power_of_trend([0, 200], [0, 40], sd=70, sizes=[30, 16])
    assert found == pytest.approx(power_of_t(difference=40, sd=70, n_arm=16, n_control=30), abs=1e-9)
    assert power_of_pairs([0, 200], [0, 40], sd=70, sizes=[30, 16]).any_dose == pytest.approx(found, abs=1e-12)


@pytest.mark.parametrize("means", [(0, 0, 0, 0, 0), (0, 10, 20, 30, 40), (0, 20, 30, 40, 5), (0, 0, 0, 0, 60)])
def test_power_is_what_simulated_trials_find(means):
    random, runs = np.random.default_rng(9), 20_000
    of = np.repeat(np.arange(5), SIZES)
    df = len(of) - 5
    means_found = random.standard_normal((runs, 5)) * 70 / np.sqrt(SIZES) + means
    variances = 70**2 * random.chisquare(df, runs) / df
    t = (means_found[:, 1:] - means_found[:, :1]) / np.sqrt(variances[:, None] * (1 / SIZES[1:] + 1 / SIZES[0]))
    adjusted = np.array([adjust(row, "hochberg") for row in 2 * stats.t.sf(np.abs(t[:4_000]), df)])
    pairs = power_of_pairs(DOSES, means, sd=70, sizes=SIZES)
    assert pairs.any_dose == pytest.approx((adjusted.min(axis=1) < 0.05).mean(), abs=4 * 0.5 / np.sqrt(4_000))
    assert pairs.top_dose == pytest.approx((adjusted[:, -1] < 0.05).mean(), abs=4 * 0.5 / np.sqrt(4_000))
    assert 0 < pairs.any_error < 5e-4 and pairs.top_dose <= pairs.any_dose
    dunnett = power_of_pairs(DOSES, means, sd=70, sizes=SIZES, method="dunnett")
    critical = dunnett_critical(SIZES[1:], SIZES[0], df)
    assert dunnett.any_dose == pytest.approx((np.abs(t).max(axis=1) > critical).mean(), abs=4 * 0.5 / np.sqrt(runs))
    contrasts = optimal_contrasts(DOSES, SHAPES, sizes=SIZES)
    together = means_found @ contrasts / np.sqrt(variances[:, None] * (contrasts**2 / SIZES[:, None]).sum(axis=0))
    limit = Largest(standardised(contrasts, SIZES), df).quantile(0.95)
    mcp = power_of_contrasts(DOSES, means, SHAPES, sd=70, sizes=SIZES)
    assert mcp == pytest.approx((np.abs(together).max(axis=1) > limit).mean(), abs=4 * 0.5 / np.sqrt(runs))
    trend = power_of_trend(DOSES, means, sd=70, sizes=SIZES)
    assert trend == pytest.approx((2 * stats.t.sf(np.abs(together[:, 0]), df) < 0.05).mean(), abs=4 * 0.5 / np.sqrt(runs))
    if not any(means):
        assert trend == pytest.approx(0.05, abs=1e-9) and mcp == 0.05 and dunnett.any_dose == pytest.approx(0.05, abs=1e-5)


def test_hochberg_with_two_comparisons_by_a_grid():
    """Against the sum over a fine grid of both means, at a spread that is nearly known."""
    sizes, effect, sd = np.array([4_000, 4_000, 4_000]), np.array([0, 2.0, 1.0]), 50.0
    errors = sd * np.sqrt(1 / sizes[1:] + 1 / sizes[0])
    at = (np.arange(-400, 401) + 0.25) * 0.02
    weight = stats.multivariate_normal(cov=[[1, 0.5], [0.5, 1]]).pdf(np.stack(np.meshgrid(at, at, indexing="ij"), axis=-1)) * 0.02**2
    p = [2 * stats.norm.sf(np.abs(at + shift)) for shift in effect[1:] / errors]
    small, large = np.minimum.outer(p[0], p[1]), np.maximum.outer(p[0], p[1])
    rejected = (large < 0.05) | (small < 0.025)
    top = (large < 0.05) | np.broadcast_to(p[1] < 0.025, large.shape)
    found = power_of_pairs([0, 1, 2], effect, sd=sd, sizes=sizes)
    assert (found.any_dose, found.top_dose) == pytest.approx(((weight * rejected).sum(), (weight * top).sum()), abs=2e-3)


# Bad input.


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: candidate("emax"), "an emax candidate needs ed50"),
        (lambda: candidate("logistik"), "model must be one of linear, log-linear"),
        (lambda: candidate("linear", ed50=3), "a linear candidate has no parameter 'ed50'"),
        (lambda: candidate("emax", ed50=0), "ed50 must be above 0"),
        (lambda: optimal_contrasts([0, 50, 25], SHAPES, sizes=[1, 1, 1]), "doses must be at least two numbers that rise, not 0, 50, 25"),
        (lambda: optimal_contrasts(DOSES, SHAPES), "either sizes or a covariance"),
        (lambda: optimal_contrasts(DOSES, [], sizes=SIZES), "no candidate shape"),
        (lambda: optimal_contrasts(DOSES, [candidate(INTERPOLATION, values=(0, 0, 0, 0))], sizes=SIZES), "flat at these doses"),
        (lambda: optimal_contrasts(DOSES, [candidate(INTERPOLATION, values=(0, 1))], sizes=SIZES), "one value for each of the 4 doses"),
        (lambda: optimal_contrasts(DOSES, [candidate("beta", delta1=1, delta2=1, scale=150)], sizes=SIZES), "scale must be above the largest dose, 200, not 150"),
        (lambda: estimates(DOSES, [1, 2], np.eye(5)), "5 doses need 5 means"),
        (lambda: estimates(DOSES, [1] * 5, -np.eye(5)), "positive definite"),
        (lambda: multiple_contrast_test(estimates(DOSES, [1] * 5, np.eye(5)), SHAPES, alternative="greater"), "alternative must be one of two-sided"),
        (lambda: fit(estimates(DOSES, [1] * 5, np.eye(5)), "cubic"), "model must be one of linear"),
        (lambda: fit(estimates([0, 1, 2], [1] * 3, np.eye(3)), "sigmoid emax"), "has 4 parameters, and needs as many doses: there are 3"),
        (lambda: fit(estimates(DOSES, [1] * 5, np.eye(5)), "emax", bounds=[(3, 1)]), "bounds of emax must be 1 pairs"),
        (lambda: fit(estimates(DOSES, [1] * 5, np.eye(5)), "emax", offset=3), "the emax model has no parameter 'offset'"),
        (lambda: fit(estimates(DOSES, [1] * 5, np.eye(5)), "emax").target_dose(0), "gain must be above 0"),
        (lambda: mcp_mod(estimates(DOSES, [1] * 5, np.eye(5)), SHAPES, criterion="bic"), "bic needs the number of people"),
        (lambda: mcp_mod(estimates(DOSES, [1] * 5, np.eye(5)), SHAPES, criterion="cp"), "criterion must be one of aic, bic"),
        (lambda: jonckheere([1, 2], [0]), "two lists of one length, not of 2 and 1"),
        (lambda: jonckheere([1, 2], [0, 0]), "at least two groups"),
        (lambda: jonckheere([1, 2, 3], [0, 1, np.nan]), "every value needs a group"),
        (lambda: optimal_contrasts(DOSES, [candidate(INTERPOLATION, values=(0, -1, -2, -3))], sizes=SIZES, constrained=True), "never rises above the lowest dose"),
        (lambda: power_of_pairs(DOSES, [0] * 5, sd=70, sizes=[30, 30]), "sizes must have one number for each of the 5 doses, not 2"),
        (lambda: power_of_pairs(DOSES, [0] * 5, sd=0, sizes=SIZES), "sd must be above 0"),
        (lambda: power_of_pairs(DOSES, [0] * 5, sd=70, sizes=SIZES, method="holm"), "method must be one of hochberg, dunnett"),
        (lambda: dose_means(DAY_180.assign(change=1.0), outcome="change", dose="dose"), "there is no spread to judge the curve by"),
        (lambda: dose_means(DAY_180, outcome="walk", dose="dose"), "one column 'walk'"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_with_the_reason(call, said):
    with pytest.raises(ValueError, match=said):
        call()
