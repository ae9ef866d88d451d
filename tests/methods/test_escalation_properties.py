"""What holds for every design, every history and every truth."""

import numpy as np
from hypothesis import assume, given, settings
from hypothesis import strategies as st

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
    write_outcomes,
    zero_events,
)

cohorts = st.builds(Cohort, st.integers(1, 12), st.text("NT", min_size=1, max_size=6))
targets = st.sampled_from((0.1, 0.2, 0.25, 0.3, 0.4))
sizes = {"cohort_size": st.integers(1, 4), "max_n": st.integers(1, 21)}


@st.composite
def designs(draw, stops_at_lowest=False):
    doses, target = draw(st.integers(1, 5)), draw(targets)
    counting = {"target": target, **{name: draw(values) for name, values in sizes.items()}}
    kind = draw(st.sampled_from(("3+3", "BOIN", "mTPI-2", "own", "CRM", "fixed")))
    if kind == "3+3":
        return ThreePlusThree(doses, rule=draw(st.sampled_from(list(RULES))))
    if kind == "BOIN":
        return BOIN(doses, **counting, extra_safe=draw(st.booleans()))
    if kind == "mTPI-2":
        return MTPI2(doses, **counting)
    if kind == "own":
        low, high = sorted(draw(st.lists(st.integers(0, 20), min_size=2, max_size=2, unique=True)))
        return IntervalDesign(doses, **counting, escalate_at=low / 20, deescalate_at=high / 20)
    if kind == "fixed":
        return FixedCohorts(doses, n=draw(st.integers(1, 5)), stop_if=draw(st.integers(1, 5)))
    skeleton = getprior(0.04, target, draw(st.integers(1, doses)), doses)
    stop = draw(st.sampled_from((0.8, 0.95) if stops_at_lowest else (None, 0.8, 0.95)))
    return CRM(skeleton, **counting, model=draw(st.sampled_from(("empiric", "logistic"))), stop_above=stop)


@st.composite
def trials(draw):
    """A design, true risks that rise, and the trial it ran with some people."""
    design = draw(designs())
    truth = np.sort(draw(st.lists(st.floats(0, 1), min_size=design.levels, max_size=design.levels)))
    people = np.random.default_rng(draw(st.integers(0, 2**32))).random(design.max_n)
    return design, truth, run_trial(design, truth, people)


@st.composite
def wild_histories(draw):
    """A design, and a history that it need not have produced."""
    design = draw(designs())
    history = draw(st.lists(st.builds(Cohort, st.integers(1, design.levels), st.text("NT", min_size=1, max_size=4)), min_size=1, max_size=6))
    return design, tuple(history)


@given(st.lists(cohorts).map(tuple))
def test_what_is_written_is_read_back(history):
    assert parse_outcomes(write_outcomes(history)) == history


@given(trials())
def test_a_trial_climbs_one_step_at_a_time_and_keeps_within_the_doses(trial):
    design, _, history = trial
    highest = 0
    for cohort in history:
        assert 1 <= cohort.dose <= min(highest + 1, design.levels)
        highest = max(highest, cohort.dose)
    assert sum(cohort.size for cohort in history) <= design.max_n
    assert design.next_dose(history) is None
    assert design.recommend(history) is None or 1 <= design.recommend(history) <= design.levels


@given(wild_histories())
def test_advice_never_skips_an_untried_dose_upward(case):
    design, history = case
    dose = design.advise(history).dose
    assert dose is None or dose <= max(cohort.dose for cohort in history) + 1
    assert dose is None or 1 <= dose <= design.levels


@given(designs(stops_at_lowest=True))
def test_a_trial_ends_without_a_dose_when_everybody_on_the_lowest_has_a_toxicity(design):
    assume(design.max_n >= 6)
    history = run_trial(design, np.ones(design.levels), np.zeros(design.max_n))
    if isinstance(design, FixedCohorts) and design.stop_if > design.n:
        assert design.recommend(history) == design.levels
    else:
        assert {cohort.dose for cohort in history} == {1}
        assert sum(cohort.size for cohort in history) <= 8
        assert design.recommend(history) is None


@settings(max_examples=300)
@given(wild_histories(), st.data())
def test_more_toxicity_never_means_a_higher_dose(case, data):
    design, history = case
    spared = [(k, i) for k, cohort in enumerate(history) for i, letter in enumerate(cohort.outcomes) if letter == "N"]
    assume(spared)
    k, i = data.draw(st.sampled_from(spared))
    letters = history[k].outcomes
    worse = (*history[:k], Cohort(history[k].dose, letters[:i] + "T" + letters[i + 1 :]), *history[k + 1 :])
    before, after = design.advise(history), design.advise(worse)
    if before.dose and after.dose:
        assert after.dose <= before.dose
    if before.dose is None and after.dose is None:
        assert (after.recommended or 0) <= (before.recommended or 0)
    if before.dose is None and before.recommended is None and after.dose is None:
        assert after.recommended is None


@settings(max_examples=50)
@given(trials())
def test_probabilities_sum_to_one_and_people_add_up(trial):
    design, truth, history = trial
    result = operating_characteristics(design, truth)
    assume(result.method == "exact")
    assert abs(sum(result.recommended) + result.recommended_none - 1) < 1e-12
    assert abs(sum(result.size_probabilities) - 1) < 1e-12
    assert abs(sum(result.toxicity_probabilities) - 1) < 1e-12
    assert np.allclose(result.toxicities, np.multiply(result.patients, truth), atol=1e-9)
    assert abs(np.dot(result.sizes, result.size_probabilities) - sum(result.patients)) < 1e-9
    assert abs(np.dot(result.toxicity_counts, result.toxicity_probabilities) - sum(result.toxicities)) < 1e-9
    assert sum(cohort.size for cohort in history) in result.sizes


@settings(max_examples=25)
@given(trials())
def test_simulation_meets_the_exact_figures_within_its_error(trial):
    design, truth, _ = trial
    exact = operating_characteristics(design, truth)
    assume(exact.method == "exact")
    simulated = operating_characteristics(design, truth, method="simulation", trials=2_000, seed=4)
    shares = np.array((exact.recommended_none, *exact.recommended))
    # The true error, of the exact share: the estimated one is 0 for what did not come up.
    error = np.sqrt(np.clip(shares * (1 - shares), 0, None) / 2_000)
    assert np.all(np.abs(shares - (simulated.recommended_none, *simulated.recommended)) <= 5.5 * error + 5 / 2_000)


@given(st.integers(1, 300), st.data())
def test_limits_hold_what_was_seen_and_tighten_with_more_people(n, data):
    events = data.draw(st.integers(0, n))
    found, more = zero_events(n, events), zero_events(2 * n, 2 * events)
    assert found.low <= events / n <= found.upper <= found.high
    assert more.upper <= found.upper and more.low >= found.low
