"""Responders: against published figures, R's counts, scipy, closed forms and simulation, and against themselves."""

import json
import math
from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal
from pathlib import Path
from subprocess import run
from sys import executable

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from statsmodels.regression.linear_model import OLS

from frailty_lessons.methods import placebo, responders

REFERENCE = Path(__file__).parents[1] / "reference"
R = json.loads((REFERENCE / "synthetic_open.json").read_text())["results"]
TRIAL = pd.read_csv(REFERENCE / "synthetic_open.csv")
NUMBERS = json.loads((REFERENCE / "responders_number_needed.json").read_text())["cases"]
SHARES = json.loads((REFERENCE / "responders_shares.json").read_text())


def counts(most=60):
    return st.integers(1, most).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


# Shares, differences, ratios.


@pytest.mark.parametrize("case", SHARES["cases"], ids=lambda case: case["id"])
def test_the_limits_of_a_share(case):
    found, expected = responders.share_of(**case["inputs"]), case["outputs"]
    assert [100 * found.low, 100 * found.high] == pytest.approx(expected["wilson"], abs=case["tolerance"])
    if "exact" in expected:
        assert [100 * found.exact_low, 100 * found.exact_high] == pytest.approx(expected["exact"], abs=case["tolerance"])


@given(counts())
@settings(max_examples=60)
def test_the_limits_of_a_share_are_those_of_scipy(pair):
    found = responders.share_of(*pair, level=0.9)
    test = stats.binomtest(*pair)
    wilson, exact = (test.proportion_ci(0.9, method=method) for method in ("wilson", "exact"))
    assert (found.low, found.high) == pytest.approx((wilson.low, wilson.high), abs=1e-9)
    assert (found.exact_low, found.exact_high) == pytest.approx((exact.low, exact.high), abs=1e-9)
    assert found.low <= found.share + 1e-12 and found.share <= found.high + 1e-12


@pytest.mark.parametrize("case", SHARES["chances"], ids=lambda case: case["id"])
def test_the_chance_of_as_many(case):
    found = responders.chance_of_at_least(case["events"], case["n"], case["share"])
    assert round(100 * found) == case["percent"]
    assert found == pytest.approx(stats.binom.sf(case["events"] - 1, case["n"], case["share"]), abs=1e-12)
    assert responders.chance_of_at_least(0, case["n"], case["share"]) == 1


@pytest.mark.parametrize("day", (90, 180, 270))
def test_responders_of_a_trial_are_those_that_r_counts(day):
    now = TRIAL[TRIAL["day"] == day].dropna(subset=["change"])
    for arm, (events, n) in R[f"responders50_d{day}"].items():
        changes = now.loc[now["arm"] == arm, "change"]
        assert (int((changes >= 50).sum()), len(changes)) == (events, n)
        if arm == "placebo":
            continue
        control = R[f"responders50_d{day}"]["placebo"]
        found = responders.compare_responders(events, n, *control)
        a, b, c, d = events, n - events, control[0], control[1] - control[0]
        z = stats.norm.ppf(0.975)
        katz = z * math.sqrt(1 / a - 1 / n + 1 / c - 1 / control[1])
        woolf = z * math.sqrt(1 / a + 1 / b + 1 / c + 1 / d)
        for one, estimate, half in ((found.risk_ratio, (a / n) / (c / control[1]), katz), (found.odds_ratio, a * d / (b * c), woolf)):
            assert (one.estimate, one.low, one.high) == pytest.approx((estimate, estimate * math.exp(-half), estimate * math.exp(half)), rel=1e-10)
        assert found.difference == placebo.difference_in_proportions(events, n, *control)


@pytest.mark.parametrize(
    ("cells", "risk", "odds", "limits"),
    [
        ((0, 16, 7, 30), 0, 0, ()),
        ((7, 16, 0, 30), np.inf, np.inf, ()),
        ((0, 16, 0, 30), np.nan, np.nan, ()),
        ((16, 16, 7, 30), 30 / 7, np.inf, ("risk_ratio",)),
        ((16, 16, 30, 30), 1, np.nan, ()),
    ],
)
def test_a_ratio_without_limits_says_so(cells, risk, odds, limits):
    found = responders.compare_responders(*cells)
    assert (found.risk_ratio.estimate, found.odds_ratio.estimate) == pytest.approx((risk, odds), nan_ok=True)
    for name in ("risk_ratio", "odds_ratio"):
        assert np.isfinite(getattr(found, name).low) == (name in limits)
    text = json.dumps(found.table()) + found.describe()
    assert "nan" not in text and "inf," not in text
    assert len({len(column) for column in found.table().values()}) == 1


# The number needed to treat.


@pytest.mark.parametrize("case", NUMBERS, ids=lambda case: case["id"])
def test_published_numbers_needed_to_treat(case):
    inputs, outputs = case["inputs"], case["outputs"]
    found = responders.number_needed(**inputs) if "low" in inputs else responders.compare_responders(**inputs).needed
    assert found.number == pytest.approx(outputs["number"], abs=max(case["tolerance"], 0.05))
    assert found.benefit[0] == pytest.approx(outputs["benefit_from"], abs=case["tolerance"])
    assert found.benefit[1] == pytest.approx(outputs.get("benefit_to", np.inf), abs=case["tolerance"])
    if "harm_from" in outputs:
        assert found.harm == (pytest.approx(outputs["harm_from"]), np.inf)
    else:
        assert found.harm is None


@given(counts(), counts())
@settings(max_examples=150)
def test_no_number_needed_skips_infinity(arm, control):
    found = responders.compare_responders(*arm, *control)
    needed, difference = found.needed, found.difference
    spans = needed.low < 0 < needed.high
    assert (needed.low, needed.high) == pytest.approx((difference.low, difference.high), abs=1e-9)
    assert (needed.benefit is not None and needed.harm is not None) == spans
    assert (", no difference at all, or one fewer" in needed.describe()) == spans
    if spans:
        assert needed.benefit[1] == needed.harm[1] == np.inf
    # Every difference inside its limits has its number inside the sets, and none outside has.
    for inside in np.linspace(difference.low, difference.high, 7):
        for sets, size in ((needed.benefit, inside), (needed.harm, -inside)):
            if size > 1e-9:
                assert sets[0] - 1e-9 <= 1 / size <= sets[1] * (1 + 1e-9)
    for sets in (needed.benefit, needed.harm):
        assert sets is None or 1 <= sets[0] <= sets[1]


def test_the_number_needed_in_words():
    assert responders.number_needed(0.1, -0.05, 0.25).describe() == (
        "About 10 people must be treated for one more with the good result (95% interval: it may be one more for every 4 treated, no difference at all, or one fewer for every 20)."
    )
    assert responders.number_needed(-0.2, -0.4, -0.1, 0.9).describe() == "About 5 people must be treated for one fewer with the good result (90% interval: from 3 treated for one fewer, to 10)."
    assert responders.number_needed(0.2, 0.0, 0.4).describe() == "About 5 people must be treated for one more with the good result (95% interval: from 3 treated for one more, to no difference at all)."
    assert responders.number_needed(0, -0.25, 0.5).describe().startswith("No number treated brings one more with the good result (95% interval: it may be one more for every 2 treated, no difference at all, ")
    assert responders.number_needed(0, 0, 0).describe().endswith("(95% interval: no difference at all).")


# A percentage without its whole numbers.


def test_the_fractions_that_print_as_a_percentage():
    known = SHARES["fractions"]
    found = responders.fractions_rounding_to(known["percent"], known["decimals"], known["n_max"])
    assert [f"{events}/{n}" for events, n in found] == known["found"]


@pytest.mark.parametrize(("percent", "decimals"), [(30.8, 1), (31, 0), (30, 0), (12.5, 1), (0, 0), (100, 0), (100, 1), (0.1, 1), ("62.50", 2), (50, 0), (99.9, 1)])
def test_fractions_are_all_that_decimal_rounding_prints(percent, decimals):
    """Against exact decimal arithmetic; at ties both ways of rounding count."""
    printed, place = Decimal(str(percent)), Decimal(1).scaleb(-decimals)
    expected = []
    for n in range(1, 131):
        for events in range(n + 1):
            exact = Decimal(100 * events) / Decimal(n)
            if printed in {exact.quantize(place, way) for way in (ROUND_HALF_UP, ROUND_HALF_EVEN)}:
                expected.append((events, n))
    assert list(responders.fractions_rounding_to(percent, decimals, 130)) == expected


def test_ties_are_rounded_both_ways():
    # 1 of 8 is 12.5 %: 13 half up, 12 half to even. 3 of 8 is 37.5 %: 38 either way.
    assert (1, 8) in responders.fractions_rounding_to(12, 0, 8) and (1, 8) in responders.fractions_rounding_to(13, 0, 8)
    assert (3, 8) not in responders.fractions_rounding_to(37, 0, 8) and (3, 8) in responders.fractions_rounding_to(38, 0, 8)


def test_percent_of_whom_in_words():
    groups = [("top dose", 16), ("placebo", 30), ("other", 30)]
    found = responders.percent_of_whom(30.8, decimals=1, n_max=148, events=4, n=13, groups=groups, expected=0.27)
    assert found.describe() == (
        "With up to 148 people, 15 fractions print as 30.8%, the smallest 4 of 13. None of the 3 known groups has such a size. "
        "Suppose 4 of 13: the 95% interval goes from 13% to 58%. If 27% get better anyway, 4 or more would turn up in 48 of 100 groups of 13."
    )
    table = found.table()
    assert table["people"] == [str(n) for n in sorted(int(n) for n in table["people"])] and len(table["people"]) == 17
    assert table["known group"][table["people"].index("30")] == "placebo, other"
    coarse = responders.percent_of_whom(30.8, decimals=0, n_max=148, events=4, n=13, groups=groups, expected=0)
    assert coarse.printed == "31%" and coarse.fits(16) and not coarse.fits(30) and "Possible of the 3 known groups: top dose (16)." in coarse.describe()
    assert "in fewer than 1 of 100 groups" in coarse.describe()
    assert "no fraction prints as 30.8%" in responders.percent_of_whom(30.8, decimals=1, n_max=12, events=1, n=3).describe()


# Without treatment.


def test_a_rate_becomes_a_share():
    known = SHARES["rate"]
    found = [round(100 * responders.share_by_rate(known["months"], rate=rate), 1) for rate in known["rate"]]
    assert found == known["percent"]


@given(st.floats(0, 0.99), st.floats(0.5, 60), st.floats(0, 60), st.floats(0, 60))
def test_a_constant_rate_has_no_memory(share, after, first, second):
    still = [1 - responders.share_by(months, share=share, after=after) for months in (first, second, first + second)]
    assert still[0] * still[1] == pytest.approx(still[2], abs=1e-9)
    assert responders.share_by(after, share=share, after=after) == pytest.approx(share, abs=1e-12)


STUDIES = (
    responders.Study("A", "Better by one step", 3, 0.27),
    responders.Study("B", "Frail to not frail", 36, 0.352, rate=(135.3, 98.1, 186.5)),
    responders.Study("C", "No longer frail", 24, 0.318, n=942, certainty="not checked"),
    responders.Study("D", "Robust, at most", 18, 0.009, limits=(0, 0.009), limits_are="range"),
)


def test_without_treatment_has_two_frames():
    early = responders.without_treatment(STUDIES, chosen="A", months=9, reported=0.308)
    assert early.steady == pytest.approx(1 - 0.73**3) and early.limits is None
    assert "A: 27% were better after 3 months without a study treatment (Better by one step). At 9 months that makes 61% at a steady rate, far later than the study looked: do not trust it; " in early.describe()
    assert early.describe().endswith("if people only waver from day to day, 27% at any second look. Beside it stands the reported share.")
    late = responders.without_treatment(STUDIES, chosen="B", months=9, reported=0.4, reported_as="a report's 40%")
    assert [round(100 * value, 1) for value in (late.steady, *late.limits)] == [9.6, 7.1, 13.1]
    assert "that makes 9.6% (95% interval 7.1% to 13%)" in late.describe() and late.describe().endswith("Beside it stands a report's 40%.")


def test_people_counted_give_limits_and_doubt_is_said():
    found = responders.without_treatment(STUDIES, chosen="C", months=24)
    assert found.limits == pytest.approx(stats.binomtest(300, 942).proportion_ci(method="wilson"), abs=1e-3)
    assert found.describe().startswith("C (not checked): 32% were better") and "24 months is when the study looked (95% interval 29% to 35%)." in found.describe()
    assert "reported" not in found.describe() and found.reported is None
    robust = responders.without_treatment(STUDIES, chosen="D", months=9)
    assert robust.limits == pytest.approx((0, 1 - 0.991**0.5)) and "(range 0% to 0.5%)" in robust.describe()
    assert [len(column) for column in robust.table().values()] == [4] * 6
    for study, (months, shares) in zip(STUDIES, robust.courses, strict=True):
        assert months[-1] == study.after and shares[0] == 0
        assert shares[-1] == pytest.approx(study.share, abs=0.02 if study.rate else 1e-9)
    assert (robust.beyond[0][0], robust.beyond[0][-1]) == (18, 48) and robust.beyond[1][0] == pytest.approx(0.009)


# Cutting in two.


@pytest.mark.parametrize(("cut", "effect", "sd", "n", "m"), [(50, 30, 70, 16, 30), (20, 0, 50, 25, 25), (80, 60, 60, 40, 20)])
def test_power_of_means_and_of_counting_against_simulation(cut, effect, sd, n, m):
    found = responders.cut_in_two(cut=cut, effect=effect, sd=sd, n_treated=n, n_control=m)
    random, trials = np.random.default_rng(1), 20_000
    treated, control = effect + sd * random.standard_normal((trials, n)), sd * random.standard_normal((trials, m))
    p = stats.ttest_ind(treated, control, axis=1).pvalue
    a, c = (treated >= cut).sum(axis=1), (control >= cut).sum(axis=1)
    pooled = (a + c) / (n + m)
    with np.errstate(invalid="ignore"):
        chi_square = (a / n - c / m) ** 2 / (pooled * (1 - pooled) * (1 / n + 1 / m))
    for ours, theirs in ((found.power_means, (p < 0.05).mean()), (found.power_counting, (chi_square > stats.chi2.ppf(0.95, 1)).mean())):
        assert abs(ours - theirs) < 4 * math.sqrt(ours * (1 - ours) / trials)
    assert (found.share_treated, found.share_control) == pytest.approx((stats.norm.sf(cut, effect, sd), stats.norm.sf(cut, 0, sd)), abs=1e-12)


def test_the_test_that_counts_is_pearsons():
    """Against all tables of two small arms, each with scipy's p-value."""
    n, m, shares = 9, 7, (0.7, 0.2)
    expected = 0.0
    for a in range(n + 1):
        for c in range(m + 1):
            told = 0 < a + c < n + m and stats.chi2_contingency([[a, n - a], [c, m - c]], correction=False).pvalue < 0.05
            expected += told * stats.binom.pmf(a, n, shares[0]) * stats.binom.pmf(c, m, shares[1])
    found = responders.power_of_counting(share_treated=shares[0], share_control=shares[1], n_treated=n, n_control=m)
    assert found == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize(("treated", "control", "power"), [(0.4, 0.2, 0.8), (0.33, 0.24, 0.8), (0.05, 0.15, 0.9)])
def test_people_needed_to_count(treated, control, power):
    """Against the closed form of Fleiss, and against exact power at that size."""
    z, mean = stats.norm.ppf([0.975, power]), (treated + control) / 2
    root = z[0] * math.sqrt(2 * mean * (1 - mean)) + z[1] * math.sqrt(treated * (1 - treated) + control * (1 - control))
    found = responders.people_needed_to_count(share_treated=treated, share_control=control, power=power)
    assert found == math.ceil((root / (treated - control)) ** 2)
    exact = responders.power_of_counting(share_treated=treated, share_control=control, n_treated=found, n_control=found)
    assert exact == pytest.approx(power, abs=0.02)


def test_counting_at_the_median_throws_a_third_away():
    assert responders.relative_efficiency(0) == pytest.approx(2 / math.pi, abs=1e-12)
    assert np.all(np.diff(responders.relative_efficiency(np.linspace(0, 3, 20))) < 0)
    # In the limit of a small effect the people needed have this ratio, at any cut.
    for cut in (0.0, 0.7, -1.2):
        effect = 0.02
        shares = {"share_treated": stats.norm.sf(cut - effect / 2), "share_control": stats.norm.sf(cut + effect / 2)}
        ratio = placebo.people_needed(difference=effect, sd=1) / responders.people_needed_to_count(**shares)
        assert ratio == pytest.approx(responders.relative_efficiency(cut), rel=2e-3)


@pytest.mark.parametrize("error_share", [0.1, 0.4, 0.9])
def test_the_wrong_side_of_a_median_cut_has_a_closed_form(error_share):
    found = responders.wrong_side(mean=20, sd=70, cut=20, error_share=error_share)
    expected = 0.25 - math.asin(math.sqrt(1 - error_share)) / (2 * math.pi)
    assert (found.wrongly_in, found.wrongly_out) == pytest.approx((expected, expected), abs=1e-9)
    assert found.changing == pytest.approx(0.5 - math.asin(1 - error_share) / math.pi, abs=1e-9)


def test_the_wrong_side_against_simulation():
    random, people = np.random.default_rng(3), 400_000
    true = 15 + 70 * math.sqrt(0.65) * random.standard_normal(people)
    one, two = (true + 70 * math.sqrt(0.35) * random.standard_normal(people) for _ in range(2))
    found = responders.wrong_side(mean=15, sd=70, cut=60, error_share=0.35)
    seen = ((true < 60) & (one >= 60)).mean(), ((true >= 60) & (one < 60)).mean(), ((one >= 60) != (two >= 60)).mean()
    for ours, theirs in zip((found.wrongly_in, found.wrongly_out, found.changing), seen, strict=True):
        assert abs(ours - theirs) < 4 * math.sqrt(ours / people)
    none = responders.wrong_side(mean=15, sd=70, cut=60, error_share=0)
    assert (none.wrongly_in, none.wrongly_out, none.changing) == pytest.approx((0, 0, 0), abs=1e-12)


@given(st.floats(-100, 100), st.floats(10, 100), st.floats(-100, 150), st.floats(0, 0.95))
@settings(max_examples=60)
def test_wrong_sides_add_up(mean, sd, cut, error_share):
    """Those called responders are the true ones, more the wrongly in, less the wrongly out."""
    found = responders.wrong_side(mean=mean, sd=sd, cut=cut, error_share=error_share)
    called, true = stats.norm.sf(cut, mean, sd), stats.norm.sf(cut, mean, sd * math.sqrt(1 - error_share))
    assert called == pytest.approx(true + found.wrongly_in - found.wrongly_out, abs=1e-8)


def test_cutting_in_words():
    found = responders.cut_in_two(cut=50, effect=30, sd=70, n_treated=16, n_control=30, error_share=0.4)
    assert found.describe().startswith("With a true effect of +30 m and an SD of 70 m, 39 of 100 treated people gain 50 m or more, and 24 of 100 with placebo. About 7 people must be treated")
    assert found.people_counting > found.people_means and found.power_counting < found.power_means
    newcombe = stats.norm.sf([20 / 70, 50 / 70])
    assert found.needed.number == pytest.approx(1 / (newcombe[0] - newcombe[1]))
    none = responders.cut_in_two(cut=50, effect=0, sd=70, n_treated=16, n_control=30)
    assert none.needed.number == np.inf and none.people_means is None and "All that differs is chance" in none.describe()
    assert "puts 0 of 100 people on the wrong side" in none.describe() and "no number is enough" in none.table()["value"]


def test_limits_of_expected_shares_are_newcombes():
    """At a cut that makes whole numbers of people, they are those of the counts."""
    cut = float(stats.norm.isf(0.25) * 70)
    effect = cut - float(stats.norm.isf(0.5) * 70)
    found = responders.cut_in_two(cut=cut, effect=effect, sd=70, n_treated=16, n_control=28).needed
    counted = placebo.difference_in_proportions(8, 16, 7, 28)
    assert (found.low, found.high) == pytest.approx((counted.low, counted.high), abs=1e-9)


# The marker.

ARROWS = st.tuples(*[st.sampled_from([-1.5, -0.5, 0.0, 0.5, 1.5])] * 4)


@given(ARROWS, st.integers(0, 99))
@settings(max_examples=40)
def test_the_synthetic_people_show_the_closed_forms(arrows, seed):
    """Against correlations and least squares in the people themselves."""
    a, b, c, u = arrows
    found = responders.marker_and_walk(to_marker=a, through=b, direct=c, health=u, arms="vwxyz", seed=seed)
    table = np.corrcoef([found.dose, found.marker, found.walk])
    assert (found.dose_marker, found.dose_walk, found.marker_walk) == pytest.approx((table[0, 1], table[0, 2], table[1, 2]), abs=1e-9)
    centred = [values - np.array([values[found.arm == place].mean() for place in range(5)])[found.arm] for values in (found.marker, found.walk)]
    assert found.within_dose == pytest.approx(np.corrcoef(centred)[0, 1], abs=1e-9)
    design = np.column_stack([np.ones(len(found.dose)), found.dose, found.marker])
    fit = OLS(found.walk, design).fit().params
    assert (found.adjusted_dose, found.adjusted) == pytest.approx(tuple(fit[1:]), abs=1e-9)
    assert OLS(found.walk, design[:, :2]).fit().params[1] == pytest.approx(found.total, abs=1e-9)


def test_the_causal_meaning_against_a_simulation_of_interventions():
    """Setting the marker by hand, and the dose by hand, in many people whose health is hidden."""
    a, b, c, u = 1.5, 0.5, -0.5, 1.5
    found = responders.marker_and_walk(to_marker=a, through=b, direct=c, health=u)
    random, people = np.random.default_rng(5), 300_000
    dose, health, own_marker, own_walk = random.standard_normal((4, people))

    def walk(dose, marker=None):
        marker = a * dose + u * health + own_marker if marker is None else marker
        return c * dose + b * marker + u * health + own_walk, marker

    seen, marker = walk(dose)
    assert (walk(dose, marker + 1)[0] - seen).mean() == pytest.approx(found.through, abs=1e-9)
    assert (walk(dose + 1)[0] - seen).mean() == pytest.approx(found.total, abs=1e-9)
    naive = np.linalg.lstsq(np.column_stack([dose, marker]), seen, rcond=None)[0]
    assert (found.adjusted_dose, found.adjusted) == pytest.approx(tuple(naive), abs=0.02)
    assert np.corrcoef(marker, seen)[0, 1] == pytest.approx(found.marker_walk, abs=0.01)


def test_the_four_stories():
    def tell(**arrows):
        return responders.marker_and_walk(**{"to_marker": 0, "through": 0, "direct": 0, "health": 0, **arrows})

    follows = tell(to_marker=1.5)
    assert follows.dose_marker > 0.8 and follows.marker_walk == follows.adjusted == follows.total == 0 and np.isnan(follows.explained)
    beside = tell(to_marker=1.5, direct=1.5)
    assert beside.marker_walk > 0.6 and beside.within_dose == beside.adjusted == beside.explained == 0
    pathway = tell(to_marker=1.5, through=1.5)
    assert pathway.adjusted == pathway.through and pathway.explained == pytest.approx(1) == pathway.truly_through
    common = tell(to_marker=1.5, direct=0.5, health=1.5)
    assert common.through == 0 < common.adjusted and common.explained > 1 and common.truly_through == 0
    assert dict(zip(*common.table().values(), strict=True))["share called explained by the marker"] == "208%" and "%" not in common.describe()
    for one, claimed, true, way in (
        (follows, "does not go with the walk", "does nothing for the walk", "The dose does not change the walk."),
        (beside, "does not go with the walk", "does nothing for the walk", "The dose lengthens the walk, not through the marker."),
        (pathway, "lengthens the walk", "lengthens the walk, by as much as it seems", "The dose lengthens the walk, all through the marker."),
        (common, "lengthens the walk", "does nothing for the walk", "The dose lengthens the walk, not through the marker."),
        (tell(to_marker=1.5, through=0.5, direct=1.5, health=1.5), "lengthens the walk", "lengthens the walk, but by less than it seems", "The dose lengthens the walk, 33% of it through the marker."),
        (tell(to_marker=1.5, through=-0.5), "shortens the walk", "shortens the walk, by as much as it seems", "The dose shortens the walk, all through the marker."),
    ):  # fmt: skip
        assert one.describe().endswith(f"would say: the marker {claimed}. In truth, more of the marker alone {true}. {way}")
    assert [len(column) for column in common.table().values()] == [10, 10] and "nan" not in json.dumps(follows.table())


def test_other_chance_moves_people_and_nothing_else():
    arrows = {"to_marker": 1.5, "through": 0.5, "direct": 0.5, "health": 1.5, "arms": "abc"}
    one, same, other = (responders.marker_and_walk(**arrows, seed=seed) for seed in (0, 0, 1))
    assert np.array_equal(one.walk, same.walk) and not np.allclose(one.walk, other.walk)
    assert one.describe() == other.describe()


# What cannot be asked, and why.


@pytest.mark.parametrize(
    ("call", "reason"),
    [
        (lambda: responders.share_of(5, 4), "events must be at most the number of people, 4, not 5"),
        (lambda: responders.share_of(1, 4, level=1), "level must be above 0 and below 1"),
        (lambda: responders.share_of(0.5, 4), "events must be a whole number"),
        (lambda: responders.chance_of_at_least(1, 4, 1.2), "share must be at least 0 and at most 1"),
        (lambda: responders.compare_responders(1, 0, 1, 4), "n_arm must be at least 1"),
        (lambda: responders.number_needed(0.5, 0.6, 0.7), "the limits must enclose the difference"),
        (lambda: responders.number_needed(2, 0, 3), "difference must be at least -1 and at most 1, not 2"),
        (lambda: responders.fractions_rounding_to(30.85, 1, 10), "percent must have at most 1 decimal, not 30.85"),
        (lambda: responders.fractions_rounding_to(130, 0, 10), "percent must be at least 0 and at most 100"),
        (lambda: responders.fractions_rounding_to(float("nan"), 0, 10), "percent must be"),
        (lambda: responders.fractions_rounding_to(30, 0, 0), "n_max must be at least 1"),
        (lambda: responders.percent_of_whom(30, decimals=0, n_max=9, events=1, n=3, groups=[("a", 0)]), "the size of group a must be at least 1"),
        (lambda: responders.share_by(9, share=1, after=3), "share must be at least 0 and below 1"),
        (lambda: responders.share_by(9, share=0.2, after=0), "after must be above 0 months"),
        (lambda: responders.share_by_rate(9, rate=-1), "rate must be at least 0"),
        (lambda: responders.without_treatment(STUDIES, chosen="Z", months=9), "there is no study 'Z': there are A, B, C, D"),
        (lambda: responders.without_treatment(STUDIES, chosen="A", months=0), "months must be above 0"),
        (lambda: responders.wrong_side(mean=0, sd=0, cut=0, error_share=0), "sd must be above 0"),
        (lambda: responders.wrong_side(mean=0, sd=1, cut=0, error_share=1), "error_share must be at least 0 and below 1"),
        (lambda: responders.people_needed_to_count(share_treated=0.2, share_control=0.2), "no number of people is enough"),
        (lambda: responders.power_of_counting(share_treated=0.2, share_control=-1, n_treated=3, n_control=3), "share_control must be"),
        (lambda: responders.cut_in_two(cut=50, effect=1, sd=70, n_treated=1, n_control=30), "n_arm must be at least 2"),
        (lambda: responders.marker_and_walk(to_marker="much", through=0, direct=0, health=0), "to_marker must be a number"),
        (lambda: responders.marker_and_walk(to_marker=1, through=0, direct=0, health=0, arms="a"), "at least two doses, not 1"),
        (lambda: responders.marker_and_walk(to_marker=1, through=0, direct=0, health=0, people=1), "people must be at least 2"),
    ],
)
def test_impossible_values_are_refused(call, reason):
    with pytest.raises(ValueError, match=reason) as raised:
        call()
    assert "\n" not in str(raised.value)


def test_importing_the_methods_brings_nothing_heavy():
    code = (
        "import frailty_lessons.methods.responders, sys; "
        "print([name for name in ('pandas', 'scipy.stats', 'scipy.optimize', 'statsmodels') if name in sys.modules])"
    )
    assert run([executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "[]"
