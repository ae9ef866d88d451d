"""Dose escalation against R, against enumeration by hand, and against itself: the words, the table and the errors."""

import json
from itertools import product
from pathlib import Path
from subprocess import run
from sys import executable

import numpy as np
import pytest
from scipy import stats
from scipy.optimize import isotonic_regression
from scipy.special import expit
from statsmodels.stats.proportion import proportion_confint

from frailty_lessons.methods.escalation import (
    BOIN,
    CRM,
    MTPI2,
    RULES,
    Cohort,
    FixedCohorts,
    IntervalDesign,
    ThreePlusThree,
    getprior,
    operating_characteristics,
    parse_outcomes,
    run_trial,
    simulate_trials,
    treat,
    write_outcomes,
    zero_events,
)
from frailty_lessons.methods.escalation.interval import probability_above, rising_rates

REFERENCE = Path(__file__).parents[1] / "reference"
TRUTH = (0.05, 0.15, 0.3, 0.45, 0.6)
SKELETON = getprior(0.05, 0.3, 3, 5)
DESIGNS = {
    **{f"3+3 {rule}": ThreePlusThree(5, rule=rule) for rule in RULES},
    "BOIN": BOIN(5, target=0.3),
    "BOIN extra safe": BOIN(5, target=0.3, cohort_size=4, max_n=18, extra_safe=True),
    "mTPI-2": MTPI2(5, target=0.3),
    "own": IntervalDesign(5, target=0.25, escalate_at=0.1, deescalate_at=0.5, max_n=24),
    "CRM": CRM(SKELETON, target=0.3),
    "CRM that stops": CRM(SKELETON, target=0.3, model="logistic", stop_above=0.9, max_n=20),
    "fixed": FixedCohorts(5, n=5, stop_if=2),
}


def cases(name):
    found = json.loads((REFERENCE / f"escalation_{name}.json").read_text())["cases"]
    return [pytest.param(case["inputs"], case["outputs"], case["tolerance"], id=f"{case['id']}-{k}") for k, case in enumerate(found)]


def three_plus_three(doses, deescalate, expand_top=False):
    rule = "never-back" if not deescalate else "six-at-recommended" if expand_top else "six-below-highest"
    return ThreePlusThree(doses, rule=rule)


def assert_performs(design, inputs, shares, outputs, none, tolerance):
    result = operating_characteristics(design, inputs["true_prob_tox"], method="exact")
    assert result.recommended == pytest.approx(shares, abs=tolerance)
    assert result.recommended_none == pytest.approx(none, abs=tolerance)
    assert result.patients == pytest.approx(outputs["expected_n"], abs=tolerance)
    assert result.toxicities == pytest.approx(outputs["expected_dlt"], abs=tolerance)


@pytest.mark.parametrize("inputs, outputs, tolerance", cases("three_plus_three_exact"))
def test_three_rules_called_3_plus_3_perform_as_enumerated(inputs, outputs, tolerance):
    design = three_plus_three(len(inputs["true_prob_tox"]), inputs["deescalate"], inputs["expand_top"])
    assert_performs(design, inputs, outputs["prob_mtd"], outputs, outputs["prob_mtd_none"], tolerance)


@pytest.mark.parametrize("inputs, outputs, tolerance", cases("three_plus_three_exact_escalation"))
def test_3_plus_3_recommends_as_often_as_in_r(inputs, outputs, tolerance):
    result = operating_characteristics(three_plus_three(3, inputs["allow_deescalate"]), inputs["true_prob_tox"])
    found = {"NoDose": result.recommended_none, **{str(dose): share for dose, share in zip(result.doses, result.recommended)}}
    assert found == pytest.approx(outputs["prob_recommend"], abs=tolerance)


@pytest.mark.parametrize("inputs, outputs, tolerance", cases("three_plus_three_sequences"))
def test_3_plus_3_decides_as_in_r(inputs, outputs, tolerance):
    advice = three_plus_three(inputs["num_doses"], inputs["allow_deescalate"]).advise(inputs["outcomes"])
    assert (advice.dose is not None) == outputs["continue"]
    assert (advice.dose or advice.recommended) == outputs["recommended_dose"]


@pytest.mark.parametrize("inputs, outputs, tolerance", cases("boin_boundaries"))
def test_boin_has_the_boundaries_of_r(inputs, outputs, tolerance):
    design = BOIN(3, target=inputs["target"], max_n=inputs["ncohort"] * inputs["cohortsize"], extra_safe=inputs["extrasafe"])
    assert design.boundaries == pytest.approx((outputs["lambda_e"], outputs["lambda_d"]), abs=tolerance["lambda"])
    table = design.decision_table()
    columns = {"n": "n", "escalate": "escalate_if_le", "deescalate": "deescalate_if_ge", "eliminate": "eliminate_if_ge"}
    for ours, theirs in columns.items():
        assert list(getattr(table, ours)) == outputs[theirs]
    assert list(table.stop_at_lowest) == outputs.get("stop_dose1_if_ge", [None] * design.max_n)


@pytest.mark.parametrize("inputs, outputs, tolerance", cases("boin_exact_oc"))
def test_boin_performs_as_computed_independently(inputs, outputs, tolerance):
    size, cohorts = inputs["cohortsize"], inputs["ncohort"]
    design = BOIN(len(inputs["true_prob_tox"]), target=inputs["target"], cohort_size=size, max_n=size * cohorts)
    assert_performs(design, inputs, outputs["prob_select"], outputs, outputs["prob_none"], tolerance)


@pytest.mark.parametrize("inputs, outputs, tolerance", cases("boin_select_mtd"))
def test_boin_selects_and_estimates_as_r_prints(inputs, outputs, tolerance):
    history = tuple(Cohort(k + 1, "T" * y + "N" * (n - y)) for k, (n, y) in enumerate(zip(inputs["npts"], inputs["ntox"])) if n)
    found = BOIN(5, target=inputs["target"]).estimate(history)
    shown = [["----" if value is None else f"{value:.2f}" for value in values] for values in (found.rate, found.low, found.high, found.above_target)]
    assert (found.selected or 99) == outputs["mtd"]
    assert shown[0] == outputs["p_est"]["phat"]
    assert [f"({low},{high})" for low, high in zip(shown[1], shown[2])] == outputs["p_est"]["CI"]
    assert shown[3] == outputs["p_overdose"]


@pytest.mark.parametrize("inputs, outputs, tolerance", cases("mtpi2_table"))
def test_mtpi2_decides_as_in_r(inputs, outputs, tolerance):
    table = MTPI2(3, target=inputs["target"], below=inputs["epsilon1"], above=inputs["epsilon2"], cutoff=inputs["exclusion_certainty"]).decision_table()
    assert len(outputs["table"]) == 94
    for row in outputs["table"]:
        k, y = row["n"] - 1, row["y"]
        up, down, closed = table.escalate[k], table.deescalate[k], table.eliminate[k]
        decision = "E" if up is not None and y <= up else "D" if down is not None and y >= down else "S"
        assert decision == row["decision"], row
        assert (closed is not None and y >= closed) == row["exclude"], row
        assert probability_above(inputs["target"], row["n"], y) == pytest.approx(row["prob_overdose"], abs=1e-12)


@pytest.mark.parametrize("inputs, outputs, tolerance", cases("crm_fit"))
def test_crm_fits_as_in_r(inputs, outputs, tolerance):
    settings = {name: inputs[name] for name in ("model", "scale") if name in inputs}
    history = tuple(Cohort(level, "NT"[toxic]) for level, toxic in zip(inputs["level"], inputs["tox"]))
    method = inputs.get("method", "bayes")
    fit = CRM(inputs["prior"], target=inputs["target"], **settings).fit(history, method=method)
    assert fit.mean == pytest.approx(outputs["estimate"], abs=tolerance["estimate"])
    assert fit.toxicity == pytest.approx(outputs["ptox"], abs=tolerance["ptox"])
    assert fit.recommended == outputs["mtd"]
    # dfcrm's variance around the most likely value is a second moment under a flat prior, ours the inverse information.
    if method == "bayes":
        assert fit.variance == pytest.approx(outputs["post_var"], abs=2e-5)
        assert fit.low == pytest.approx(outputs["ptoxL"], abs=2e-5)
        assert fit.high == pytest.approx(outputs["ptoxU"], abs=2e-5)
    else:
        assert fit.variance == pytest.approx(outputs["post_var"], rel=0.005)


@pytest.mark.parametrize("inputs, outputs, tolerance", cases("crm_getprior"))
def test_skeletons_are_those_of_r(inputs, outputs, tolerance):
    skeleton = getprior(inputs["halfwidth"], inputs["target"], inputs["nu"], inputs["nlevel"], model=inputs["model"], intercept=inputs["intcpt"])
    assert skeleton == pytest.approx(outputs["skeleton"], abs=tolerance)


@pytest.mark.parametrize("inputs, outputs, tolerance", cases("crm_exact_oc"))
def test_crm_performs_as_computed_independently(inputs, outputs, tolerance):
    design = CRM(inputs["skeleton"], target=inputs["target"], scale=inputs["prior_sd"], cohort_size=inputs["cohort"], max_n=inputs["n"])
    assert_performs(design, inputs, outputs["prob_select"], outputs, 0, tolerance)


def paths(design, history=(), probability=1.0):
    """All trials that could be, with their probabilities, by asking the design for each next dose."""
    dose = design.next_dose(history)
    if dose is None:
        yield history, probability
        return
    size = design.size_after(sum(cohort.size for cohort in history))
    for letters in product("NT", repeat=size):
        toxic = letters.count("T")
        chance = TRUTH[dose - 1] ** toxic * (1 - TRUTH[dose - 1]) ** (size - toxic)
        yield from paths(design, (*history, Cohort(dose, "".join(letters))), probability * chance)


@pytest.mark.parametrize(
    "design",
    [
        ThreePlusThree(2, rule="six-at-recommended"),
        BOIN(3, target=0.3, max_n=8),
        MTPI2(3, target=0.3, max_n=8),
        CRM(SKELETON[1:4], target=0.3, max_n=8, stop_above=0.8),
        CRM(SKELETON[1:4], target=0.3, max_n=6, no_skip=False),
        FixedCohorts(3, n=3, stop_if=1),
    ],
    ids=lambda design: design.name,
)
def test_exact_figures_are_those_of_all_trials_one_by_one(design):
    truth = TRUTH[: design.levels]
    result = operating_characteristics(design, truth, method="exact")
    recommended, patients, sizes, toxicities = np.zeros(design.levels + 1), np.zeros(design.levels), {}, {}
    for history, probability in paths(design):
        recommended[design.recommend(history) or 0] += probability
        for cohort in history:
            patients[cohort.dose - 1] += probability * cohort.size
        size, toxic = sum(cohort.size for cohort in history), sum(cohort.toxicities for cohort in history)
        sizes[size] = sizes.get(size, 0) + probability
        toxicities[toxic] = toxicities.get(toxic, 0) + probability
    assert (result.recommended_none, *result.recommended) == pytest.approx(recommended, abs=1e-12)
    assert result.patients == pytest.approx(patients, abs=1e-12)
    assert dict(zip(result.sizes, result.size_probabilities)) == pytest.approx(sizes, abs=1e-12)
    assert dict(zip(result.toxicity_counts, result.toxicity_probabilities)) == pytest.approx(toxicities, abs=1e-12)


@pytest.mark.parametrize("name", DESIGNS)
def test_exact_and_simulated_figures_agree(name):
    exact = operating_characteristics(DESIGNS[name], TRUTH)
    simulated = operating_characteristics(DESIGNS[name], TRUTH, method="simulation", trials=20_000, seed=1)
    assert exact.method == "exact" and simulated.method == "simulation"
    assert sum(exact.recommended) + exact.recommended_none == pytest.approx(1, abs=1e-12)
    assert set(exact.recommended_error) | set(exact.patients_error) | {exact.none_error, exact.early_error} == {0.0}
    for figure, error in (
        ("recommended", "recommended_error"), ("recommended_none", "none_error"),
        ("patients", "patients_error"), ("toxicities", "toxicities_error"), ("stopped_early", "early_error"),
    ):
        away = np.abs(np.subtract(getattr(exact, figure), getattr(simulated, figure)))
        # No trial of a rare kind may have come up: then the error itself is estimated as 0.
        assert np.all(away <= 4.5 * np.array(getattr(simulated, error)) + 3e-4), figure


def test_too_many_states_are_simulated_and_said_so(monkeypatch):
    monkeypatch.setattr("frailty_lessons.methods.escalation.characteristics.MOST_STATES", 500)
    design = CRM(SKELETON, target=0.3, cohort_size=1, max_n=29)
    result = operating_characteristics(design, TRUTH, trials=200)
    assert result.method == "simulation" and result.trials == 200
    assert "simulated trials, because the CRM can be in more than 500 states with 29 people in cohorts of 1" in result.describe()
    assert max(result.recommended_error) == pytest.approx(np.sqrt(max(p * (1 - p) for p in result.recommended) / 200))
    with pytest.raises(ValueError, match="no exact result, because the CRM .* use method simulation"):
        operating_characteristics(design, TRUTH, method="exact")


def test_early_ends_mean_that_the_plan_was_not_carried_out():
    # One of one stops at once: the chance of stopping before the third person is 1 − 0.9·0.8.
    fixed = operating_characteristics(FixedCohorts(3, n=1, stop_if=1), (0.1, 0.2, 0.3))
    assert fixed.stopped_early == pytest.approx(1 - 0.9 * 0.8)
    assert fixed.recommended == pytest.approx((0.9 * 0.2, 0.9 * 0.8 * 0.3, 0.9 * 0.8 * 0.7))
    assert fixed.sizes == (1, 2, 3) and fixed.size_probabilities == pytest.approx((0.1, 0.18, 0.72))
    assert fixed.toxicity_probabilities == pytest.approx((0.9 * 0.8 * 0.7, 1 - 0.9 * 0.8 * 0.7))
    # The 3+3 design ends early when it never reaches the highest dose.
    passes = lambda p: (1 - p) ** 3 + 3 * p * (1 - p) ** 2 * (1 - p) ** 3  # noqa: E731
    assert operating_characteristics(ThreePlusThree(2), (0.2, 0.3)).stopped_early == pytest.approx(1 - passes(0.2))


def test_extreme_truths_leave_one_trial():
    safe = operating_characteristics(BOIN(3, target=0.3), (0, 0, 0))
    assert safe.recommended == (0, 0, 1) and safe.patients == pytest.approx((3, 3, 24)) and safe.toxicity_probabilities[0] == 1
    toxic = operating_characteristics(BOIN(3, target=0.3), (1, 1, 1))
    assert toxic.recommended_none == 1 and toxic.sizes == (3,) and toxic.stopped_early == 1


def test_simulated_trials_are_those_of_people_who_stay_the_same():
    designs = [BOIN(5, target=0.3), FixedCohorts(5, n=6, stop_if=3)]
    for design in designs:
        simulation = simulate_trials(design, TRUTH, trials=40, seed=5)
        tolerances = np.random.default_rng(5).random((30, 40))
        for trial in range(40):
            history = run_trial(design, TRUTH, tolerances[:, trial])
            assert simulation.recommended[trial] == (design.recommend(history) or 0)
            assert simulation.patients[trial].sum() == sum(cohort.size for cohort in history)
            assert simulation.toxicities[trial].sum() == sum(cohort.toxicities for cohort in history)


def test_a_person_has_a_toxicity_wherever_the_risk_exceeds_the_tolerance():
    tolerances = (0.02, 0.2, 0.5, 0.9)
    assert treat((), 3, 3, TRUTH, tolerances) == parse_outcomes("3TTN")
    assert treat((), 1, 1, (0.3,), (0.3,)) == parse_outcomes("1N"), "a risk of exactly the tolerance does no harm"
    assert treat("3TTN", 1, 1, TRUTH, tolerances) == parse_outcomes("3TTN 1N")
    assert run_trial(ThreePlusThree(5), TRUTH, (0.01, 0.9, 0.9, 0.03, 0.9, 0.9)) == parse_outcomes("1TNN 1TNN")
    with pytest.raises(ValueError, match="a tolerance for each of 6 people, not 4"):
        run_trial(ThreePlusThree(5), TRUTH, (0.9, 0.9, 0.9, 0.9))
    with pytest.raises(ValueError, match="dose must be one of 1 to 5, not 6"):
        treat((), 6, 1, TRUTH, tolerances)


@pytest.mark.parametrize(
    "text, message",
    [
        ("1NNN 2NXT", 'cohort 2, "2NXT", has "X", which is neither N nor T: .* for example 2NNT'),
        ("NNN", 'cohort 1, "NNN", does not begin with the number of its dose'),
        ("1NNN 0NN", 'cohort 2, "0NN", is on dose 0, and the lowest dose is 1'),
        ("1NNN 3", 'cohort 2, "3", has a dose but no people'),
    ],
)
def test_bad_shorthand_is_refused_with_its_place(text, message):
    with pytest.raises(ValueError, match=message) as refused:
        parse_outcomes(text)
    assert "\n" not in str(refused.value)


def test_a_cohort_holds_people_on_a_dose():
    assert parse_outcomes(" 1NNN  12NT\n") == (Cohort(1, "NNN"), Cohort(12, "NT")) and parse_outcomes("") == ()
    assert write_outcomes(parse_outcomes("1NNN 2NNT")) == "1NNN 2NNT"
    for dose, outcomes in ((0, "N"), (1, ""), (1, "NA"), (1, "n"), (1, None)):
        with pytest.raises(ValueError, match="of a cohort must be"):
            Cohort(dose, outcomes)


@pytest.mark.parametrize(
    "history, message",
    [
        ("1NNN 1NNN", "cohort 2 is on dose 1, but 3\\+3 would have treated it on dose 2"),
        ("1NTT 1NNN", "cohort 2 is on dose 1, but 3\\+3 would have stopped before it"),
        ("1NNN 2NN", "cohort 2 has 2 people, but 3\\+3 would have treated 3 together"),
        ("1NNN 6NNN", "cohort 2 is on dose 6, but the highest dose is 5"),
    ],
)
def test_a_history_that_the_design_cannot_have_is_refused_by_cohort(history, message):
    for ask in (ThreePlusThree(5).next_dose, ThreePlusThree(5).recommend):
        with pytest.raises(ValueError, match=message):
            ask(history)


@pytest.mark.parametrize(
    "design, history, dose, words",
    [
        (ThreePlusThree(3), "", 1, "The trial starts on the lowest dose, dose 1."),
        (ThreePlusThree(3), "1N", 1, "None of 1 had a toxicity on dose 1: stay until three are complete."),
        (ThreePlusThree(3), "1NNNT", 1, "1 of 4 had a toxicity on dose 1: stay until six are complete."),
        (ThreePlusThree(("20", "50", "90")), "1NNN", 2, "go up to dose 2 (50)."),
        (ThreePlusThree(3), "1NNN 3NTNTNN", 2, "2 of 6 had a toxicity on dose 3: two or more are too many, go down to dose 2, where nobody has been treated."),
        (ThreePlusThree(3), "1NNN 2TT", None, "Stop, and recommend dose 1."),
        (ThreePlusThree(3, rule="six-at-recommended"), "1NNN 2TT", 1, "Go down: none of 3 had a toxicity on dose 1, and six are needed there."),
        (BOIN(3, target=0.3), "1NNN 2NNN 3TTT", 2, "3 of 3 had a toxicity on dose 3: its risk very probably lies above the target of 30%, and it is closed, go down to dose 2."),
        (BOIN(3, target=0.3), "1NNN 2TTT 1NNN", 1, "None of 6 had a toxicity on dose 1 (0%): at most 23.6%, but the dose above is closed, stay."),
        (BOIN(3, target=0.3), "1NT", 1, "1 of 2 had a toxicity on dose 1 (50%): at least 35.9%, but there is no lower dose"),
        (BOIN(3, target=0.3, max_n=6), "1NNN 2NNN 3N", None, "7 people have been treated, and 6 were planned. Stop, and recommend dose 3."),
        (MTPI2(3, target=0.3), "1NNN 2NNT", 2, "the risk most likely lies between 25% and 35%, stay."),
        (CRM(SKELETON, target=0.3), "1NNN", 2, "After 3 people, the model puts the risk on dose 5 at 26%, nearest to the target of 30%; go up one step to dose 2."),
        (CRM(SKELETON, target=0.3, stop_above=0.9), "1TTT", None, "Stop, and recommend no dose."),
        (FixedCohorts(3, n=5, stop_if=2), "1NNNNT", 2, "1 of 5 had a toxicity on dose 1: fewer than the 2 at which the board stops, go up to dose 2."),
        (FixedCohorts(3, n=5, stop_if=2), "1NNNNN 2TTN", None, "2 of 3 had a toxicity on dose 2: the board stops at 2 of 5. Stop, and recommend dose 1."),
    ],
)
def test_advice_gives_its_reason(design, history, dose, words):
    advice = design.advise(history)
    assert advice.dose == dose
    assert words in advice.why


@pytest.mark.parametrize("name", DESIGNS)
def test_advice_is_the_next_dose_of_a_trial_that_followed_the_design(name):
    design = DESIGNS[name]
    history = run_trial(design, TRUTH, np.random.default_rng(3).random(design.max_n))
    for length in range(len(history) + 1):
        assert design.advise(history[:length]).dose == design.next_dose(history[:length])
    assert design.advise(history).recommended == design.recommend(history)


@pytest.mark.parametrize("target, below, above", [(0.3, 0.05, 0.05), (0.2, 0.03, 0.05), (0.25, 0.1, 0.02)])
def test_mtpi2_decides_as_the_keyboard_design(target, below, above):
    table = MTPI2(2, target=target, below=below, above=above, cutoff=1).decision_table()
    width = below + above
    keys = target - below + width * np.arange(-int((target - below) / width), int((1 - target + below) / width) + 1)
    aim = int(np.argmin(np.abs(keys - (target - below))))
    for n, up, down in zip(table.n, table.escalate, table.deescalate):
        for y in range(n + 1):
            strongest = int(np.argmax(np.diff(stats.beta(1 + y, 1 + n - y).cdf(keys))))
            assert (up is not None and y <= up, down is not None and y >= down) == (strongest < aim, strongest > aim), (n, y)


def test_rising_rates_are_scipys_isotonic_regression():
    random = np.random.default_rng(7)
    rates, weights = random.random((50, 6)), random.random((50, 6)) * (random.random((50, 6)) < 0.7)
    for row, weight, found in zip(rates, weights, rising_rates(rates, weights)):
        kept = weight > 0
        if kept.any():
            assert found[kept] == pytest.approx(isotonic_regression(row[kept], weights=weight[kept]).x, abs=1e-12)


def test_the_posterior_is_that_of_adaptive_quadrature():
    from scipy.integrate import quad

    for model in ("empiric", "logistic"):
        design = CRM(SKELETON, target=0.3, model=model)
        fit = design.fit("1NNN 2NNT 3TTN 2NNN", level=0.8)
        n, y = np.array([3, 6, 3, 0, 0]), np.array([0, 1, 2, 0, 0])
        skeleton = np.array(SKELETON)

        def density(beta):
            logit = 3 + np.exp(beta) * (np.log(skeleton / (1 - skeleton)) - 3)
            risk = skeleton ** np.exp(beta) if model == "empiric" else expit(logit)
            return np.prod(risk**y * (1 - risk) ** (n - y)) * stats.norm(0, 1.34**0.5).pdf(beta)

        moments = [quad(lambda beta, k=k: beta**k * density(beta), -8, 6, epsabs=1e-14, epsrel=1e-10)[0] for k in range(3)]
        mean = moments[1] / moments[0]
        assert fit.mean == pytest.approx(mean, abs=1e-8)
        assert fit.variance == pytest.approx(moments[2] / moments[0] - mean**2, abs=1e-8)
        # The stop looks at the probability that the lowest dose lies above the target.
        ratio = np.log(0.3) / np.log(skeleton[0]) if model == "empiric" else (np.log(3 / 7) - 3) / (np.log(skeleton[0] / (1 - skeleton[0])) - 3)
        above = quad(density, -8, np.log(ratio), epsabs=1e-14, epsrel=1e-10)[0] / moments[0]
        assert design._posterior(n[None], y[None])[2][0] == pytest.approx(above, abs=1e-6)


def test_no_event_among_n():
    result = zero_events(15, risks=(0.1,))
    assert result.upper == pytest.approx(1 - 0.05 ** (1 / 15), abs=1e-12)
    assert result.rule_of_three == pytest.approx(0.2) and result.low == 0
    assert result.chance_of_none == pytest.approx((0.9**15,))
    for events in (0, 1, 7, 15):
        found = zero_events(15, events, level=0.9)
        assert (found.low, found.high) == pytest.approx(proportion_confint(events, 15, alpha=0.1, method="beta"), abs=1e-12)
        # At the one-sided limit, so few events have a chance of 10%.
        assert events == 15 or stats.binom(15, found.upper).cdf(events) == pytest.approx(0.1)
    assert zero_events(15, 15).upper == 1 and zero_events(15, 1).rule_of_three is None
    assert "No event among 15 people is compatible, with 95% confidence, with a risk of up to 18%" in result.describe()
    assert "none of 15 people has the event in 21% of such groups" in result.describe()
    one = zero_events(5, 1)
    assert result.not_excluded == (0, result.upper) and one.not_excluded == (one.low, one.high)
    assert "true risks from 0.51% to 72% (two-sided" in one.describe() and "(one-sided), it is 66%" in one.describe()
    with pytest.raises(ValueError, match="events must be at most the 3 people, not 4"):
        zero_events(3, 4)


@pytest.mark.parametrize(
    "build, message",
    [
        (lambda: ThreePlusThree(0), "doses must be at least 1"),
        (lambda: ThreePlusThree(("5", "5")), "different label each"),
        (lambda: ThreePlusThree("123"), "not the text '123'"),
        (lambda: ThreePlusThree(3, rule="best"), "rule must be one of never-back, .*, not 'best'"),
        (lambda: BOIN(3, target=1.2), "target must be above 0 and below 1, not 1.2"),
        (lambda: BOIN(3, target=0.3, safe=0.4), "safe must be above 0 and below 0.3"),
        (lambda: BOIN(3, target=0.3, max_n=0), "max_n must be at least 1"),
        (lambda: IntervalDesign(3, target=0.3, escalate_at=0.4, deescalate_at=0.2), "escalate_at must be below deescalate_at, not 0.4 and 0.2"),
        (lambda: MTPI2(3, target=0.3, below=0.3), "below must be above 0 and below 0.3"),
        (lambda: CRM((0.2, 0.1), target=0.3), "skeleton must rise from dose to dose, not 0.2, 0.1"),
        (lambda: CRM((0.1, 0.97), target=0.3, model="logistic"), "skeleton must stay below 0.953"),
        (lambda: CRM((0.1, 0.2), target=0.3, model="probit"), "model must be one of empiric, logistic, not 'probit'"),
        (lambda: CRM((0.1, 0.2), target=0.3, doses=("a",)), "doses and skeleton must be as many, not 1 and 2"),
        (lambda: CRM((0.1, 0.2), target=0.3).fit("1NN", method="mle"), "no most likely curve while all or none"),
        (lambda: getprior(0.05, 0.3, 6, 5), "mtd must be one of the 5 doses, not 6"),
        (lambda: FixedCohorts(3, n=5, stop_if=0), "stop_if must be at least 1"),
        (lambda: operating_characteristics(ThreePlusThree(3), (0.1, 0.2)), "one figure a dose, 3, not 2"),
        (lambda: operating_characteristics(ThreePlusThree(1), (1.2,)), "true_toxicity must be at least 0 and at most 1, not 1.2"),
        (lambda: operating_characteristics(ThreePlusThree(1), (0.2,), method="guess"), "method must be one of auto, exact, simulation"),
    ],
)
def test_impossible_values_are_refused_with_the_reason(build, message):
    with pytest.raises(ValueError, match=message):
        build()


def test_words_and_tables_say_the_same():
    result = operating_characteristics(ThreePlusThree(("low", "high")), (0.1, 0.4))
    table, frame = result.table(), result.to_frame()
    assert {len(column) for column in table.values()} == {3}
    assert table["Dose"] == list(frame.index) == ["low", "high", "none"]
    assert table["True toxicity"] == ["10%", "40%", "–"]
    assert frame["recommended"].sum() == pytest.approx(1)
    assert [f"{share:.1%}" for share in frame["recommended"]] == table["Recommended"]
    best = result.recommended[0]
    assert f"3+3 recommends dose 1 (low) most often, in {best:.0%} of trials, and no dose in {result.recommended_none:.0%}." in result.describe()
    toxic = operating_characteristics(ThreePlusThree(2), (0.8, 0.9))
    assert "recommends no dose most often, in 99% of trials" in toxic.describe()
    decisions = BOIN(3, target=0.3, max_n=6).decision_table()
    assert decisions.to_frame()["deescalate"].tolist() == [1, 1, 2, 2, 2, 3]
    assert decisions.table()["Close the dose with at least"] == ["never", "never", "3", "3", "4", "4"]
    assert decisions.describe() == "BOIN: of 3 people with a toxicity, go up with none, down with 2 or more; of 6 people with a toxicity, go up with 1 or fewer, down with 3 or more."
    fit = CRM(SKELETON, target=0.3).fit("1NNN")
    assert "risk on dose 5 at 26% (with 90% credibility between 0% and 73%)" in fit.describe() and len(fit.table()["Dose"]) == 5
    estimate = BOIN(3, target=0.3).estimate("1NNN 2NNT")
    assert estimate.table()["Estimate"] == ["2%", "34%", "–"] and "Dose 2 is selected" in estimate.describe()
    assert "No dose is selected" in BOIN(3, target=0.3).estimate("1TTT").describe()


def test_dose_escalation_needs_neither_pandas_nor_scipy_stats():
    code = (
        "import sys; from frailty_lessons.methods import escalation as e; "
        "print(e.operating_characteristics(e.CRM((0.1, 0.2), target=0.2, max_n=6), (0.1, 0.3)).describe() and "
        "[name for name in ('pandas', 'scipy.stats', 'scipy.optimize', 'statsmodels') if name in sys.modules])"
    )
    assert run([executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "[]"
