"""Explorers of comparing with placebo: what a change is made of, many trials, five analyses, who left, and believing."""

import numpy as np
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from frailty_lessons import virtual
from frailty_lessons.explorers.bases import COLUMNS, VirtualTrialExplorer, as_planned, headline_arm, out_of_reach, people_in_reach, people_told
from frailty_lessons.methods import placebo, walk_test
from frailty_lessons.methods.checks import metres
from frailty_lessons.ui import Choice, Explorer, Slider
from frailty_lessons.ui.theme import BLUE, FAINT, GREEN, INK, ORANGE, PLACEBO, PURPLE, SKY

POPULATION = {"mean": "population_mean", "sd": "population_sd", "reliability": "reliability"}
LOOKS = {
    "practice": (SKY, ""),
    "regression to the mean": ("#C9CED6", "//"),
    "course of the months": ("#E8D6A8", ""),
    "hope": ("#D9B3CE", "\\\\"),
    "hope of the treated": (PURPLE, "\\\\"),
    "effect": (GREEN, ""),
}


class EveryoneGetsBetter(Explorer):
    """The parts of a change from baseline in two arms."""

    question = "Everyone gets better. How much of it is the treatment?"
    look_for = (
        "Let the treatment do nothing. How large can you make the treated arm's change all the same?",
        "Which parts drop out of the difference between the arms, and which does not?",
    )
    size = (6.8, 2.9)
    effect = Slider("True effect of the treatment", -20, 60, step=5, value=0, unit="m", signed=True)
    practice = Slider("Practice", 0, 30, step=5, value=15, unit="m", signed=True)
    chosen = Choice("Let in by", {"walk": "One short walk", "other": "Something else"}, value="walk")
    course = Slider("Course of the months, untreated", -30, 20, step=5, value=0, unit="m", signed=True)
    hope = Slider("Hope and attention, both arms", 0, 30, step=5, value=10, unit="m", signed=True)
    extra = Slider("More hope in the treated arm", 0, 30, step=5, value=0, unit="m", signed=True)
    cases = {
        "A treatment that works": {"effect": 30},
        "Untreated people decline": {"course": -20, "effect": 20},
        "Everybody knows the arm": {"extra": 20},
    }

    def lacks(self):
        if not self.trial or not all(virtual.assumptions(self.trial)[name] for name in POPULATION.values()):
            return "This part needs an assumed population, in rows whose ids begin with virtual-; this trial's data have none."
        return None

    @property
    def _let_in(self) -> dict:
        """The population, and the distances between which people are let in: any distance, where the trial had no window."""
        rows = virtual.assumptions(self.trial)
        low, high = (row.value for row in rows["entry_window"]) if rows["entry_window"] else (-np.inf, np.inf)
        return {"low": low, "high": high, **{name: rows[argument][0].value for name, argument in POPULATION.items()}}

    @property
    def caption(self):
        people = self._let_in
        window = f"between {people['low']:g} and {people['high']:g} m" if np.isfinite(people["low"]) else "of any length (this trial's data name no limits)"
        return (
            f"A teaching model: the parts add up, all sizes are yours to assume. Regression to the mean is calculated for people let in by one walk {window}, "
            f"with an assumed average of {people['mean']:g} m, SD of {people['sd']:g} m and reliability of {people['reliability']:g}."
        )

    def compute(self, state):
        regression = walk_test.regression_to_the_mean(**self._let_in).expected_change
        return placebo.change_parts(
            practice=state["practice"], regression=regression if state["chosen"] == "walk" else 0, course=state["course"],
            hope=state["hope"], effect=state["effect"], extra=state["extra"],
        )

    def prepare(self, axes):
        axes.set(xlim=(-55, 190), ylim=(-0.65, 2.6), xlabel="Mean change from baseline (metres)")
        axes.set_yticks([0, 1], ["placebo arm", "treated arm"])
        axes.tick_params(axis="y", length=0)
        axes.axvline(0, ymax=0.6, color=INK, linewidth=1)
        handles = [Patch(facecolor=colour, hatch=hatch, edgecolor=FAINT, linewidth=0.5, label=name) for name, (colour, hatch) in LOOKS.items()]
        handles.append(Line2D([], [], color=BLUE, linewidth=3, label="all together"))
        axes.legend(handles=handles, loc="upper center", ncol=3, frameon=False, fontsize=8.5)

    def draw(self, result, axes):
        own = (("hope of the treated", result.extra), ("effect", result.effect))
        for row, parts, total in ((0, result.shared, result.placebo), (1, (*result.shared, *own), result.treated)):
            ends = {1: 0.0, -1: 0.0}
            for name, value in parts:
                if not value:
                    continue
                side = 1 if value > 0 else -1
                colour, hatch = LOOKS[name]
                axes.barh(row, value, 0.5, left=ends[side], color=colour, hatch=hatch, edgecolor=FAINT, linewidth=0.5)
                ends[side] += value
            axes.plot([total, total], [row - 0.33, row + 0.33], color=BLUE, linewidth=3)
            axes.text(total, row + 0.36, metres(total, sign=True), ha="center", va="bottom", color=BLUE, weight="bold")
        axes.text(187, -0.45, f"difference {metres(result.difference, sign=True)}", ha="right", va="center", weight="bold", color=ORANGE)


class ManyTrials(Explorer):
    """Virtual trials with one truth, and what the news would tell of them."""

    question = "One truth, forty trials. Which of them make the news?"
    look_for = (
        "Change 16 people into 30. What happens to the intervals, and to the trials with p below 0.05?",
        "Take a true effect of 20 m. How large does it look in the trials with p below 0.05?",
    )
    size = (6.8, 4.3)
    effect = Slider("True effect", 0, 80, step=5, value=20, unit="m", signed=True)
    sd = Slider("SD of changes (assumed)", 30, 120, step=10, value=70, unit="m")
    n_treated = Slider("People in the treated arm", 5, 60, step=1, value=30)
    n_control = Slider("People in the control arm", 5, 60, step=1, value=30)
    told = Choice("Which trials are told?", {"all": "All of them", "small": "Only p below 0.05"}, value="all")

    @property
    def caption(self):
        return (
            "Virtual trials, no real ones: normal changes with one SD, everybody measured, no adjustment. The first forty of ten thousand are drawn, so they can differ from what is said of all, "
            f"smallest estimate at the bottom; thick: p below 0.05. A line that reaches the frame goes on beyond it. The SD of people's changes is assumed.{out_of_reach(self, people_told(self.trial))}"
        )

    @property
    def cases(self):
        return {**as_planned(self, headline_arm(self.trial)), "No effect at all": {"effect": 0}}

    def start_from_trial(self):
        return people_in_reach(self, people_told(self.trial))

    def compute(self, state):
        sizes = {name: state[name] for name in ("effect", "sd", "n_treated", "n_control")}
        return placebo.many_trials(**sizes, only_small=state["told"] == "small")

    def prepare(self, axes):
        axes.set(xlim=(-130, 210), ylim=(-4.5, 44), xlabel="Treated minus control (metres)", yticks=[])
        axes.set_ylabel("forty virtual trials")
        axes.axvline(0, color=INK, linewidth=1)

    def draw(self, result, axes):
        axes.axvline(result.effect, color=GREEN, linewidth=2, linestyle="--")
        axes.text(result.effect + 3, 42.4, "truth", color=GREEN, weight="bold", va="center")
        heights = {place: height for height, place in enumerate(np.argsort(result.estimates))}
        shown = result.told
        for small, colour, width in ((False, PLACEBO, 1.0), (True, PURPLE, 2.0)):
            places = [place for place in shown if result.small[place] == small]
            rows = [heights[place] for place in places]
            x = np.column_stack([result.lows[places], result.highs[places], np.full(len(places), np.nan)]).ravel()
            axes.plot(x, np.repeat(rows, 3), color=colour, linewidth=width)
            ticks = np.add.outer(rows, [-0.4, 0.4, np.nan]).ravel()
            axes.plot(np.repeat(result.estimates[places], 3), ticks, color=colour, linewidth=3 * width, solid_capstyle="butt")
        if result.only_small and result.effect and np.isfinite(result.size_of_small):
            axes.axvline(result.size_of_small, color=PURPLE, linewidth=2)
            left = result.size_of_small > 95
            axes.text(
                result.size_of_small + (-4 if left else 4), -2.6, f"average of {result.trials:,}: {result.size_of_small:.0f} m",
                color=PURPLE, weight="bold", va="center", ha="right" if left else "left", bbox={"color": "white", "pad": 1},
            )  # fmt: skip


class Believing(Explorer):
    """What a blind that is lifted does to a difference."""

    question = "What if they know what they got?"
    look_for = (
        "Let the treatment do nothing, and let more of the treated believe. How large a difference can you make?",
        "When does believing drop out of the difference, however strong it is?",
    )
    size = (6.8, 2.7)
    effect = Slider("True effect", 0, 60, step=5, value=0, unit="m", signed=True)
    extra = Slider("Whoever believes walks further by", 0, 40, step=5, value=30, unit="m")
    believe_treated = Slider("Treated who believe they got it", 0, 100, step=5, value=80, unit="%")
    believe_placebo = Slider("Placebo who believe they got it", 0, 100, step=5, value=50, unit="%")
    cases = {
        "A perfect blind": {"believe_treated": 50, "believe_placebo": 50},
        "No blind at all": {"believe_treated": 100, "believe_placebo": 0},
    }

    @property
    def caption(self):
        row = self.trial.literature.row("guyatt-1984-encouragement") if self.trial and self.trial.literature else None
        inspired = f" For scale: encouragement in the corridor, {row.figure()} (Guyatt 1984; {row.certainty_in_words()})." if row else ""
        return (
            "A teaching model: believing adds the same distance to everybody who believes, by the walker's effort or by the assessor's voice. All figures are yours to assume. "
            f"Lowest row: the true effect (green), what believing adds or takes away (striped), and the difference (thick line).{inspired}"
        )

    def compute(self, state):
        return placebo.unblinded(
            effect=state["effect"], extra=state["extra"], believe_treated=state["believe_treated"] / 100, believe_placebo=state["believe_placebo"] / 100
        )

    def prepare(self, axes):
        axes.set(xlim=(-45, 115), ylim=(-0.95, 2.6), xlabel="Metres")
        axes.set_yticks([0, 1, 2], ["difference found", "added in the placebo arm", "added in the treated arm"])
        axes.tick_params(axis="y", length=0)
        axes.axvline(0, color=INK, linewidth=1)

    def draw(self, result, axes):
        added = result.extra * result.believe_treated, result.extra * result.believe_placebo
        for row, value, colour, hatch in ((2, added[0], PURPLE, "\\\\"), (1, added[1], PLACEBO, "\\\\")):
            axes.barh(row, value, 0.5, color="white", edgecolor=colour, hatch=hatch)
            axes.text(value + 2, row, f"{value:.0f} m", va="center", color=colour)
        axes.barh(0.14, result.effect, 0.22, color=GREEN)
        axes.barh(-0.14, result.bias, 0.22, left=result.effect, color="white", edgecolor=ORANGE, hatch="//")
        axes.plot([result.difference, result.difference], [-0.32, 0.32], color=ORANGE, linewidth=3)
        axes.text(113, -0.6, f"{metres(result.difference, sign=True)}: effect {metres(result.effect, sign=True)}, believing {metres(result.bias, sign=True)}", ha="right", va="center", color=ORANGE, weight="bold")


SHAPES = {
    "rise": "Rises with the dose",
    "middle": "Best in the middle",
    "top": "Highest dose only",
    "none": "No effect at all",
}
ANALYSES = {
    "means": "Means",
    "ancova": "ANCOVA",
    "mmrm": "MMRM",
    "permutation": "Permutation",
    "dunnett": "Dunnett",
}


def _effects(shape: str, largest: float, doses: list) -> dict:
    """The true effect of each arm, lowest dose first."""
    steps = len(doses)
    share = {
        "rise": [(step + 1) / steps for step in range(steps)],
        "middle": [1 - abs(step - (steps - 1) / 2) / (steps / 2) for step in range(steps)],
        "top": [0] * (steps - 1) + [1],
        "none": [0] * steps,
    }[shape]
    return {arm: largest * part for arm, part in zip(doses, share)}


class TwoQuestions(VirtualTrialExplorer):
    """One synthetic trial, analysed in several ways, with two planned questions."""

    question = "One data set, two questions, five analyses. Do they agree?"
    look_for = (
        "In the trials 4 and 8: does any dose's interval stay clear of 0 m? And the trend's?",
        "Let the best dose lie in the middle. What does the question of all doses together say now?",
    )
    size = (6.8, 3.6)
    number = Slider("Virtual trial", 1, 40, step=1, value=4)
    shape = Choice("What is true?", SHAPES, value="rise")
    largest = Slider("Largest true effect", 0, 80, step=5, value=45, unit="m", signed=True)
    analysis = Choice("Analysis", ANALYSES, value="dunnett")
    cases = {"Nothing is true": {"shape": "none"}, "Best in the middle": {"shape": "middle", "largest": 50}}

    @property
    def caption(self):
        return (
            f"Synthetic people in the arms of {self.trial.short_title}, as many as were treated, at day {self._day}: no real data. {self._assumed} "
            "Diamond: true effect of the dose. Lines: 95% intervals, each alone and unadjusted (Dunnett's: all together); a permutation gives none. "
            "p-values of the doses are Hochberg's, or Dunnett's own. Trend: one linear model over the ranks of all doses, placebo included, its p unadjusted."
        )

    def compute(self, state):
        effects = _effects(state["shape"], state["largest"], self._doses)
        frame = virtual.virtual_trial(self.trial, effects=effects, seed=state["number"])
        return placebo.two_questions(frame, analysis=state["analysis"], at=self._day, dose="dose", control=self.trial.control, truth=effects, **COLUMNS)

    def prepare(self, axes):
        doses = self._doses
        axes.set(xlim=(-120, 215), ylim=(-1.6, len(doses) - 0.3), xlabel="Dose minus placebo at the planned visit (metres)")
        axes.set_yticks([-1, *range(len(doses))], ["trend, metres\nper dose step", *(f"{arm} minus placebo" for arm in doses)])
        axes.tick_params(axis="y", length=0)
        axes.axvline(0, color=INK, linewidth=1)
        axes.axhline(-0.5, color=FAINT, linewidth=0.8)
        axes.text(-117, len(doses) - 0.5, "synthetic", color=FAINT, fontsize=10, style="italic", va="center")

    def draw(self, result, axes):
        rows = {arm: row for row, arm in enumerate(self._doses)}
        for found in result.each.estimates.itertuples():
            row = rows[found.arm]
            axes.plot([found.low, found.high], [row, row], color=BLUE, linewidth=2)
            axes.plot([found.estimate], [row], "o", color=BLUE, markersize=7)
            axes.plot([result.truth[found.arm]], [row + 0.25], "D", color=GREEN, markersize=6)
            axes.text(212, row, f"p {placebo.in_words(found.adjusted_p)}", ha="right", va="center", color=BLUE, fontsize=10)
        trend = result.trend
        axes.plot([trend.low, trend.high], [-1, -1], color=ORANGE, linewidth=3)
        axes.plot([trend.per_step], [-1], "s", color=ORANGE, markersize=7)
        axes.text(212, -1, f"p {placebo.in_words(trend.p_value)}", ha="right", va="center", color=ORANGE, weight="bold", fontsize=10)


class WhoLeft(VirtualTrialExplorer):
    """A large virtual trial from which people leave, and what each way of handling that says."""

    question = "People left. What becomes of the difference?"
    look_for = (
        "Which ways come near the truth if the reason to leave is in the data, and which if nobody saw it?",
        "How much worse must those who left have been (last line) before the interval reaches 0 m?",
    )
    size = (6.8, 3.4)
    mechanism = Choice(
        "Why they leave",
        {virtual.AT_RANDOM: "By chance alone", virtual.SEEN: "A reason in the data", virtual.NOT_SEEN: "A reason nobody saw"},
        value=virtual.NOT_SEEN,
    )
    treated = Slider("Urge to leave, treated arm", 0, 50, step=5, value=50, unit="%")
    control = Slider("Urge to leave, placebo arm", 0, 50, step=5, value=0, unit="%")
    effect = Slider("True effect", 0, 60, step=5, value=30, unit="m", signed=True)
    delta = Slider("Last line: those who left were worse by", 0, 120, step=10, value=40, unit="m")
    cases = {
        "Leaving has nothing to do with walking": {"mechanism": virtual.AT_RANDOM},
        "The reason is in the data": {"mechanism": virtual.SEEN},
        "The same urge in both arms": {"control": 50},
    }
    people = 300
    least_doses = 1

    @property
    def caption(self):
        return (
            f"Synthetic people, {self.people} in each of two arms, far more than in the real trial, so that chance matters little here. {self._assumed} "
            "Urge: the share that would leave by the last visit if the treatment did nothing. Green: the effect put into these people. The first line is known only because they are virtual. Filled in: multiple imputation, 40 times."
        )

    def compute(self, state):
        arm, control = self._doses[-1], self.trial.control
        leaving = {arm: state["treated"] / 100, control: state["control"] / 100}
        sizes = {name: self.people if name in leaving else 2 for name in (*self._doses, control)}
        seen, whole = (
            virtual.virtual_trial(
                self.trial, effects={arm: state["effect"]}, sizes=sizes, dropout=dropout, mechanism=state["mechanism"], late_from=0, seed=2
            )
            for dropout in (leaving, 0)
        )
        return placebo.handlings(seen, whole, of=arm, delta=state["delta"], truth=state["effect"], control=control, **COLUMNS)

    def prepare(self, axes):
        names = ["if nobody had left", "those who stayed", "last walk carried forward", "filled in as missing\nat random", "filled in as on placebo", "filled in, and worse"]
        axes.set(xlim=(-60, 110), ylim=(len(names) - 0.4, -0.7), xlabel="Treated minus placebo at the last visit (metres)")
        axes.set_yticks(range(len(names)), names)
        axes.tick_params(axis="y", length=0)
        axes.axvline(0, color=INK, linewidth=1)
        axes.text(-58, -0.5, "synthetic", color=FAINT, fontsize=10, style="italic", va="center")

    def draw(self, result, axes):
        axes.axvline(result.truth, color=GREEN, linewidth=2, linestyle="--")
        axes.text(result.truth + 2, -0.5, "truth", color=GREEN, weight="bold", va="center")
        for row, way in enumerate(result.ways):
            colour = PLACEBO if row == 0 else BLUE if row < 5 else PURPLE
            axes.plot([way.low, way.high], [row, row], "|-", color=colour, markersize=10, linewidth=2)
            axes.plot([way.estimate], [row], "o", color=colour, markersize=7)
            axes.text(108, row, f"{way.estimate:+.0f} m".replace("-", "−"), ha="right", va="center", color=colour, fontsize=10)
