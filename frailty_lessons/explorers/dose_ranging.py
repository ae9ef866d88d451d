"""Explorers of dose ranging: which shape, one data set, the best-looking dose, the dose to take forward, and an arm that opens late."""

import numpy as np

from frailty_lessons import virtual
from frailty_lessons.explorers.bases import COLUMNS, VirtualTrialExplorer, of_hundred
from frailty_lessons.methods import dose_ranging, placebo
from frailty_lessons.ui import Choice, Slider
from frailty_lessons.ui.theme import BLUE, FAINT, GREEN, GRID, INK, ORANGE, PLACEBO, PURPLE

NONE, LINE, EMAX = {"none": "No effect at all"}, {"line": "Straight line"}, {"emax": "Early rise, then flat"}
PLATEAU, HUMP, STEP = {"plateau": "Plateau at the top"}, {"hump": "Hump: best below top"}, {"step": "Staircase: top dose only"}
ALIKE = {"alike": "All doses alike"}
ONLY_VIRTUAL = "All people here are virtual."


class _Doses(VirtualTrialExplorer):
    """An explorer of the trial's randomised arms by dose, placebo first."""

    fewest_arms = 3

    def lacks(self):
        reason = super().lacks()
        if reason:
            return reason
        if len(set(self._levels)) < len(self._levels):
            return "This part needs arms of different doses; this trial's data have two randomised arms of one dose."
        if len(self._levels) < self.fewest_arms:
            return f"This part fits curves over dose, which needs at least {self.fewest_arms} doses, placebo included; this trial has {len(self._levels)}."
        return None

    @property
    def _ids(self) -> list[str]:
        return [self.trial.control, *self._doses]

    @property
    def _levels(self) -> list[float]:
        return [self.trial.arm(id).dose for id in self._ids]

    @property
    def _treated(self) -> list:
        return [self.trial.arm(id).treated for id in self._ids]

    @property
    def _sd(self):
        """The row of the pack that says which SD of changes is assumed."""
        return virtual.assumptions(self.trial)["sd"][0]

    @property
    def _assumed(self) -> str:
        rows = virtual.assumptions(self.trial)
        names = {"sd": "SD of changes", "correlation": "how alike visits of one person are (correlation)", "dropout": "people who leave"}
        return f"Assumed for teaching: {', '.join(f'{name} {rows[key][0].figure()}' for key, name in names.items() if rows[key])}."

    def start_from_trial(self):
        sd = self.controls.get("sd")
        return {"sd": int(self._sd.value)} if sd and int(self._sd.value) in sd.values else {}

    def _truth(self, state):
        return dose_ranging.true_curve(state["shape"], state["largest"], self._levels)

    def _sizes(self, people) -> list:
        """As many as were treated, or this many in each arm."""
        if people != "treated":
            return [int(people)] * len(self._levels)
        return list(dose_ranging.allocate("treated", planned=None, treated=self._treated))

    @property
    def _needs(self):
        """The row of the literature that says how many doses MCP-Mod's modelling needs, or None."""
        return self.trial.literature.row("mcp-mod-doses") if self.trial.literature else None


PEOPLE = {"treated": "As treated in this trial", "30": "30", "60": "60", "120": "120", "300": "300"}


class WhichShape(_Doses):
    """The power of four ways to ask one trial about dose."""

    question = "What could a trial of this size find out?"
    look_for = (
        "Which question finds something most often if the truth is a straight line, and which if it is a hump?",
        "Put everybody into two arms. What is gained, and what can no longer be asked?",
    )
    size = (6.8, 3.9)
    shape = Choice("What is true?", {**NONE, **LINE, **EMAX, **HUMP, **STEP, **ALIKE}, value="line")
    largest = Slider("Largest true effect", 0, 80, step=5, value=40, unit="m", signed=True)
    sd = Slider("SD of changes (assumed)", 30, 120, step=10, value=70, unit="m")
    sizes = Choice(
        "People in the arms",
        {"planned": "As planned", "treated": "As treated", "two": "Two arms only", "placebo": "More on placebo"},
        value="treated",
    )
    cases = {
        "No effect: false alarms": {"shape": "none"},
        "Straight line, as treated": {"sizes": "treated"},
        "Hump, as treated": {"shape": "hump", "sizes": "treated"},
        "All doses alike, as treated": {"shape": "alike", "sizes": "treated"},
        "Everybody in two arms": {"sizes": "two"},
    }

    @property
    def caption(self):
        doses = ", ".join(f"{dose:g}" for dose in self._levels[1:])
        row = self._needs
        least = f" It needs at least {row.figure()}, placebo included ({row.certainty_in_words()})." if row else ""
        return (
            f"Virtual trials in the arms of {self.trial.short_title} (placebo and {doses} {self.trial.dose_unit}), no real ones: changes follow a bell curve with one assumed SD, everybody measured. "
            "Lines: where 95% intervals of the arms minus placebo would reach, if the estimate were exactly true. Bars: of 100 such trials, those with p below 0.05, two-sided. "
            f"MCP-Mod guesses five shapes; what the real trial guessed could not be read.{least} Two arms only (placebo and the highest dose) and more on placebo: as many people in all as were treated."
        )

    def compute(self, state):
        planned = [self.trial.arm(id).planned for id in self._ids]
        sizes = dose_ranging.allocate(state["sizes"], planned=planned, treated=self._treated)
        return dose_ranging.strategies(self._truth(state), sizes, sd=state["sd"], **({"fewest_doses": int(self._needs.value)} if self._needs else {}))

    # Left half: dose and metres. Right half: bars of power from x = 0.58 to 0.98.
    def _across(self, doses):
        return 0.43 * np.asarray(doses) / self._levels[-1]

    @staticmethod
    def _bar(chance):
        return 0.4 * chance

    def prepare(self, axes):
        top, bottom = 165, -85
        axes.set(xlim=(-0.03, 1.04), ylim=(bottom, top), ylabel="Dose minus placebo (metres)")
        axes.grid(False)
        axes.spines["bottom"].set_visible(False)
        axes.hlines([-50, 50, 100, 150], -0.03, 0.46, color=GRID, linewidth=0.8)
        axes.hlines(0, -0.03, 0.46, color=INK, linewidth=1)
        axes.vlines([0.58, 0.78, 0.98], bottom, top - 5, color=GRID, linewidth=0.8)
        ticks = {**{self._across(dose): f"{dose:g}" for dose in self._levels}, 0.58: "0", 0.78: "50", 0.98: "100"}
        axes.set_xticks([*ticks, 0.2162, 0.7812], [*ticks.values(), f"\ndose ({self.trial.dose_unit})", "\nof 100 trials, p below 0.05"])
        axes.tick_params(axis="x", length=0)

    def draw(self, result, axes):
        grid, effects = result.truth.drawn
        axes.plot(self._across(grid), effects, color=GREEN, linestyle="--")
        axes.text(-0.02, 152, "dashed: truth", color=GREEN, weight="bold", va="center")
        for dose, effect, reach in zip(result.truth.doses, result.truth.effects, result.reaches, strict=True):
            x = self._across(dose)
            if not dose:
                axes.plot([x], [0], "s", color=PLACEBO, markersize=7)
            elif reach == reach:
                axes.plot([x, x], [effect - reach, effect + reach], color=BLUE)
                axes.plot([x], [effect], "o", color=BLUE, markersize=6)
        for row, (name, chance, _) in enumerate(result.rows):
            y = 128 - 60 * row
            colour = (BLUE, BLUE, ORANGE, PURPLE)[row]
            axes.text(0.58, y + 14, name, va="bottom", color=colour, fontsize=10)
            if chance is None:
                axes.text(0.59, y, "cannot be asked", va="center", color=FAINT, style="italic")
                continue
            axes.barh(y, self._bar(chance), 22, left=0.58, color=colour, hatch=("", "", "//", "\\\\")[row], edgecolor="white", linewidth=0)
            axes.text(0.59 + self._bar(chance), y, of_hundred(chance), va="center", color=colour, weight="bold", bbox={"facecolor": "white", "edgecolor": "none", "pad": 1})


class ArmsAndCurve(_Doses):
    """One synthetic trial: each dose against placebo, and a curve through all doses."""

    question = "One data set, two questions. Can both answers be true?"
    look_for = (
        "No dose's p is below 0.05 in the trial shown first, and that of all doses together is. How can that be?",
        "Try the virtual trials 13 to 22. How often is the curve chosen a straight line, as the truth is?",
    )
    size = (6.8, 3.9)
    fewest_arms = 4
    number = Slider("Virtual trial", 1, 40, step=1, value=4)
    shape = Choice("What is true?", {**LINE, **EMAX, **HUMP, **STEP, **ALIKE, **NONE}, value="line")
    largest = Slider("Largest true effect", 0, 80, step=5, value=45, unit="m", signed=True)
    cases = {"All doses alike": {"shape": "alike", "number": 35}, "Hump: best below top": {"shape": "hump", "number": 8}, "No effect at all": {"shape": "none"}}

    @property
    def caption(self):
        return (
            f"Synthetic people in the arms of {self.trial.short_title}, as many as were treated, at day {self._day}: no real data. {self._assumed} "
            "Blue: each dose minus placebo at equal baseline, with its 95% interval. These intervals are not adjusted for asking several times; the p-values above them are (Hochberg; two doses may get the same). "
            "Orange, where MCP-Mod's p is below 0.05: the curve that AIC chooses (a score that weighs how well a curve fits against the number of its parameters), "
            "with its 95% band, which takes no account of the choosing. Green: truth."
        )

    def compute(self, state):
        truth = self._truth(state)
        frame = virtual.virtual_trial(self.trial, effects=dict(zip(self._doses, truth.effects[1:].tolist(), strict=True)), seed=state["number"])
        names = {name: COLUMNS[name] for name in ("outcome", "arm", "baseline", "visit")}
        return dose_ranging.arms_and_curve(frame, dose="dose", control=self.trial.control, at=self._day, truth=truth, **names)

    def prepare(self, axes):
        top = self._levels[-1]
        axes.set(xlim=(-0.07 * top, 1.06 * top), ylim=(-130, 235), xlabel=f"Dose ({self.trial.dose_unit})", ylabel="Dose minus placebo (metres)")
        axes.set_xticks(self._levels, [f"{dose:g}" for dose in self._levels])
        axes.axhline(0, color=INK, linewidth=1)
        axes.plot([0], [0], "s", color=PLACEBO, markersize=8)
        axes.text(-0.06 * top, 222, "p:", color=BLUE, va="center", fontsize=10)
        axes.text(1.05 * top, -100, "synthetic", color=FAINT, fontsize=10, style="italic", ha="right", va="bottom")
        axes.text(1.05 * top, -78, "dashed: truth", color=GREEN, weight="bold", fontsize=10, ha="right", va="bottom")

    def draw(self, result, axes):
        top = self._levels[-1]
        grid, effects = result.truth.drawn
        axes.plot(grid, effects, color=GREEN, linestyle="--", linewidth=1.5)
        axes.plot(result.truth.doses[1:], result.truth.effects[1:], "D", color=GREEN, markersize=5)
        if result.gains is not None:
            axes.fill_between(result.grid, np.clip(result.lows, -130, 235), np.clip(result.highs, -130, 235), color=ORANGE, alpha=0.18, linewidth=0)
            axes.plot(result.grid, result.gains, color=ORANGE, linewidth=2.5)
        levels = dict(zip(self._ids, self._levels, strict=True))
        for place, found in enumerate(result.each.estimates.itertuples()):
            x = levels[found.arm]
            axes.plot([x, x], [found.low, found.high], color=BLUE)
            axes.plot([x], [found.estimate], "o", color=BLUE, markersize=6)
            p = placebo.in_words(found.adjusted_p).replace("below ", "<")
            axes.text(x, 222 - 20 * (place % 2), p, color=BLUE, ha="center", va="center", fontsize=10, bbox={"facecolor": "white", "edgecolor": "none", "pad": 1})
        chosen = f"; curve: {dose_ranging.CURVES[result.together.chosen]}" if result.gains is not None else "; no curve"
        axes.text(-0.06 * top, -123, f"all doses together: p {placebo.in_words(result.smallest_together)}{chosen}", color=ORANGE, weight="bold", va="bottom")


class HumpOrChance(_Doses):
    """How often each dose looks best, and what tells the two highest apart."""

    question = "Is the best-looking dose the best dose?"
    look_for = (
        "Let the highest dose be as good as the one below. How often does it look worse, and do more people change that?",
        "How many people in an arm does it take until the best dose nearly always looks best?",
    )
    size = (6.8, 3.6)
    shape = Choice("What is true?", {**PLATEAU, **HUMP, **STEP, **LINE}, value="plateau")
    largest = Slider("Largest true effect", 0, 80, step=5, value=40, unit="m", signed=True)
    sd = Slider("SD of changes (assumed)", 30, 120, step=10, value=70, unit="m")
    people = Choice("People in each arm", PEOPLE, value="treated")
    cases = {
        "Plateau, as treated": {"people": "treated"},
        "Hump, as treated": {"shape": "hump", "people": "treated"},
        "No effect, as treated": {"largest": 0, "people": "treated"},
        "Plateau, 300 in each arm": {"people": "300"},
    }

    @property
    def caption(self):
        return (
            f"Virtual trials in the arms of {self.trial.short_title}, no real ones: changes follow a bell curve with one assumed SD, everybody measured. "
            "Bars: how often a dose looks best of all arms; the sentence also compares the two highest alone. "
            f"Orange, with its own scale in metres: the 95% interval of the highest dose minus the one below, as wide as expected, around the true difference (diamond). {ONLY_VIRTUAL}"
        )

    def compute(self, state):
        return dose_ranging.best_looking(self._truth(state), self._ids, self._sizes(state["people"]), sd=state["sd"])

    # The interval has a scale of its own: 200 m to each side of the middle.
    @staticmethod
    def _place(metres):
        return 50 + np.asarray(metres) * 50 / 200

    def prepare(self, axes):
        count = len(self._ids)
        axes.set(xlim=(-4, 139), ylim=(-2.5, count - 0.4), xlabel="Of 100 trials, so often it looks best of all")
        axes.xaxis.tick_top()
        axes.xaxis.set_label_position("top")
        axes.set_xticks(range(0, 101, 20))
        axes.set_yticks([-1.2, *range(count)], [f"{self._ids[-1]} minus\n{self._ids[-2]}", *self._ids])
        axes.tick_params(length=0)
        axes.grid(False)
        axes.spines[["left", "bottom"]].set_visible(False)
        axes.vlines(range(20, 101, 20), -0.45, count - 0.4, color=GRID, linewidth=0.8)
        axes.vlines(0, -0.45, count - 0.4, color=FAINT, linewidth=0.8)
        axes.axhline(-0.6, color=FAINT, linewidth=0.8)
        marks = {metres: f"{metres:+d} m".replace("-", "−") if metres else "0 m" for metres in (-200, -100, 0, 100, 200)}
        axes.hlines(-1.85, 0, 100, color=FAINT, linewidth=0.8)
        axes.vlines(self._place([*marks]), -1.95, -1.75, color=FAINT, linewidth=0.8)
        axes.vlines(self._place(0), -1.85, -0.75, color=INK, linewidth=1)
        for metres, name in marks.items():
            axes.text(self._place(metres), -2.2, name, ha="center", va="center", fontsize=9, color=FAINT)

    def draw(self, result, axes):
        for row, (chance, effect) in enumerate(zip(result.chances, result.truth.effects, strict=True)):
            colour = PLACEBO if row == 0 else BLUE
            axes.barh(row, 100 * chance, 0.55, color=colour)
            axes.text(100 * chance + 1.5, row, of_hundred(chance), va="center", color=colour, weight="bold", bbox={"facecolor": "white", "edgecolor": "none", "pad": 1})
            axes.text(138, row, f"truly {effect:+.0f} m".replace("+0 m", "0 m"), va="center", ha="right", color=GREEN)
        low, middle, high = (self._place(result.difference + side * result.half_width) for side in (-1, 0, 1))
        axes.plot([low, high], [-1.2, -1.2], color=ORANGE, linewidth=3)
        axes.plot([middle], [-1.2], "D", color=GREEN, markersize=7)
        axes.text(138, -1.2, f"±{result.half_width:.0f} m", va="center", ha="right", color=ORANGE, weight="bold")


class DoseToTakeForward(_Doses):
    """Where the dose that gains enough is found, in a thousand virtual trials."""

    question = "Which dose would you take forward?"
    look_for = (
        "How wide is the range in which the dose is found, with as many people as were treated?",
        "Let it be a hump. Where do the doses found lie, and where is the true one?",
    )
    size = (6.8, 3.9)
    fewest_arms = 4
    gain = Slider("Gain wanted", 20, 60, step=5, value=30, unit="m", signed=True)
    shape = Choice("What is true?", {**LINE, **EMAX, **HUMP, **STEP, **NONE}, value="emax")
    largest = Slider("Largest true effect", 0, 80, step=5, value=45, unit="m", signed=True)
    people = Choice("People in each arm", PEOPLE, value="treated")
    cases = {"Hump: best below top": {"shape": "hump"}, "300 people in each arm": {"people": "300"}, "No effect at all": {"shape": "none"}}

    @property
    def caption(self):
        return (
            f"1,000 virtual trials in the arms of {self.trial.short_title}, no real ones: arm means with an assumed SD of changes of {self._sd.figure()}, everybody measured. "
            "In each trial, also where a test would find nothing, one of four curves is chosen (straight line, early rise, hump, late rise; by AIC, a score that weighs fit against the number of parameters). "
            f"Its smallest dose with the gain wanted is the dose found. The bars add up to 100; their axis ends at 40 or at 100. {ONLY_VIRTUAL}"
        )

    def compute(self, state):
        sizes = self._sizes(state["people"])
        return dose_ranging.take_forward(self._truth(state), sizes, gain=state["gain"], sd=self._sd.value, unit=self.trial.dose_unit)

    def prepare(self, axes):
        top = self._levels[-1]
        axes.set(xlim=(-0.07 * top, 1.22 * top), ylim=(0, 160), xlabel=f"Smallest dose that gains enough, as found ({self.trial.dose_unit})", ylabel="of 100 virtual trials")
        axes.yaxis.set_label_coords(-0.01, 0.31)
        axes.set_xticks([*self._levels, 1.13 * top], [*(f"{dose:g}" for dose in self._levels), "no dose\nfound"])
        axes.set_yticks([])
        axes.grid(False)
        axes.spines[["left", "bottom"]].set_visible(False)
        axes.hlines(range(25, 101, 25), 0, 1.22 * top, color=GRID, linewidth=0.8)
        axes.hlines(0, 0, 1.22 * top, color=FAINT, linewidth=1)

    def draw(self, result, axes):
        top = self._levels[-1]
        width = result.edges[1] - result.edges[0]
        most = 40 if 100 * max(*result.shares, result.none) <= 40 else 100
        for part in range(3):
            axes.text(-0.012 * top, 50 * part, f"{most * part // 2}", color=INK, fontsize=10, ha="right", va="center")
        places = [*(result.edges[:-1] + width / 2), 1.13 * top]
        for x, share, colour in zip(places, [*result.shares, result.none], [BLUE] * len(result.shares) + [ORANGE], strict=True):
            height = 100 * share * 100 / most
            axes.bar(x, height, 0.92 * width, color=colour)
            if share:
                axes.text(x, height + 2, of_hundred(share), color=colour, ha="center", va="bottom", fontsize=10, weight="bold", bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.5})
        if result.low == result.low:
            axes.plot([result.low, result.high], [134, 134], "|-", color=PURPLE, markersize=10)
            middle = np.clip((result.low + result.high) / 2, 0.25 * top, 0.97 * top)
            axes.text(middle, 140, "the middle 90% of the doses found", ha="center", va="bottom", color=PURPLE, fontsize=10)
        if result.true_target == result.true_target:
            axes.plot([result.true_target] * 2, [0, 114], color=GREEN, linestyle="--")
            axes.text(result.true_target, 116, "truth", color=GREEN, weight="bold", ha="center", va="bottom")
        else:
            axes.text(0.01 * top, 116, "truly: none", color=GREEN, weight="bold", va="bottom")


class LateArm(_Doses):
    """A dose arm that opens late, compared with all of placebo or with those who entered at the same time."""

    question = "A dose opens late. Whom should it be compared with?"
    look_for = (
        "Let people who enter last gain more. By how much is the comparison with everybody on placebo off?",
        "What does it cost to compare only with those who entered at the same time?",
    )
    size = (6.8, 3.2)
    drift = Slider("Who enters last gains more by", 0, 60, step=5, value=40, unit="m")
    opens = Slider("Arm opens after (share of recruiting time)", 0, 80, step=10, value=50, unit="%")
    effect = Slider("True effect of the dose", 0, 60, step=5, value=20, unit="m", signed=True)
    sd = Slider("SD of changes (assumed)", 30, 120, step=10, value=70, unit="m")
    cases = {"Later people gain no more": {"drift": 0}, "It opens very late": {"opens": 80}}

    def lacks(self):
        if not self.trial or not self.trial.control or not self._doses:
            return "This part needs a randomised trial with a control arm and a dose; this trial's data have none."
        if not all(arm.treated for arm in (self._arm, self.trial.arm(self.trial.control))):
            return "This part needs the numbers of people treated; this trial's data do not have them."
        return None

    @property
    def _arm(self):
        """The arm that the pack calls late, or else the highest dose."""
        late = [self.trial.arm(id) for id in self._doses if self.trial.arm(id).late]
        return late[-1] if late else self.trial.arm(self._doses[-1])

    def start_from_trial(self):
        rows = virtual.assumptions(self.trial)
        opens = rows["late_from"][0].value if rows["late_from"] else None
        found = {"opens": int(opens)} if opens in self.controls["opens"].values else {}
        return {**found, **(super().start_from_trial() if rows["sd"] else {})}

    @property
    def caption(self):
        known = f"By this trial's data the arm opened late ({self.trial.published(self._arm.late).certainty_in_words()})." if self._arm.late else "No arm of this trial is known to have opened late."
        return (
            f"Calculated for the {self._arm.treated} people of {self._arm.id} and the {self.trial.arm(self.trial.control).treated} of placebo in {self.trial.short_title}: no real results. "
            f"{known} When it opened, and whether later people gained more, is not known: both are yours to assume. People enter evenly, and what later people gain more grows evenly with time (a loss would mirror it); changes follow a bell curve. {ONLY_VIRTUAL}"
        )

    def compute(self, state):
        return dose_ranging.late_arm(
            n_late=self._arm.treated, n_control=self.trial.arm(self.trial.control).treated,
            drift=state["drift"], opens=state["opens"] / 100, effect=state["effect"], sd=state["sd"],
        )  # fmt: skip

    # The two upper rows show when people enter, the two lower ones metres.
    edges = (-125, 185)

    def prepare(self, axes):
        axes.set(xlim=self.edges, ylim=(-0.6, 4.1), xlabel="Late dose minus placebo (metres)")
        axes.set_yticks([0, 1, 2.3, 3.1], ["with those of\nthe same time", "with everybody\non placebo", f"{self._arm.id} enters", "placebo enters"])
        axes.tick_params(axis="y", length=0)
        axes.grid(False)
        axes.vlines(range(-100, 151, 50), -0.6, 1.7, color=GRID, linewidth=0.8)
        axes.axhline(1.7, color=FAINT, linewidth=0.8)
        axes.plot([0, 0], [-0.6, 1.7], color=INK, linewidth=1)
        for x, name, side in ((self.edges[0] + 3, "first entry", "left"), (self.edges[1] - 3, "last entry", "right")):
            axes.text(x, 3.75, name, color=FAINT, fontsize=10, ha=side, va="center")

    def draw(self, result, axes):
        first, last = self.edges
        opens = first + (last - first) * result.opens
        axes.barh(3.1, opens - first, 0.45, left=first, color="white", edgecolor=PLACEBO, hatch="//")
        axes.barh(3.1, last - opens, 0.45, left=opens, color=PLACEBO, edgecolor=PLACEBO)
        axes.barh(2.3, last - opens, 0.45, left=opens, color=BLUE)
        axes.plot([result.effect, result.effect], [-0.6, 1.6], color=GREEN, linestyle="--")
        axes.text(result.effect + 3, 0.5, "truth", color=GREEN, weight="bold", va="center")
        for row, one, colour in ((1, result.everybody, ORANGE), (0, result.same_time, PURPLE)):
            axes.plot([one.estimate - one.half_width, one.estimate + one.half_width], [row, row], "|-", color=colour, markersize=10, linewidth=2.5)
            axes.plot([one.estimate], [row], "o" if row else "s", color=colour, markersize=7)
            axes.text(self.edges[1] - 2, row + 0.35, f"off by {one.bias:.0f} m, ±{one.half_width:.0f} m", ha="right", va="center", color=colour, fontsize=10, bbox={"facecolor": "white", "edgecolor": "none", "pad": 1})
