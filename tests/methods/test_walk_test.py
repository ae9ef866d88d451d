"""The walk test's statistics against published figures, scipy, and brute force."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import integrate, stats

from frailty_lessons.methods import walk_test
from frailty_lessons.methods.walk_test import (
    EQUATIONS,
    compare_equations,
    corridor_walk,
    group_difference,
    minimal_detectable_change,
    percent_predicted,
    person_change,
    predicted_distance,
    regression_to_the_mean,
    standard_error_of_measurement,
)

MAN = {"age": 77, "sex": "male", "height_cm": 172, "weight_kg": 80}
WOMAN = {"age": 77, "sex": "female", "height_cm": 160, "weight_kg": 68}

# Worked by hand from the published coefficients, rounded to whole metres.
BY_HAND = {
    "enright-1998": (7.57 * 172 - 5.02 * 77 - 1.76 * 80 - 309, 2.11 * 160 - 2.29 * 68 - 5.78 * 77 + 667, 466, 404),
    "enright-2003": (510 + 2.2 * 172 - 0.93 * 80 - 5.3 * 77, 493 + 2.2 * 160 - 0.93 * 68 - 5.3 * 77, 406, 374),
    "troosters-1999": (None, None, 600, 508),
    "gibbons-2001": (None, None, 639, 564),
    "jenkins-2009": (867 - 5.71 * 77 + 1.03 * 172, 525 - 2.86 * 77 + 2.71 * 160 - 6.22 * 68 / 1.6**2, 604, 573),
    "osses-2010": (530 - 3.31 * 77 + 2.36 * 172 - 1.49 * 80, 457 - 3.46 * 77 + 2.61 * 160 - 1.57 * 68, 562, 501),
    "hill-2011": (970.7 - 5.5 * 77 + 56.3, 970.7 - 5.5 * 77, 604, 547),
    "camarri-2006": (None, None, 699, 629),
    "chetta-2006": (518.853 + 1.25 * 172 - 2.816 * 77, 518.853 + 1.25 * 160 - 2.816 * 77 - 39.07, 517, 463),
    "britto-2013": (None, None, 542, 495),
    "geird-2022-active": (None, None, 513, 466),
    "geird-2022-inactive": (None, None, 515, 444),
}


@pytest.mark.parametrize("id", EQUATIONS)
def test_predictions_are_those_worked_by_hand(id):
    man_exact, woman_exact, man, woman = BY_HAND[id]
    predicted = predicted_distance(**MAN, equation=id), predicted_distance(**WOMAN, equation=id)
    assert [round(p.metres) for p in predicted] == [man, woman]
    for prediction, exact in zip(predicted, (man_exact, woman_exact)):
        if exact is not None:
            assert prediction.metres == pytest.approx(exact, abs=1e-9)
        assert prediction.equation == id


def test_lower_limits_lie_as_far_below_as_published_and_are_none_elsewhere():
    with_limit = {id for id in EQUATIONS if predicted_distance(**MAN, equation=id).lower_limit is not None}
    assert with_limit == {"enright-1998", "geird-2022-active", "geird-2022-inactive"}
    for id, men, women in (("enright-1998", 153, 139), ("geird-2022-active", 122, 96)):
        for person, below in ((MAN, men), (WOMAN, women)):
            prediction = predicted_distance(**person, equation=id)
            assert prediction.metres - prediction.lower_limit == pytest.approx(below)


def test_predictions_broadcast_over_people():
    ages, sexes = np.array([[70], [80]]), np.array(["female", "male", "female"])
    many = predicted_distance(age=ages, sex=sexes, height_cm=165, weight_kg=70, equation="enright-1998")
    assert many.metres.shape == many.lower_limit.shape == (2, 3)
    one = predicted_distance(age=80, sex="male", height_cm=165, weight_kg=70, equation="enright-1998")
    assert many.metres[1, 1] == one.metres and many.lower_limit[1, 1] == one.lower_limit
    assert isinstance(one.metres, float)


def test_per_cent_predicted():
    prediction = predicted_distance(**WOMAN, equation="enright-2003")
    assert percent_predicted(prediction.metres, prediction) == pytest.approx(100)
    assert percent_predicted([0, 300], 400) == pytest.approx([0, 75])
    # A trial participant at 300 m: 47 to 74 per cent for this man, 53 to 80 for this woman, over four equations.
    four = ("enright-1998", "enright-2003", "troosters-1999", "gibbons-2001")
    for person, low, high in ((MAN, 47, 74), (WOMAN, 53, 80)):
        percents = [percent_predicted(300, predicted_distance(**person, equation=id)) for id in four]
        assert (round(min(percents)), round(max(percents))) == (low, high)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"equation": "nobody-1900"}, "there is no equation 'nobody-1900'"),
        ({"sex": "other"}, "sex must be 'female' or 'male'"),
        ({"age": -1}, "age must be above 0 and at most 120 years, not -1"),
        ({"age": float("nan")}, "age must be"),
        ({"age": "old"}, "age must be a number"),
        ({"height_cm": 1.72}, "height_cm must be at least 50 and at most 250 cm, not 1.72"),
        ({"weight_kg": 0}, "weight_kg must be at least 10"),
        ({"height_cm": 100, "age": 110, "weight_kg": 200, "sex": "male"}, "predicts no distance above zero"),
    ],
)
def test_impossible_people_are_refused_with_the_reason(change, reason):
    with pytest.raises(ValueError, match=reason):
        predicted_distance(**{**WOMAN, "equation": "enright-1998", **change})


@pytest.mark.parametrize(("distance", "prediction"), [(-1, 400), (300, 0), (300, -5), (float("nan"), 400)])
def test_impossible_percentages_are_refused(distance, prediction):
    with pytest.raises(ValueError, match="must be"):
        percent_predicted(distance, prediction)


def test_the_comparison_is_ordered_and_says_who_is_outside():
    comparison = compare_equations(**WOMAN, distance=300)
    metres = [p.metres for p in comparison.predictions]
    assert metres == sorted(metres) and len(metres) == len(EQUATIONS)
    covered = dict(zip((p.equation for p in comparison.predictions), comparison.covered()))
    assert covered["chetta-2006"] is False and covered["troosters-1999"] is True and covered["britto-2013"] is None
    # Women of the GEIRD study were at most 76 years old, men at most 78.
    assert covered["geird-2022-active"] is False and EQUATIONS["geird-2022-active"].covers(77, "male") is True
    assert covered["enright-2003"] is True and EQUATIONS["enright-2003"].covers(99, "female") is True
    words = comparison.describe()
    assert "12 equations from 11 studies predict from 374 m (Enright 2003) to 629 m (Camarri 2006)" in words
    assert "4 of them were made from people of other ages" in words
    assert "below 2 of 3 lower limits, which come from 2 studies (1 not yet checked)" in words


def test_error_of_the_test_agrees_with_a_published_pair():
    # Chan & Pin 2019: a minimal detectable change of 28.1 m; its standard error is 28.1/(1.96·√2) = 10.1 m.
    sem = 28.1 / (stats.norm.ppf(0.975) * np.sqrt(2))
    assert sem == pytest.approx(10.1, abs=0.05)
    reliability, sd = 0.91, sem / 0.3
    assert standard_error_of_measurement(sd, reliability) == pytest.approx(sem)
    assert minimal_detectable_change(sd, reliability) == pytest.approx(28.1)


def test_minimal_detectable_change_holds_its_share_of_unchanged_people():
    rng = np.random.default_rng(7)
    truth = rng.normal(0, np.sqrt(0.85) * 90, 400_000)
    first, second = (truth + rng.normal(0, np.sqrt(0.15) * 90, truth.size) for _ in range(2))
    share = np.mean(abs(second - first) < minimal_detectable_change(90, 0.85, 0.9))
    assert share == pytest.approx(0.9, abs=4 * np.sqrt(0.09 / truth.size))


def test_error_broadcasts():
    assert minimal_detectable_change([60, 80], [[0.9], [1.0]]).shape == (2, 2)
    assert minimal_detectable_change([60, 80], 1.0) == pytest.approx([0, 0])


@pytest.mark.parametrize(
    ("call", "reason"),
    [
        (lambda: standard_error_of_measurement(-1, 0.9), "sd must be at least 0"),
        (lambda: standard_error_of_measurement(80, 1.1), "reliability must be at least 0 and at most 1"),
        (lambda: minimal_detectable_change(80, 0.9, 1), "confidence must be above 0 and below 1"),
        (lambda: minimal_detectable_change(80, 0.9, 95), "confidence must be above 0 and below 1, not 95"),
        (lambda: person_change(change=float("nan"), sd=80, reliability=0.9), "change must be a number"),
        (lambda: group_difference(difference=63, assumed_sd=0, n_treated=16, n_control=30), "assumed_sd must be above 0"),
        (lambda: group_difference(difference=63, assumed_sd=70, n_treated=1, n_control=1), "at least three people"),
        (lambda: group_difference(difference=63, assumed_sd=70, n_treated=2.5, n_control=30), "whole number"),
    ],
)
def test_impossible_errors_and_groups_are_refused(call, reason):
    with pytest.raises(ValueError, match=reason):
        call()


def test_one_persons_change_less_learning():
    result = person_change(change=40, sd=80, reliability=0.91, learning=26)
    assert (result.net, result.high - result.net) == (14, pytest.approx(result.minimal_detectable_change))
    assert "within the test's own error" in result.describe() and result.describe().startswith("Apart from learning, in 95")
    assert "more than the test's own error" in person_change(change=80, sd=80, reliability=0.95).describe()
    nothing_seen = person_change(change=0, sd=50, reliability=0.98, learning=26).describe()
    assert "only because an average was taken off: that alone proves nothing of one person" in nothing_seen


def test_the_groups_interval_is_students_with_a_pooled_sd():
    result = group_difference(difference=63.4, assumed_sd=70, n_treated=16, n_control=30, confidence=0.9)
    reference = stats.ttest_ind_from_stats(63.4, 70, 16, 0, 70, 30)
    low, high = stats.t.interval(0.9, 44, 63.4, 63.4 / reference.statistic)
    assert (result.low, result.high) == (pytest.approx(low), pytest.approx(high))
    assert result.standard_error == pytest.approx(21.7, abs=0.05)


def test_the_groups_interval_says_whether_it_holds_zero_and_is_not_about_one_person():
    words = group_difference(difference=63.4, assumed_sd=70, n_treated=16, n_control=30).describe()
    assert "from +20 m to +107 m, which does not include 0 m" in words and "up to 137 m either side" in words
    assert "includes 0 m" in group_difference(difference=63.4, assumed_sd=120, n_treated=16, n_control=30).describe()


# Mean of those admitted to a window of 200 to 400 m, and change at the next walk, with an SD of measured distances of 100 m.
PUBLISHED_WINDOW = [(350, 314, {0.82: 6, 0.91: 3, 0.95: 2}), (400, 328, {0.82: 13, 0.91: 7, 0.95: 4}), (430, 335, {0.82: 17, 0.91: 9, 0.95: 5})]


@pytest.mark.parametrize(("mean", "admitted", "changes"), PUBLISHED_WINDOW)
def test_regression_to_the_mean_of_the_trials_window(mean, admitted, changes):
    for reliability, change in changes.items():
        result = regression_to_the_mean(mean=mean, sd=100, reliability=reliability, low=200, high=400)
        assert (round(result.expected_baseline), round(result.expected_change)) == (admitted, change)


WINDOWS = [(400, 100, 0.8, 200, 400), (300, 90, 0.91, 200, 400), (400, 60, 0.7, 0, 150), (300, 50, 0.95, 550, 900), (350, 80, 0.0, 200, 400), (350, 80, 1.0, 340, 341)]


@pytest.mark.parametrize(("mean", "sd", "reliability", "low", "high"), WINDOWS)
def test_regression_to_the_mean_against_scipy(mean, sd, reliability, low, high):
    result = regression_to_the_mean(mean=mean, sd=sd, reliability=reliability, low=low, high=high)
    truncated = stats.truncnorm((low - mean) / sd, (high - mean) / sd, loc=mean, scale=sd)
    assert result.expected_baseline == pytest.approx(truncated.mean(), rel=1e-9)
    whole = stats.norm(mean, sd)
    share = whole.cdf(high) - whole.cdf(low) if low < mean else whole.sf(low) - whole.sf(high)
    assert result.share_admitted == pytest.approx(share, rel=1e-9)
    assert result.expected_change == pytest.approx((1 - reliability) * (mean - truncated.mean()), abs=1e-9)
    assert result.expected_retest == pytest.approx(result.expected_baseline + result.expected_change)


def test_the_next_walks_density_against_the_bivariate_normal():
    result = regression_to_the_mean(mean=400, sd=100, reliability=0.82, low=200, high=400)
    both = stats.multivariate_normal([400, 400], 100**2 * np.array([[1, 0.82], [0.82, 1]]))
    for distance in (150, 320, 500):
        inside = integrate.quad(lambda first: both.pdf([first, distance]), 200, 400)[0]
        assert result.retest_density(distance) == pytest.approx(inside / result.share_admitted, rel=1e-6)
    assert integrate.quad(result.retest_density, -200, 1000)[0] == pytest.approx(1, abs=1e-7)
    assert integrate.quad(lambda d: d * result.retest_density(d), -200, 1000)[0] == pytest.approx(result.expected_retest, abs=1e-4)


def test_regression_to_the_mean_broadcasts_and_stays_exact_far_out():
    many = regression_to_the_mean(mean=[350, 400], sd=100, reliability=[[0.8], [0.9], [1.0]], low=200, high=400)
    assert many.expected_change.shape == (3, 2) and many.expected_change[2] == pytest.approx([0, 0])
    one = regression_to_the_mean(mean=400, sd=100, reliability=0.9, low=200, high=400)
    assert many.expected_change[1, 1] == one.expected_change and isinstance(one.expected_change, float)
    far = regression_to_the_mean(mean=400, sd=1, reliability=0.5, low=100, high=200)
    assert 199 < far.expected_baseline <= 200 and far.expected_retest == pytest.approx(300, abs=0.01)
    open_window = regression_to_the_mean(mean=400, sd=100, reliability=0.9, low=-np.inf, high=np.inf)
    assert open_window.share_admitted == 1 and open_window.expected_change == 0


@given(
    mean=st.floats(200, 600), sd=st.floats(20, 150), reliability=st.floats(0, 1),
    low=st.floats(0, 500), width=st.floats(10, 500),
)
def test_the_next_walk_lies_between_the_choice_and_everybody(mean, sd, reliability, low, width):
    result = regression_to_the_mean(mean=mean, sd=sd, reliability=reliability, low=low, high=low + width)
    assert low <= result.expected_baseline <= low + width
    between = sorted([result.expected_baseline, mean])
    assert between[0] - 1e-9 <= result.expected_retest <= between[1] + 1e-9


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"sd": 0}, "sd must be above 0"),
        ({"mean": -5}, "mean must be above 0"),
        ({"reliability": 1.2}, "reliability must be at least 0 and at most 1, not 1.2"),
        ({"low": 400, "high": 200}, "low must be below high"),
        ({"low": 300, "high": 300}, "low must be below high"),
        ({"low": float("nan")}, "low must be a number"),
        ({"mean": [400, float("nan")]}, "mean must be"),
    ],
)
def test_impossible_windows_are_refused(change, reason):
    with pytest.raises(ValueError, match=reason):
        regression_to_the_mean(**{"mean": 400, "sd": 100, "reliability": 0.9, "low": 200, "high": 400, **change})


def walk_in_small_steps(speed, slowing, rests, rest_seconds, track, turn_seconds, step=0.002):
    """The same walk, second by second: an independent reference for the exact legs."""
    pauses = [360 * (i + 1) / (rests + 1) - rest_seconds / 2 for i in range(rests)]
    walked, to_turn, pause, turns = 0.0, track, 0.0, 0
    for now in np.arange(0, 360, step):
        if pause > 1e-12:
            pause -= step
            continue
        if pauses and now >= pauses[0]:
            pauses.pop(0)
            pause = rest_seconds
            continue
        gone = speed * (1 - slowing) ** (now / 60) * step
        walked, to_turn = walked + gone, to_turn - gone
        if to_turn <= 0:
            to_turn, pause, turns = to_turn + track, turn_seconds, turns + 1
    return walked, turns


@pytest.mark.parametrize(
    ("speed", "slowing", "rests", "track"), [(1.0, 0, 0, 30), (1.2, 0.05, 0, 10), (0.7, 0.1, 3, 15), (1.5, 0.02, 1, 50)]
)
def test_the_walk_agrees_with_small_steps(speed, slowing, rests, track):
    result = corridor_walk(speed=speed, slowing=slowing, rests=rests, track=track)
    walked, turns = walk_in_small_steps(speed, slowing, rests, 30, track, 2)
    assert result.distance == pytest.approx(walked, abs=0.3)
    assert abs(result.turns - turns) <= 1
    assert result.by_minute[0] == 0 and result.by_minute[-1] == pytest.approx(result.distance)


def test_a_walk_without_turns_rests_or_slowing_is_speed_times_time():
    assert corridor_walk(speed=1.25, track=1000).distance == pytest.approx(450)
    assert corridor_walk(speed=1.0, track=1000, standard_track=1000, added_metres=26).distance == pytest.approx(386, abs=0.05)
    assert corridor_walk(speed=1.0, track=1000, rests=2).distance == pytest.approx(300)


@pytest.mark.parametrize("added", [26, -30.5])
def test_another_way_of_testing_changes_the_standard_walk_by_just_the_published_figure(added):
    for slowing, rests in ((0, 0), (0.06, 2)):
        walk = corridor_walk(speed=0.9, slowing=slowing, rests=rests, added_metres=added)
        assert walk.distance - walk.standard_distance == pytest.approx(added, abs=0.05)


def test_only_the_standard_way_is_called_standard():
    assert "done in the standard way" in corridor_walk(speed=1).describe()
    same_distance = [corridor_walk(speed=0.65, rests=4, track=track, added_metres=added) for track in (30, 50) for added in (0, -4.5, 0.2)]
    assert sum("done in the standard way" in walk.describe() for walk in same_distance) == 1


def test_a_turn_of_two_seconds_makes_a_short_track_as_much_shorter_as_was_found():
    # Beekman 2013: 49.5 m (39.4 to 59.6) less on 10 m than on 30 m.
    difference = corridor_walk(speed=1.2, track=30).distance - corridor_walk(speed=1.2, track=10).distance
    assert 39.4 < difference < 59.6


@given(
    speed=st.floats(0.4, 1.6), slowing=st.floats(0, 0.2), rests=st.integers(0, 5), track=st.floats(5, 60),
)
def test_more_of_anything_that_costs_time_never_lengthens_the_walk(speed, slowing, rests, track):
    base = corridor_walk(speed=speed, slowing=slowing, rests=rests, track=track)
    assert 0 < base.distance <= 360 * speed + 1e-9
    assert corridor_walk(speed=speed, slowing=min(slowing + 0.05, 0.99), rests=rests, track=track).distance <= base.distance + 1e-9
    assert corridor_walk(speed=speed, slowing=slowing, rests=rests, track=track, turn_seconds=3).distance <= base.distance + 1e-9
    assert np.all(np.diff(base.times) >= -1e-9) and np.all(np.diff(base.distances) >= -1e-9)
    assert base.times[-1] == pytest.approx(360)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"speed": 0}, "speed must be above 0"),
        ({"slowing": 1}, "slowing must be at least 0 and below 1"),
        ({"rests": 12}, "12 rests of 30 seconds leave no time to walk"),
        ({"rests": 1.5}, "rests must be a whole number"),
        ({"track": 0}, "track must be at least 1 m"),
        ({"speed": 0.05, "added_metres": -30.5}, "less than the 18 m of this walker leaves no walking"),
    ],
)
def test_impossible_walks_are_refused(change, reason):
    with pytest.raises(ValueError, match=reason):
        corridor_walk(**{"speed": 1.0, **change})


def test_every_table_has_columns_of_one_length():
    results = [
        compare_equations(**WOMAN, distance=300), corridor_walk(speed=1), person_change(change=40, sd=80, reliability=0.9),
        group_difference(difference=63.4, assumed_sd=70, n_treated=16, n_control=30),
        walk_test.regression_to_the_mean(mean=400, sd=100, reliability=0.9, low=200, high=400),
    ]
    for result in results:
        lengths = {len(column) for column in result.table().values()}
        assert len(lengths) == 1 and lengths.pop() > 1


def test_the_lessons_explorers_show_what_its_text_says():
    import frailty_lessons as fl

    trial, explorers = fl.load_trial("lomecel-b-phase-2b"), fl.explorers.walk_test

    def show(explorer, **state):
        return explorer.compute({**explorer.start, **state})

    corridor = explorers.Corridor(trial, track=10)
    short = show(corridor).distance
    assert (round(short - show(corridor, rests=1).distance), round(show(corridor, track=30).distance - short)) == (24, 34)
    gains = [round(show(corridor, **change).distance - short) for change in ({"track": 20}, {"track": 15}, {"attempt": "second"})]
    assert gains == [25, 15, 21] and round(short - show(corridor, encouraged="none").distance) == 25

    equations = show(explorers.HowFar(trial))
    of_her_age = [p for p, covered in zip(equations.predictions, equations.covered()) if covered]
    assert (len(of_her_age), round(of_her_age[-1].metres - of_her_age[0].metres)) == (7, 201)
    assert EQUATIONS[of_her_age[0].equation].label == "Enright 2003" and EQUATIONS[of_her_age[-1].equation].label == "Jenkins 2009"
    limits = {p.equation: p.lower_limit for p in equations.predictions if p.lower_limit}
    assert all(limits["enright-1998"] < walked < min(limits[f"geird-2022-{group}"] for group in ("active", "inactive")) for walked in (260, 320))

    change = explorers.OnePersonsChange(trial)
    error, dementia = show(change), show(change, **change.cases["Frail people with dementia: 28 m"])
    assert (round(error.minimal_detectable_change), round(error.net)) == (67, 20)
    assert dementia.minimal_detectable_change == pytest.approx(trial.literature.published("chan-pin-2019-mdc95").value, abs=0.5)
    inside = [sum(value < one.minimal_detectable_change for _, value in one.thresholds) for one in (error, dementia)]
    assert (len(error.thresholds), inside) == (9, [9, 5])
    mr_b = show(change, change=45, reliability=0.97, first="before")
    assert (round(mr_b.low), round(mr_b.high)) == (7, 83)

    interval = explorers.MissingInterval(trial)
    reaches = {c: min(sd for sd in range(30, 151, 5) if show(interval, assumed_sd=sd, confidence=c).low <= 0) for c in (0.95, 0.99)}
    assert reaches == {0.95: 105, 0.99: 80}

    chosen = explorers.ChosenForWalkingBadly(trial)
    moves = [round(show(chosen, **state).expected_change) for state in ({}, {"reliability": 0.91}, {"mean": 300}, {"high": 600}, {"low": 0})]
    assert moves == [17, 9, 0, 1, 18]
