"""Explorers of weighing evidence: many looks, the winner's curse, before and after, how often a Phase 2 success holds."""

import numpy as np
from matplotlib.lines import Line2D
from matplotlib.patches import Patch, Rectangle

from frailty_lessons.explorers.bases import PRIORS, ReportExplorer, TrialExplorer, as_planned, of_hundred, out_of_reach, people_in_reach, percent
from frailty_lessons.methods import evidence
from frailty_lessons.ui import Choice, Slider
from frailty_lessons.ui.theme import BLUE, FAINT, GREEN, GRID, INK, ORANGE, PLACEBO, PURPLE

TRANSITIONS = {"phase-2-transition": "from Phase II to the next phase", "phase-3-transition": "from Phase III to filing"}


class ManyLooks(TrialExplorer):
    """All that one trial can be looked at for, when nothing works."""

    question = "Nothing works. How often does something shine all the same?"
    look_for = (
        "Step through the virtual trials. How many of them have something to tell?",
        "Keep only one outcome and one visit. What is left of the chance, and why is it not 5 in 100?",
    )
    size = (6.8, 4.2)
    doses_looked_at = Slider("Doses", 1, 6, step=1, value=4)
    visits = Slider("Visits", 1, 4, step=1, value=3)
    outcomes = Slider("Outcomes", 1, 15, step=1, value=10)
    visit_correlation = Slider("Correlation of two visits (assumed)", 0, 0.9, step=0.1, value=0.5)
    outcome_correlation = Slider("Correlation of two outcomes (assumed)", 0, 0.9, step=0.1, value=0.3)
    number = Slider("Virtual trial", 1, 20, step=1, value=1)
    cases = {"The primary looks: one outcome, one visit": {"visits": 1, "outcomes": 1}, "One outcome, every visit": {"outcomes": 1}}
    caption = (
        "Virtual trials in which no dose does anything: no real data. A row is one outcome, a column one dose at one visit, a field one look: that dose minus control. Diamond: p below 0.05. "
        "In the frame: the primary looks. Arms are of equal size; two doses correlate by 0.5, for both are compared with the same control group; other correlations are assumed. "
        "The counts at the start are those of the trial, the outcomes all that its data name, each taken to be measured at every visit. A diamond may point either way."
    )

    def lacks(self):
        if not self.doses or not self._days or not self.trial.outcomes:
            return "This part needs a randomised trial with a control arm, visits and outcomes; this trial's data have none."
        return None

    def start_from_trial(self):
        counts = {"doses_looked_at": len(self.doses), "visits": len(self._days), "outcomes": len(self.trial.outcomes)}
        return {name: count for name, count in counts.items() if count in self.controls[name].values}

    def compute(self, state):
        return evidence.many_looks(
            doses=state["doses_looked_at"], visits=state["visits"], outcomes=state["outcomes"],
            visit_correlation=state["visit_correlation"], outcome_correlation=state["outcome_correlation"], trial=state["number"],
        )  # fmt: skip

    def prepare(self, axes):
        axes.set(xlim=(-4, 146), ylim=(-20, 112), xticks=[], yticks=[])
        axes.grid(False)
        for side in ("left", "bottom"):
            axes.spines[side].set_visible(False)
        axes.text(-2, 50, "a row: one outcome", rotation=90, ha="right", va="center", color=INK)
        axes.text(50, -12, "a column: one dose", ha="center", va="top", color=INK)
        axes.plot([108, 145], [0, 0], color=INK, linewidth=1)
        axes.text(126, 108, "at least one\ndiamond, of 100 trials", ha="center", va="center", fontsize=10, color=INK)
        axes.text(116, -3, "primary\nlooks", ha="center", va="top", fontsize=10, color=ORANGE)
        axes.text(137, -3, "all\nlooks", ha="center", va="top", fontsize=10, color=PURPLE)

    def draw(self, result, axes):
        wide, high = 100 / (result.visits * result.doses), 100 / result.outcomes
        self._lines(axes, np.arange(0, 100 + wide / 2, wide), np.arange(0, 100 + high / 2, high), GRID, 1)
        self._lines(axes, np.linspace(0, 100, result.visits + 1), np.array([0, 100]), FAINT, 1)
        primary = next((place for place, visit in enumerate(self._days) if visit.id == self.trial.efficacy_visit), 0)
        at = min(primary, result.visits - 1) * 100 / result.visits
        axes.add_patch(Rectangle((at, 100 - high), 100 / result.visits, high, fill=False, edgecolor=ORANGE, linewidth=3, zorder=3))
        outcome, visit, dose = np.nonzero(result.shining)
        size = float(np.clip(2.2 * min(wide, high), 5, 11))
        axes.plot((visit * result.doses + dose + 0.5) * wide, 100 - (outcome + 0.5) * high, "D", color=PURPLE, markersize=size, linestyle="", zorder=4)
        for place in range(result.visits):
            axes.text((place + 0.5) * 100 / result.visits, -3, f"visit {place + 1}", ha="center", va="top", fontsize=10, color=INK)
        axes.text(50, 108, f"virtual trial {result.trial}: p below 0.05 in {int(result.shining.sum())} of {result.looks} looks", ha="center", va="center", color=INK)
        for x, chance, colour, hatch in ((116, result.any_primary, ORANGE, "//"), (137, result.any_look, PURPLE, "")):
            axes.bar(x, 100 * 0.9 * chance, 13, color=colour if not hatch else "white", edgecolor=colour, hatch=hatch)
            axes.text(x, 90 * chance + 2, of_hundred(chance), ha="center", va="bottom", color=colour, weight="bold")

    @staticmethod
    def _lines(axes, columns, rows, colour, width):
        """Lines from side to side, as one path."""
        gap = np.nan
        x = np.concatenate([np.column_stack([columns, columns, columns * gap]).ravel(), np.tile([0, 100, gap], len(rows))])
        y = np.concatenate([np.tile([0, 100, gap], len(columns)), np.column_stack([rows, rows, rows * gap]).ravel()])
        axes.plot(x, y, color=colour, linewidth=width)


class WinnersCurse(TrialExplorer):
    """How estimates spread, and what those look like that make the news."""

    question = "How large must an estimate be to make the news, and how far is it then from the truth?"
    look_for = (
        "Find a true effect at which the estimates that are told are right on average. Is it smaller with 60 people in each arm?",
        "Let the best of all doses be told. How often is something told now, and how large is it on average?",
    )
    size = (6.8, 4)
    effect = Slider("True effect", 0, 80, step=5, value=20, unit="m", signed=True)
    sd = Slider("SD of changes (assumed)", 30, 120, step=10, value=70, unit="m")
    n_treated = Slider("People in the treated arm", 5, 60, step=1, value=30)
    n_control = Slider("People in the control arm", 5, 60, step=1, value=30)
    told = Choice("Which dose is told?", {"this": "The one in the headline", "best": "The best of all doses"}, value="this")

    @property
    def caption(self):
        others = f" The other doses have as many people as were treated ({', '.join(str(arm.treated) for arm in self.doses[1:])})." if len(self.doses) > 1 else ""
        reported = f" Diamond: the {self.headline.figure()} of the report ({self.headline.certainty_in_words()})." if self.headline else ""
        return (
            "Exact, for normal changes with one SD in all arms, everybody measured. Every curve is drawn equally high, however wide it is. Hatched: p below 0.05, not adjusted for choosing the best. "
            f"The dotted limits hold if the SD in the trial is the assumed one; with a smaller one less is enough. All doses have the same true effect.{others}{reported} The SD of people's changes is assumed.{out_of_reach(self, self._people)}"
        )

    @property
    def cases(self):
        found = {"The best of all doses": {"told": "best"}, "An effect of 50 m": {"effect": 50}, "No effect at all": {"effect": 0}}
        return found | as_planned(self, self.doses[0] if self.doses else None)

    def lacks(self):
        if not self.sizes:
            return "This part needs a randomised trial that tells the size of a treated arm and of its control; this trial's data do not."
        return None

    def start_from_trial(self):
        return {**people_in_reach(self, self._people), **self.assumed_sd}

    @property
    def _people(self) -> dict:
        return dict(zip(("n_treated", "n_control"), self.sizes)) if self.sizes else {}

    def compute(self, state):
        others = [arm.treated for arm in self.doses[1:]] if state["told"] == "best" else []
        return evidence.told_estimates(
            effect=state["effect"], sd=state["sd"], sizes=[state["n_treated"], *others], n_control=state["n_control"],
            reported=self.headline.value if self.headline else None, points=101,
        )  # fmt: skip

    def prepare(self, axes):
        axes.set(xlim=(-130, 230), ylim=(0, 1.7), xlabel="Estimate: treated minus control (metres)", yticks=[])
        axes.set_ylabel("how often")
        axes.axvline(0, ymax=0.59, color=INK, linewidth=1)
        handles = [
            Line2D([], [], color=GREEN, linestyle="--", label="truth"),
            Line2D([], [], color=PLACEBO, label="all trials"),
            Patch(facecolor="white", edgecolor=PURPLE, hatch="//", label="told: p below 0.05"),
            Line2D([], [], color=PURPLE, linewidth=3, label="average of those told"),
            Line2D([], [], color=INK, linestyle=":", linewidth=2, label="limit: p = 0.05"),
        ]
        if self.headline:
            handles.append(Line2D([], [], color=ORANGE, marker="D", linestyle="", label=f"the report: {self.headline.value:g} m"))
        axes.legend(handles=handles, loc="upper center", ncol=3, frameon=False, fontsize=9)

    def draw(self, result, axes):
        height = result.density.max()
        axes.plot(result.at, result.density / height, color=PLACEBO)
        axes.fill(result.at, result.told / height, facecolor="white", edgecolor=PURPLE, hatch="//", linewidth=1)
        axes.plot([result.effect] * 2, [0, 1.03], color=GREEN, linestyle="--")
        gap, least, most = np.nan, min(result.needed), max(result.needed)
        limits = (-most, -least, least, most)
        axes.plot(np.repeat(limits, 3), [0, 1.07, gap] * 4, color=INK, linestyle=":", linewidth=2)
        limit = f"{least:.0f} m" if round(least) == round(most) else f"{least:.0f} to {most:.0f} m"
        axes.text(min((least + most) / 2, 165), 1.13, f"p = 0.05: {limit}", ha="center", va="center", color=INK)
        averages = [-result.average, result.average] if not result.effect and len(result.sizes) == 1 else [result.average]
        axes.plot(np.repeat(averages, 3), [0, 0.72, gap] * len(averages), color=PURPLE, linewidth=3)
        direction = "" if result.effect else ", up or down"
        axes.text(226, 1.31, f"{of_hundred(result.chance)} of 100 are told: {result.average:.0f} m on average{direction}", ha="right", va="center", color=PURPLE, weight="bold")
        if result.reported is not None:
            axes.plot([result.reported], [0.03], "D", color=ORANGE, markersize=9, zorder=4)


class BeforeAndAfter(ReportExplorer):
    """What was believed before, what the report says, and what to believe after."""

    question = "What would you believe after this result, and what would change your mind?"
    look_for = (
        "Start from the unsure sceptic, then from the enthusiast. Do the data bring them together?",
        "Which SD of changes leaves the sceptic in doubt? And which prior of your own?",
    )
    size = (6.8, 4.0)
    prior = Choice("Believed before", PRIORS, value="sceptical")
    own_mean = Slider("Your own prior, if chosen: mean", -20, 60, step=10, value=0, unit="m", signed=True)
    own_sd = Slider("Your own prior, if chosen: SD", 5, 60, step=5, value=20, unit="m")
    sd = Slider("SD of changes (assumed)", 30, 120, step=10, value=70, unit="m")
    cases = {"The sceptic, unsure": {"prior": "sceptical"}, "A sure sceptic": {"prior": "own", "own_mean": 0, "own_sd": 10}, "The data alone": {"prior": "flat"}, "The enthusiast": {"prior": "enthusiastic"}, "Expecting a little": {"prior": "own", "own_mean": 10, "own_sd": 10}}

    @property
    def caption(self):
        least, large = self.meaningful[0], self.meaningful[-1]
        return (
            f"{self.report}Thick bar: 95% of what is likely after. Green: {least:g} to {large:g} m, from the lowest to the highest of the changes that were called meaningful. The sceptic expects 0 m and gives more than {large:g} m a chance of 5 in 100; "
            f"the enthusiast expects {large:g} m and gives less than 0 m a chance of 5 in 100. All priors are assumed, and there is no allowance for the figure having been picked."
        )

    def compute(self, state):
        return evidence.before_and_after(
            estimate=self.headline.value, assumed_sd=state["sd"], n_treated=self.sizes[0], n_control=self.sizes[1], prior=state["prior"],
            large=self.meaningful[-1], meaningful=self.worth_having, own=(state["own_mean"], state["own_sd"]),
        )  # fmt: skip

    def prepare(self, axes):
        axes.set(xlim=(-110, 170), ylim=(0, 1.75), xlabel="True effect (metres)", yticks=[])
        axes.set_ylabel("how probable")
        axes.axvspan(self.meaningful[0], self.meaningful[-1], ymax=0.63, color=GREEN, alpha=0.12, linewidth=0)
        axes.axvline(0, ymax=0.63, color=INK, linewidth=1)
        control = self.trial.arm(self.trial.control).label.lower()
        axes.text(167, 1.24, f"if {self.headline.figure()} is a planned difference from {control}", ha="right", va="center", color=ORANGE, weight="bold")
        handles = [
            Line2D([], [], color=PLACEBO, linestyle="--", label="before"),
            Line2D([], [], color=ORANGE, linestyle=":", linewidth=3, label="data"),
            Line2D([], [], color=BLUE, linewidth=3, label="after"),
        ]
        axes.legend(handles=handles, loc="upper left", frameon=False)

    def draw(self, result, axes):
        after = result.after
        at = np.linspace(-110, 170, 141)

        def bell(mean, sd):
            # Heights beside that of the belief after the data, whose top is 1: wider is lower. A narrow prior is cut off at 1.1.
            return np.minimum(after.sd / sd * np.exp(-(((at - mean) / sd) ** 2) / 2), 1.1)

        before = np.full(at.shape, 0.05) if np.isinf(result.prior_sd) else bell(result.prior_mean, result.prior_sd)
        axes.plot(at, before, color=PLACEBO, linestyle="--")
        axes.plot(at, bell(result.estimate, result.standard_error), color=ORANGE, linestyle=":", linewidth=3)
        axes.plot(at, bell(after.mean, after.sd), color=BLUE, linewidth=3)
        axes.plot([after.low, after.high], [0.02, 0.02], color=BLUE, linewidth=5, solid_capstyle="butt")
        for y, gain, value in ((1.64, "any gain", 0), (1.44, f"more than {result.meaningful:g} m", result.meaningful)):
            before = result.chance_before(value)
            said = "not known" if before is None else percent(before)
            axes.text(167, y, f"{gain}: {said} before, {percent(after.chance_above(value))} after", ha="right", va="center", color=BLUE)


class PhaseTwoSuccess(TrialExplorer):
    """What becomes of a hundred treatments in Phase 2."""

    question = "A treatment succeeds in Phase 2. How often does it truly work?"
    look_for = (
        "Let 10 of 100 treatments work. Which does more harm to a success: little power, or many looks?",
        "Set the power to 80%. How many must work beforehand so that 9 of 10 successes are true?",
    )
    size = (6.8, 2.9)
    working = Slider("Treatments that truly work, of 100 (assumed)", 1, 60, step=1, value=15)
    power = Slider("Power", 10, 95, step=5, value=80, unit="%")
    looks = Slider("Looks of which the best counts", 1, 20, step=1, value=1)

    @property
    def cases(self):
        found = {"A power of 80%": {"power": 80}, "A small trial: a power of 20%": {"power": 20}}
        looks = len(self.doses) * len(self._days) if self.doses else 0
        if looks in self.controls["looks"].values and looks > 1:
            found[f"{looks} looks, every dose at every visit: a power of 80%"] = {"power": 80, "looks": looks}
        return found

    @property
    def caption(self):
        literature = self.trial.literature if self.trial else None
        rows = [(words, literature.row(id)) for id, words in TRANSITIONS.items()] if literature else []
        said = [f"{words} {row.figure()} ({row.certainty_in_words()})" for words, row in rows if row]
        scale = f" For scale, programmes that went on, 2011 to 2020: {'; '.join(said)}. Going on is not the same as working." if said else ""
        return "Calculated; how many work is assumed. A success is p below 0.05 in favour (two-sided test). Looks beyond the first add chance alone, and are taken to be independent, which exaggerates it." + scale

    def compute(self, state):
        return evidence.phase_two(working=state["working"], power=state["power"] / 100, looks=state["looks"])

    def prepare(self, axes):
        axes.set(xlim=(0, 100), ylim=(-0.6, 3.1), xlabel="Of 100 treatments")
        axes.set_yticks([2, 1, 0], ["all in Phase 2", "succeed", "fail"])
        axes.tick_params(axis="y", length=0)
        handles = [Patch(facecolor=GREEN, edgecolor=GREEN, label="truly work"), Patch(facecolor="white", edgecolor=PLACEBO, hatch="//", label="do not work")]
        axes.legend(handles=handles, loc="upper center", ncol=2, frameon=False)

    def draw(self, result, axes):
        rows = ((2, result.working, 100 - result.working), (1, result.true_successes, result.false_successes), (0, result.missed, result.spared))
        for row, works, not_works in rows:
            axes.barh(row, works, 0.55, color=GREEN, edgecolor=GREEN)
            axes.barh(row, not_works, 0.55, left=works, color="white", edgecolor=PLACEBO, hatch="//")
        total = result.true_successes + result.false_successes
        inside = total > 66
        axes.text(
            total - 1.5 if inside else total + 1.5, 1, f"true in {result.value:.0%} of cases", ha="right" if inside else "left", va="center", color=ORANGE, weight="bold",
            bbox={"color": "white", "pad": 2},
        )  # fmt: skip
