"""Comparisons of arms with placebo, against R, against scipy and statsmodels, and against themselves."""

import json
from itertools import combinations
from pathlib import Path
from subprocess import run
from sys import executable

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from scipy.integrate import quad
from statsmodels.regression.linear_model import OLS

from frailty_lessons.methods.placebo import (
    adjust,
    ancova,
    bootstrap,
    difference_in_means,
    difference_in_proportions,
    dunnett,
    dunnett_critical,
    in_words,
    people_needed,
    permutation,
    power_of_t,
)

REFERENCE = Path(__file__).parents[1] / "reference"
R = json.loads((REFERENCE / "synthetic_open.json").read_text())["results"]
TRIAL = pd.read_csv(REFERENCE / "synthetic_open.csv")
NAMED = {"outcome": "change", "arm": "arm", "control": "placebo"}
DAYS = (90, 180, 270)


def cases(name):
    found = json.loads((REFERENCE / f"placebo_{name}.json").read_text())["cases"]
    return [pytest.param(case["inputs"], case["outputs"], id=case["id"]) for case in found]


def on(day):
    return TRIAL[TRIAL["day"] == day]


def two_arms(values, with_control, **more):
    return pd.DataFrame({"change": [*values, *with_control], "arm": ["a"] * len(values) + ["placebo"] * len(with_control), **more})


@st.composite
def trials(draw):
    """A trial of one row a person: two to four arms of two to eight people, a baseline, and some spread in every arm."""
    random = np.random.default_rng(draw(st.integers(0, 2**32)))
    sizes = draw(st.lists(st.integers(2, 8), min_size=2, max_size=4))
    arm = np.repeat(["placebo", "a", "b", "c"][: len(sizes)], sizes)
    baseline = random.normal(300, 60, len(arm))
    return pd.DataFrame({"arm": arm, "baseline": baseline, "change": random.normal(10, 40, len(arm)) + 0.3 * baseline})


COMPARE = {
    "means": lambda frame, **named: difference_in_means(frame, **{**NAMED, **named}),
    "ancova": lambda frame, **named: ancova(frame, **{**NAMED, "baseline": "baseline", **named}),
    "dunnett": lambda frame, **named: dunnett(frame, **{**NAMED, **named}),
    "dunnett of ancova": lambda frame, **named: dunnett(frame, **{**NAMED, "baseline": "baseline", **named}),
    "permutation": lambda frame, **named: permutation(frame, **{**NAMED, "resamples": 200, **named}),
    "bootstrap": lambda frame, **named: bootstrap(frame, **{**NAMED, "resamples": 200, **named}),
}
every_comparison = pytest.mark.parametrize("compare", COMPARE.values(), ids=COMPARE)


# Against R.


@pytest.mark.parametrize("day", DAYS)
def test_ancova_is_that_of_r(day):
    found, expected = ancova(on(day), **NAMED, baseline="baseline").estimates, R[f"ancova_d{day}"]
    for ours, theirs in {"estimate": "estimate", "standard_error": "se", "low": "lower", "high": "upper", "p_value": "p"}.items():
        np.testing.assert_allclose(found[ours], expected[theirs], rtol=1e-9)
    assert set(found["df"]) == {expected["df"]}
    assert [*found["n_control"][:1], *found["n_arm"]] == list(expected["n"].values())
    assert list(found["arm"]) == list(expected["n"])[1:]
    np.testing.assert_allclose(adjust(found["p_value"], "holm"), expected["holm"], rtol=1e-9)
    np.testing.assert_allclose(adjust(found["p_value"], "hochberg"), expected["hochberg"], rtol=1e-9)


@pytest.mark.parametrize("day", DAYS)
def test_the_difference_in_means_is_that_of_r(day):
    found = difference_in_means(on(day), **NAMED).estimates.set_index("arm")
    expected = pd.DataFrame(R[f"welch_d{day}"]).T
    for ours, theirs in {"estimate": "estimate", "low": "lower", "high": "upper", "p_value": "p", "df": "df"}.items():
        np.testing.assert_allclose(found[ours], expected[theirs], rtol=1e-9)
    np.testing.assert_allclose(found["high"] - found["estimate"], stats.t.ppf(0.975, found["df"]) * found["standard_error"], rtol=1e-9)


@pytest.mark.parametrize("day", DAYS)
def test_dunnett_is_that_of_r(day):
    found, expected = dunnett(on(day), **NAMED).estimates, R[f"dunnett_d{day}"]
    np.testing.assert_allclose(found["estimate"], expected["estimate"], rtol=1e-9)
    np.testing.assert_allclose(found["estimate"] / found["standard_error"], expected["t"], rtol=1e-9)
    np.testing.assert_allclose(found["adjusted_p"], expected["p"], atol=2e-6)
    # The limits that R prints carry the chance of its own integration, near 1e-4 of a standard error.
    np.testing.assert_allclose(found["low"], expected["lower"], atol=4e-4 * found["standard_error"].max())
    np.testing.assert_allclose(found["high"], expected["upper"], atol=4e-4 * found["standard_error"].max())


@pytest.mark.parametrize(("inputs", "outputs"), cases("dunnett_critical"))
def test_dunnetts_critical_value(inputs, outputs):
    k = inputs["k"]
    found = dunnett_critical([10] * k, 10, float(inputs["df"]), level=1 - inputs["alpha"], two_sided=inputs["two_sided"])
    assert found == pytest.approx(outputs["crit"], abs=1e-8)


@pytest.mark.parametrize(("inputs", "outputs"), cases("padjust"))
def test_adjusted_p_values(inputs, outputs):
    for method in ("bonferroni", "holm", "hochberg"):
        np.testing.assert_allclose(adjust(inputs["p"], method), outputs[method], atol=1e-12)


@pytest.mark.parametrize(("inputs", "outputs"), cases("newcombe"))
def test_newcombes_limits(inputs, outputs):
    found = difference_in_proportions(inputs["x1"], inputs["n1"], inputs["x2"], inputs["n2"], level=1 - inputs["alpha"])
    assert (found.estimate, found.low, found.high) == pytest.approx((outputs["rd"], outputs["ci_low"], outputs["ci_high"]), abs=1e-10)


@pytest.mark.parametrize(("inputs", "outputs"), cases("permutation_exact"))
def test_a_small_trial_is_shuffled_in_every_way(inputs, outputs):
    row = permutation(two_arms(inputs["a"], inputs["b"]), **NAMED).estimates.iloc[0]
    assert row["estimate"] == pytest.approx(outputs["diff"], abs=1e-12)
    assert row["p_value"] == pytest.approx(outputs["p_two"], abs=1e-12)
    assert (row["shuffles"], row["exact"]) == (outputs["n_perm"], True)


@pytest.mark.parametrize(("inputs", "outputs"), cases("t_power"))
def test_the_power_of_a_t_test(inputs, outputs):
    named = {"difference": inputs["delta"], "sd": inputs["sd"]}
    if "n_per_arm" in outputs:
        assert people_needed(**named, power=inputs["power"]) == outputs["n_per_arm"]
    else:
        found = power_of_t(**named, n_arm=inputs["n"], n_control=inputs["n"], alpha=inputs["alpha"])
        assert found == pytest.approx(outputs["power"], abs=1e-8)


# Against scipy and statsmodels.


@given(trials())
@settings(max_examples=40)
def test_ancova_is_least_squares(frame):
    arms = [arm for arm in frame["arm"].unique() if arm != "placebo"]
    if len(frame) < len(arms) + 3:
        return
    design = np.column_stack([np.ones(len(frame)), *(frame["arm"] == arm for arm in arms), frame["baseline"]]).astype(float)
    fit = OLS(frame["change"].to_numpy(), design).fit()
    found = ancova(frame, **NAMED, baseline="baseline", level=0.9).estimates
    inside = slice(1, 1 + len(arms))
    np.testing.assert_allclose(found["estimate"], fit.params[inside], rtol=1e-6, atol=1e-8)
    np.testing.assert_allclose(found["standard_error"], fit.bse[inside], rtol=1e-6)
    np.testing.assert_allclose(found[["low", "high"]], fit.conf_int(0.1)[inside], rtol=1e-6, atol=1e-6)


def test_dunnett_without_a_baseline_is_scipys():
    frame = on(270).dropna(subset="change")
    samples = {arm: part["change"] for arm, part in frame.groupby("arm")}
    found = dunnett(frame, **NAMED).estimates
    scipys = stats.dunnett(*(samples[arm] for arm in found["arm"]), control=samples["placebo"], rng=np.random.default_rng(1))
    np.testing.assert_allclose(found["adjusted_p"], scipys.pvalue, atol=1e-3)


def test_dunnett_with_a_baseline_is_the_multivariate_t_of_the_model():
    # Baselines far apart, so that the arms share much more than the control.
    frame = on(180).dropna(subset="change").copy()
    frame["baseline"] += 80 * (frame["arm"] != "placebo") + 60 * (frame["arm"] == "200M")
    found = dunnett(frame, **NAMED, baseline="baseline").estimates
    design = np.column_stack([np.ones(len(frame)), *(frame["arm"] == arm for arm in found["arm"]), frame["baseline"]]).astype(float)
    fit = OLS(frame["change"].to_numpy(), design).fit()
    covariance, t = fit.cov_params()[1:5, 1:5], fit.tvalues[1:5]
    correlation = covariance / np.sqrt(np.outer(np.diag(covariance), np.diag(covariance)))
    joint = stats.multivariate_t(shape=correlation, df=fit.df_resid, seed=3)
    for row, size in zip(found.itertuples(), np.abs(t), strict=True):
        inside = joint.cdf([size] * 4, lower_limit=[-size] * 4, maxpts=400_000)
        assert row.adjusted_p == pytest.approx(1 - inside, abs=2e-4)
    critical = ((found["high"] - found["estimate"]) / found["standard_error"]).iloc[0]
    assert joint.cdf([critical] * 4, lower_limit=[-critical] * 4, maxpts=400_000) == pytest.approx(0.95, abs=2e-4)


@pytest.mark.parametrize("sizes", [([2, 2], 2), ([3, 40, 400], 3), ([5], 100), ([6] * 12, 6)])
@pytest.mark.parametrize("df", [1, 2.5, 12, 1e4])
def test_dunnetts_critical_value_lies_between_one_comparison_and_bonferroni(sizes, df):
    found, k = dunnett_critical(*sizes, df), len(sizes[0])
    one, bonferroni = stats.t.ppf(1 - 0.05 / np.array([2, 2 * k]), df)
    assert one * (1 - 1e-6) <= found <= bonferroni * (1 + 1e-6)
    if k == 1:
        assert found == pytest.approx(one, rel=1e-6)
    rho = np.sqrt(np.outer(sizes[0], sizes[0]) / np.outer(np.add(sizes[0], sizes[1]), np.add(sizes[0], sizes[1])))
    np.fill_diagonal(rho, 1)
    draws = stats.multivariate_t(shape=rho, df=df, seed=8).rvs(200_000)
    beyond = np.mean(np.abs(draws.reshape(-1, k)).max(axis=1) > found)
    assert beyond == pytest.approx(0.05, abs=0.0022)


def test_the_bootstrap_comes_near_welch_and_repeats_itself():
    found, welch = bootstrap(on(90), **NAMED, seed=4), difference_in_means(on(90), **NAMED).estimates
    np.testing.assert_allclose(found.estimates["estimate"], welch["estimate"])
    np.testing.assert_allclose(found.estimates["standard_error"], welch["standard_error"], rtol=0.05)
    for limit in ("low", "high"):
        np.testing.assert_allclose(found.estimates[limit], welch[limit], atol=8)
    assert found.estimates["p_value"].isna().all()
    pd.testing.assert_frame_equal(found.estimates, bootstrap(on(90), **NAMED, seed=np.random.default_rng(4)).estimates)
    assert not found.estimates["low"].equals(bootstrap(on(90), **NAMED, seed=5).estimates["low"])


def test_random_shuffles_come_near_all_of_them():
    frame = two_arms([3, 9, 4, 8, 12, 11, 10], [2, 1, 7, 3, 6])
    exact, some = (permutation(frame, **NAMED, resamples=n).estimates.iloc[0] for n in (800, 700))
    assert exact["exact"] and exact["shuffles"] == 792
    assert not some["exact"] and some["shuffles"] == 700
    assert some["p_value"] == pytest.approx(exact["p_value"], abs=0.04)
    # Arms of unequal size: the differences as large in the other direction are counted, not doubled.
    values = np.array([3, 9, 4, 8, 12, 11, 10, 2, 1, 7, 3, 6.0])
    sizes = [abs(values[list(chosen)].mean() - np.delete(values, chosen).mean()) for chosen in combinations(range(12), 7)]
    assert exact["p_value"] == pytest.approx(np.mean(np.array(sizes) >= sizes[0] - 1e-9), abs=1e-12)


@given(st.floats(0.2, 3), st.floats(0.05, 0.99))
@settings(max_examples=25)
def test_people_needed_is_the_smallest_number_with_that_power(effect, power):
    n = people_needed(difference=-effect * 50, sd=50, power=power)
    named = {"difference": effect, "sd": 1}
    assert power_of_t(**named, n_arm=n, n_control=n) >= power
    assert n == 2 or power_of_t(**named, n_arm=n - 1, n_control=n - 1) < power


def test_power_counts_arms_of_unequal_size_and_huge_differences():
    df, lam = 42, 0.7 / np.sqrt(1 / 30 + 1 / 14)
    critical = stats.t.ppf(0.975, df)
    expected = stats.nct.sf(critical, df, lam) + stats.nct.cdf(-critical, df, lam)
    assert power_of_t(difference=0.7, sd=1, n_arm=30, n_control=14) == pytest.approx(expected, abs=1e-9)
    assert power_of_t(difference=0, sd=1, n_arm=30, n_control=14, alpha=0.1) == pytest.approx(0.1)
    assert power_of_t(difference=1000, sd=1, n_arm=30, n_control=14) == 1
    assert power_of_t(difference=20, sd=80, n_arm=5000, n_control=5000) == 1  # scipy's noncentral t has no value here
    assert power_of_t(difference=20, sd=1, n_arm=10, n_control=10, alpha=0.001) == 1  # nor its noncentral F here


@pytest.mark.parametrize(("n", "difference", "alpha"), [(2, 8, 0.001), (2, 8, 0.01), (5, 4, 0.001), (2, 1, 0.05)])
def test_power_of_tiny_arms_is_an_average_over_their_spread(n, difference, alpha):
    df, shift = 2 * n - 2, difference / np.sqrt(2 / n)
    critical = stats.t.ppf(1 - alpha / 2, df)

    def rejects(spread):
        return (stats.norm.sf(critical * spread - shift) + stats.norm.cdf(-critical * spread - shift)) * stats.chi.pdf(spread * np.sqrt(df), df) * np.sqrt(df)

    assert power_of_t(difference=difference, sd=1, n_arm=n, n_control=n, alpha=alpha) == pytest.approx(quad(rejects, 0, np.inf)[0], abs=1e-7)


# What holds for every trial.


@every_comparison
@given(frame=trials(), seed=st.integers(0, 99))
@settings(max_examples=15)
def test_the_order_of_the_rows_does_not_matter(compare, frame, seed):
    if len(frame) < 6:
        return
    other = pd.concat([frame.groupby("arm", sort=False).sample(frac=1, random_state=seed)])
    pd.testing.assert_frame_equal(compare(frame).estimates, compare(other).estimates, rtol=1e-7)


# Not the bootstrap: rounding decides which of its draws equal the difference seen.
@pytest.mark.parametrize("compare", [COMPARE[name] for name in COMPARE if name != "bootstrap"])
@given(frame=trials(), by=st.floats(-1000, 1000))
@settings(max_examples=15)
def test_a_constant_added_to_everybody_changes_nothing(compare, frame, by):
    if len(frame) < 6:
        return
    moved = frame.assign(change=frame["change"] + by, baseline=frame["baseline"] - by)
    pd.testing.assert_frame_equal(compare(frame).estimates, compare(moved).estimates, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("compare", [COMPARE[name] for name in ("means", "ancova", "dunnett", "dunnett of ancova")])
@given(frame=trials())
@settings(max_examples=15)
def test_swapping_two_arms_turns_the_sign(compare, frame):
    frame = frame[frame["arm"].isin(["placebo", "a"])]
    if len(frame) < 5:
        return
    one, other = compare(frame).estimates.iloc[0], compare(frame, control="a").estimates.iloc[0]
    assert (one["estimate"], one["low"], one["high"]) == pytest.approx((-other["estimate"], -other["high"], -other["low"]))
    assert one["p_value"] == pytest.approx(other["p_value"])
    assert (one["n_arm"], one["n_control"]) == (other["n_control"], other["n_arm"])


@given(frame=trials())
@settings(max_examples=25)
def test_dunnett_is_never_narrower_than_one_comparison_alone(frame):
    if len(frame) < 6:
        return
    together, alone = dunnett(frame, **NAMED, baseline="baseline").estimates, ancova(frame, **NAMED, baseline="baseline").estimates
    np.testing.assert_allclose(together["p_value"], alone["p_value"])
    assert (together["adjusted_p"] >= alone["p_value"]).all()
    assert (together["adjusted_p"] <= len(alone) * alone["p_value"] + 1e-7).all()
    # A limit on one side of zero and a p-value below 0.05 are one and the same.
    clear = (together["low"] > 0) | (together["high"] < 0)
    assert (clear == (together["adjusted_p"] < 0.05)).all()
    assert (together["high"] - together["low"] >= (alone["high"] - alone["low"]) * (1 - 1e-7)).all()


# What cannot be compared, and why.

GOOD = two_arms([10, 20, 35, 41], [5, 12, 22, 9], baseline=[300, 310, 280, 350, 330, 290, 305, 341.0])
BAD = {
    "no such arm": (GOOD, {"control": "sham"}, "there is no arm 'sham' in column 'arm': the arms are a, placebo"),
    "no such column": (GOOD, {"outcome": "distance"}, "one column 'distance', and have none: the columns are change, arm, baseline"),
    "no such arm column": (GOOD, {"arm": "group"}, "one column 'group'"),
    "a column twice": (GOOD.set_axis(["change", "arm", "change"], axis=1), {}, "one column 'change', and have 2"),
    "not a frame": ([1, 2, 3], {}, "must be a pandas DataFrame, not list"),
    "one person": (GOOD.iloc[3:], {}, "at least two people in each arm, and arm a has 1"),
    "nobody in the control": (GOOD.assign(change=[1, 2, 3, 4, *[np.nan] * 4]), {}, "arm placebo has 0"),
    "nobody": (GOOD.assign(change=np.nan), {}, "nobody has what is compared"),
    "no rows": (GOOD.iloc[:0], {}, "the arms are none"),
    "one arm": (GOOD.iloc[4:], {}, "no arm to compare with placebo"),
    "no arm given": (GOOD.assign(arm=["a", None, *GOOD["arm"][2:]]), {}, "1 row has none in column 'arm'"),
    "words": (GOOD.assign(change="far"), {}, "column 'change' must hold numbers"),
    "infinite": (GOOD.assign(change=[np.inf, *GOOD["change"][1:]]), {}, "must hold finite numbers"),
    "level": (GOOD, {"level": 1}, "level must be above 0 and below 1, not 1"),
}


@every_comparison
@pytest.mark.parametrize(("frame", "named", "reason"), BAD.values(), ids=BAD)
def test_what_cannot_be_compared_says_why(compare, frame, named, reason):
    with pytest.raises(ValueError, match=reason) as raised:
        compare(frame, **named)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("name", ["means", "ancova", "dunnett", "bootstrap"])
def test_without_spread_nothing_can_be_judged(name):
    with pytest.raises(ValueError, match="no spread"):
        COMPARE[name](GOOD.assign(change=[0.1 + 0.2] * 4 + [0.3] * 4))


@pytest.mark.parametrize("name", ["ancova", "dunnett of ancova"])
@pytest.mark.parametrize("baseline", [[300] * 8, [300.1] * 4 + [310.2] * 4])
def test_a_baseline_that_only_repeats_the_arm_is_refused(name, baseline):
    with pytest.raises(ValueError, match="baseline must differ between people of the same arm"):
        COMPARE[name](GOOD.assign(baseline=baseline))


def test_ancova_refuses_what_leaves_nothing_to_estimate_from():
    with pytest.raises(ValueError, match="no spread"):
        ancova(GOOD, **{**NAMED, "outcome": "baseline"}, baseline="baseline")
    few = GOOD.iloc[[0, 1, 4, 5]].assign(arm=["a", "a", "placebo", "placebo"])
    assert ancova(few, **NAMED, baseline="baseline").estimates["df"].item() == 1
    with pytest.raises(ValueError, match="baseline 'weight'|column 'weight'"):
        ancova(GOOD, **NAMED, baseline="weight")


@pytest.mark.parametrize(
    ("call", "reason"),
    [
        (lambda: adjust([0.1, 1.2]), "p_values must be at least 0 and at most 1, not 1.2"),
        (lambda: adjust([0.1, np.nan]), "p_values"),
        (lambda: adjust([]), "at least one"),
        (lambda: adjust([0.1], "fdr"), "method must be one of bonferroni, holm, hochberg, not 'fdr'"),
        (lambda: difference_in_proportions(5, 4, 1, 4), "events_arm must be at most the number of people, 4, not 5"),
        (lambda: difference_in_proportions(1, 0, 1, 4), "n_arm must be at least 1"),
        (lambda: difference_in_proportions(1.5, 4, 1, 4), "whole number"),
        (lambda: power_of_t(difference=1, sd=0, n_arm=5, n_control=5), "sd must be above 0"),
        (lambda: power_of_t(difference=1, sd=1, n_arm=1, n_control=5), "n_arm must be at least 2"),
        (lambda: people_needed(difference=0, sd=1), "no number of people"),
        (lambda: people_needed(difference=1e-6, sd=1), "more than 10,000,000 people"),
        (lambda: people_needed(difference=1, sd=1, power=1), "power must be above 0 and below 1"),
        (lambda: dunnett_critical([0, 3], 3, 5), "n_arms must be above 0"),
        (lambda: permutation(GOOD, **NAMED, resamples=0), "resamples must be at least 1"),
        (lambda: bootstrap(GOOD, **NAMED, resamples=10), "resamples must be at least 100"),
    ],
)
def test_impossible_values_are_refused(call, reason):
    with pytest.raises(ValueError, match=reason):
        call()


# Words.


def test_a_comparison_in_words():
    found = ancova(on(270), **NAMED, baseline="baseline")
    assert found.describe().startswith("ANCOVA, adjusted for baseline: 25M minus placebo: −15.7 m (95% interval −56.6 m to +25.1 m). ")
    assert found.describe().endswith(" 29 people without change or baseline are left out.")
    assert found.table()["people"][0] == "27 and 24"
    assert found.table()["p"] == ["0.446", "0.138", "0.035", "0.023"]
    together = dunnett(on(270), **NAMED)
    assert together.describe().endswith("The 95% holds for all 4 comparisons at once.")
    assert together.table()["p, adjusted"] == ["0.855", "0.375", "0.111", "0.075"]


def test_a_method_without_limits_gives_its_p_value_in_words():
    found = permutation(two_arms([12, 9, 14, 11, 13, 15], [8, 10, 9.5, 7, 11.5, 8.5]), **NAMED)
    assert found.describe() == (
        "Permutation test of the difference in means: a minus placebo: +3.2 m (p 0.022). The p-values count every way to share out the people: they are exact."
    )
    assert found.table()["95% from"] == ["–"]
    assert "nan" not in bootstrap(GOOD, **NAMED).describe()


def test_a_p_value_near_the_usual_limit_says_on_which_side_it_lies():
    assert [in_words(p) for p in (0.0004, 0.0494, 0.0496, 0.0503, 0.0506, float("nan"))] == ["below 0.001", "0.049", "0.0496", "0.0503", "0.051", "–"]


def test_a_difference_in_proportions_in_words():
    found = difference_in_proportions(30, 100, 20, 100, level=0.9).describe()
    assert found == "30 of 100 against 20 of 100: +10 percentage points (90% interval +0 to +20)."


def test_arms_stand_in_the_order_of_their_categories():
    frame = GOOD.assign(arm=pd.Categorical(["b", "a"] * 2 + ["placebo"] * 4, categories=["a", "none", "b", "placebo"]))
    assert list(difference_in_means(frame, **NAMED).estimates["arm"]) == ["a", "b"]
    doses = GOOD.assign(arm=[100, 25, 100, 25, 0, 0, 0, 0])
    assert list(difference_in_means(doses, **{**NAMED, "control": 0}).estimates["arm"]) == [25, 100]


def test_importing_the_methods_brings_nothing_heavy():
    code = (
        "import frailty_lessons.methods.placebo, sys; "
        "print([name for name in ('pandas', 'scipy.stats', 'scipy.optimize', 'statsmodels') if name in sys.modules])"
    )
    assert run([executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "[]"
