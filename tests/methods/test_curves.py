"""What the lesson on dose shows: true curves, what a trial can find out, the best-looking dose, the dose to take forward, a late arm."""

import json
from collections import Counter

import numpy as np
import pytest
from scipy import stats

import frailty_lessons as fl
from frailty_lessons import virtual
from frailty_lessons.methods import dose_ranging, placebo

DOSES, SIZES = [0, 25, 50, 100, 200], [30, 37, 31, 34, 16]
ARMS = ["placebo", "25M", "50M", "100M", "200M"]
SHAPES = ("none", "line", "emax", "plateau", "hump", "step", "alike")


def curve(shape, largest=40):
    return dose_ranging.true_curve(shape, largest, DOSES)


# What is true.


def test_true_curves_have_the_effects_that_their_words_say():
    found = {shape: curve(shape).effects.tolist() for shape in SHAPES}
    assert found["none"] == [0] * 5 and found["line"] == [0, 5, 10, 20, 40] and found["step"] == [0, 0, 0, 0, 40]
    assert found["plateau"] == [0, 10, 20, 40, 40] and found["hump"] == [0, 17.5, 30, 40, 20]
    assert found["alike"] == [0, 40, 40, 40, 40] and curve("alike").words == "all doses alike, each +40 m"
    assert found["emax"] == pytest.approx([0, 22.5, 30, 36, 40])
    for shape in SHAPES[1:]:
        grid, effects = curve(shape).drawn
        assert effects.max() == pytest.approx(40) and np.abs(np.diff(effects)).max() < (41 if shape in ("step", "alike") else 6)
        np.testing.assert_allclose(np.interp(DOSES, grid, effects), curve(shape).effects, atol=0.8)
    assert curve("line", 0).nothing and curve("line", 0).words == curve("none").words


def test_the_true_target_dose():
    assert curve("line").target_dose(30) == pytest.approx(150) and curve("emax").target_dose(30) == pytest.approx(50)
    assert curve("hump").target_dose(40) == pytest.approx(100, abs=0.1) and curve("step").target_dose(30) == pytest.approx(150, abs=0.1)
    assert np.isnan(curve("line").target_dose(41)) and np.isnan(curve("none").target_dose(1))


@pytest.mark.parametrize(
    ("shape", "largest", "doses", "said"),
    [
        ("wave", 40, DOSES, "shape must be one of none, line"),
        ("line", -1, DOSES, "largest must be at least 0"),
        ("line", 40, [25, 50], "the lowest dose must be 0, not 25"),
    ],
)
def test_impossible_curves_are_refused(shape, largest, doses, said):
    with pytest.raises(ValueError, match=said):
        dose_ranging.true_curve(shape, largest, doses)


# What could be found out.


def test_people_are_allocated_as_said():
    given = {"planned": [30] * 5, "treated": SIZES}
    assert dose_ranging.allocate("planned", **given) == (30,) * 5 and dose_ranging.allocate("treated", **given) == tuple(SIZES)
    assert dose_ranging.allocate("two", **given) == (74, 0, 0, 0, 74)
    more = dose_ranging.allocate("placebo", **given)
    assert sum(more) == 148 and more[0] / more[1] == pytest.approx(2, abs=0.1) and len(set(more[1:])) == 1
    with pytest.raises(ValueError, match="how many people were planned for each arm is not known"):
        dose_ranging.allocate("planned", planned=[None] * 5, treated=SIZES)


@pytest.mark.parametrize("shape", ["none", "line", "hump"])
def test_strategies_are_the_powers_of_their_names(shape):
    truth = curve(shape)
    found = dose_ranging.strategies(truth, SIZES, sd=70)
    pairs = dose_ranging.power_of_pairs(DOSES, truth.effects, sd=70, sizes=SIZES)
    assert (found.any_dose, found.top_dose) == (pairs.any_dose, pairs.top_dose)
    assert found.trend == dose_ranging.power_of_trend(DOSES, truth.effects, sd=70, sizes=SIZES)
    assert found.mcp_mod == dose_ranging.power_of_contrasts(DOSES, truth.effects, dose_ranging.usual_shapes(200), sd=70, sizes=SIZES)
    assert found.reaches[1:] == pytest.approx([stats.t.ppf(0.975, 143) * 70 * np.sqrt(1 / n + 1 / 30) for n in SIZES[1:]])
    assert ("false alarms" in found.describe()) == (shape == "none")
    assert found.table()["calculated to"][2:] == ["exact", "exact"] and "SD of changes 70 m" in found.describe()


def test_two_arms_answer_one_question_more_often_and_the_others_not_at_all():
    truth = curve("line")
    two = dose_ranging.strategies(truth, dose_ranging.allocate("two", planned=None, treated=SIZES), sd=70)
    power = placebo.power_of_t(difference=40, sd=70, n_arm=74, n_control=74)
    assert (two.any_dose, two.top_dose, two.trend) == pytest.approx((power,) * 3, abs=1e-9) and two.any_error == 0
    assert two.mcp_mod is None and "no shape can be asked for: MCP-Mod needs at least 4 doses" in two.describe()
    assert two.table()["of 100 trials, p below 0.05"][-1] == "cannot be asked" and np.isnan(two.reaches[:-1]).all()
    three = dose_ranging.strategies(dose_ranging.true_curve("line", 40, [0, 100, 200]), [10, 10, 10], sd=70)
    assert three.mcp_mod is None and "With 3 doses, placebo included" in three.describe()
    with pytest.raises(ValueError, match="two people on placebo and on the highest dose"):
        dose_ranging.strategies(truth, [74, 0, 0, 74, 0], sd=70)


# One data set, two questions.


@pytest.fixture(scope="module")
def trial():
    return fl.load_trial("lomecel-b-phase-2b")


@pytest.fixture(scope="module")
def one(trial):
    explorer = fl.explorers.dose_ranging.ArmsAndCurve(trial)
    return lambda **state: explorer.compute({**explorer.start, **state})


def test_both_questions_are_the_analyses_of_their_names(trial):
    truth = curve("line", 45)
    frame = virtual.virtual_trial(trial, effects=dict(zip(ARMS[1:], truth.effects[1:].tolist(), strict=True)), seed=4)
    names = {"outcome": "change", "baseline": "baseline"}
    found = dose_ranging.arms_and_curve(frame, arm="arm", dose="dose", control="placebo", visit="visit", at=180, truth=truth, **names)
    now = frame[frame["visit"] == 180]
    alone = placebo.ancova(now, arm="arm", control="placebo", **names).estimates
    assert found.each.estimates["estimate"].tolist() == alone["estimate"].tolist()
    assert found.each.estimates["adjusted_p"].to_numpy() == pytest.approx(placebo.adjust(alone["p_value"], "hochberg"))
    means = dose_ranging.dose_means(now, dose="dose", **names)
    assert np.diff(means.means).tolist() == pytest.approx(np.diff([0, *alone["estimate"]]).tolist(), abs=1e-8)
    together = dose_ranging.mcp_mod(means, dose_ranging.usual_shapes(200))
    assert found.together.test.adjusted_p.tolist() == together.test.adjusted_p.tolist() and found.together.chosen == together.chosen
    gains, errors = together.curve.gain(found.grid)
    assert found.gains == pytest.approx(gains) and found.highs - found.gains == pytest.approx(1.96 * errors) and found.gains[0] == 0
    assert len({len(column) for column in found.table().values()}) == 1
    with pytest.raises(ValueError, match="there is no visit 100"):
        dose_ranging.arms_and_curve(frame, arm="arm", dose="dose", control="placebo", visit="visit", at=100, truth=truth, **names)


def test_the_trial_shown_first_answers_one_question_and_not_the_other(one):
    """As the release of the real trial tells: no dose after Hochberg, and a dose-response."""

    def answers(number, **state):
        found = one(number=number, **state)
        return found.smallest_alone < 0.05, found.smallest_together < 0.05

    shown = one()
    assert (shown.smallest_alone, shown.smallest_together) == (pytest.approx(0.147, abs=0.001), pytest.approx(0.011, abs=0.001))
    assert "No single dose has an adjusted p below 0.05, but the question of all doses together has" in shown.describe()
    found = {number: answers(number) for number in range(1, 41)}
    assert [number for number, both in found.items() if both == (False, True)] == [4, 15, 24, 26, 28, 37, 39]
    assert found[1] == (True, True) and found[29] == (True, False) and found[2] == (False, False)
    for number, said in ((1, "Both questions have"), (29, "A single dose has"), (2, "which does not show that the doses do nothing")):
        assert said in one(number=number).describe()
    assert "fits no curve" in one(number=2).describe() and one(number=2).gains is None
    for sentence in (one(number=number).describe() for number in (1, 2, 4, 29)):
        assert "significant" not in sentence and "−0" not in sentence and sentence.startswith("Synthetic people. ")


# The best-looking dose.


@pytest.mark.parametrize("shape", ["plateau", "hump", "step"])
def test_chances_to_look_best_are_those_of_simulated_means(shape):
    truth = curve(shape)
    found = dose_ranging.best_looking(truth, ARMS, SIZES, sd=70)
    assert found.chances.sum() == pytest.approx(1, abs=1e-9)
    random, runs = np.random.default_rng(1), 200_000
    means = truth.effects + random.standard_normal((runs, 5)) * 70 / np.sqrt(SIZES)
    counted = np.bincount(means.argmax(axis=1), minlength=5) / runs
    np.testing.assert_allclose(found.chances, counted, atol=4 * 0.5 / np.sqrt(runs))
    assert found.looks_worse == pytest.approx((means[:, 4] < means[:, 3]).mean(), abs=4 * 0.5 / np.sqrt(runs))
    assert found.half_width == pytest.approx(stats.t.ppf(0.975, 143) * 70 * np.sqrt(1 / 34 + 1 / 16))


def test_chances_hold_where_arms_differ_much_in_size():
    found = dose_ranging.best_looking(dose_ranging.true_curve("line", 10, [0, 1, 2]), "abc", [5, 5, 20_000], sd=70)
    random = np.random.default_rng(2)
    means = np.array([0, 5, 10]) + random.standard_normal((200_000, 3)) * 70 / np.sqrt([5, 5, 20_000])
    np.testing.assert_allclose(found.chances, np.bincount(means.argmax(axis=1), minlength=3) / 200_000, atol=0.005)


def test_how_many_people_tell_the_two_highest_doses_apart():
    step = dose_ranging.best_looking(curve("step"), ARMS, SIZES, sd=70)
    enough, too_few = (placebo.power_of_t(difference=40, sd=70, n_arm=n, n_control=n) for n in (step.needed, step.needed - 1))
    assert step.difference == 40 and enough >= 0.8 > too_few
    flat = dose_ranging.best_looking(curve("plateau"), ARMS, SIZES, sd=70)
    assert (flat.difference, flat.looks_worse, flat.needed) == (0, 0.5, None) and "looks worse in 50 of 100" in flat.describe() and flat.describe().endswith("to each side.")
    hump = dose_ranging.best_looking(curve("hump"), ARMS, SIZES, sd=70)
    assert hump.difference == -20 and "20 m worse than 100M, and looks better in 17 of 100" in hump.describe()
    with pytest.raises(ValueError, match="there must be two besides placebo"):
        dose_ranging.best_looking(dose_ranging.true_curve("line", 10, [0, 1]), "ab", [5, 5], sd=70)


# The dose to take forward.


def test_target_doses_are_those_of_the_curve_with_the_least_aic():
    truth = curve("emax", 45)
    found = dose_ranging.take_forward(truth, SIZES, gain=30, sd=70, trials=40)
    covariance = np.diag(70**2 / np.array(SIZES))
    means = truth.effects + np.random.default_rng(0).standard_normal((40, 5)) * 70 / np.sqrt(SIZES)
    for one, target in zip(means[:8], found.targets, strict=False):
        fits = [dose_ranging.fit(dose_ranging.estimates(DOSES, one, covariance), model) for model in ("linear", "emax", "quadratic", "exponential")]
        best = min(fits, key=lambda fit: fit.aic)
        assert target == pytest.approx(best.target_dose(30), rel=1e-4, nan_ok=True)
    assert found.none == np.isnan(found.targets).mean() and found.shares.sum() + found.none == pytest.approx(1)
    assert found.none_error == pytest.approx(np.sqrt(found.none * (1 - found.none) / 40))


def test_more_people_find_the_dose_more_closely():
    truth = curve("line")
    few, many = (dose_ranging.take_forward(truth, [n] * 5, gain=25, sd=70, unit="mg") for n in (30, 3_000))
    assert many.high - many.low < 0.4 * (few.high - few.low) and many.middle == pytest.approx(truth.target_dose(25), rel=0.05)
    assert many.none < few.none and "The smallest dose that truly gains it is 125 mg." in many.describe()
    nothing = dose_ranging.take_forward(curve("none"), [3_000] * 5, gain=25, sd=70)
    assert nothing.none == 1 and np.isnan(nothing.low) and "Truly, no dose gains so much." in nothing.describe()
    assert nothing.table()["of 100 trials"][-1] == "100.0" and "±" in few.table()["of 100 trials"][-1] and "±" not in few.describe()
    with pytest.raises(ValueError, match="at least four doses, placebo included, and there are 3"):
        dose_ranging.take_forward(dose_ranging.true_curve("line", 40, [0, 1, 2]), [9] * 3, gain=20, sd=70)


def test_the_same_chance_comes_to_every_setting():
    low, high = (dose_ranging.take_forward(curve("line", largest), SIZES, gain=30, sd=70) for largest in (40, 45))
    assert high.none <= low.none and np.array_equal(low.targets, dose_ranging.take_forward(curve("line", 40), SIZES, gain=30, sd=70).targets, equal_nan=True)


# A late arm.


@pytest.mark.parametrize("opens", [0, 0.5, 0.8])
def test_bias_and_error_of_a_late_arm_are_those_of_simulated_people(opens):
    found = dose_ranging.late_arm(n_late=16, n_control=30, drift=60, opens=opens, effect=20, sd=70)
    random, runs = np.random.default_rng(3), 60_000

    def arm(n, start, effect):
        entry = start + (1 - start) * random.random((runs, n))
        return (effect + 60 * (entry - 0.5) + 70 * random.standard_normal((runs, n))).mean(axis=1)

    late = arm(16, opens, 20)
    for one, control in ((found.everybody, arm(30, 0, 0)), (found.same_time, arm(round(30 * (1 - opens)), opens, 0))):
        estimates = late - control
        assert estimates.mean() == pytest.approx(one.estimate, abs=4 * one.standard_error / np.sqrt(runs))
        assert estimates.std() == pytest.approx(one.standard_error, rel=0.015)
        assert one.bias == one.estimate - 20 and one.half_width > 1.96 * one.standard_error
    assert found.everybody.bias == pytest.approx(60 * opens / 2) and found.same_time.bias == 0 and found.same_time.misses == pytest.approx(0.05, abs=1e-9)
    assert found.everybody.half_width <= found.same_time.half_width and found.everybody.misses >= 0.05 - 1e-9


def test_a_late_arm_that_opens_with_the_others_is_no_late_arm():
    found = dose_ranging.late_arm(n_late=16, n_control=30, drift=40, opens=0, effect=20, sd=70)
    assert (found.everybody.bias, found.everybody.half_width) == (found.same_time.bias, found.same_time.half_width) and "opens with the others" in found.describe()
    with pytest.raises(ValueError, match="fewer than two enter after 90% of the recruitment time"):
        dose_ranging.late_arm(n_late=10, n_control=10, drift=40, opens=0.9, effect=20, sd=70)


# The explorers.


NAMES = ("WhichShape", "ArmsAndCurve", "HumpOrChance", "DoseToTakeForward", "LateArm")


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("pack", ["lomecel-b-phase-2b", "cratus"])
def test_every_explorer_shows_both_packs_or_says_what_lacks(name, pack):
    pack = fl.load_trial(pack)
    explorer = getattr(fl.explorers.dose_ranging, name)(pack)
    if explorer.lacks():
        assert len({arm.dose for arm in pack.arms if arm.randomised}) == 3 and "at least 4 doses, placebo included; this trial has 3" in explorer.lacks()
        return
    states = [explorer.start, *({**explorer.start, **case} for case in explorer.cases.values())]
    for control_name, control in explorer.controls.items():
        states += [{**explorer.start, control_name: value} for value in (control.values[0], control.values[-1])]
    for state in states:
        frame = explorer.frame(state)
        assert len(json.dumps(frame)) < 8_000 and "nan" not in frame["words"] and "significant" not in frame["words"]
        if frame["svg"]:
            assert "assumed" in frame["words"] or "Synthetic" in frame["words"]
    assert any(word in explorer.caption for word in ("no real ones", "no real data", "no real results"))


def test_an_unknown_allocation_is_said_and_not_drawn():
    explorer = fl.explorers.dose_ranging.WhichShape(fl.load_trial("cratus"), sizes="planned")
    assert explorer.describe() == "How many people were planned for each arm is not known for this trial." and explorer.table() == {}


def test_without_a_trial_each_says_what_it_needs():
    for name in NAMES:
        assert getattr(fl.explorers.dose_ranging, name)().lacks().startswith("This part needs")


def test_sizes_and_the_late_arm_come_from_the_pack(trial):
    explorers = fl.explorers.dose_ranging
    assert explorers.WhichShape(trial).compute(explorers.WhichShape(trial).start).sizes == (30, 37, 31, 34, 16)
    late = explorers.LateArm(trial)
    assert late.start["opens"] == 50 and late.compute(late.start).n_late == trial.arm("200M").treated
    earlier = trial.model_copy(update={"arms": tuple(arm.model_copy(update={"late": "late-200m-arm" if arm.id == "50M" else None}) for arm in trial.arms)})
    assert explorers.LateArm(earlier).compute(late.start).n_late == 31
    four = trial.model_copy(update={"arms": tuple(arm for arm in trial.arms if arm.id != "200M")})
    found = explorers.HumpOrChance(four)
    assert "100M is truly as good as 50M" in found.describe()


def test_what_the_lesson_may_say_of_its_explorers(trial):
    explorers = fl.explorers.dose_ranging

    def show(name, **state):
        explorer = getattr(explorers, name)(trial)
        return explorer.compute({**explorer.start, **state})

    line, hump, none = (show("WhichShape", shape=shape) for shape in ("line", "hump", "none"))
    assert line.trend > line.mcp_mod > line.any_dose > line.top_dose
    assert hump.mcp_mod > hump.any_dose > hump.trend > hump.top_dose
    assert none.trend == pytest.approx(0.05) == none.mcp_mod and none.any_dose < 0.05
    assert show("WhichShape", sizes="two").top_dose > 0.9 and show("WhichShape", sizes="planned").top_dose > line.top_dose
    flat = show("HumpOrChance")
    assert flat.looks_worse == 0.5 and 0.4 < flat.chances[-1] < 0.5 and show("HumpOrChance", people="300").looks_worse == 0.5
    forward = show("DoseToTakeForward")
    assert forward.high - forward.low > 150 and forward.true_target == pytest.approx(36.4, abs=0.1)
    late = show("LateArm")
    assert (late.everybody.bias, late.same_time.bias) == (10, 0) and late.same_time.half_width > late.everybody.half_width + 5


def test_the_lessons_explorers_show_what_its_text_says(trial):
    """Figures of lesson 05 and of its questions that come from its explorers."""

    def said(name, **state):
        return getattr(fl.explorers.dose_ranging, name)(trial).at(**state).describe()

    def case(name, button):
        return said(name, **getattr(fl.explorers.dose_ranging, name).cases[button])

    as_treated = {shape: case("WhichShape", f"{shape}, as treated") for shape in ("Straight line", "Hump", "All doses alike")}
    planned, two = said("WhichShape", sizes="planned"), case("WhichShape", "Everybody in two arms")
    for story, powers in zip((*as_treated.values(), planned), ((30, 54, 47), (48, 23, 54), (68, 30, 59), (41, 69, 62)), strict=True):
        one, line, mcp_mod = powers
        assert f"in {one} for at least one dose" in story and f"in {line} for a trend over dose, in {mcp_mod} for MCP-Mod" in story
    found = zip((38, 26, 93), (planned, as_treated["Straight line"], two), strict=True)
    assert all(f"in {chance} for the highest dose" in story for chance, story in found)
    assert round(100 * dose_ranging.power_of_contrasts(DOSES, [0, 40, 40, 40, 40], dose_ranging.usual_shapes(200), sd=70, sizes=SIZES)) == 59

    first = said("ArmsAndCurve")
    assert "25M +6 (" in first and "50M −16 (" in first and "100M +28 (" in first and "200M +47 (+3 to +91)" in first
    assert "smallest adjusted p 0.147" in first and "p 0.011" in first
    stories = {number: said("ArmsAndCurve", number=number) for number in range(1, 41)}
    assert [number for number, story in stories.items() if "No single dose has an adjusted p below 0.05" in story] == [4, 15, 24, 26, 28, 37, 39]
    chosen = {number: stories[number].partition("The curve chosen: ")[2].partition(".")[0] for number in range(13, 23)}
    assert [number for number, curve in chosen.items() if not curve] == [16, 20]
    assert Counter(filter(None, chosen.values())) == {"straight line": 4, "hump": 2, "early rise": 1, "late rise": 1}
    alone = fl.explorers.dose_ranging.ArmsAndCurve(trial)
    assert round(alone.compute(alone.start).each.estimates["p_value"].iloc[-1], 3) == 0.037
    alike = alone.compute({**alone.start, **alone.cases["All doses alike"]})
    assert alike.smallest_together < 0.001 and np.all(np.diff(alike.gains) > 0) and np.all(np.diff(alike.each.estimates["estimate"]) > 0)
    for state in ({}, *alone.cases.values()):
        shown = alone.compute({**alone.start, **state})
        assert all(abs(p - 0.05) > 0.0005 for p in (*shown.each.estimates["adjusted_p"], shown.smallest_together))

    hump = case("HumpOrChance", "Hump, as treated")
    assert "looks better in 17 of 100" in hump and "takes 194 people in each of the two arms" in hump
    assert "reaches about 42 m to each side" in case("HumpOrChance", "Plateau, as treated")
    best = [said("HumpOrChance", shape="hump", people=people).partition("100M ")[2].partition(",")[0] for people in ("treated", "60", "120", "300")]
    assert best == ["61", "75", "86", "96"]
    assert "placebo 19, 25M 17, 50M 19, 100M 18, 200M 26" in case("HumpOrChance", "No effect, as treated")

    forward = said("DoseToTakeForward")
    assert "In 14 of 100" in forward and "between 1 and 165" in forward and "is 36 million cells" in forward
    assert "between 17 and 75" in said("DoseToTakeForward", people="300")
    hump = case("DoseToTakeForward", "Hump: best below top")
    forward = fl.explorers.dose_ranging.DoseToTakeForward(trial)
    found = forward.compute({**forward.start, **forward.cases["Hump: best below top"]})
    assert np.mean(np.abs(found.targets[~np.isnan(found.targets)] - found.true_target) < 20) == pytest.approx(2 / 3, abs=0.03)
    assert "between 2 and 119" in hump and "In 15 of 100" in hump and "is 42 million cells" in hump

    late = said("LateArm")
    assert "off by +10 m, interval ±44 m" in late and "interval ±52 m" in late
    very_late = case("LateArm", "It opens very late")
    assert "(6 people)" in very_late and "interval ±70 m" in very_late and "off by +16 m" in very_late and "True effect +20 m" in very_late
    assert round(100 * dose_ranging.late_arm(n_late=160, n_control=300, drift=40, opens=0.5, effect=20, sd=70).everybody.misses) == 30
