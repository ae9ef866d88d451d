"""People who left: each assumption against R, against what it means written out by hand, and against itself."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from statsmodels.regression.linear_model import OLS

from frailty_lessons.methods.placebo import (
    ancova,
    complete_cases,
    delta_adjusted,
    last_observation_carried_forward,
    missing,
    multiple_imputation,
    reference_based,
    tipping_point,
)
from frailty_lessons.methods.placebo.mmrm import mmrm

REFERENCE = Path(__file__).parents[1] / "reference"
R = json.loads((REFERENCE / "synthetic_open.json").read_text())["results"]
TRIAL = pd.read_csv(REFERENCE / "synthetic_open.csv")
NAMED = {"outcome": "change", "arm": "arm", "baseline": "baseline", "control": "placebo", "subject": "participant", "visit": "day"}
ONE_VISIT = {key: NAMED[key] for key in ("outcome", "arm", "baseline", "control")}
FIGURES = ["estimate", "standard_error", "df", "low", "high", "p_value"]


def copy_reference(frame, **named):
    return reference_based(frame, method="copy-reference", **named)


def shifted(frame, **named):
    return delta_adjusted(frame, delta=-30, **named)


def tipping(frame, **named):
    return tipping_point(frame, deltas=[0, -20, -60], **named)


DRAWN = {
    "at random": multiple_imputation,
    "jump to reference": reference_based,
    "copy reference": copy_reference,
    "shifted": shifted,
    "tipping": tipping,
}
ALL = {"complete cases": complete_cases, "carried forward": last_observation_carried_forward, **DRAWN}
every_method = pytest.mark.parametrize("method", ALL.values(), ids=ALL)
every_draw = pytest.mark.parametrize("method", DRAWN.values(), ids=DRAWN)


def trial(n=(40, 30), visits=3, leave=0.3, gap=0.0, seed=0):
    """A trial of two arms whose people leave more often the worse they walk, and now and then miss a visit."""
    random = np.random.default_rng(seed)
    rows = []
    for arm, people, gain in zip(("placebo", "treated"), n, (0, 25), strict=True):
        for i in range(people):
            baseline, own, gone = random.normal(300, 60), random.normal(0, 35), False
            for visit in range(1, visits + 1):
                walked = 10 * visit + gain * visit / visits + own - 0.2 * (baseline - 300) + random.normal(0, 20)
                seen = not gone and (visit in (1, visits) or random.random() >= gap)
                rows.append((f"{arm}{i:03}", arm, baseline, 90 * visit, walked if seen else np.nan))
                gone = gone or random.random() < leave * 2 / (1 + np.exp(walked / 30))
    return pd.DataFrame(rows, columns=["participant", "arm", "baseline", "day", "change"])


# Against R.


def test_complete_cases_are_rs_ancova_at_the_last_visit():
    found, expected = complete_cases(TRIAL, **NAMED).estimates, R["ancova_d270"]
    np.testing.assert_allclose(found["estimate"], expected["estimate"], rtol=1e-9)
    np.testing.assert_allclose(found[["low", "high"]].T, [expected["lower"], expected["upper"]], rtol=1e-9)
    assert [found["n_control"][0], *found["n_arm"]] == list(expected["n"].values())
    assert set(found["visit"]) == {270}


def test_missing_at_random_agrees_with_rs_mixed_model():
    # The same model and assumption in two ways: they differ by the chance of the draws and by the degrees of freedom.
    expected = pd.DataFrame(R["mmrm_satterthwaite"]["rows"]).query("day == 270")
    found = multiple_imputation(TRIAL, **NAMED, imputations=3000, seed=2).estimates
    np.testing.assert_allclose(found["estimate"], expected["estimate"], atol=0.6)
    np.testing.assert_allclose(found["standard_error"], expected["se"], rtol=0.04)
    np.testing.assert_allclose(found["df"], expected["df"], rtol=0.25)
    assert [found["n_control"][0], *found["n_arm"]] == [30, 37, 31, 34, 16]


def test_a_gap_is_filled_from_the_visits_on_both_sides():
    # The mixed model takes gaps as they are; imputation must come to the same.
    frame = trial(leave=0.35, gap=0.35, seed=6)
    wide = frame.pivot(index="participant", columns="day", values="change").notna()
    assert (~wide[180] & wide[270]).sum() >= 8 and (~wide[270]).sum() >= 15
    expected = mmrm(frame, **NAMED).estimates.query("visit == 270").iloc[0]
    found = multiple_imputation(frame, **NAMED, imputations=3000, seed=2).estimates.iloc[0]
    assert found["estimate"] == pytest.approx(expected["estimate"], abs=0.06 * expected["standard_error"])
    assert found["standard_error"] == pytest.approx(expected["standard_error"], rel=0.06)


# Written out by hand.


def by_hand(frame, rule, delta=0.0):
    """The ANCOVA after each missing value of two visits is replaced by its mean under the rule, as the assumption says it in words."""
    wide = frame.pivot(index="participant", columns="day", values="change")
    people = frame.drop_duplicates("participant").set_index("participant").loc[wide.index]
    treated, baseline = (people["arm"] == "treated").to_numpy(float), people["baseline"].to_numpy()
    y1, y2 = wide[90].to_numpy(copy=True), wide[180].to_numpy(copy=True)

    def of(group, *more):
        return np.column_stack([np.ones(len(baseline)), group, baseline, *more])

    have1, have2 = ~np.isnan(y1), ~np.isnan(y2)
    first = OLS(y1[have1], of(treated)[have1]).fit().params
    second = OLS(y2[have2], of(treated, y1)[have2]).fit().params

    def mean1(group):
        return of(group) @ first

    def mean2(group):
        return of(group, mean1(group)) @ second

    nobody = np.zeros_like(treated)
    mean_while_seen = mean1(nobody if rule == "copy-reference" else treated)
    mean_after = mean2(treated if rule == "at random" else nobody)
    never = ~have1
    y2 = np.where(have2, y2, mean_after + second[3] * np.where(never, 0, np.nan_to_num(y1) - mean_while_seen) + delta * treated)
    fit = OLS(y2, of(treated)).fit()
    return fit.params[1]


@pytest.mark.parametrize(
    ("rule", "delta", "method"),
    [
        ("at random", 0, multiple_imputation),
        ("jump-to-reference", 0, reference_based),
        ("copy-reference", 0, copy_reference),
        ("at random", -30, shifted),
    ],
    ids=["at random", "jump to reference", "copy reference", "shifted"],
)
def test_the_mean_of_many_draws_is_the_assumption_written_out(rule, delta, method):
    frame = trial(n=(60, 50), visits=2, leave=0.6, seed=3)
    # Five people of either arm were never seen after the baseline.
    never = frame["participant"].isin([f"{arm}{i:03}" for arm in ("placebo", "treated") for i in range(5)])
    frame.loc[never, "change"] = np.nan
    assert 25 <= frame.query("day == 180")["change"].isna().sum() <= 60
    found = method(frame, **NAMED, imputations=4000, seed=1).estimates.iloc[0]
    assert found["estimate"] == pytest.approx(by_hand(frame, rule, delta), abs=0.3)
    others = [by_hand(frame, *other) for other in (("at random", 0), ("jump-to-reference", 0), ("copy-reference", 0), ("at random", -30))]
    assert min(abs(np.subtract.outer(others, others))[np.triu_indices(4, 1)]) > 0.6, "the trial must tell the assumptions apart"


def test_last_observation_carried_forward_by_hand():
    frame = trial(seed=5)
    frame.loc[frame["participant"] == "treated000", "change"] = np.nan
    last = frame.dropna(subset="change").groupby("participant").last().reset_index()
    found = last_observation_carried_forward(frame, **NAMED)
    pd.testing.assert_frame_equal(found.estimates[FIGURES], ancova(last, **ONE_VISIT).estimates[FIGURES])
    assert "1 person without any visit is left out." in found.notes
    assert found.estimates["n_arm"].item() == 29


def test_rubins_rules_by_hand():
    frame, random = trial(seed=7), np.random.default_rng(1)
    course = missing._read(frame, *(NAMED[key] for key in ("outcome", "arm", "baseline", "control", "subject", "visit")))
    last = course.values[:, -1]
    drawn = np.where(np.isnan(last), random.normal(30, 40, (5, len(last))), last)
    found = missing._pooled("drawn by hand", course, drawn, 0.9, ()).estimates.iloc[0]

    design = np.column_stack([np.ones(len(last)), course.people.of, course.people.baseline]).astype(float)
    fits = [OLS(values, design).fit() for values in drawn]
    within = np.mean([fit.bse[1] ** 2 for fit in fits])
    between = np.var([fit.params[1] for fit in fits], ddof=1)
    total = within + 1.2 * between
    by_draws = 4 * (1 + within / (1.2 * between)) ** 2
    by_people = (len(last) - 3 + 1) / (len(last) - 3 + 3) * (len(last) - 3) * within / total
    df = 1 / (1 / by_draws + 1 / by_people)
    estimate = np.mean([fit.params[1] for fit in fits])
    assert (found["estimate"], found["standard_error"], found["df"]) == pytest.approx((estimate, np.sqrt(total), df))
    reach = stats.t.ppf(0.95, df) * np.sqrt(total)
    assert (found["low"], found["high"]) == pytest.approx((estimate - reach, estimate + reach))
    assert found["p_value"] == pytest.approx(2 * stats.t.sf(abs(estimate) / np.sqrt(total), df))


# What holds for every trial.


@every_method
def test_with_nobody_missing_every_method_is_the_ancova(method):
    frame = trial(leave=0)
    assert not frame["change"].isna().any()
    expected = ancova(frame.query("day == 270"), **ONE_VISIT).estimates[FIGURES]
    found = method(frame, **NAMED).estimates[FIGURES]
    for start in range(0, len(found), len(expected)):
        pd.testing.assert_frame_equal(found.iloc[start : start + 1].reset_index(drop=True), expected, rtol=1e-9)


@every_draw
def test_the_same_seed_gives_the_same_draws_in_any_order_of_rows(method):
    frame = trial(n=(20, 20), gap=0.3, seed=4)
    one = method(frame, **NAMED, imputations=20, seed=3).estimates
    pd.testing.assert_frame_equal(one, method(frame.sample(frac=1, random_state=1), **NAMED, imputations=20, seed=3).estimates)
    pd.testing.assert_frame_equal(one, method(frame.dropna(subset="change"), **NAMED, imputations=20, seed=3).estimates)
    assert not np.allclose(one["estimate"], method(frame, **NAMED, imputations=20, seed=4).estimates["estimate"])


@every_method
@given(by=st.floats(-500, 500), times=st.floats(0.01, 100))
@settings(max_examples=10)
def test_units_of_the_outcome_do_not_matter(method, by, times):
    if method in (shifted, tipping):
        times = 1.0
    frame = trial(n=(15, 15), seed=8)
    other = frame.assign(change=frame["change"] * times + by, baseline=frame["baseline"] * 3 + 7)
    found, moved = method(frame, **NAMED).estimates, method(other, **NAMED).estimates
    np.testing.assert_allclose(moved[["estimate", "standard_error", "low", "high"]], found[["estimate", "standard_error", "low", "high"]] * times, rtol=1e-5, atol=1e-6 * times)
    np.testing.assert_allclose(moved[["df", "p_value"]], found[["df", "p_value"]], rtol=1e-5)


def test_the_control_arm_is_drawn_alike_under_every_assumption():
    frame = trial(seed=2)
    frame = frame[(frame["arm"] == "placebo") | ~frame["participant"].isin(frame[frame["change"].isna()]["participant"])]
    assert frame["change"].isna().any()
    expected = multiple_imputation(frame, **NAMED, seed=5).estimates
    for method in (reference_based, copy_reference, shifted):
        pd.testing.assert_frame_equal(method(frame, **NAMED, seed=5).estimates, expected)


def test_the_tipping_point_follows_the_shift():
    frame = trial(n=(60, 60), leave=0.25, seed=11)
    deltas = [-150, 0, -50, -100]
    found = tipping_point(frame, **NAMED, deltas=deltas, seed=6)
    estimates = found.estimates
    assert list(estimates["shift"]) == [0, -50, -100, -150]
    # Each unit of shift moves the difference by the same amount: near the share of treated people who were drawn.
    share = frame.query("arm == 'treated' and day == 270")["change"].isna().mean()
    steps = np.diff(estimates["estimate"]) / np.diff(estimates["shift"])
    np.testing.assert_allclose(steps, steps[0])
    assert steps[0] == pytest.approx(share, rel=0.1)
    for row in estimates.itertuples():
        alone = delta_adjusted(frame, **NAMED, delta=row.shift, seed=6).estimates.iloc[0]
        assert (row.estimate, row.low, row.high) == pytest.approx((alone["estimate"], alone["low"], alone["high"]))
    tip = found.tips["treated"]
    included = estimates[(estimates["low"] <= 0) & (estimates["high"] >= 0)]["shift"]
    assert tip == included.iloc[0] != 0
    assert f"stays clear of zero until a shift of −{-tip:g}" in found.describe()
    assert found.table()["shift"] == ["0", "−50", "−100", "−150"]
    assert len({len(column) for column in found.table().values()}) == 1


def test_a_tipping_point_that_is_never_reached_or_passed_at_once():
    frame = trial(n=(60, 60), leave=0.25, seed=11)
    never = tipping_point(frame, **NAMED, deltas=[0, -1], seed=6)
    assert never.tips == {"treated": None}
    assert "stays clear of zero at every shift tried, to −1." in never.describe()
    at_once = tipping_point(trial(n=(10, 10), seed=1), **NAMED, deltas=[0, 30], seed=6)
    assert at_once.tips == {"treated": 0}
    assert "includes zero at a shift of 0 already." in at_once.describe()


def test_a_step_across_zero_tips_although_no_interval_includes_it():
    found = tipping_point(trial(n=(60, 60), leave=0.25, seed=11), **NAMED, deltas=[0, -600], seed=6)
    (before, after) = found.estimates.itertuples()
    assert before.low > 0 > after.high
    assert found.tips == {"treated": -600}


def test_each_method_says_what_it_takes_for_granted():
    said = {name: " ".join(method(TRIAL, **NAMED).notes) for name, method in ALL.items()}
    assert "takes them to be like people of the same arm and baseline who were seen." in said["complete cases"]
    assert "taken to have stayed as at the last visit seen" in said["carried forward"]
    assert "29 of 148 values at the last visit are drawn, 100 times." in said["at random"]
    assert "gone on like people of the same arm, baseline and earlier visits who stayed." in said["at random"]
    assert "walked on, from then, like people on placebo." in said["jump to reference"]
    assert "been like people on placebo from the first day." in said["copy reference"]
    assert "taken to end 30 below people of the same arm" in said["shifted"]
    assert len(set(said.values())) == len(said)
    assert "25M minus placebo at 270: −" in reference_based(TRIAL, **NAMED).describe()


# What cannot be answered, and why.

SMALL = trial(n=(8, 8), leave=0.1, seed=1)
BAD = {
    "no such arm": (SMALL, {"control": "sham"}, "there is no arm 'sham'"),
    "no such person column": (SMALL, {"subject": "id"}, "one column 'id'"),
    "no such visit column": (SMALL, {"visit": "week"}, "one column 'week'"),
    "visits without order": (SMALL.assign(day="Day " + SMALL["day"].astype(str)), {}, "the order of other labels cannot be known"),
    "a visit without name": (SMALL.assign(day=[np.nan, *SMALL["day"][1:]]), {}, "every row needs a value"),
    "two rows for a visit": (pd.concat([SMALL, SMALL.iloc[:1]]), {}, "one row a visit"),
    "an arm that changes": (SMALL.assign(arm=["treated", *SMALL["arm"][1:]]), {}, "column 'arm' changes within a person"),
    "a baseline that changes": (SMALL.assign(baseline=[1, *SMALL["baseline"][1:]]), {}, "column 'baseline' changes within a person"),
    "nobody at the last visit": (SMALL.assign(change=SMALL["change"].where(SMALL["day"] < 270)), {}, "nobody has the outcome 'change' at visit 270"),
    "infinite": (SMALL.assign(change=np.inf), {}, "finite"),
    "words": (SMALL.assign(change="far"), {}, "must hold numbers"),
    "no spread": (SMALL.assign(change=12.5), {}, "outcome .*must differ between people"),
    "one baseline": (SMALL.assign(baseline=300.0), {}, "baseline must differ between people"),
    "one person": (SMALL[(SMALL["arm"] == "placebo") | (SMALL["participant"] == "treated001")], {}, "arm treated has 1"),
    "level": (SMALL, {"level": 95}, "level must be above 0 and below 1"),
}


@every_method
@pytest.mark.parametrize(("frame", "named", "reason"), BAD.values(), ids=BAD)
def test_what_cannot_be_answered_says_why(method, frame, named, reason):
    with pytest.raises(ValueError, match=reason) as raised:
        method(frame, **{**NAMED, **named})
    assert "\n" not in str(raised.value)


@every_draw
def test_too_few_people_to_draw_from(method):
    with pytest.raises(ValueError, match="nobody in arm treated was seen at visit 270 or later"):
        method(SMALL.assign(change=SMALL["change"].where((SMALL["arm"] == "placebo") | (SMALL["day"] < 270))), **NAMED)
    with pytest.raises(ValueError, match="are too few to draw from"):
        method(trial(n=(2, 2), leave=0, visits=5), **NAMED)
    with pytest.raises(ValueError, match="must differ from each other"):
        repeated = trial(n=(8, 8), leave=0, seed=1)
        method(repeated.assign(change=repeated.groupby("participant")["change"].transform("first")), **NAMED)


@pytest.mark.parametrize(
    ("call", "reason"),
    [
        (lambda: reference_based(SMALL, **NAMED, method="jump"), "method must be one of jump-to-reference, copy-reference, not 'jump'"),
        (lambda: multiple_imputation(SMALL, **NAMED, imputations=1), "imputations must be at least 2"),
        (lambda: delta_adjusted(SMALL, **NAMED, delta=np.inf), "delta must be finite"),
        (lambda: delta_adjusted(SMALL, **NAMED, delta="less"), "delta must be a number"),
        (lambda: tipping_point(SMALL, **NAMED, deltas=[-10, 10]), "all of one sign"),
        (lambda: tipping_point(SMALL, **NAMED, deltas=[]), "at least one shift"),
    ],
)
def test_impossible_values_are_refused(call, reason):
    with pytest.raises(ValueError, match=reason):
        call()


def test_people_without_a_baseline_are_left_out_and_counted():
    frame = SMALL.assign(baseline=SMALL["baseline"].where(SMALL["participant"] != "placebo003"))
    found = multiple_imputation(frame, **NAMED)
    assert "1 person without baseline is left out." in found.notes
    assert found.estimates["n_control"].item() == 7
