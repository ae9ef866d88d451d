"""Explorers of dose escalation: a committee, designs in all possible trials, no event in a few people, two real designs."""

import numpy as np

from frailty_lessons.explorers.bases import percent
from frailty_lessons.methods import escalation
from frailty_lessons.ui import Choice, Decisions, Explorer, Slider
from frailty_lessons.ui.theme import BLUE, FAINT, GREEN, INK, ORANGE, PLACEBO, PURPLE

LEVELS = 4
TARGET = 0.25
MOST = 24
SKELETON = escalation.getprior(0.06, TARGET, 2, LEVELS)
DESIGNS = {
    "three": ("3+3", escalation.ThreePlusThree(LEVELS)),
    "boin": ("BOIN", escalation.BOIN(LEVELS, target=TARGET, max_n=MOST)),
    "mtpi2": ("mTPI-2", escalation.MTPI2(LEVELS, target=TARGET, max_n=MOST)),
    "crm": ("CRM", escalation.CRM(SKELETON, target=TARGET, max_n=MOST, stop_above=0.95)),
}
ADVISERS = ("three", "boin", "crm")
RULES = {**{name: label for name, (label, _) in DESIGNS.items()}, "own": "My own rule"}
COLUMNS = (33.2, 37, 40.6)  # where the advisers' columns stand in the committee's picture


def _escalation(trial):
    """The trial whose groups were escalated: this one, or the one that it names; None if there is none."""
    if trial is None:
        return None
    return trial if _groups(trial, randomised=False) else trial.escalation


def _groups(trial, *, randomised: bool):
    arms = [arm for arm in sorted(trial.arms, key=lambda arm: arm.dose) if arm.randomised is randomised and arm.treated]
    return [escalation.Group(f"{arm.dose:g} {trial.dose_unit}" if arm.dose else "placebo", arm.dose, arm.treated, arm.late is not None) for arm in arms]


class Committee(Explorer):
    """A learner decides on each next person; three designs look on."""

    question = "You are the committee. Who gets which dose next, and when do you stop?"
    look_for = (
        "Begin with Same dose, Same dose, One dose up. When do the three designs advise the same, and when do they part?",
        "How many people would you treat before you dare to recommend a dose?",
    )
    caption = (
        "Synthetic people and invented risks, another set in each trial; doses 1 to 4 belong to no drug. "
        f"You look for the dose at which about one person in four ({TARGET:.0%}) has a toxicity that ends the dose. "
        "Ring: no toxicity; cross: a toxicity; diamond: where a design would go now; star: your recommendation. "
        f"There are {MOST} people at most. A decision cannot be taken back; starting over brings the same people again. "
        "What is said of all trials is exact, with people in threes."
    )
    size = (6.8, 3.9)
    # The true risk at each dose, and which people come: hidden from the learner until the end.
    trials = {
        1: ((0.04, 0.12, 0.28, 0.50), 11),
        2: ((0.02, 0.04, 0.08, 0.25), 5),
        3: ((0.25, 0.42, 0.55, 0.70), 7),
        4: ((0.10, 0.25, 0.42, 0.60), 8),
        5: ((0.45, 0.60, 0.70, 0.80), 3),
        6: ((0.01, 0.02, 0.03, 0.05), 2),
    }
    trial_number = Choice("Trial", {number: f"Trial {number}" for number in trials}, value=1)
    moves = Decisions(
        "The next person:",
        {"S": "Same dose", "U": "One dose up", "D": "One dose down", "R": "Stop: recommend this dose", "B": "Stop: recommend the dose below (or none)"},
        most=MOST,
    )

    def compute(self, state):
        truth, seed = self.trials[state["trial_number"]]
        return escalation.learners_trial(
            state["moves"], true_toxicity=truth, tolerances=escalation.people(seed, MOST),
            designs=[DESIGNS[name][1] for name in ADVISERS], target=TARGET, most=MOST,
        )

    def steps(self, state):
        result = self._result(state)
        return "" if isinstance(result, str) else result.open_moves

    def record(self):
        result = self.compute(self.state)
        end = f"; recommends {result.recommended or 'no dose'}" if result.ended else ""
        return f"trial {self.state['trial_number']}: {result.shorthand}{end}"

    def prepare(self, axes):
        axes.set(xlim=(0, 42), ylim=(-0.45, 5), xlabel="Person")
        axes.set_yticks(range(LEVELS + 1), ["no dose", *(f"dose {level}" for level in range(1, LEVELS + 1))])
        axes.set_xticks([1, 6, 12, 18, 24])
        axes.xaxis.set_label_coords(0.3, -0.1)
        axes.tick_params(axis="y", length=0)
        axes.axvline(26, color=FAINT, linewidth=0.8)
        for x, text in zip((29, *COLUMNS), ("true\nrisk", *(DESIGNS[name][0] for name in ADVISERS))):
            axes.text(x, 4.72, text, ha="center", va="center", fontsize=10, color=FAINT)

    def draw(self, result, axes):
        doses = np.array([dose for dose, _ in result.outcomes])
        toxic = np.array([toxic for _, toxic in result.outcomes])
        person = np.arange(1, len(doses) + 1)
        axes.plot(person, doses, color=FAINT, linewidth=1)
        axes.plot(person[~toxic], doses[~toxic], "o", color=BLUE, markerfacecolor="white", markersize=8)
        axes.plot(person[toxic], doses[toxic], "X", color=ORANGE, markersize=8)
        for x, colleague in zip(COLUMNS, result.colleagues):
            if result.ended:
                self._shares(axes, x, colleague.characteristics)
            elif colleague.advice.dose is None:
                axes.text(x, colleague.advice.recommended or 0, "stop", ha="center", va="center", color=PURPLE, weight="bold", fontsize=10)
            else:
                axes.plot([x], [colleague.advice.dose], "D", color=PURPLE, markersize=7)
        if result.ended:
            axes.text(np.mean(COLUMNS), -0.68, "how often each\nrecommends it", ha="center", va="top", color=PURPLE, fontsize=9, clip_on=False)
            axes.plot([len(doses) + 1], [result.recommended or 0], "*", color=GREEN, markersize=15)
            for level, risk in enumerate(result.true_toxicity, start=1):
                weight = "bold" if level == result.best else "normal"
                axes.text(29, level, f"{risk:.0%}", ha="center", va="center", weight=weight, color=GREEN if level == result.best else INK)
        else:
            axes.text(29, 2.5, "hidden\nuntil\nyou stop", ha="center", va="center", color=FAINT, fontsize=9)

    @staticmethod
    def _shares(axes, x, characteristics):
        for level, share in enumerate((characteristics.recommended_none, *characteristics.recommended)):
            axes.text(x, level, f"{share:.0%}" if share in (0, 1) else percent(share), ha="center", va="center", color=PURPLE, fontsize=10)


class _OwnRule(escalation.IntervalDesign):
    name = "your own rule"


class AllTrials(Explorer):
    """Two designs, or one's own rule, in all the trials that could be."""

    question = "One trial is luck. What does a rule do in all the trials that could have been?"
    look_for = (
        "Find true risks at which the 3+3 is right in fewer than 30 of 100 trials. What do the others do there?",
        "Choose “My own rule” as one of the designs, and make it bolder: let it go up at more harm, and down later. Who pays for it?",
    )
    caption = (
        f"Exact, with invented true risks; the target is a risk of {TARGET:.0%}. BOIN, mTPI-2, CRM and your own rule treat up to {MOST} people, "
        "in threes; the 3+3 is the version that never goes back to a dose, and it aims at no target. Your own rule compares the share with a toxicity on the present dose with your two limits."
    )
    size = (6.8, 3.7)
    first = Choice("Design A", RULES, value="three")
    second = Choice("Design B", RULES, value="boin")
    risk_1 = Slider("True risk, dose 1", 0, 80, step=5, value=5, unit="%")
    risk_2 = Slider("True risk, dose 2", 0, 80, step=5, value=10, unit="%")
    risk_3 = Slider("True risk, dose 3", 0, 80, step=5, value=25, unit="%")
    risk_4 = Slider("True risk, dose 4", 0, 80, step=5, value=45, unit="%")
    up_at = Slider("My own rule: up at most", 0, 40, step=5, value=15, unit="%")
    down_at = Slider("My own rule: down from", 20, 80, step=5, value=35, unit="%")
    cases = {
        "Too toxic from the start": {"risk_1": 45, "risk_2": 60, "risk_3": 70, "risk_4": 80},
        "A sudden step": {"risk_1": 5, "risk_2": 5, "risk_3": 25, "risk_4": 70},
        "The 3+3 against my own rule": {"second": "own"},
        "Hardly any toxicity": {"risk_1": 0, "risk_2": 0, "risk_3": 5, "risk_4": 10},
    }

    def _design(self, name, state):
        if name != "own":
            return DESIGNS[name][1]
        if state["up_at"] >= state["down_at"]:
            raise ValueError("your rule goes up and down at the same share of toxicities: set “up at most” below “down from”")
        return _OwnRule(
            LEVELS, escalate_at=state["up_at"] / 100, deescalate_at=state["down_at"] / 100, target=TARGET, max_n=MOST
        )

    def compute(self, state):
        names = dict.fromkeys((state["first"], state["second"]))
        risks = [state[f"risk_{level}"] / 100 for level in range(1, LEVELS + 1)]
        return escalation.compare_designs([self._design(name, state) for name in names], risks, target=TARGET)

    def prepare(self, axes):
        axes.set(xlim=(-0.6, LEVELS + 0.6), ylim=(0, 130), ylabel="Trials in 100 that recommend it", yticks=range(0, 101, 20))
        axes.set_xticks(range(LEVELS + 1), ["no dose", *(f"dose {level}" for level in range(1, LEVELS + 1))])
        axes.tick_params(axis="x", length=0, pad=18)
        axes.grid(axis="x", visible=False)

    def draw(self, result, axes):
        best = result.best or 0
        axes.axvspan(best - 0.47, best + 0.47, color=GREEN, alpha=0.12, linewidth=0)
        axes.text(best, 119, "right", ha="center", va="top", color=GREEN, weight="bold")
        width = 0.38 if len(result.results) == 2 else 0.6
        looks = ((BLUE, ""), (ORANGE, "//"))
        for place, (r, (colour, hatch)) in enumerate(zip(result.results, looks)):
            middle = (place - (len(result.results) - 1) / 2) * width
            for level, share in enumerate((r.recommended_none, *r.recommended)):
                axes.bar(level + middle, 100 * share, width * 0.94, color=colour if not hatch else "white", edgecolor=colour, hatch=hatch, linewidth=1)
                axes.text(level + middle, 100 * share + 1.5, f"{100 * share:.0f}", ha="center", color=colour, fontsize=10)
            axes.text(-0.5 + 2.6 * place, 122, f"{'striped' if hatch else 'filled'}: {r.name}", color=colour, weight="bold", fontsize=10)
        for level, risk in enumerate(result.true_toxicity, start=1):
            axes.text(level, -3, f"risk {risk:.0%}", ha="center", va="top", fontsize=10, color=FAINT, clip_on=False)


class NoneInFive(Explorer):
    """What no event, or a few, among n people says of the true risk."""

    question = "Nobody had the event. How large can the risk still be?"
    look_for = (
        "How many people without the event does it take to be confident that the risk is below 5%?",
        "One event among five instead of none: what becomes of the limits?",
    )
    caption = (
        "Exact binomial limits (Clopper and Pearson 1934); rule of three after Hanley and Lippman-Hand 1983. "
        "Everybody is taken to have the same risk, one person's event not to depend on another's, and nobody to be lost."
    )
    n = Slider("People treated", 1, 60, step=1, value=5)
    events = Slider("Of them with the event", 0, 5, step=1, value=0)
    level = Choice("Confidence", {0.8: "80%", 0.9: "90%", 0.95: "95%", 0.99: "99%"}, value=0.95)

    @property
    def cases(self):
        escalated = _escalation(self.trial)
        total = sum(group.people for group in _groups(escalated, randomised=False)) if escalated else 0
        return {f"All groups of {escalated.short_title}: {total}": {"n": total}} if total in self.controls["n"].values else {}

    def compute(self, state):
        return escalation.zero_events(state["n"], state["events"], state["level"])

    def prepare(self, axes):
        axes.set(xlim=(0, 100), ylim=(0, 100), xlabel="If the true risk were … (%)", ylabel="chance to see so few events (%)")

    def draw(self, result, axes):
        risks = np.linspace(0, 1, 51)
        axes.plot(100 * risks, 100 * result.chance_of_so_few(risks), color=BLUE)
        low, high = (100 * limit for limit in result.not_excluded)
        axes.fill_between([low, high], 0, 100, color=GREEN, alpha=0.1, linewidth=0)
        for limit in (low, high):
            axes.plot([limit, limit], [0, 100], color=GREEN, linestyle="--")
        left = high > 60
        axes.text(
            high + (-1.5 if left else 1.5), 90, f"not excluded:\n{result.range_in_words}",
            color=GREEN, weight="bold", ha="right" if left else "left", va="center",
        )  # fmt: skip


class EscalationOrRanging(Explorer):
    """The escalation and the randomised trial on one line of time."""

    question = "Escalation or ranging? Who gets what, when, and against whom?"
    look_for = (
        "At each moment: which doses could the next person get, and who decides?",
        "Which of the three questions can each design answer?",
    )
    size = (6.8, 4.4)
    asked = Choice(
        "Ask both designs", {"safe": "Safe enough to go on?", "works": "Better than placebo?", "more": "More with a higher dose?"}, value="safe"
    )
    reached = Slider("How far both trials have got", 0, 100, step=5, value=40, unit="%")

    def lacks(self):
        if not _escalation(self.trial) or not _groups(self.trial, randomised=True):
            return "This part needs a randomised trial whose data name the escalation that came before it; this trial's data do not."
        return None

    @property
    def caption(self):
        late = [arm for arm in self.trial.arms if arm.late]
        said = f" {late[0].label}: opened late ({self.trial.published(late[0].late).certainty_in_words()})." if late else ""
        return (
            f"People: {_escalation(self.trial).short_title} (first stage) and {self.trial.short_title}, treated numbers as published. Their order in the second trial is drawn by a "
            f"program (synthetic), and the spacing in time is a drawing in both. A look by the board after each group is assumed; known is that it reviewed the whole first stage.{said}"
        )

    def compute(self, state):
        return escalation.schedule(
            *self._designs, question=state["asked"], reached=state["reached"] / 100
        )

    @property
    def _designs(self):
        return _groups(_escalation(self.trial), randomised=False), _groups(self.trial, randomised=True)

    @property
    def _rows(self):
        first, second = self._designs
        return first, second, len(second) + 1.6

    def prepare(self, axes):
        first, second, gap = self._rows
        top = gap + len(first)
        axes.set(xlim=(0, 1.17), ylim=(-0.7, top + 0.6), xlabel="time (each trial from its first person to its last)", xticks=[])
        axes.set_yticks(
            [*range(len(second)), *(gap + row for row in range(len(first)))],
            [f"{group.label}" for group in (*second, *first)],
        )
        axes.tick_params(axis="y", length=0)
        axes.text(0, top - 0.1, f"{_escalation(self.trial).short_title}: group by group", weight="bold", fontsize=10, va="center")
        axes.text(0, len(second) - 0.1, f"{self.trial.short_title}: side by side", weight="bold", fontsize=10, va="center")

    def draw(self, result, axes):
        first, second, gap = self._rows
        for which, groups, base in (("escalation", first, gap), ("randomised", second, 0)):
            times, members = getattr(result, f"{which}_times"), getattr(result, f"{which}_groups")
            for row, group in enumerate(groups):
                here = times[(members == row) & (times <= result.reached + 1e-9)]
                colour = PLACEBO if group.dose == 0 else BLUE
                x = np.repeat(here, 3)
                y = np.tile([base + row - 0.28, base + row + 0.28, np.nan], len(here))
                axes.plot(x, y, color=colour, linewidth=2.5, solid_capstyle="butt")
                treated = len(here)
                axes.text(1.03, base + row, f"{treated} of {group.people}", va="center", fontsize=9, color=colour if treated else FAINT)
        for board in result.boards:
            if board <= result.reached:
                axes.plot([board, board], [gap - 0.4, gap + len(first) - 0.55], color=PURPLE, linestyle=":", linewidth=2)
                axes.text(board, gap - 0.62, "board", ha="center", va="center", color=PURPLE, fontsize=9)
        verdict = {
            "safe": ("made for this", "made for more; counts harms, too"),
            "works": ("cannot say: no placebo", "each dose against placebo"),
            "more": ("dose and time are mixed", "dose against dose, by lot"),
        }[result.question]
        for text, height in zip(verdict, (gap + len(first) - 0.1, len(second) - 0.1)):
            axes.text(1.17, height, text, ha="right", va="center", color=ORANGE, weight="bold", fontsize=10)
        now = result.reached
        axes.plot([now, now, np.nan, now, now], [-0.7, len(second) - 0.5, np.nan, gap - 0.4, gap + len(first) - 0.5], color=FAINT, linewidth=1)
