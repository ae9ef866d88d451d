"""The packs that ship: they load, their figures are those of the sources, and what is calculated follows."""

import math
from pathlib import Path
from statistics import NormalDist

import pytest

from frailty_lessons.trial.loading import load_literature, load_trial

DATASETS = Path(__file__).parents[2] / "datasets"
PACKS = ("lomecel-b-phase-2b", "cratus")

STATISTICS = {
    "count", "planned count", "ratio", "share", "rate", "amount",
    "mean", "median", "standard deviation", "quartile", "predicted value",
    "change", "difference", "change or difference", "hazard ratio", "number needed to treat", "regression coefficient", "correlation", "learning effect",
    "test", "p-value", "standard error", "interval half-width", "interval end",
    "reliability", "standard error of measurement", "minimal detectable change", "meaningful change",
    "limit of agreement", "accuracy", "explained variance", "lower limit offset", "regression equation",
    "detectable difference", "power", "exaggeration ratio", "probability", "regression to the mean",
    "limit", "protocol", "day", "date", "duration", "text",
}  # fmt: skip

# Typed by hand from the sources: id, value, unit, certainty.
TRIAL = [
    ("n-placebo", 30, "people", "primary"),
    ("n-25m", 37, "people", "primary"),
    ("n-50m", 31, "people", "primary"),
    ("n-100m", 34, "people", "primary"),
    ("n-200m", 16, "people", "primary"),
    ("n-infused", 148, "people", "secondary"),
    ("n-enrolled", 150, "people", "primary"),
    ("planned-per-arm", 30, "people", "primary"),
    ("registry-2019-planned", 120, "people", "primary"),
    ("entry-window-low", 200, "m", "primary"),
    ("entry-window-high", 400, "m", "primary"),
    ("entry-agreement", 15, "%", "primary"),
    ("entry-tnf-alpha", 2.5, "pg/mL", "primary"),
    ("d270-200m-vs-placebo", 63.4, "m", "secondary"),
    ("d270-50m", 49.2, "m", "secondary"),
    ("responders-30-8", 30.8, "%", "secondary"),
    ("related-saes", 0, "events", "secondary"),
    ("share-price", -25, "%", "primary"),
]
CRATUS = [
    ("p1-6mwt-pooled-90", 22.6, "m", "secondary"),
    ("p1-6mwt-pooled-180", 39.3, "m", "secondary"),
    ("p1-6mwt-100m-180", 76.6, "m", "secondary"),
    ("p1-death", 1, "people", "primary"),
    ("p2-6mwt-100m-baseline", 345.9, "m", "secondary"),
    ("p2-6mwt-100m-180", 410.7, "m", "secondary"),
    ("p2-6mwt-200m-180-p", 0.263, "", "secondary"),
    ("p2-age", 75.5, "years", "primary"),
]
LITERATURE = [
    ("singh-2014-learning", 26, "m", "primary"),
    ("singh-2014-icc-low", 0.82, "", "primary"),
    ("singh-2014-icc-high", 0.99, "", "primary"),
    ("chan-pin-2019-mdc95", 28.1, "m", "primary"),
    ("perera-2006-small", 20, "m", "primary"),
    ("perera-2006-substantial", 50, "m", "primary"),
    ("bohannon-2017-mcid-low", 14.0, "m", "primary"),
    ("bohannon-2017-mcid-high", 30.5, "m", "primary"),
    ("kwok-2013-mcid", 17.8, "m", "primary"),
    ("ers-ats-2014-mid", 30, "m", "unverified"),
    ("enright-1998-lln-men", 153, "m", "unverified"),
    ("enright-1998-lln-women", 139, "m", "unverified"),
    ("gill-2006-frail-to-robust-high", 0.9, "%", "primary"),
    ("ofori-asenso-improved", 35.2, "%", "primary"),
    ("takatori-2021-improved", 31.8, "%", "primary"),
    ("chan-2012-control-improved", 27, "%", "primary"),
    ("kojima-2019-frail-to-robust", 3.3, "%", "unverified"),
    ("hf-trial-control-mean", 27.7, "m", "primary"),
    ("hf-trial-control-median", -5, "m", "primary"),
    ("phase-2-transition", 28.9, "%", "primary"),
    ("phase-3-transition", 57.8, "%", "unverified"),
    ("guyatt-1984-encouragement", 30.5, "m", "unverified"),
]
INTERVALS = {
    "rooks-2020-placebo-change": (14.3, -4.6, 33.2),
    "rooks-2020-drug-change": (24.6, 7.7, 41.6),
    "testosterone-pft-difference": (4.1, -3.0, 11.2),
    "hf-trial-difference": (46.9, 12.9, 80.9),
    "life-hazard-ratio": (0.82, 0.69, 0.98),
    "daynes-2025-respiratory": (25, 24, 26),
    "daynes-2025-cardiac": (23, 8, 37),
    "daynes-2025-neuro": (37, 26, 49),
    "ofori-asenso-rate": (135.3, 98.1, 186.5),
    "beekman-2013-course": (49.5, 39.4, 59.6),
}


@pytest.fixture(scope="module")
def trial():
    return load_trial(DATASETS / "lomecel-b-phase-2b")


@pytest.fixture(scope="module")
def cratus():
    return load_trial(DATASETS / "cratus")


@pytest.fixture(scope="module")
def literature():
    return load_literature(DATASETS)


@pytest.fixture(scope="module", params=[*PACKS, "literature"])
def results(request):
    return load_literature(DATASETS) if request.param == "literature" else load_trial(DATASETS / request.param)


# ------------------------------------------------------------------ all files


def test_every_row_has_a_listed_source(results):
    assert results.results
    for row in results.results:
        assert results.source(row.source).citation, row.id


def test_ids_are_lower_case_slugs_and_statistics_are_of_the_list(results):
    for row in results.results:
        assert row.id == row.id.lower(), row.id
        assert row.statistic in STATISTICS, f"{row.id}: {row.statistic}"


ABOUT_THE_TEXT_ITSELF = {
    "share-price", "share-price-headline", "droracle-optimal", "morningoverview-prevalence",
    "japan-prevalence-article-low", "japan-prevalence-article-high",
}  # fmt: skip


def test_no_primary_row_comes_from_a_repository_or_a_calculation(results):
    for row in results.results:
        if row.certainty == "primary":
            kind = results.source(row.source).kind
            assert kind not in ("repository", "calculation", "teaching"), row.id
            assert kind != "news" or row.id in ABOUT_THE_TEXT_ITSELF, row.id


def test_derived_rows_are_calculations_from_rows_that_exist(results, literature):
    for row in results.results:
        if row.certainty == "derived":
            assert row.source == "own-calculation", row.id
            for id in row.where.split():
                assert _row(results, literature, id), f"{row.id} names {id}"


def test_walk_test_has_one_name(results):
    for row in results.results:
        assert row.measure not in ("6mwt", "6MWD", "six-minute walk", "Six-minute walk test"), row.id


def test_folder_has_a_data_dictionary_that_names_every_column(results):
    from frailty_lessons.trial.schema import PublishedResult

    for folder in (*PACKS, "literature"):
        text = (DATASETS / folder / "README.md").read_text(encoding="utf-8")
        for name in PublishedResult.model_fields:
            assert f"`{name}`" in text, f"{folder}: {name}"


def test_data_dictionaries_list_the_words_of_statistic():
    for folder in (*PACKS, "literature"):
        text = (DATASETS / folder / "README.md").read_text(encoding="utf-8")
        for word in STATISTICS:
            assert f"`{word}`" in text, f"{folder}: {word}"


def test_literature_rows_belong_to_no_arm_and_no_day(literature):
    assert all(row.arm == "" and row.day is None for row in literature.results)


def _row(results, literature, id):
    try:
        return results.published(id)
    except KeyError:
        return literature.published(id)


# ------------------------------------------------------------------ figures against the sources


@pytest.mark.parametrize("id, value, unit, certainty", TRIAL, ids=[row[0] for row in TRIAL])
def test_trial_figure(trial, id, value, unit, certainty):
    row = trial.published(id)
    assert (row.value, row.unit, row.certainty) == (value, unit, certainty)


@pytest.mark.parametrize("id, value, unit, certainty", CRATUS, ids=[row[0] for row in CRATUS])
def test_cratus_figure(cratus, id, value, unit, certainty):
    row = cratus.published(id)
    assert (row.value, row.unit, row.certainty) == (value, unit, certainty)


@pytest.mark.parametrize("id, value, unit, certainty", LITERATURE, ids=[row[0] for row in LITERATURE])
def test_literature_figure(literature, id, value, unit, certainty):
    row = literature.published(id)
    assert (row.value, row.unit, row.certainty) == (value, unit, certainty)


@pytest.mark.parametrize("id", INTERVALS)
def test_literature_interval(literature, id):
    row = literature.published(id)
    assert (row.value, row.ci_low, row.ci_high) == INTERVALS[id]


def test_arms_are_those_of_the_release(trial):
    assert {arm.id: arm.treated for arm in trial.arms} == {"placebo": 30, "25M": 37, "50M": 31, "100M": 34, "200M": 16}
    assert sum(arm.treated for arm in trial.arms) == 148
    assert [arm.dose for arm in trial.arms] == [0, 25, 50, 100, 200]
    assert all(arm.planned == 30 for arm in trial.arms)
    assert trial.control == "placebo"


def test_arms_and_their_rows_agree(trial, cratus):
    for pack in (trial, cratus):
        counts = {row.arm: row.value for row in pack.results if row.statistic == "count" and row.measure == "people" and row.arm}
        assert counts == {arm.id: arm.treated for arm in pack.arms}


def test_visits_are_those_of_the_design_paper(trial):
    assert {visit.id: visit.day for visit in trial.visits} == {"baseline": 0, "d90": 90, "d180": 180, "d270": 270, "d365": 365}


def test_headline_figure_has_no_interval_and_says_what_is_unresolved(trial):
    row = trial.published("d270-200m-vs-placebo")
    assert (row.arm, row.day) == ("200M", 270)
    assert row.ci_low is row.ci_high is row.p_value is row.n is None
    assert "unresolved" in row.note and "baseline" in row.note


def test_no_published_walk_result_of_the_trial_has_an_interval(trial):
    for row in trial.published(measure="6MWT"):
        assert row.ci_low is None, row.id


def test_share_of_responders_has_neither_arm_nor_denominator(trial):
    row = trial.published("responders-30-8")
    assert row.arm == "" and row.day is None and row.n is None and row.ci_low is None


def test_primary_comparison_is_told_in_words_only(trial):
    row = trial.published("d180-pairwise-vs-placebo")
    assert row.value is None and row.day == 180 and row.certainty == "secondary"


def test_substantial_change_has_no_interval_for_its_range_does_not_contain_it(literature):
    row = literature.published("perera-2006-substantial")
    assert row.ci_low is None and "47 to 49" in row.note


def test_all_claims_of_the_article_are_there(trial):
    numbers = [int(claim.id.split("-")[1]) for claim in trial.claims]
    assert numbers == list(range(1, 34))  # 31 and 32 are of other news sites


def test_every_claim_that_the_report_makes_has_a_verdict_with_its_reasons(trial, cratus):
    for pack in (trial, cratus):
        for claim in pack.claims:
            assert claim.text.startswith("Left out:") != bool(claim.verdict), claim.id
            assert all(pack.find(id) for id in claim.evidence + claim.others), claim.id


@pytest.mark.parametrize("pack", ["trial", "cratus"])
def test_a_verdict_says_so_where_it_does_not_rest_on_the_sources_themselves(pack, request):
    trial = request.getfixturevalue(pack)
    said = ("news", "second hand", "wiki", "repository", "press", "calculat", "not checked", "infer", "could not be found", "nobody", "no registry", "was not read")
    for claim in trial.claims:
        parts = [trial.find(id)[1] for id in claim.evidence]
        if claim.verdict and any(getattr(part, "certainty", "unknown") != "primary" for part in parts):
            assert any(word in claim.why for word in said), claim.id


def test_the_desk_has_all_verdicts_and_does_not_show_the_evidence_first(trial):
    from frailty_lessons.learning.claims import offered

    claims = [trial.claim(id) for id in trial.desk]
    assert len(claims) == 12 and {claim.verdict for claim in claims} == {"supported", "overstated", "wrong", "cannot be known"}
    led = [offered(claim)[0] in claim.evidence for claim in claims]
    assert any(led) and not all(led)
    assert any(set(offered(claim)[-len(claim.others):]) != set(claim.others) for claim in claims)


def test_what_is_unknown_is_listed(trial, cratus):
    assert {"interval-63-4", "placebo-change", "responders-denominator", "deaths-saes", "missing-data"} <= {u.id for u in trial.unknowns}
    assert "stopping-rule" in {u.id for u in cratus.unknowns}


def test_thresholds_of_the_walk_point_to_figures_in_metres(trial, cratus):
    for pack in (trial, cratus):
        thresholds = pack.outcome("6mwt").thresholds
        assert len(thresholds) == 9
        assert {pack.threshold_result(threshold).unit for threshold in thresholds} == {"m"}


def test_cratus_has_distinct_arms_for_its_two_stages(cratus):
    assert {arm.id: arm.treated for arm in cratus.arms} == {
        "20M": 5, "100M": 5, "200M": 5, "100M-randomised": 10, "200M-randomised": 10, "placebo": 10,
    }  # fmt: skip


# ------------------------------------------------------------------ what is calculated follows


def value(results, id):
    return results.published(id).value


def test_sums_and_differences_of_the_trial(trial):
    arms = [value(trial, id) for id in trial.published("n-infused-sum").where.split()]
    assert value(trial, "n-infused-sum") == sum(arms) == value(trial, "n-infused")
    assert value(trial, "n-active") == sum(value(trial, id) for id in trial.published("n-active").where.split())
    assert value(trial, "n-not-infused") == value(trial, "n-enrolled") - value(trial, "n-infused") == 2
    assert value(trial, "entry-agreement-gap-300") == pytest.approx(300 * value(trial, "entry-agreement") / 100)
    assert value(trial, "entry-agreement-gap-400") == pytest.approx(value(trial, "entry-window-high") * value(trial, "entry-agreement") / 100)
    assert value(trial, "dose-range-fold") == trial.arm("200M").dose / trial.arm("25M").dose
    assert value(trial, "missing-if-13-of-16") == round(100 * 3 / value(trial, "n-200m"))


def test_sums_of_cratus(cratus):
    assert value(cratus, "p1-n-total") == sum(value(cratus, id) for id in cratus.published("p1-n-total").where.split())
    assert value(cratus, "p2-6mwt-100m-180-change") == pytest.approx(value(cratus, "p2-6mwt-100m-180") - value(cratus, "p2-6mwt-100m-baseline"))


def test_standard_error_of_measurement_follows_from_the_detectable_change(literature):
    sem = value(literature, "chan-pin-2019-mdc95") / (1.96 * math.sqrt(2))
    assert value(literature, "chan-pin-2019-sem") == round(sem, 1)


def test_feet_become_metres(literature):
    for feet, metres in (
        ("sciurba-2003-continuous", "sciurba-2003-continuous-m"),
        ("sciurba-2003-learning", "sciurba-2003-learning-m"),
        ("chs-2003-hallway", "chs-2003-hallway-m"),
    ):
        assert value(literature, metres) == round(value(literature, feet) * 0.3048, 1)


def test_rates_products_and_differences_of_the_literature(literature):
    rate = literature.published("ofori-asenso-rate")
    expected = literature.published("ofori-asenso-9-months")
    for per_thousand, percent in zip((rate.value, rate.ci_low, rate.ci_high), (expected.value, expected.ci_low, expected.ci_high)):
        assert percent == pytest.approx(100 * (1 - math.exp(-per_thousand / 1000 * 0.75)), abs=0.06)
    product = value(literature, "phase-2-transition") * value(literature, "phase-3-transition") / 100
    assert value(literature, "phase-2-and-3-transition") == round(product)
    assert value(literature, "rooks-2020-difference") == pytest.approx(value(literature, "rooks-2020-drug-change") - value(literature, "rooks-2020-placebo-change"))


def test_predictions_follow_from_the_equations(literature):
    people = {"man": (172, 80, 77), "woman": (160, 68, 77)}
    for name, (h, w, age) in people.items():
        man = name == "man"
        predicted = {
            "enright-1998": 7.57 * h - 5.02 * age - 1.76 * w - 309 if man else 2.11 * h - 2.29 * w - 5.78 * age + 667,
            "enright-2003": (510 if man else 493) + 2.2 * h - 0.93 * w - 5.3 * age,
            "troosters-1999": 218 + 5.14 * h - 5.32 * age - 1.80 * w + 51.31 * man,
            "gibbons-2001": 868.8 - 2.99 * age - 74.7 * (not man),
        }
        for equation, metres in predicted.items():
            assert value(literature, f"predicted-{name}-{equation}") == round(metres), (name, equation)
        assert value(literature, f"predicted-{name}-percent-low") == round(100 * 300 / predicted["gibbons-2001"])
        assert value(literature, f"predicted-{name}-percent-high") == round(100 * 300 / predicted["enright-2003"])
    spread = value(literature, "predicted-man-gibbons-2001") - value(literature, "predicted-man-enright-2003")
    assert value(literature, "predicted-man-spread") == spread


@pytest.mark.parametrize("sd", [50, 60, 70, 85])
def test_what_the_size_of_the_trial_can_detect(trial, sd):
    z = NormalDist().inv_cdf
    equal, small = sd * math.sqrt(2 / 30), sd * math.sqrt(1 / 16 + 1 / 30)
    assert value(trial, f"detectable-30-30-sd{sd}") == round((z(0.975) + z(0.8)) * equal)
    assert value(trial, f"detectable-30-30-four-tests-sd{sd}") == round((z(1 - 0.00625) + z(0.8)) * equal)
    assert value(trial, f"se-16-30-sd{sd}") == round(small, 1)
    assert value(trial, f"halfwidth-16-30-sd{sd}") == round(1.96 * small)
    assert value(trial, f"detectable-16-30-sd{sd}") == round((z(0.975) + z(0.8)) * small)


@pytest.mark.parametrize("sd", [70, 85])
def test_hypothetical_interval_and_power(trial, sd):
    se, headline, normal = sd * math.sqrt(1 / 16 + 1 / 30), value(trial, "d270-200m-vs-placebo"), NormalDist()
    assert value(trial, f"hypothetical-low-sd{sd}") == round(headline - 1.96 * se)
    assert value(trial, f"hypothetical-high-sd{sd}") == round(headline + 1.96 * se)
    assert value(trial, f"hypothetical-p-sd{sd}") == round(2 * normal.cdf(-headline / se), 3)
    for true in (20, 30, 50):
        upper, lower = 1.96 - true / se, -1.96 - true / se
        power = normal.cdf(-upper) + normal.cdf(lower)
        # Mean size of an estimate beyond the two limits, from the truncated normal distribution.
        size = (true * (normal.cdf(-upper) - normal.cdf(lower)) + se * (normal.pdf(upper) + normal.pdf(lower))) / power
        assert value(trial, f"power-true-{true}-sd{sd}") == round(100 * power)
        assert value(trial, f"exaggeration-true-{true}-sd{sd}") == pytest.approx(size / true, abs=0.051)


def test_fractions_that_round_to_30_8(trial):
    def possible(n):
        return any(abs(100 * k / n - 30.8) <= 0.05 for k in range(n + 1))

    assert min(n for n in range(1, 149) if possible(n)) == value(trial, "fraction-30-8-denominator")
    assert round(100 * value(trial, "fraction-30-8-numerator") / value(trial, "fraction-30-8-denominator"), 1) == 30.8
    ids = trial.published("fraction-30-8-denominator").where.split()[1:]
    assert not any(possible(int(value(trial, id))) for id in ids)
    note = trial.published("fraction-30-8-denominator").note
    assert all(f"/{n}" in note for n in range(1, 149) if possible(n))


@pytest.mark.parametrize("k, n", [(4, 13), (8, 26), (20, 65), (36, 117)])
def test_intervals_of_the_possible_fractions(trial, k, n):
    row, p, q = trial.published(f"responders-if-{k}-of-{n}"), k / n, NormalDist().inv_cdf(0.975) ** 2
    middle, half = p + q / (2 * n), math.sqrt(q * (p * (1 - p) / n + q / (4 * n * n)))
    assert row.n == n and row.value == round(100 * p, 1)
    assert (row.ci_low, row.ci_high) == (round(100 * (middle - half) / (1 + q / n), 1), round(100 * (middle + half) / (1 + q / n), 1))


def test_chance_of_four_or_more_of_thirteen(trial, literature):
    for id, source in (("chance-4-of-13-if-27", "chan-2012-control-improved"), ("chance-4-of-13-if-9-6", "ofori-asenso-9-months")):
        p = value(literature, source) / 100
        fewer = sum(math.comb(13, k) * p**k * (1 - p) ** (13 - k) for k in range(4))
        assert value(trial, id) == round(100 * (1 - fewer))


@pytest.mark.parametrize("mean, sd", [(300, 90), (350, 100), (400, 100), (430, 100)])
def test_regression_to_the_mean_of_the_entry_window(trial, literature, mean, sd):
    low, high, normal = value(trial, "entry-window-low"), value(trial, "entry-window-high"), NormalDist()
    a, b = (low - mean) / sd, (high - mean) / sd
    admitted = mean + sd * (normal.pdf(a) - normal.pdf(b)) / (normal.cdf(b) - normal.cdf(a))
    assert value(trial, f"rtm-{mean}-admitted") == round(admitted)
    for key in ("0-82", "0-91", "0-95"):
        row = trial.published(f"rtm-{mean}-icc-{key}")
        icc = value(literature, row.where.split()[-1])
        assert row.value == round((1 - icc) * (mean - admitted))


def test_the_trial_knows_its_escalation_and_which_arms_were_drawn_by_lot():
    trial = load_trial(DATASETS / "lomecel-b-phase-2b")
    assert trial.escalation.id == "cratus"
    assert [arm.id for arm in trial.escalation.arms if not arm.randomised] == ["20M", "100M", "200M"]
    assert all(arm.randomised for arm in trial.arms)
    assert [arm.id for arm in trial.arms if arm.late] == ["200M"]
    assert trial.published(trial.arm("200M").late).certainty == "inference"
