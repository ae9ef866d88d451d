"""Explorers of planning a Phase 3 trial: people and power, the chance of success, interim looks."""

from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from frailty_lessons.explorers.bases import PRIORS, ReportExplorer, TrialExplorer, percent
from frailty_lessons.methods import phase3
from frailty_lessons.ui import Choice, Slider
from frailty_lessons.ui.theme import BLUE, FAINT, GREEN, INK, ORANGE, PLACEBO, PURPLE

CENTRES, PACE, SCREEN_FAILURE, FOLLOW_UP = 10, 1, 0.5, 6
PER_CENTRE = "people a month in each centre"
BOUNDARIES = {"obrien-fleming": "O'Brien–Fleming type", "pocock": "Pocock type", "naive": "p below 0.05 each time"}


class PlanTheTrial(TrialExplorer):
    """People, power and years of a trial that could settle it."""

    question = "How many people would settle it?"
    look_for = (
        "Halve the difference worth finding. What happens to the people, and to the years?",
        "What changes the number more: adjusting for the baseline with a correlation of 0.5, or 15 in 100 who leave?",
    )
    size = (6.8, 3.6)
    difference = Slider("Smallest difference worth finding", 10, 60, step=5, value=20, unit="m")
    sd = Slider("SD of changes (assumed)", 30, 120, step=10, value=70, unit="m")
    power = Choice("Power", {0.8: "80%", 0.9: "90%", 0.95: "95%"}, value=0.9)
    allocation = Choice("Treated for each in control", {1: "1 to 1", 2: "2 to 1", 3: "3 to 1"}, value=1)
    correlation = Slider("Correlation of baseline and change (0: not adjusted)", 0, 0.8, step=0.1, value=0)
    dropout = Slider("People who leave (assumed)", 0, 40, step=5, value=15, unit="%")
    cases = {"Adjusted for the baseline": {"correlation": 0.5}, "A large difference": {"difference": 50}, "Two treated for each in control": {"allocation": 2}}

    @property
    def caption(self):
        earlier = f" Diamond: what the headline's {self.sizes[0]} and {self.sizes[1]} people (its arm and its control) could find." if self.sizes else ""
        told = " (both as in the trial of the headline)" if self._told("centres") and self._told(PER_CENTRE) else ""
        recruiting = f"{self._centres} centres, {self._pace:g} people a month in each{told}"
        return (
            "Calculated: two-sided t-test at 0.05. Who leaves cannot be measured at the end, so more people are randomised to make up for it. "
            f"Along the bottom each mark stands for about three times as many people as the one before. The SD, correlation and leaving are assumed. Recruiting: {recruiting}, {SCREEN_FAILURE:.0%} of those screened not let in (assumed), {self._months:g} months of follow-up.{earlier}"
        )

    def _told(self, unit):
        """The trial's figure in that unit, or None."""
        return next((row.value for row in self.trial.published(unit=unit) if row.value), None) if self.trial else None

    @property
    def _centres(self) -> int:
        return int(self._told("centres") or CENTRES)

    @property
    def _pace(self) -> float:
        return self._told(PER_CENTRE) or PACE

    @property
    def _months(self) -> float:
        """Months to the visit at which the trial judged the effect, where it tells."""
        planned = self.trial.efficacy_visit if self.trial else None
        return round(self.trial.visit(planned).day / 30.4) if planned else FOLLOW_UP

    def start_from_trial(self):
        return self.assumed_sd

    def compute(self, state):
        return phase3.plan(
            **{name: state[name] for name in ("difference", "sd", "power", "allocation", "correlation")}, dropout=state["dropout"] / 100, earlier=self.sizes,
            centres=self._centres, per_centre_per_month=self._pace, screen_failure=SCREEN_FAILURE, follow_up_months=self._months,
        )  # fmt: skip

    def prepare(self, axes):
        axes.set(xscale="log", xlim=(6, 25_000), ylim=(0, 1.32), xlabel="People randomised, both arms together", ylabel="Power")
        axes.set_xticks([10, 30, 100, 300, 1000, 3000, 10_000], ["10", "30", "100", "300", "1,000", "3,000", "10,000"])
        axes.set_xticks([], minor=True)
        axes.set_yticks([0, 0.2, 0.4, 0.6, 0.8, 1], ["0%", "20%", "40%", "60%", "80%", "100%"])

    def draw(self, result, axes):
        axes.plot(result.totals, result.curve, color=BLUE)
        axes.plot([6, result.total, result.total], [result.found, result.found, 0], color=ORANGE, linewidth=1, linestyle="--")
        axes.plot([result.total], [result.found], "o", color=ORANGE, markersize=9)
        axes.plot([7], [1.23], "o", color=ORANGE, markersize=8)
        axes.text(8.2, 1.23, f"{result.total:,} people ({result.treated:,} and {result.control:,}), {result.effort.years:.1f} years", va="center", color=ORANGE, weight="bold")
        if result.earlier:
            axes.plot([sum(result.earlier), 7], [result.earlier_found, 1.11], "D", color=PURPLE, markersize=8, linestyle="")
            axes.text(8.2, 1.11, f"the headline's {result.earlier[0]} and {result.earlier[1]} people: power {percent(result.earlier_found)}", va="center", color=PURPLE)


class ChanceOfSuccess(ReportExplorer):
    """Power, and the chance that is left when nobody knows the effect."""

    question = "A trial has a high power. Is that its chance of success?"
    look_for = (
        "Take the sceptic, and add people until the power is 95%. What does the chance of success do?",
        "Let the SD be 120 m. What becomes of the sceptic's chance, and, with her people, of the enthusiast's (choose in the list)?",
    )
    size = (6.8, 3.7)
    prior = Choice("Believed before Phase 2", PRIORS, value="sceptical")
    own_mean = Slider("Your own prior, if chosen: mean", -20, 60, step=10, value=0, unit="m", signed=True)
    own_sd = Slider("Your own prior, if chosen: SD", 5, 60, step=5, value=20, unit="m")
    sd = Slider("SD of changes (assumed)", 30, 120, step=10, value=70, unit="m")
    planned = Slider("Effect that the power is planned for", 10, 60, step=5, value=30, unit="m", signed=True)
    total = Slider("People, both arms together", 20, 1000, step=20, value=240)
    cases = {"The sceptic": {"prior": "sceptical"}, "Taken at face value": {"prior": "flat"}, "The enthusiast": {"prior": "enthusiastic"}, "Expecting a little": {"prior": "own", "own_mean": 10, "own_sd": 10}}

    @property
    def caption(self):
        return (
            f"{self.report}Believed before it (the prior): a sceptic's 0 m, with more than {self.meaningful[-1]:g} m in 5 of 100; an enthusiast's {self.meaningful[-1]:g} m, with less than 0 m in 5 of 100; nothing, so that the data speak alone; or your own. "
            "Success is p below 0.05 in favour. Calculated as if nobody had picked the figure, and as if Phase 3 had the same people, doses and measurements: both are assumed, and flatter it."
        )

    def compute(self, state):
        return phase3.chance_of_success(
            estimate=self.headline.value, assumed_sd=state["sd"], n_treated=self.sizes[0], n_control=self.sizes[1], prior=state["prior"], large=self.meaningful[-1],
            own=(state["own_mean"], state["own_sd"]), planned=state["planned"], total=state["total"],
        )  # fmt: skip

    def prepare(self, axes):
        axes.set(xlim=(0, 1030), ylim=(0, 1.38), xlabel="People, both arms together", ylabel="Chance of p below 0.05 in favour")
        axes.set_yticks([0, 0.2, 0.4, 0.6, 0.8, 1], ["0%", "20%", "40%", "60%", "80%", "100%"])
        handles = [
            Line2D([], [], color=PLACEBO, linestyle="--", marker="D", label="power: the effect is the planned one"),
            Line2D([], [], color=BLUE, linewidth=3, marker="o", label="chance of success, by what is believed"),
            Line2D([], [], color=GREEN, linestyle=":", label="its limit: any true gain"),
        ]
        axes.legend(handles=handles, loc="upper left", frameon=False, fontsize=9)

    def draw(self, result, axes):
        axes.plot(result.totals, result.powers, color=PLACEBO, linestyle="--")
        axes.plot(result.totals, result.assurances, color=BLUE, linewidth=3)
        axes.plot([0, 1030], [result.found.ceiling] * 2, color=GREEN, linestyle=":")
        axes.plot([result.total] * 2, [0, 1], color=FAINT, linewidth=1)
        axes.plot([result.total], [result.power], "D", color=PLACEBO, markersize=8)
        axes.plot([result.total], [result.found.assurance], "o", color=BLUE, markersize=9)
        axes.text(1020, 1.29, f"power {percent(result.power)}", ha="right", va="center", color=PLACEBO, weight="bold")
        axes.text(1020, 1.18, f"success {percent(result.found.assurance)}", ha="right", va="center", color=BLUE, weight="bold")
        axes.text(1020, 1.07, f"limit {percent(result.found.ceiling)}", ha="right", va="center", color=GREEN, weight="bold")


class InterimLooks(TrialExplorer):
    """When a trial may stop early, and what that costs."""

    question = "May one look before the end, and stop if it works?"
    look_for = (
        "There is no effect, and five looks. What do the O'Brien–Fleming boundaries do to the false alarms?",
        "Press the two buttons for the planned effect. Which boundaries take fewer people on average, and which take fewer at most?",
    )
    size = (6.8, 4.2)
    looks = Slider("Looks, the last one included", 1, 5, step=1, value=3)
    kind = Choice("Boundaries", BOUNDARIES, value="obrien-fleming")
    truth = Choice("What is true?", {1: "The planned effect", 0.5: "Half of it", 0: "No effect"}, value=1)
    difference = Slider("Planned effect", 10, 60, step=5, value=30, unit="m", signed=True)
    sd = Slider("SD of changes (assumed)", 30, 120, step=10, value=70, unit="m")
    cases = {
        "3 looks, planned effect, O'Brien–Fleming": {"looks": 3, "kind": "obrien-fleming", "truth": 1}, "3 looks, planned effect, Pocock": {"looks": 3, "kind": "pocock", "truth": 1},
        "3 looks, half the effect, O'Brien–Fleming": {"looks": 3, "kind": "obrien-fleming", "truth": 0.5}, "3 looks, half the effect, Pocock": {"looks": 3, "kind": "pocock", "truth": 0.5},
    }  # fmt: skip
    caption = (
        "Calculated: two equal arms, everybody measured, power 90% for the planned effect, 5 false alarms of 100 in both directions together (more with p below 0.05 each time). "
        "z is the difference divided by its standard error, which says how far chance alone moves it: the higher, the stronger; z of 1.96 is p = 0.05. "
        "Boundaries come from spending the false alarms bit by bit (Lan and DeMets 1983); the lower ones, below 0, mirror those drawn, though for harm a real plan would ask for less proof."
    )

    def start_from_trial(self):
        return self.assumed_sd

    def compute(self, state):
        return phase3.interim_looks(**state)

    def prepare(self, axes):
        axes.set(xlim=(0, 1.12), ylim=(-3.5, 7.1), xlabel="Share of the people measured")
        axes.set_xticks([0, 0.2, 0.4, 0.6, 0.8, 1], ["0%", "20%", "40%", "60%", "80%", "100%"])
        axes.set_yticks([-3, -1.75, -0.5, 2, 3, 4, 5], ["0%", "50%", "100%", "2", "3", "4", "5"])
        axes.axhline(0.6, color=FAINT, linewidth=0.8)
        axes.text(0.015, 3.2, "stop if z\nis above", va="center", color=INK)
        axes.text(0.015, 0.05, "a difference is found at this look", va="center", color=INK)
        axes.plot([0, 1.12], [1.96, 1.96], color=PLACEBO, linestyle="--", linewidth=1)
        axes.text(0.015, 1.62, "p = 0.05", va="center", color=PLACEBO, fontsize=9)
        handles = [Line2D([], [], color=PURPLE, marker="o", label="boundary"), Patch(facecolor="white", edgecolor=BLUE, hatch="//", label="found here")]
        axes.legend(handles=handles, loc="upper left", ncol=2, frameon=False, fontsize=9)

    def draw(self, result, axes):
        at = result.design.information
        axes.plot(at, result.design.boundaries, "o-", color=PURPLE, markersize=8)
        axes.bar(at, 2.5 * result.stops, 0.1, bottom=-3, color="white", edgecolor=BLUE, hatch="//")
        for share, z, chance, people in zip(at, result.design.boundaries, result.stops, result.people):
            axes.text(share, z + 0.28, f"{z:.2f}", ha="center", va="bottom", color=PURPLE, fontsize=10)
            axes.text(share, 2.5 * chance - 2.9, f"{chance:.0%}" if chance >= 0.0995 else f"{chance:.1%}" if chance >= 0.0005 else "<0.1%", ha="center", va="bottom", color=BLUE, fontsize=10)
        words = f"at most {result.people[-1]:,} people, on average {result.expected:,.0f}" if len(at) > 1 else f"{result.fixed:,} people"
        axes.text(1.1, 6.6, words, ha="right", va="center", color=INK, weight="bold")
        colour = ORANGE if result.false_alarm > 0.0505 else FAINT
        axes.text(1.1, 5.95, f"if nothing works, false alarms: {100 * result.false_alarm:.1f} of 100", ha="right", va="center", color=colour)
