"""What the lesson on placebo shows: parts of a change, many virtual trials, two planned questions, ways of handling leavers."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from frailty_lessons.methods import placebo

OPEN = pd.read_csv(Path(__file__).parents[1] / "reference" / "synthetic_open.csv")
NAMES = {"outcome": "change", "arm": "arm", "baseline": "baseline", "control": "placebo", "subject": "participant", "visit": "day"}


def test_what_both_arms_share_drops_out_of_the_difference():
    parts = placebo.change_parts(practice=15, regression=7, course=-10, hope=5, effect=20)
    assert (parts.placebo, parts.treated, parts.difference) == (17, 37, 20)
    assert "sees +37 m, which is off by 17 m" in parts.describe()
    assert parts.table()["treated (m)"][-1] == "+37" and parts.table()["placebo (m)"][-1] == "+17"


def test_hope_of_the_treated_alone_stays_in_the_difference():
    parts = placebo.change_parts(practice=15, regression=7, course=0, hope=5, effect=0, extra=12)
    assert parts.difference == 12 and "+12 m of it is hope that only the treated arm has" in parts.describe()


@pytest.mark.parametrize(("treated", "control", "bias"), [(0.5, 0.5, 0), (1, 0, 30), (0, 1, -30), (0.8, 0.5, 9)])
def test_believing_counts_only_as_far_as_the_arms_differ(treated, control, bias):
    found = placebo.unblinded(effect=10, extra=30, believe_treated=treated, believe_placebo=control)
    assert found.bias == pytest.approx(bias) and found.difference == pytest.approx(10 + bias)
    none = placebo.unblinded(effect=10, extra=0, believe_treated=treated, believe_placebo=control)
    assert none.describe().endswith("Believing adds nothing here.")


def test_impossible_shares_are_refused():
    with pytest.raises(ValueError, match="believe_placebo must be at least 0 and at most 1"):
        placebo.unblinded(effect=0, extra=10, believe_treated=0.5, believe_placebo=1.5)


@pytest.mark.parametrize(("effect", "n"), [(0, 16), (20, 16), (50, 16), (30, 30)])
def test_power_of_many_trials_is_that_of_the_t_test(effect, n):
    trials = placebo.many_trials(effect=effect, sd=70, n_treated=n, n_control=30)
    exact = placebo.power_of_t(difference=effect, sd=70, n_arm=n, n_control=30) if effect else 0.05
    assert abs(trials.power - exact) < 4 * trials.power_error


def test_estimates_and_intervals_have_their_exact_distributions():
    trials = placebo.many_trials(effect=20, sd=70, n_treated=16, n_control=30, shown=10_000)
    error = 70 * np.sqrt(1 / 16 + 1 / 30)
    assert stats.kstest(trials.estimates, "norm", args=(20, error)).pvalue > 0.001
    half = (trials.highs - trials.lows) / 2
    ratio = (half / stats.t.ppf(0.975, 44) / error) ** 2 * 44
    assert stats.kstest(ratio, "chi2", args=(44,)).pvalue > 0.001
    covered = ((trials.lows <= 20) & (20 <= trials.highs)).mean()
    assert abs(covered - 0.95) < 4 * np.sqrt(0.95 * 0.05 / 10_000)


def test_exaggeration_is_that_of_gelman_and_carlin():
    """Against the integral over the distribution of the t statistic's estimate and error."""
    effect, sd, n, m, df = 20, 70, 16, 30, 44
    root = np.sqrt(1 / n + 1 / m)
    shares = (np.arange(2_000) + 0.5) / 2_000
    errors = sd * root * np.sqrt(stats.chi2.ppf(shares, df) / df)
    limit = stats.t.ppf(0.975, df) * errors
    spread = sd * root
    up, down = (limit - effect) / spread, (-limit - effect) / spread
    told = stats.norm.sf(up) + stats.norm.cdf(down)
    size = effect * stats.norm.sf(up) + spread * stats.norm.pdf(up) - effect * stats.norm.cdf(down) + spread * stats.norm.pdf(down)
    expected = size.mean() / told.mean() / effect
    found = placebo.many_trials(effect=effect, sd=sd, n_treated=n, n_control=m, trials=200_000)
    assert found.exaggeration == pytest.approx(expected, rel=0.01)
    assert found.size_of_small == pytest.approx(expected * effect, rel=0.01)
    assert found.wrong_sign == pytest.approx(stats.norm.cdf(down).mean() / told.mean(), abs=0.003)


def test_only_those_are_told_that_have_a_small_p():
    every = placebo.many_trials(effect=20, sd=70, n_treated=16, n_control=30)
    told = placebo.many_trials(effect=20, sd=70, n_treated=16, n_control=30, only_small=True)
    assert len(every.told) == 40 and np.all(np.diff(every.estimates[every.told]) >= 0)
    assert list(told.told) == [place for place in every.told if every.small[place]]
    assert set(told.table()["p below 0.05"]) == {"yes"} and len(told.table()["trial"]) == every.small.sum()
    excludes = (every.lows > 0) | (every.highs < 0)
    assert np.array_equal(excludes, every.small)


@pytest.mark.parametrize("analysis", ["means", "ancova", "permutation", "dunnett", "mmrm"])
def test_each_analysis_is_the_function_of_that_name(analysis):
    found = placebo.two_questions(OPEN, analysis=analysis, at=180, dose="dose", **NAMES)
    now = OPEN[OPEN["day"] == 180]
    names = {"outcome": "change", "arm": "arm", "control": "placebo"}
    alone = {
        "means": lambda: placebo.difference_in_means(now, **names),
        "ancova": lambda: placebo.ancova(now, baseline="baseline", **names),
        "permutation": lambda: placebo.permutation(now, resamples=1_999, seed=0, **names),
        "dunnett": lambda: placebo.dunnett(now, baseline="baseline", **names),
        "mmrm": lambda: placebo.mmrm(OPEN, **NAMES),
    }[analysis]().estimates
    if analysis == "mmrm":
        alone = alone[alone["visit"] == 180]
    rows = found.each.estimates
    assert rows["estimate"].to_numpy() == pytest.approx(alone["estimate"].to_numpy())
    assert rows["p_value"].to_numpy() == pytest.approx(alone["p_value"].to_numpy())
    expected = alone["adjusted_p"] if analysis == "dunnett" else placebo.adjust(alone["p_value"], method="hochberg")
    assert rows["adjusted_p"].to_numpy() == pytest.approx(np.asarray(expected))
    assert len(found.table()["question"]) == 5


def test_the_trend_is_that_of_a_linear_model():
    import statsmodels.api as sm

    now = OPEN[OPEN["day"] == 180].dropna(subset=["change"])
    rank = now["dose"].rank(method="dense") - 1
    model = sm.OLS(now["change"], sm.add_constant(np.column_stack([rank, now["baseline"]]))).fit()
    found = placebo.trend(OPEN[OPEN["day"] == 180], outcome="change", dose="dose", baseline="baseline")
    assert found.per_step == pytest.approx(model.params["x1"], rel=1e-9)
    assert found.p_value == pytest.approx(model.pvalues["x1"], rel=1e-7)
    assert (found.low, found.high) == pytest.approx(tuple(model.conf_int().loc["x1"]), rel=1e-9)
    assert found.people == len(now)


def test_a_question_that_cannot_be_asked_is_refused():
    with pytest.raises(ValueError, match="analysis must be one of means, ancova"):
        placebo.two_questions(OPEN, analysis="best", at=180, dose="dose", **NAMES)
    with pytest.raises(ValueError, match="there is no visit 200; there are 90, 180, 270"):
        placebo.two_questions(OPEN, analysis="means", at=200, dose="dose", **NAMES)
    with pytest.raises(ValueError, match="at least two doses"):
        placebo.trend(OPEN[OPEN["arm"] == "25M"], outcome="change", dose="dose", baseline="baseline")
    few = pd.DataFrame({"change": [1.0, 4, 2], "dose": [0, 1, 2], "baseline": [300.0, 310, 305]})
    with pytest.raises(ValueError, match="at least four people, and there are 3"):
        placebo.trend(few, outcome="change", dose="dose", baseline="baseline")
    with pytest.raises(ValueError, match="'baseline' must vary, and not only from dose to dose"):
        placebo.trend(OPEN[OPEN["day"] == 180].assign(baseline=300.0), outcome="change", dose="dose", baseline="baseline")


def test_who_has_no_dose_counts_in_no_trend():
    now = OPEN[OPEN["day"] == 180].dropna(subset=["change"])
    lost = pd.concat([now, now.head(1).assign(dose=np.nan)], ignore_index=True)
    named = {"outcome": "change", "dose": "dose", "baseline": "baseline"}
    assert placebo.trend(lost, **named) == placebo.trend(now, **named)


def test_nearly_all_is_not_said_to_be_all():
    found = placebo.many_trials(effect=40, sd=30, n_treated=30, n_control=30)
    assert 0.995 < found.power < 1 and "more than 99 of 100 have p below 0.05" in found.describe()


def test_each_way_of_handling_leavers_is_the_function_of_that_name():
    whole = OPEN.assign(change=OPEN["change"].fillna(0.0))
    found = placebo.handlings(OPEN, whole, of="50M", delta=20, truth=30, **NAMES)
    seen = OPEN[OPEN["arm"].isin(["50M", "placebo"])]
    expected = [
        placebo.ancova(whole[(whole["day"] == 270) & whole["arm"].isin(["50M", "placebo"])], outcome="change", arm="arm", baseline="baseline", control="placebo"),
        placebo.complete_cases(seen, **NAMES),
        placebo.last_observation_carried_forward(seen, **NAMES),
        placebo.multiple_imputation(seen, **NAMES, imputations=40, seed=0),
        placebo.reference_based(seen, **NAMES, method="jump-to-reference", imputations=40, seed=0),
        placebo.delta_adjusted(seen, **NAMES, delta=-20, imputations=40, seed=0),
    ]
    assert [way.estimate for way in found.ways] == pytest.approx([one.estimates["estimate"].iloc[0] for one in expected])
    assert [way.low for way in found.ways] == pytest.approx([one.estimates["low"].iloc[0] for one in expected])
    end = seen[seen["day"] == 270].set_index("arm")["change"]
    assert found.left == {arm: int(end.loc[arm].isna().sum()) for arm in ("50M", "placebo")}
    assert "of 31 people on 50M" in found.describe() and found.describe().startswith("Virtual people, given a true effect of +30 m: ")


def test_the_lessons_explorers_show_what_its_text_says():
    import frailty_lessons as fl

    trial, explorers = fl.load_trial("lomecel-b-phase-2b"), fl.explorers.placebo

    def show(explorer, **state):
        return explorer.compute({**explorer.start, **state})

    parts = explorers.EveryoneGetsBetter(trial)
    assert show(parts).treated > 30 and show(parts, practice=30, hope=30, extra=30).treated > 60

    many = explorers.ManyTrials(trial)
    few, planned = show(many), show(many, n_treated=30)
    half = [round(float(np.mean(one.highs - one.lows)) / 2) for one in (few, planned)]
    assert (few.n_treated, few.n_control, half) == (16, 30, [43, 36])
    assert [round(100 * one.power) for one in (few, planned)] == [15, 20]
    assert [round(one.size_of_small) for one in (few, planned)] == [53, 45] and few.exaggeration > 2.5

    two = explorers.TwoQuestions(trial)

    def story(number):
        rows = show(two, number=number)
        return bool((rows.each.estimates["low"] < 0).all() and (rows.each.estimates["high"] > 0).all()), rows.trend.low > 0

    assert two.start["number"] == 4 and all(all(story(number)) for number in (4, 8, 10))
    assert sum(all(story(number)) for number in range(1, 41)) < 20
    middle = [show(two, number=number, analysis="ancova", **two.cases["Best in the middle"]).trend.low > 0 for number in range(1, 41)]
    assert 0.2 < np.mean(middle) < 0.3

    left = explorers.WhoLeft(trial)
    whole, stayed, carried, at_random, placebo_like, worse = (way.estimate for way in show(left).ways)
    assert (round(at_random - whole), round(stayed - whole)) == (12, 18)
    assert abs(placebo_like - whole) < 3 and abs(worse - whole) < 3
    reaches = min(delta for delta in range(0, 121, 10) if show(left, delta=delta).ways[-1].low <= 0)
    assert reaches == 80
    whole, stayed, carried, at_random, *_ = (way.estimate for way in show(left, **left.cases["The reason is in the data"]).ways)
    assert carried < at_random < stayed and abs(at_random - whole) < 3 < min(stayed - whole, whole - carried)

    blind = show(explorers.Believing(trial), **explorers.Believing.cases["A perfect blind"])
    assert blind.difference == 0
