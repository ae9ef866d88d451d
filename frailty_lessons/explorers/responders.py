"""Explorers of people who responded: a percentage of whom, what comes without treatment, cutting in two, a marker and the walk."""

from itertools import cycle

import numpy as np

from frailty_lessons import virtual
from frailty_lessons.explorers.bases import nearest, of_hundred, out_of_reach, people_in_reach, people_told
from frailty_lessons.methods import responders
from frailty_lessons.ui import Choice, Explorer, Slider
from frailty_lessons.ui.controls import MOST_VALUES
from frailty_lessons.ui.theme import BLUE, FAINT, GREEN, INK, ORANGE, PLACEBO, PURPLE, RED, SKY

FRAILTY = "frailty status"


def _reported(trial):
    """The share of people no longer frail that was reported of the trial (not of its control arm alone), or None."""
    rows = trial.published(measure=FRAILTY, statistic="share", unit="%") if trial else ()
    told = [row for row in rows if row.value is not None and (not row.arm or row.arm != trial.control) and row.certainty in ("primary", "secondary", "unverified")]
    return told[0] if told else None


def _cited(trial, id):
    """The row of the trial's literature, or None."""
    return trial.literature.row(id) if trial and trial.literature else None


def _drawn_by_lot(trial) -> list:
    """The arms that were drawn by lot, lowest dose first."""
    return sorted((arm for arm in trial.arms if arm.randomised), key=lambda arm: arm.dose)


class PercentOfWhom(Explorer):
    """Which whole numbers of people a reported percentage can stand for."""

    question = "No longer frail: so many per cent of whom?"
    look_for = (
        "Can the people counted be one of the trial's arms, or all of them? What if the report had given a whole percentage?",
        "Compare the fewest people with the most. What does each interval leave open?",
    )
    size = (6.8, 4.6)
    exactness = Choice("The percentage is told", {"reported": "As in the report", "whole": "Without decimals"}, value="reported")
    expected = Slider("Would get better anyway (part 2, assumed)", 1, 60, step=1, value=10, unit="%")

    def __init__(self, trial=None, /, **state):
        self.trial = trial
        if self.lacks() is None:
            told = responders.fractions_rounding_to(self._row.value, self._decimals, self._most)[:MOST_VALUES]
            sizes = {n for _, n in self._groups}
            rounded = responders.fractions_rounding_to(round(self._row.value), 0, self._most)
            nearest = [one for one in rounded if one[1] in sizes and one not in told][: MOST_VALUES - len(told)]
            options = {f"{events}/{n}": f"{events} of {n}" + ("" if (events, n) in told else " (fits without decimals)") for events, n in sorted((*told, *nearest), key=lambda one: one[::-1])}
            first, last = (f"{events}/{n}" for events, n in (told[0], told[-1]))
            self.controls = {"fraction": Choice("Suppose it was", options, value=first), **self.controls}
            self.cases = {"The fewest people": {"fraction": first}, "The most people": {"fraction": last}}
            if state.get("fraction", first) not in options:
                del state["fraction"]  # a lesson names one of its own trial, which another trial's percentage cannot be
        super().__init__(trial, **({} if self.lacks() else state))

    def lacks(self):
        if not self._row or not any(arm.treated for arm in self.trial.arms):
            return "This part needs a reported share of people who were no longer frail, and the sizes of the arms; this trial's data lack one of them."
        if self._row.n:
            return f"This part asks of whom a percentage may be; this trial's report says it: {self._row.figure()} of {self._row.n} people."
        return None

    @property
    def _row(self):
        return _reported(self.trial)

    @property
    def _decimals(self) -> int:
        return len(f"{self._row.value:g}".partition(".")[2])

    @property
    def _groups(self) -> list[tuple[str, int]]:
        arms = [arm for arm in _drawn_by_lot(self.trial) if arm.treated]
        found = [(arm.id, arm.treated) for arm in arms]
        found.append(("all doses", sum(arm.treated for arm in arms if arm.dose)))
        found.append(("all people", sum(arm.treated for arm in arms)))
        return found

    @property
    def _most(self) -> int:
        return max(n for _, n in self._groups)

    @property
    def caption(self):
        row = self._row
        return (
            f"{row.figure()} no longer frail: {row.certainty_in_words()}. The arms are those of {self.trial.short_title}. "
            "Which fraction is true is not known. The list has all that fit, and what would fit an arm, or all, if the report had rounded to a whole percentage. "
            "The interval is a 95% interval (Wilson's)."
        )

    def compute(self, state):
        events, n = state["fraction"].split("/")
        decimals = self._decimals if state["exactness"] == "reported" else 0
        return responders.percent_of_whom(
            self._row.value, decimals=decimals, n_max=self._most, events=int(events), n=int(n), groups=self._groups, expected=state["expected"] / 100
        )

    def prepare(self, axes):
        axes.set(xlim=(0, self._most * 1.03), ylim=(0, 1), yticks=[], xlabel="How many people were counted")
        axes.grid(False)
        axes.xaxis.tick_top()
        axes.xaxis.set_label_position("top")
        axes.spines[["left", "bottom"]].set_visible(False)
        axes.spines["top"].set_visible(True)
        names = {}
        for name, n in self._groups:
            names[n] = f"{names[n]}, {name}" if n in names else name
        for n, (height, ends) in self._stairs.items():
            axes.plot([n, n], [0.84, height], color=FAINT, linewidth=0.8)
            axes.text(n + (2 if ends == "left" else -2), height, f"{names[n]}: {n}", ha=ends, va="center", fontsize=9.5)
        axes.plot([], [], "|", color=GREEN, markersize=11, markeredgewidth=2, label="a number of people that fits")
        axes.plot([], [], "v", color=BLUE, markersize=9, label="what you suppose")
        axes.plot([], [], "x", color=RED, markersize=6, markeredgewidth=1.6, label="a group that does not fit")
        axes.plot([], [], "o", color=GREEN, markersize=6, label="a group that fits")
        axes.legend(loc="upper right", bbox_to_anchor=(0.98, 0.64), frameon=False, fontsize=9.5, handletextpad=0.3, labelspacing=0.35)
        share = axes.inset_axes([0, 0.1, 1, 0.23])
        share.set(xlim=(0, 100), ylim=(0, 1), yticks=[], xlabel="No longer frail (%)")
        share.spines["left"].set_visible(False)

    @property
    def _stairs(self) -> dict:
        """Height and side of each group's name: they hang like stairs, so that no line crosses a name."""
        sizes = sorted({n for _, n in self._groups})
        left, right = [n for n in reversed(sizes) if n < 0.6 * self._most], [n for n in sizes if n >= 0.6 * self._most]
        return {n: (0.77 - 0.066 * step, ends) for side, ends in ((left, "left"), (right, "right")) for step, n in enumerate(side)}

    def draw(self, result, axes):
        people = np.unique([n for _, n in result.fractions])
        axes.plot(np.repeat(people, 3), np.tile([0.87, 1.0, np.nan], len(people)), color=GREEN, linewidth=2, solid_capstyle="butt")
        for fits, marker, colour in ((True, "o", GREEN), (False, "x", RED)):
            sizes = [n for _, n in result.groups if result.fits(n) == fits]
            axes.plot(sizes, [self._stairs[n][0] for n in sizes], marker, color=colour, markersize=6, markeredgewidth=1.6)
        share, one = axes.child_axes[0].transData, result.supposed
        axes.plot([one.n], [0.91], "v", color=BLUE, markeredgecolor="white", markersize=11)
        expected = 100 * result.expected
        axes.plot([expected, expected], [0, 0.62], color=ORANGE, linestyle="--", transform=share)
        axes.text(expected + 1, 0.1, "would get better anyway", color=ORANGE, va="center", transform=share, fontsize=10)
        axes.plot([100 * one.low, 100 * one.high], [0.45, 0.45], "|-", color=BLUE, linewidth=3, markersize=10, transform=share)
        axes.plot([100 * one.share], [0.45], "o", color=BLUE, markersize=8, transform=share)
        doubt = "" if result.supposed_fits else f" is {100 * one.share:.2f}% and does not fit"
        axes.text(50, 0.84, f"{one.events} of {one.n}{doubt}: from {100 * one.low:.0f}% to {100 * one.high:.0f}%", color=BLUE, weight="bold", ha="center", va="center", transform=share)


# Name, what counted, authors; rows of the literature: what the study saw (added up, where there are two), when it looked, its limits, and a rate.
DEFINITIONS = {
    "rate": ("25 studies", "pre-frail or robust", "Ofori-Asenso", ("ofori-asenso-improved",), "ofori-asenso-follow-up", None, "ofori-asenso-rate"),
    "review": ("16 studies", "pre-frail or robust", "Kojima 2019", ("kojima-2019-frail-to-robust", "kojima-2019-frail-to-prefrail"), "kojima-2019-follow-up", None, None),
    "questionnaire": ("Japan", "not frail by questionnaire", "Takatori 2021", ("takatori-2021-improved",), "takatori-2021-follow-up", None, None),
    "category": ("Exercise trial", "one category better", "Chan 2012", ("chan-2012-control-improved",), "chan-2012-first-look", None, None),
    "robust": (
        "Cohort of 70+", "robust, at most", "Gill 2006", ("gill-2006-frail-to-robust-high",), "gill-2006-step",
        ("gill-2006-frail-to-robust-low", "gill-2006-frail-to-robust-high"), None,
    ),
}  # fmt: skip
# Marker of each study's own point, where its name stands from there (points), and which side of the name that is.
LOOKS = (("o", (8, -24), "left"), ("D", (20, -1), "left"), ("s", (-10, 11), "right"), ("^", (5, -16), "left"), ("v", (0, 16), "center"))
TOP = 66  # per cent: where the curves end


class WithoutTreatment(Explorer):
    """The share no longer frail that studies without treatment let one expect."""

    question = "And without the treatment: how many would no longer be frail?"
    look_for = (
        "Keep the months and change the definition. How far apart can the expected shares lie?",
        "Move the months. Where do the two assumptions, a steady rate and mere wavering, come close to each other, and where are they far apart?",
    )
    size = (6.8, 4.2)
    definition = Choice("Where, and what counted as better", {key: f"{name}: {outcome}" for key, (name, outcome, *_) in DEFINITIONS.items()}, value="rate")
    months = Slider("Months", 3, 48, step=3, value=9)
    cases = {
        "Questionnaire, nine months": {"definition": "questionnaire", "months": 9},
        "One category better, three months": {"definition": "category", "months": 3},
        "Frail to robust, nine months": {"definition": "robust", "months": 9},
        "25 studies, nine months": {"definition": "rate", "months": 9},
    }

    def lacks(self):
        needed = {id for _, _, _, seen, after, limits, rate in DEFINITIONS.values() for id in (*seen, after, *(limits or ()), rate) if id}
        missing = sorted(id for id in needed if not _cited(self.trial, id))
        if missing:
            return f"This part needs figures that the course's data do not have: {', '.join(missing)}."
        return None

    def start_from_trial(self):
        row = self.trial.published(self.trial.headline) if self.trial.headline else None
        months = round(row.day / 30) if row and row.day else None
        return {"months": months} if months in self.controls["months"].values else {}

    @property
    def _studies(self) -> list:
        published, found = self.trial.literature.published, []
        for name, outcome, by, seen, after, limits, rate in DEFINITIONS.values():
            rows, looked = [published(id) for id in seen], published(after)
            doubt = next((row.certainty_in_words() for row in rows if row.certainty != "primary"), "")
            found.append(
                responders.Study(
                    name, outcome, looked.value * (12 if looked.unit == "years" else 1), sum(row.value for row in rows) / 100,
                    limits=limits and tuple(published(id).value / 100 for id in limits), limits_are="range over its steps" if limits else "95% interval",
                    rate=rate and (published(rate).value, published(rate).ci_low, published(rate).ci_high), n=rows[0].n, certainty=doubt, by=by,
                )
            )  # fmt: skip
        return found

    @property
    def caption(self):
        row = _reported(self.trial)
        told = f" The report's {row.figure()}: {row.certainty_in_words()}." if row else ""
        doubts = "".join(f" {study.name}: {study.certainty}." for study in self._studies if study.certainty)
        return (
            "Published shares of people without the treatment under study, most with only the care that they had anyway. Each sign on a curve's end is what a study saw; authors are in the table. "
            "Curve, dot and bar (95% interval, or a range): at a steady rate, dashed where nobody looked. Open diamond: if people only waver. "
            "The 25 studies give their rate apart from their share, so its curve ends near their sign. "
            f"The fair comparison is none of these: it is the trial's own placebo arm.{doubts}{told}"
        )

    def compute(self, state):
        row = _reported(self.trial)
        told = {}
        if row:
            unknown = " and ".join(word for word, known in (("group", row.arm), ("day", row.day is not None)) if not known)
            told = {"reported": row.value / 100, "reported_as": f"the report's {row.value:g}%" + (f" (its {unknown} not told)" if unknown else "")}
        return responders.without_treatment(self._studies, chosen=DEFINITIONS[state["definition"]][0], months=state["months"], **told)

    def prepare(self, axes):
        axes.set(xlim=(0, 62), ylim=(-3, 82), xlabel="Months", ylabel="Better, by the study's yardstick (%)", xticks=range(0, 49, 6), yticks=range(0, TOP, 10))
        for study, (marker, *_) in zip(self._studies, LOOKS, strict=True):
            axes.plot([study.after], [100 * study.share], marker, color=FAINT, markersize=7)
        row = _reported(self.trial)
        if row:
            axes.axhline(row.value, color=PURPLE, linewidth=1.5, linestyle=":")
            axes.text(61.5, row.value - 1, f"report: {row.value:g}%", color=PURPLE, ha="right", va="top", weight="bold", fontsize=10)
        axes.plot([21], [79], "o", color=ORANGE, markersize=7)
        axes.plot([21], [73], "D", color=ORANGE, markerfacecolor="none", markersize=11, markeredgewidth=1.6)

    def draw(self, result, axes):
        for study, (months, shares) in zip(result.studies, result.courses, strict=True):
            colour, width = (BLUE, 3) if study is result.chosen else ("#b9bfc9", 1)
            axes.plot(months, 100 * shares, color=colour, linewidth=width)
        months, percent = result.beyond[0], 100 * result.beyond[1]
        end = np.interp(min(TOP, percent[-1]), percent, months)
        below = months < end
        axes.plot([*months[below], end], [*percent[below], min(TOP, percent[-1])], color=BLUE, linewidth=3, linestyle=(0, (2, 2)))
        axes.plot([result.chosen.after], [100 * result.chosen.share], LOOKS[result.studies.index(result.chosen)][0], color=BLUE, markersize=9)
        x, steady, seen = result.months, 100 * result.steady, 100 * result.chosen.share
        axes.plot([x, x], [-3, TOP], color=ORANGE, linewidth=1)
        if result.limits:
            axes.plot([x, x], [min(100 * limit, TOP) for limit in result.limits], "_-", color=ORANGE, linewidth=4, markersize=12, markeredgewidth=2)
        axes.plot([x], [min(steady, TOP)], "^" if steady > TOP else "o", color=ORANGE, markersize=7)
        axes.plot([x], [seen], "D", color=ORANGE, markerfacecolor="none", markersize=12, markeredgewidth=1.6)
        for study, (_, aside, ends) in zip(result.studies, LOOKS, strict=True):
            said = {"color": BLUE, "weight": "bold"} if study is result.chosen else {"color": FAINT}
            back = {"facecolor": "white", "edgecolor": "none", "pad": 0.8}
            axes.annotate(study.name, (study.after, 100 * study.share), aside, textcoords="offset points", fontsize=9, ha=ends, va="center", bbox=back, zorder=4, **said)
        for height, name, value in ((79, "at a steady rate", steady), (73, "if people only waver", seen)):
            above = " (above the picture)" if value > TOP else ""
            axes.text(22.5, height, f"{name}: {value:.{1 if value < 9.95 else 0}f}%{above}", color=ORANGE, weight="bold", va="center", fontsize=10)


BAR_OF_MEANS, LONGEST_BAR = 0.18, 4  # how long the bar of the means is drawn, and how many times as long counting's at most


class CutInTwo(Explorer):
    """One truth seen as a difference of means and as responders beyond a cut."""

    question = "Cutting a walk in two: what do responders tell, and what do they lose?"
    look_for = (
        "Let the treatment do nothing. How many people with placebo gain as much as the cut all the same?",
        "Move the cut. Where does counting need the fewest people, and where the most?",
    )
    size = (6.8, 3.6)
    cut = Slider("A responder gains at least", 10, 100, step=5, value=50, unit="m")
    effect = Slider("True effect", 0, 80, step=5, value=30, unit="m", signed=True)
    sd = Slider("Spread of changes (SD, assumed)", 30, 100, step=5, value=70, unit="m")
    error = Slider("Measurement error in the spread (assumed)", 0, 80, step=10, value=40, unit="%")
    n_treated = Slider("People in the treated arm", 5, 60, step=1, value=30)
    n_control = Slider("People with placebo", 5, 60, step=1, value=30)
    cases = {"No effect at all": {"effect": 0}, "A cut far out": {"cut": 100}}

    @property
    def caption(self):
        return (
            "A teaching model: the changes of each arm make a bell-shaped (normal) curve, with placebo around 0 m; all is assumed. "
            "The bars: people in each arm for a trial that finds this effect 80 times in 100, by comparing average metres (means; always the same length) or by counting responders (about; longer as it takes more). "
            f"Measurement error is given as its part of the variance, the SD squared, which is held. The interval of the number needed to treat is that of a trial that finds just these shares.{out_of_reach(self, people_told(self.trial))}"
        )

    def start_from_trial(self):
        spread = virtual.assumptions(self.trial)["sd"] if self.trial else ()
        return people_in_reach(self, people_told(self.trial)) | ({"sd": nearest(self.controls["sd"], spread[0].value)} if spread else {})

    def compute(self, state):
        return responders.cut_in_two(**{name: value for name, value in state.items() if name != "error"}, error_share=state["error"] / 100)

    def prepare(self, axes):
        axes.set(xlim=(-230, 330), ylim=(-1.3, 1.55), xlabel="Change in the six-minute walk (metres)", yticks=[])
        axes.grid(False)
        axes.xaxis.tick_top()
        axes.xaxis.set_label_position("top")
        axes.spines[["left", "bottom"]].set_visible(False)
        axes.spines["top"].set_visible(True)
        needed = axes.inset_axes([0.17, 0.12, 0.83, 0.18])
        needed.set(xlim=(0, 1.25), ylim=(-0.6, 1.6), xlabel="People needed in each arm", xticks=[], yticks=[0, 1], yticklabels=["counting", "means"])
        needed.tick_params(axis="y", length=0)

    def draw(self, result, axes):
        x = np.linspace(-230, 330, 41)
        beyond = np.concatenate([[result.cut], x[x > result.cut]])
        for place, side, treated, colour, hatch, name, share in (
            (325, "right", True, BLUE, "//", "treated", result.share_treated), (-225, "left", False, PLACEBO, "\\\\", "placebo", result.share_control),
        ):  # fmt: skip
            axes.fill_between(beyond, 0, result.shape(beyond, treated=treated), facecolor="none", edgecolor=colour, hatch=hatch, linewidth=0)
            axes.plot(x, result.shape(x, treated=treated), color=colour, linestyle="-" if treated else "--")
            axes.text(place, 1.42, f"{name}: {of_hundred(share)} of 100 beyond the cut", color=colour, weight="bold", ha=side, va="center")
        axes.plot([result.cut, result.cut], [0, 1.1], color=ORANGE)
        axes.text(result.cut, 1.19, f"cut {result.cut:.0f} m", color=ORANGE, weight="bold", ha="center", va="center")
        wrong = 100 * (result.wrong.wrongly_in + result.wrong.wrongly_out)
        axes.text(325, -0.12, f"on the wrong side by measurement error, in both arms together: {wrong:.0f} of 100", ha="right", va="center", fontsize=10)
        needed = axes.child_axes[0].transData
        if not result.effect:
            axes.text(0.62, 0.5, "no number is enough: there is no effect to find", color=INK, weight="bold", ha="center", va="center", transform=needed)
            return
        finds = f"{result.n_treated} and {result.n_control} people find the effect in {100 * result.power_means:.0f} of 100 trials by means, in {100 * result.power_counting:.0f} by counting"
        axes.text(325, -0.32, finds, ha="right", va="center", fontsize=10)
        for row, people, colour, hatch in ((1, result.people_means, GREEN, ""), (0, result.people_counting, PURPLE, "//")):
            end = BAR_OF_MEANS * min(people / result.people_means, LONGEST_BAR)
            axes.fill_between([0, end], row - 0.35, row + 0.35, facecolor="white" if hatch else colour, edgecolor=colour, hatch=hatch, transform=needed)
            cut_short = " (bar cut short)" if people > LONGEST_BAR * result.people_means else ""
            axes.text(end + 0.01, row, f"{people:,}{cut_short}", color=colour, weight="bold", va="center", transform=needed)


ARROWS = {"none": "None", "weak": "Weak", "strong": "Strong"}
STRENGTH = {"none": 0.0, "weak": 0.5, "strong": 1.5}
DOSE_LOOKS = ((SKY, "s"), (GREEN, "^"), (ORANGE, "D"), (PURPLE, "v"))
HIDDEN = "hidden\nhealth"
NODES = {"dose": (0.0, 0.0), "marker": (0.3, 1.0), "walk": (1.05, 0.0), HIDDEN: (1.05, 1.0)}


class MarkerAndWalk(Explorer):
    """A marker that follows the dose, and what it tells of the walk."""

    question = "A marker follows the dose. Does the walk follow the marker?"
    look_for = (
        "No arrow goes from the marker to the walk. Why do the two go together all the same?",
        "Take hidden health away, and let the dose move both. Look at one colour only: what is left?",
    )
    size = (6.8, 3.7)
    to_marker = Choice("Dose moves the marker", ARROWS, value="strong")
    through = Choice("Marker moves the walk", ARROWS, value="none")
    direct = Choice("Dose moves the walk directly", ARROWS, value="none")
    health = Choice("Hidden health moves both", ARROWS, value="strong")
    cases = {
        "Marker follows the dose, the walk does not": {"to_marker": "strong", "through": "none", "direct": "none", "health": "none"},
        "The walk follows the dose, not through the marker": {"to_marker": "strong", "through": "none", "direct": "strong", "health": "none"},
        "A true pathway": {"to_marker": "strong", "through": "strong", "direct": "none", "health": "none"},
        "Hidden health moves both": {"to_marker": "strong", "through": "none", "direct": "none", "health": "strong"},
    }

    people = 8

    def lacks(self):
        if not self.trial or len({arm.dose for arm in _drawn_by_lot(self.trial)}) < 2:
            return "This part needs a trial with two doses or more, drawn by lot; this trial's data have none."
        return None

    @property
    def caption(self):
        larger = ", fewer than in the real arms" if all(arm.treated and arm.treated > self.people for arm in _drawn_by_lot(self.trial)) else ""
        return (
            f"Synthetic people, {self.people} for each dose{larger}: no data of {self.trial.short_title}. All arrows are assumed. "
            "A correlation of 0 means that two things do not go together, 1 that all points lie on one rising line. "
            "Solid line: all people; dashed: people of one dose. To the right is more of the marker, higher up is a longer walk."
        )

    @property
    def _looks(self) -> list[tuple]:
        """Name, colour and marker of each arm, lowest dose first."""
        looks = cycle(DOSE_LOOKS)
        return [(arm.id, *((PLACEBO, "o") if arm.id == self.trial.control else next(looks))) for arm in _drawn_by_lot(self.trial)]

    def compute(self, state):
        return responders.marker_and_walk(**{name: STRENGTH[value] for name, value in state.items()}, arms=[name for name, _, _ in self._looks], people=self.people)

    def prepare(self, axes):
        axes.set(xlim=(-3.2, 3.2), ylim=(-3.2, 3.9), xlabel="Change in the marker", ylabel="Change in the walk", xticks=[], yticks=[])
        axes.text(3.1, -2.95, "synthetic", ha="right", color=FAINT, fontsize=10, style="italic", va="center")
        for name, colour, marker in self._looks:
            axes.plot([], [], marker, color=colour, label=name)
        axes.legend(loc="lower left", bbox_to_anchor=(1.03, -0.02), ncol=3, frameon=False, fontsize=9.5, handletextpad=0.1, columnspacing=0.8)
        arrows = axes.inset_axes([1.09, 0.36, 0.49, 0.6])
        arrows.set(xlim=(-0.15, 1.15), ylim=(-0.2, 1.2))
        arrows.axis("off")
        for name, (x, y) in NODES.items():
            if name != HIDDEN:
                arrows.text(x, y, name, ha="center", va="center", weight="bold", fontsize=10.5)

    def draw(self, result, axes):
        marker, walk = result.shown
        for place, (_, colour, shape) in enumerate(self._looks):
            own = result.arm == place
            axes.plot(marker[own], walk[own], shape, color=colour, markersize=5, markeredgewidth=0)
            axes.plot(*result.line_within(place), color=colour, linestyle="--", zorder=3)
        ends = np.array([-2.6, 2.6])
        axes.plot(ends, result.marker_walk * ends, color=INK)
        said = f"correlation {result.marker_walk:.2f} among all, {result.within_dose:.2f} in one dose".replace("-0.00", "0.00").replace("-", "−")
        axes.text(3.1, 3.55, said, ha="right", va="center", fontsize=10, weight="bold")
        arrows = axes.child_axes[0].transData
        on = {"color": BLUE, "weight": "bold"} if result.health else {"color": FAINT}
        axes.text(*NODES[HIDDEN], HIDDEN if result.health else f"{HIDDEN} (off)", ha="center", va="center", fontsize=10.5, transform=arrows, **on)
        for start, end, strength in (
            ("dose", "marker", result.to_marker), ("marker", "walk", result.through), ("dose", "walk", result.direct),
            (HIDDEN, "marker", result.health), (HIDDEN, "walk", result.health),
        ):  # fmt: skip
            look = {"color": BLUE, "linewidth": 1 + 2 * strength} if strength else {"color": "#c9ced6", "linewidth": 1, "linestyle": ":"}
            gap = 32 if NODES[start][1] == NODES[end][1] else 16
            arrow = {"arrowstyle": "->", "shrinkA": gap, "shrinkB": gap, **look}
            axes.annotate("", NODES[end], NODES[start], xycoords=arrows, textcoords=arrows, annotation_clip=False, arrowprops=arrow)
