"""Explorers of the six-minute walk test: the corridor, what is expected, which change is real, who was chosen."""

import numpy as np
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from frailty_lessons.explorers.bases import as_planned, headline_arm, out_of_reach, people_in_reach, people_told
from frailty_lessons.methods import walk_test
from frailty_lessons.ui import Choice, Explorer, Slider
from frailty_lessons.ui.theme import BLUE, FAINT, GREEN, INK, ORANGE, PLACEBO, PURPLE

LEARNING = "singh-2014-learning"
LEARNING_AFTER_MONTHS = "holland-2018-learning-6-months"
ENCOURAGEMENT = "guyatt-1984-encouragement"
ERROR_IN_DEMENTIA = "chan-pin-2019-mdc95"


class _WithLiterature(Explorer):
    """An explorer that needs figures of the walk test from the literature."""

    needs: tuple[str, ...] = ()

    def lacks(self):
        literature = self.trial and self.trial.literature
        missing = [id for id in self.needs if not literature or not literature.row(id)]
        if missing:
            return f"This part needs figures that the course's data do not have: {', '.join(missing)}."
        return None

    def figure(self, id: str):
        return self.trial.literature.published(id)


class Corridor(_WithLiterature):
    """Where six minutes go, and what the way of testing does to the distance."""

    question = "The same legs, another corridor: how far does she walk in six minutes?"
    look_for = (
        "Watch the blue number: how much does one rest take away? And how much comes back on the standard track?",
        "What can you change in the test, not in her, that adds 20 m or more?",
    )
    needs = (LEARNING, ENCOURAGEMENT)
    speed = Slider("Speed at the start", 0.5, 1.5, step=0.05, value=1.0, unit="m/s")
    slowing = Slider("Speed lost each minute", 0, 10, step=1, value=2, unit="%")
    rests = Slider("Rests of 30 seconds", 0, 4, step=1, value=0)
    track = Choice("Length of the track", {10: "10 m", 15: "15 m", 20: "20 m", 30: "30 m (standard)", 50: "50 m"}, value=30)
    encouraged = Choice("Encouragement", {"standard": "Standard, each minute", "none": "None"}, value="standard")
    attempt = Choice("Which try is it?", {"first": "First try", "second": "Second try"}, value="first")
    cases = {
        "Ward corridor, 10 m": {"track": 10},
        "Standard corridor, 30 m": {"track": 30},
        "Tired: slows and rests": {"slowing": 6, "rests": 2},
    }

    @property
    def caption(self):
        learning, encouragement = self.figure(LEARNING), self.figure(ENCOURAGEMENT)
        return (
            "A teaching model, not measured walks. Assumed: two seconds a turn, rests evenly placed. "
            "The standard test is the same legs, with the same rests, on 30 m, encouraged, at a first try. "
            f"On the standard track a second try adds {learning.figure()} (Singh 2014, lung disease; {learning.certainty_in_words()}), "
            f"and no encouragement takes away {encouragement.figure()} (Guyatt 1984; {encouragement.certainty_in_words()})."
        )

    def compute(self, state):
        added = self.figure(LEARNING).value * (state["attempt"] == "second")
        added -= self.figure(ENCOURAGEMENT).value * (state["encouraged"] == "none")
        return walk_test.corridor_walk(
            speed=state["speed"],
            slowing=state["slowing"] / 100,
            rests=state["rests"],
            track=state["track"],
            added_metres=added,
        )

    def prepare(self, axes):
        axes.set(xlim=(0, 7.5), ylim=(0, 600), xlabel="Minutes", ylabel="Metres walked", xticks=range(7))

    def draw(self, result, axes):
        minutes = np.array(result.times) / 60
        end, standard = result.distance, result.standard_distance
        axes.plot(minutes, result.distances, color=BLUE)
        axes.plot([6], [end], "o", color=BLUE)
        axes.plot([6], [standard], "D", color=ORANGE, markerfacecolor="white", markersize=8)
        gap = max(0, 56 - abs(end - standard)) / 2 * (1 if end >= standard else -1)
        axes.text(6.12, end + gap, f"{end:.0f} m", color=BLUE, va="center", weight="bold")
        axes.text(6.12, standard - gap, f"standard test:\n{standard:.0f} m", color=ORANGE, va="center", fontsize=9)


class HowFar(Explorer):
    """What a dozen reference equations expect of one person."""

    question = "How far should she walk? It depends on whom you ask."
    look_for = (
        "Which equations were made from people of her age, and how far apart are those?",
        "Find a distance that is “normal” by one published lower limit and “abnormal” by another.",
    )
    caption = (
        "Published reference equations; the papers are listed in Sources, and the table says what of each is not yet checked. "
        "Filled circle: made from people of this age; hollow: from other ages; square: ages not known. Short bar: published lower limit of normal."
    )
    size = (6.8, 4.6)
    sex = Choice("Sex", {"female": "Woman", "male": "Man"}, value="female")
    age = Slider("Age", 60, 95, step=1, value=79, unit="years")
    height_cm = Slider("Height", 140, 190, step=5, value=160, unit="cm")
    weight_kg = Slider("Weight", 40, 110, step=5, value=70, unit="kg")
    distance = Slider("Distance walked", 100, 600, step=20, value=300, unit="m")
    cases = {
        "Man, 79 years": {"sex": "male", "height_cm": 175, "weight_kg": 80},
        "Small woman of 90": {"age": 90, "height_cm": 150, "weight_kg": 45, "distance": 220},
    }

    def compute(self, state):
        return walk_test.compare_equations(**state)

    def prepare(self, axes):
        labels = [equation.label for equation in walk_test.EQUATIONS.values()]
        axes.set(xlim=(0, 1050), ylim=(len(labels) - 0.4, -1.1), xlabel="Predicted distance in six minutes (metres)")
        axes.set_yticks(range(len(labels)), labels)
        axes.tick_params(axis="y", length=0)

    def draw(self, result, axes):
        rows = {id: row for row, id in enumerate(walk_test.EQUATIONS)}
        axes.axvline(result.distance, color=BLUE, linestyle="--", linewidth=1.5)
        axes.text(result.distance + 12, -0.75, f"walked {result.distance:.0f} m", color=BLUE, va="center")
        limits = [(rows[p.equation], p.lower_limit, p.metres) for p in result.predictions if p.lower_limit is not None]
        for row, limit, metres in limits:
            axes.plot([limit, limit, limit, metres], [row - 0.25, row + 0.25, row, row], color=ORANGE, linewidth=1.2)
        covered = result.covered()
        for cover, marker, face in ((True, "o", ORANGE), (False, "o", "white"), (None, "s", "white")):
            these = [prediction for prediction, is_covered in zip(result.predictions, covered) if is_covered is cover]
            axes.plot(
                [p.metres for p in these], [rows[p.equation] for p in these], marker,
                color=ORANGE, markerfacecolor=face, markersize=7,
            )
        for prediction, percent in zip(result.predictions, result.percents()):
            axes.text(prediction.metres + 16, rows[prediction.equation], f"{prediction.metres:.0f} m · {percent:.0f}%", va="center", fontsize=9)


def _thresholds(trial):
    """Short names and metres of the trial's meaningful-change thresholds of its walk test."""
    outcome = next((o for o in trial.outcomes if o.id == "6mwt"), None)
    return tuple((t.label, trial.threshold_result(t).value) for t in outcome.thresholds) if outcome else ()


class OnePersonsChange(_WithLiterature):
    """One person's change against the test's own error and what was called meaningful."""

    question = "She walked further than last time. Is that change hers, or the test's?"
    look_for = (
        "How large must one person's change be to stand clear of the test's own error?",
        "The news gave one figure for a whole group. Would you believe it of one person?",
    )
    needs = (LEARNING, LEARNING_AFTER_MONTHS, ERROR_IN_DEMENTIA)
    size = (6.8, 3.9)
    change = Slider("Change between two walks", -60, 120, step=5, value=35, unit="m", signed=True)
    sd = Slider("SD between people", 50, 120, step=10, value=80, unit="m")
    reliability = Slider("Reliability (ICC)", 0.80, 0.98, step=0.01, value=0.91)
    first = Choice(
        "Known the test before?", {"soon": "No; soon after", "months": "No; half a year on", "before": "Yes"}, value="months"
    )
    cases = {
        "Frail people with dementia: 28 m": {"sd": 50, "reliability": 0.96},
        "A practised walker": {"first": "before"},
        "A very reliable test": {"reliability": 0.98, "first": "before"},
    }

    @property
    def caption(self):
        return (
            "Spread and reliability are yours to choose; in life both come from one study of people like her, tested as far apart. "
            f"Under “dementia” we chose them to come near the published {self.figure(ERROR_IN_DEMENTIA).figure()} (Chan & Pin 2019). "
            f"Learning: {self.figure(LEARNING).figure()} soon after (Singh 2014, lung disease), "
            f"{self.figure(LEARNING_AFTER_MONTHS).value:g} m half a year on (Holland 2018, lung fibrosis); an average, so a gain or loss "
            "that stands out only with it, or only without it, proves nothing of one person. Errors: bell curve, of one size. Thresholds and news figure: see Sources."
        )

    def compute(self, state):
        return walk_test.person_change(
            change=state["change"],
            sd=state["sd"],
            reliability=state["reliability"],
            learning=0 if state["first"] == "before" else self.figure(LEARNING if state["first"] == "soon" else LEARNING_AFTER_MONTHS).value,
            thresholds=_thresholds(self.trial),
        )

    def prepare(self, axes):
        axes.set(xlim=(-190, 250), ylim=(-0.6, 3.6), xlabel="Change in six-minute walk distance (metres)")
        axes.set_yticks([0, 1, 2, 3], ["Called meaningful", "In the news: a group", "The change: estimate\nand 95% limits", "The test's own error"])
        axes.tick_params(axis="y", length=0)
        axes.axvline(0, color=INK, linewidth=1)
        for label, value in _thresholds(self.trial):
            axes.plot([value], [0], "|", color=GREEN, markersize=18, markeredgewidth=2)
        values = [value for _, value in _thresholds(self.trial)]
        if values:
            axes.text(max(values) + 10, 0, f"{min(values):g} to {max(values):g} m, by who says it", va="center", fontsize=9, color=GREEN)
        headline = self.trial.headline and self.trial.published(self.trial.headline)
        if headline and headline.unit == "m":
            axes.plot([headline.value], [1], "D", color=PURPLE, markersize=8)
            interval = ", interval not found" if headline.ci_low is None else ""
            axes.text(headline.value + 12, 1, f"{headline.figure()}{interval}", va="center", fontsize=9, color=PURPLE)

    def draw(self, result, axes):
        mdc = result.minimal_detectable_change
        axes.fill_betweenx([1.55, 3.6], -mdc, mdc, color=PLACEBO, alpha=0.13, linewidth=0)
        axes.plot([-mdc, mdc], [3, 3], "|-", color=PLACEBO, markersize=12, markeredgewidth=2)
        axes.text(mdc + 8, 3, f"±{mdc:.0f} m", va="center", color=FAINT)
        axes.plot([result.low, result.high], [2, 2], "|-", color=BLUE, markersize=12, markeredgewidth=2)
        axes.plot([result.net], [2], "o", color=BLUE, markersize=8)
        axes.text(result.net, 2.22, f"{result.net:+.0f} m".replace("-", "−"), ha="center", va="bottom", color=BLUE, weight="bold", bbox={"color": "white", "pad": 1})


class MissingInterval(Explorer):
    """The interval that the report did not give, under a spread that the learner assumes."""

    question = "The report gave one number and no interval. How wide might the interval be?"
    look_for = (
        "Which spread must you assume before the interval reaches 0 m? And at 99% confidence?",
        "Give the treated arm as many people as were planned. What changes, and what stays unknown?",
    )
    size = (6.8, 3.3)
    assumed_sd = Slider("SD of changes (assumed)", 30, 150, step=5, value=80, unit="m")
    n_treated = Slider("People in the treated arm", 4, 60, step=1, value=30)
    n_control = Slider("People in the control arm", 4, 60, step=1, value=30)
    confidence = Choice("Confidence", {0.8: "80%", 0.9: "90%", 0.95: "95%", 0.99: "99%"}, value=0.95)

    @property
    def caption(self):
        row = self.headline
        return (
            f"{row.figure()} is a reported figure ({row.certainty_in_words()}); no text that could be read gives its interval. "
            "Calculated for two groups of one spread, everybody measured, no adjustment for baseline, "
            "and no allowance for picking this dose and day among several; single people's changes are taken to follow the bell curve. "
            f"Void if the figure is a change from baseline.{out_of_reach(self, people_told(self.trial))}"
        )

    @property
    def headline(self):
        return self.trial.published(self.trial.headline)

    @property
    def cases(self):
        return as_planned(self, headline_arm(self.trial))

    def lacks(self):
        told = self.trial and self.trial.headline and self.headline
        if not told or told.value is None or told.unit != "m" or told.statistic != "difference":
            return "This part needs a trial with a reported difference in metres, named as its headline; this trial's data have none."
        if told.ci_low is not None:
            return f"This part asks how wide an interval might be that nobody published; this trial's report gives it: {told.figure()}."
        return None

    def start_from_trial(self):
        return people_in_reach(self, people_told(self.trial))

    def compute(self, state):
        return walk_test.group_difference(difference=self.headline.value, **state)

    def prepare(self, axes):
        axes.set(xlim=(-300, 400), ylim=(-0.6, 1.9), xlabel="Metres")
        axes.set_yticks([0, 1], ["Single people, around\ntheir group's mean\n(error included)", "Treated minus control:\ndifference of the means"])
        axes.tick_params(axis="y", length=0)
        axes.axvline(0, color=INK, linewidth=1)
        values = [value for _, value in _thresholds(self.trial)]
        if values:
            axes.axvspan(min(values), max(values), ymin=0.45, color=GREEN, alpha=0.15, linewidth=0)
            axes.text(max(values) + 6, 1.75, f"{min(values):g} to {max(values):g} m: called meaningful", va="center", fontsize=9, color=GREEN)

    def draw(self, result, axes):
        spread = result.people_spread
        axes.plot([-spread, spread], [0, 0], color=PLACEBO, linewidth=6, alpha=0.5, solid_capstyle="butt")
        axes.text(spread + 8, 0, f"±{spread:.0f} m", va="center", color=FAINT)
        axes.plot([result.low, result.high], [1, 1], "|-", color=PURPLE, markersize=14, markeredgewidth=2)
        axes.plot([result.difference], [1], "D", color=PURPLE, markersize=8)
        text = f"{result.difference:g} m ({result.low:.0f} to {result.high:.0f})".replace("(-", "(−")
        axes.text(result.difference, 1.22, text, ha="center", va="bottom", color=PURPLE, weight="bold", bbox={"color": "white", "pad": 1})


class ChosenForWalkingBadly(Explorer):
    """Regression to the mean in people chosen by one walk."""

    question = "People are let in by one walk, and walk again, untreated. What happens to their average?"
    look_for = (
        "Where must everybody's mean lie for the average to stay, to rise, to fall?",
        "Which makes the move smaller: a more reliable test, or a wider window (try both ends)?",
    )
    caption = (
        "Exact, if both walks follow the bell curve with the same mean and spread; nobody is treated. "
        "One walk both chooses and counts. Mean, spread and reliability are yours to choose: nobody knows them for the trial."
    )
    low = Slider("Lowest admitted", 0, 350, step=25, value=200, unit="m")
    high = Slider("Highest admitted", 300, 700, step=25, value=400, unit="m")
    mean = Slider("Everybody's mean", 250, 500, step=10, value=430, unit="m")
    sd = Slider("SD of distances", 60, 140, step=10, value=100, unit="m")
    reliability = Slider("Reliability (ICC)", 0.70, 0.98, step=0.01, value=0.82)
    cases = {
        "Mean in the middle of the window": {"mean": 300},
        "Mean below the middle": {"mean": 250},
        "A more reliable test": {"reliability": 0.91},
    }

    def start_from_trial(self):
        ids = {} if self.trial is None else {row.id: row.value for row in self.trial.results}
        window = {"low": ids.get("entry-window-low"), "high": ids.get("entry-window-high")}
        return {name: int(value) for name, value in window.items() if value in self.controls[name].values}

    def compute(self, state):
        return walk_test.regression_to_the_mean(**state)

    def prepare(self, axes):
        axes.set(xlim=(0, 800), ylim=(0, 0.0082), xlabel="Six-minute walk distance (metres)", ylabel="People per metre", yticks=[])
        everybody = Line2D([], [], color=FAINT, linewidth=1.2, label="first walk, everybody")
        chosen = Patch(facecolor=ORANGE, alpha=0.35, label="first walk, those admitted")
        again = Line2D([], [], color=BLUE, label="next walk, those admitted")
        axes.legend(handles=[everybody, chosen, again], loc="center right", frameon=False, fontsize=9)

    def draw(self, result, axes):
        metres = np.linspace(0, 800, 81)
        first = result.first_density(metres)
        window = np.linspace(result.low, result.high, 31)
        axes.plot(metres, first, color=FAINT, linewidth=1.2)
        axes.fill_between(window, result.first_density(window), color=ORANGE, alpha=0.35, linewidth=0)
        axes.plot(metres, result.retest_density(metres) * result.share_admitted, color=BLUE)
        heights = {"chosen": (result.expected_baseline, ORANGE, 0.0071), "next walk": (result.expected_retest, BLUE, 0.0077)}
        right = result.expected_change >= 0
        for name, (value, colour, height) in heights.items():
            side = "left" if (name == "next walk") == right else "right"
            axes.plot([value, value], [0, height], color=colour, linestyle="-" if name == "next walk" else "--")
            axes.text(value + (8 if side == "left" else -8), height, f"{name} {value:.0f} m", color=colour, ha=side, va="center", weight="bold")
