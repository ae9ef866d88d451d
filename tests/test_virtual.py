"""The virtual trial: its people are those that were asked for, and every assumption does what its name says."""

from pathlib import Path

import numpy as np
import pytest

from frailty_lessons.methods import placebo
from frailty_lessons.methods.walk_test import regression_to_the_mean
from frailty_lessons.trial.loading import load_trial
from frailty_lessons.virtual import (
    AT_RANDOM,
    DEFAULTS,
    MECHANISMS,
    NOT_SEEN,
    SEEN,
    assumptions,
    differences,
    virtual_trial,
    virtual_trials,
)

DATASETS = Path(__file__).parents[1] / "datasets"
NOTHING = {"effects": 0, "learning": 0, "placebo_course": 0, "dropout": 0, "hope": 0, "drift": 0}
POPULATION = {"population_mean": 400, "population_sd": 100, "reliability": 0.8, "sd": 90, "entry_window": (200, 400)}


@pytest.fixture(scope="module")
def trial():
    return load_trial(DATASETS / "lomecel-b-phase-2b")


@pytest.fixture(scope="module")
def other():
    return load_trial(DATASETS / "cratus")


def many(trial, size=4000, **asked):
    """One virtual trial with so many people in each arm."""
    sizes = {arm.id: size for arm in trial.arms if arm.randomised}
    return virtual_trial(trial, **{**NOTHING, **POPULATION, "sizes": sizes, **asked})


def wide(frame, column="change"):
    """People by visits."""
    return frame.pivot(index="person", columns="visit", values=column)


def near(values, expected, errors=4):
    """The mean is what is expected, within so many of its standard errors."""
    values = np.asarray(values, dtype=float)
    values = values[~np.isnan(values)]
    return abs(values.mean() - expected) < errors * values.std(ddof=1) / np.sqrt(len(values))


# Who takes part.


def test_arms_sizes_doses_and_visits_are_those_of_the_pack(trial):
    frame = virtual_trial(trial, effects=30)
    people = frame.drop_duplicates("person")
    assert people["arm"].value_counts().to_dict() == {arm.id: arm.treated for arm in trial.arms}
    assert len(people) == trial.published("n-infused").value
    assert dict(zip(people["arm"], people["dose"])) == {arm.id: arm.dose for arm in trial.arms}
    assert sorted(frame["visit"].unique()) == [90, 180, 270] == [day.day for day in trial.visits if 0 < day.day <= 270]
    assert len(frame) == 3 * len(people) and not frame.duplicated(["person", "visit"]).any()


def test_visits_and_sizes_can_be_chosen(trial):
    frame = virtual_trial(trial, effects=30, visits=["d365", 90], sizes={"200M": 30})
    assert sorted(frame["visit"].unique()) == [90, 365]
    assert frame.drop_duplicates("person")["arm"].value_counts()["200M"] == 30


def test_only_people_drawn_by_lot_take_part(other):
    frame = virtual_trial(other, effects={"100M-randomised": 20})
    assert set(frame["arm"]) == {"100M-randomised", "200M-randomised", "placebo"}
    assert frame["person"].nunique() == 30 and sorted(frame["visit"].unique()) == [30, 90, 180]
    assert frame.attrs["assumptions"]["entry_window"]["value"] is None
    found = differences(virtual_trials(other, effects={"100M-randomised": 20}, trials=2000), visit=180)
    assert found.arms == ("100M-randomised", "200M-randomised")
    assert near(found.estimate[:, 0, 0], 20) and near(found.estimate[:, 1, 0], 0)


@pytest.mark.parametrize("window", [(200, 400), (350, 360), (700, 900), (-50, 60), (-np.inf, 400), (390, np.inf)])
def test_baselines_lie_in_the_window_and_are_a_truncated_normal(trial, window):
    people = many(trial, entry_window=window).drop_duplicates("person")
    assert people["baseline"].between(*window).all()
    expected = regression_to_the_mean(mean=400, sd=100, reliability=0.8, low=window[0], high=window[1])
    assert near(people["baseline"], expected.expected_baseline)
    assert near(people["true_baseline"], expected.expected_retest)


# What is measured.


@pytest.mark.parametrize("reliability", [0.7, 0.91, 1])
def test_without_any_cause_the_mean_change_is_regression_to_the_mean(trial, reliability):
    expected = regression_to_the_mean(mean=400, sd=100, reliability=reliability, low=200, high=400).expected_change
    changes = wide(many(trial, reliability=reliability, sd=90))
    assert all(near(changes[day], expected) for day in changes)


def test_regression_to_the_mean_is_in_the_measured_walk_only(trial):
    frame = many(trial)
    assert near(frame["true"] - frame["true_baseline"], 0)
    assert near(frame["distance"] - frame["true"], 0)


def test_measured_less_true_has_the_error_that_the_reliability_implies(trial):
    frame = many(trial)
    errors = wide(frame.assign(error=frame["distance"] - frame["true"]), "error")
    assert np.allclose(errors.std(), 100 * np.sqrt(0.2), rtol=0.02)
    assert np.abs(np.corrcoef(errors.T) - np.eye(3)).max() < 0.03
    unlimited = many(trial, entry_window=(-np.inf, np.inf)).drop_duplicates("person")
    assert np.isclose((unlimited["baseline"] - unlimited["true_baseline"]).std(), 100 * np.sqrt(0.2), rtol=0.02)
    assert np.isclose(unlimited["baseline"].std(), 100, rtol=0.02)
    assert np.isclose(np.corrcoef(unlimited["baseline"], unlimited["true_baseline"])[0, 1] ** 2, 0.8, atol=0.01)


@pytest.mark.parametrize(("sd", "correlation"), [(70, 0.4), (90, 0.6), (90, 0.25), ([70, 80, 100], 0.5)])
def test_changes_have_the_spread_and_the_correlation_asked_for(trial, sd, correlation):
    changes = wide(many(trial, size=8000, sd=sd, correlation=correlation))
    assert np.allclose(changes.std(), sd, rtol=0.015)
    assert np.allclose(np.corrcoef(changes.T)[np.triu_indices(3, 1)], correlation, atol=0.015)


def test_learning_and_course_add_to_every_arm_and_only_the_course_is_true(trial):
    before, after = many(trial), many(trial, learning=26, placebo_course={"d90": 5, "d180": -5, "d270": -15})
    added = np.tile([5, -5, -15], len(before) // 3)
    assert np.allclose(after["true"] - before["true"], added, atol=0.01)
    assert np.allclose(after["distance"] - before["distance"], added + 26, atol=0.01)


def test_the_effect_is_the_difference_from_placebo(trial):
    found = differences(virtual_trials(trial, effects={"25M": 20, "200M": [10, 30, 60]}, trials=4000))
    for arm, effect in {"25M": [20, 20, 20], "50M": [0, 0, 0], "100M": [0, 0, 0], "200M": [10, 30, 60]}.items():
        for day, metres in enumerate(effect):
            assert near(found.estimate[:, found.arms.index(arm), day], metres), (arm, day)


def test_hope_is_measured_in_treated_arms_and_is_not_true(trial):
    blind, open_ = many(trial), many(trial, hope={"200M": 20})
    gain = open_["distance"] - blind["distance"]
    assert np.allclose(gain[open_["arm"] == "200M"], 20, atol=0.01) and np.allclose(gain[open_["arm"] != "200M"], 0)
    assert open_["true"].equals(blind["true"])
    everywhere = many(trial, hope=20)
    assert np.allclose(everywhere["distance"] - blind["distance"], 20 * (blind["dose"] > 0), atol=0.01)


# Time of entry.


def test_the_late_arm_enters_late_and_a_drift_then_looks_like_an_effect(trial):
    late = [arm.id for arm in trial.arms if arm.late]
    frame = many(trial, drift=40, late_from=0.6)
    people = frame.drop_duplicates("person")
    assert late == ["200M"]
    assert people["entry"].between(0, 1).all() and near(people.loc[~people["arm"].isin(late), "entry"], 0.5)
    assert people.loc[people["arm"].isin(late), "entry"].min() >= 0.6
    found = differences(virtual_trials(trial, **{**NOTHING, "drift": 40}, late_from=0.6, trials=4000), visit=270)
    assert near(found.estimate[:, found.arms.index("200M"), 0], 40 * 0.3)
    assert near(found.estimate[:, found.arms.index("50M"), 0], 0)
    of_all = wide(frame[~frame["arm"].isin(late)])[270]
    entry = people.set_index("person").loc[of_all.index, "entry"]
    assert np.isclose(np.polyfit(entry, of_all, 1)[0], 40, atol=8)


# Who leaves.


@pytest.mark.parametrize("mechanism", MECHANISMS)
@pytest.mark.parametrize("strength", [0.0, 0.7, 1.0])
def test_the_share_who_left_is_the_one_asked_for(trial, mechanism, strength):
    asked = {"placebo": 0.4, "25M": 0.1, "50M": 0.25}
    frame = many(trial, dropout=asked, mechanism=mechanism, dropout_strength=strength)
    last = frame[frame["visit"] == 270].groupby("arm", observed=True)["left"].mean()
    for arm in ("placebo", "25M", "50M", "100M", "200M"):
        assert last[arm] == pytest.approx(asked.get(arm, 0), abs=0.02)
    at_risk = frame[frame["arm"] == "placebo"].groupby("visit")["left"].mean()
    assert np.allclose(at_risk, 1 - 0.6 ** (np.array([90, 180, 270]) / 270), atol=0.02)


@pytest.mark.parametrize("mechanism", MECHANISMS)
def test_who_left_stays_away_and_is_not_measured(trial, mechanism):
    frame = virtual_trial(trial, effects=20, dropout=0.3, mechanism=mechanism)
    left = wide(frame, "left").to_numpy()
    assert left.any() and (np.diff(left.astype(int), axis=1) >= 0).all()
    assert (frame["distance"].isna() == frame["left"]).all() and (frame["change"].isna() == frame["left"]).all()
    assert frame[["true", "baseline", "true_baseline", "entry"]].notna().all(axis=None)
    seen = frame[~frame["left"]]
    assert np.allclose(seen["change"], seen["distance"] - seen["baseline"], atol=1e-3)


def _bias(trial, mechanism):
    """How far those measured at the last visit are from everybody, and from those with the same walks before."""
    asked = {"mechanism": mechanism, "dropout_strength": 0.8, "sd": 70, "reliability": 0.91}
    whole, kept = many(trial, **asked), many(trial, dropout=0.3, **asked)
    changes, left = wide(whole), wide(kept, "left")
    baseline = whole.drop_duplicates("person").set_index("person").loc[changes.index, "baseline"]
    there = ~left[180]
    known = np.column_stack([np.ones(there.sum()), baseline[there], changes.loc[there, [90, 180]], left.loc[there, 270]])
    fit, *_ = np.linalg.lstsq(known, changes.loc[there, 270].to_numpy(), rcond=None)
    rest = changes.loc[there, 270] - known @ fit
    error = rest.std() * np.sqrt(np.linalg.inv(known.T @ known)[-1, -1])
    return changes.loc[~left[270], 270].mean() - changes[270].mean(), fit[-1], error


def test_leaving_at_random_leaves_the_mean_alone(trial):
    complete, conditional, error = _bias(trial, AT_RANDOM)
    assert abs(complete) < 1.5 and abs(conditional) < 4 * error


def test_leaving_by_what_was_seen_misleads_unless_what_was_seen_is_used(trial):
    complete, conditional, error = _bias(trial, SEEN)
    assert complete > 6 and abs(conditional) < 4 * error


def test_leaving_by_what_was_not_seen_misleads_even_then(trial):
    complete, conditional, error = _bias(trial, NOT_SEEN)
    assert complete > 12 and conditional < -10 * error


def test_fewer_leave_where_people_gain_if_leaving_depends_on_the_walk(trial):
    for mechanism, fewer in ((AT_RANDOM, False), (SEEN, True), (NOT_SEEN, True)):
        frame = many(trial, effects={"200M": 50}, dropout=0.3, mechanism=mechanism, dropout_strength=0.8)
        last = frame[frame["visit"] == 270].groupby("arm", observed=True)["left"].mean()
        assert (last["200M"] < last["100M"] - 0.05) == fewer, mechanism


# One trial and many.


def test_same_seed_same_people_whatever_the_effect(trial):
    first, again, larger = (virtual_trial(trial, effects=effect, seed=3) for effect in (0, 0, 25))
    assert first.equals(again) and not first.equals(virtual_trial(trial, effects=0, seed=4))
    for column in ("person", "entry", "baseline", "true_baseline", "left"):
        assert first[column].equals(larger[column])
    assert np.allclose((larger["distance"] - first["distance"]).dropna(), 25 * (first.loc[~first["left"], "dose"] > 0), atol=1e-3)


def test_another_size_keeps_the_people_who_were_there(trial):
    small, large = virtual_trial(trial, effects=10), virtual_trial(trial, effects=10, sizes={"200M": 30, "25M": 10})
    both = small.merge(large, on=["person", "visit"], suffixes=("", "_large"))
    assert len(both) == 3 * (148 - 27) and both["distance"].equals(both["distance_large"])


def test_a_small_step_of_an_assumption_is_a_small_step_of_everybody(trial):
    before = many(trial, size=50)
    for step in ({"sd": 90.5}, {"correlation": 0.51}, {"reliability": 0.801}, {"population_mean": 401}, {"entry_window": (200, 401)}):
        after = many(trial, size=50, **step)
        assert 0 < np.abs(after["distance"] - before["distance"]).max() < 8, step


@pytest.mark.parametrize("mechanism", MECHANISMS)
def test_the_first_of_many_trials_is_the_one_trial(trial, mechanism):
    asked = {"effects": {"200M": 30}, "mechanism": mechanism, "dropout": 0.3, "seed": 5}
    frame, result = virtual_trial(trial, **asked), virtual_trials(trial, trials=3, **asked)
    groups = frame.groupby(["arm", "visit"], observed=True)["change"]
    shape = len(result.arms), len(result.days)
    assert (groups.count().to_numpy().reshape(shape) == result.counts[0]).all()
    assert np.allclose(groups.mean().to_numpy().reshape(shape), result.means[0], atol=1e-3)
    assert np.allclose(groups.var().to_numpy().reshape(shape), result.variances[0], rtol=1e-4)


def test_many_trials_are_distributed_as_single_ones(trial):
    asked = {"effects": {"200M": 30}, "dropout": 0.3, "mechanism": SEEN}
    single = [virtual_trial(trial, seed=seed, **asked) for seed in range(300)]
    means = np.array([frame.groupby(["arm", "visit"], observed=True)["change"].mean().to_numpy() for frame in single])
    result = virtual_trials(trial, trials=2000, seed=999, **asked)
    together = result.means.reshape(2000, -1)
    error = np.sqrt(means.var(axis=0) / 300 + together.var(axis=0) / 2000)
    assert (np.abs(means.mean(axis=0) - together.mean(axis=0)) < 4 * error).all()
    assert np.allclose(means.std(axis=0), together.std(axis=0), rtol=0.2)
    assert np.std(result.means[:, 0, 0]) > 5, "trials differ from each other"


@pytest.mark.parametrize("method", ["welch", "pooled"])
def test_differences_agree_with_scipy(trial, method):
    from scipy.stats import ttest_ind

    asked = {"effects": 30, "dropout": 0.3, "seed": 8}
    frame = virtual_trial(trial, **asked)
    found = differences(virtual_trials(trial, trials=2, **asked), visit=180, method=method, level=0.9)
    at = frame[(frame["visit"] == 180) & ~frame["left"]]
    for k, arm in enumerate(found.arms):
        test = ttest_ind(at.loc[at["arm"] == arm, "change"], at.loc[at["arm"] == "placebo", "change"], equal_var=method == "pooled")
        limits = test.confidence_interval(0.9)
        assert found.p_value[0, k, 0] == pytest.approx(test.pvalue, rel=1e-3)
        assert (found.low[0, k, 0], found.high[0, k, 0]) == pytest.approx((limits.low, limits.high), abs=1e-2)


def test_intervals_hold_the_truth_as_often_as_they_say(trial):
    for method in ("welch", "pooled"):
        found = differences(virtual_trials(trial, effects={"200M": 30}, trials=10_000), visit=270, method=method)
        k = found.arms.index("200M")
        held = (found.low[:, k, 0] < 30) & (30 < found.high[:, k, 0])
        assert held.mean() == pytest.approx(0.95, abs=0.01)
        assert (found.p_value[:, found.arms.index("50M"), 0] < 0.05).mean() == pytest.approx(0.05, abs=0.01)
    assert "200M minus placebo at day 270: +30 m on average" in found.describe()


def test_an_arm_that_everybody_left_is_not_a_number_and_no_warning(trial):
    result = virtual_trials(trial, effects=0, sizes={"200M": 2}, dropout={"200M": 0.9}, trials=200)
    found = differences(result, visit=270)
    alone = result.counts[:, 4, 2] < 2
    assert alone.any() and np.isnan(found.p_value[alone, 3]).all() and not np.isnan(found.p_value[~alone, 3]).any()


# What is said of it.


def test_every_virtual_trial_says_that_it_is_one(trial):
    frame, result = virtual_trial(trial, effects=0), virtual_trials(trial, effects=0, trials=2)
    assert frame.attrs["synthetic"] is True and result.synthetic
    for note in (frame.attrs["note"], result.note):
        assert "Synthetic" in note and "No data of single participants of the real trial are public" in note


def test_defaults_are_rows_of_the_pack_or_the_literature_and_are_told(trial, other):
    for pack in (trial, other):
        rows = assumptions(pack)
        told = virtual_trial(pack, effects=0).attrs["assumptions"]
        for argument in DEFAULTS:
            assert told[argument]["rows"] == [row.id for row in rows[argument]]
            for row in rows[argument]:
                assert row.certainty == "assumed" or "virtual" not in row.id or argument == "visits", row.id
        for argument in set(DEFAULTS) - {"entry_window", "visits"}:
            assert rows[argument], argument
    changed = virtual_trial(trial, effects=0, sd=80, sizes={"200M": 30}).attrs["assumptions"]
    assert changed["sd"] == {"value": 80, "rows": []} and changed["learning"]["rows"] == ["holland-2018-learning-6-months"]


def test_what_nobody_published_has_no_default(trial):
    with pytest.raises(TypeError, match="effects"):
        virtual_trial(trial)
    bare = trial.model_copy(update={"results": tuple(row for row in trial.results if row.id != "virtual-sd")})
    with pytest.raises(ValueError, match="sd has no default, for the pack 'lomecel-b-phase-2b' has no row virtual-sd: give it"):
        virtual_trial(bare, effects=0)
    assert len(virtual_trial(bare, effects=0, sd=70)) == 444


def test_the_mixed_model_reads_it_as_it_is(trial):
    frame = virtual_trial(trial, effects={"200M": 30}, dropout=0.2)
    result = placebo.mmrm(frame, outcome="change", arm="arm", visit="visit", subject="person", baseline="baseline", control="placebo")
    assert len(result.estimates) == 12 and result.estimates["standard_error"].between(5, 40).all()


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ({"effects": {"300M": 10}}, "effects cannot name '300M': the arms it may name are 100M, 200M, 25M, 50M"),
        ({"effects": {"placebo": 10}}, "effects cannot name 'placebo'"),
        ({"effects": [1, 2]}, "one for each of the 3 visits"),
        ({"effects": {"200M": {90: 1}}}, "effects must have one number for each of the days 90, 180, 270, and has 90"),
        ({"effects": None}, "effects must be a number"),
        ({"effects": "much"}, "effects must be a number, not 'much'"),
        ({"effects": np.inf}, "effects must be finite"),
        ({"sd": 0}, "sd must be above 0"),
        ({"sd": 40}, "sd must be at least 41.8 m, not 40: so much comes from the errors of two walks"),
        ({"sd": 60, "correlation": 0.9}, "correlation must be between -0.02 and 0.75, not 0.9, with an sd of 60 m"),
        ({"correlation": 2}, "correlation must be at least -1 and at most 1, not 2"),
        ({"correlation": [0.5, 0.6]}, "correlation must be one finite number"),
        ({"reliability": 1.2}, "reliability must be at least 0 and at most 1"),
        ({"dropout": 1}, "dropout must be at least 0 and below 1, not 1"),
        ({"dropout": {"placebo": -0.1}}, "dropout must be at least 0"),
        ({"dropout": [0.1, 0.2]}, "dropout must be one finite number, or a dict"),
        ({"mechanism": "no idea"}, "mechanism must be one of completely at random, depends on what was seen"),
        ({"dropout_strength": 1.1}, "dropout_strength must be at least 0 and at most 1"),
        ({"entry_window": (400, 200)}, "entry_window must go from a lower to a higher distance"),
        ({"entry_window": 200}, "entry_window must be two distances"),
        ({"entry_window": (2000, 3000)}, "admits hardly anybody"),
        ({"hope": {"placebo": 5}}, "hope cannot name 'placebo'"),
        ({"late_from": 1}, "late_from must be at least 0 and below 1"),
        ({"sizes": {"200M": 0}}, "the size of arm 200M must be at least 1"),
        ({"sizes": {"400M": 3}}, "sizes cannot name '400M'"),
        ({"sizes": 30}, "sizes must be a dict from arm ids to people"),
        ({"visits": [91]}, r"there is no visit 91 after day 0: there are d90 \(day 90\)"),
        ({"visits": []}, "visits must have at least one visit"),
        ({"seed": -1}, "seed must be at least 0"),
        ({"population_mean": 0}, "population_mean must be above 0"),
    ],
)
def test_an_impossible_assumption_gives_one_sentence(trial, asked, says):
    for draw in (virtual_trial, virtual_trials):
        with pytest.raises(ValueError, match=says) as raised:
            draw(trial, **{"effects": 0, **asked})
        assert "\n" not in str(raised.value)


def test_a_comparison_that_cannot_be_gives_one_sentence(trial):
    result = virtual_trials(trial, effects=0, trials=2)
    for asked, says in (
        ({"visit": 91}, "visit must be one of the days 90, 180, 270"),
        ({"control": "none"}, "control must be one of the arms"),
        ({"method": "guess"}, "method must be welch or pooled"),
        ({"level": 1}, "level must be above 0 and below 1"),
    ):
        with pytest.raises(ValueError, match=says):
            differences(result, **asked)
    with pytest.raises(ValueError, match="trials must be at least 1"):
        virtual_trials(trial, effects=0, trials=0)
    with pytest.raises(ValueError, match="trial must be a loaded trial pack, not str"):
        virtual_trial("a name", effects=0)
    with pytest.raises(TypeError, match="unexpected keyword"):
        virtual_trials(trial, effects=0, luck=1)
