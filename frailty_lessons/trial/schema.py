"""What a trial pack may say: arms, visits, outcomes, published results, claims, sources."""

import difflib
import re
from functools import cached_property
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, field_validator, model_validator

Certainty = Literal["primary", "secondary", "unverified", "derived", "inference", "assumed"]

Verdict = Literal["supported", "overstated", "wrong", "cannot be known"]

CERTAINTY_IN_WORDS = {
    "primary": "read in the source itself",
    "secondary": "read in a text that quotes the source",
    "unverified": "from general knowledge, not yet checked against the source",
    "derived": "calculated from other figures",
    "inference": "a reasonable reading of known facts, not proven",
    "assumed": "assumed for teaching",
}


def _plain(text: str) -> str:
    """Refuse text that a browser or a spreadsheet would run instead of show."""
    if re.search(r"<\s*[a-zA-Z/!]", text):
        raise ValueError(f"contains markup ({text[text.index('<'):][:20]!r}): write plain text")
    if text[:1] in ("=", "@", "\t") or re.match(r"[+-]\s*[A-Za-z(]", text):
        raise ValueError(f"begins like a spreadsheet formula ({text[:20]!r}): begin with a word")
    return text


def _slug(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]*", text):
        raise ValueError(f"is {text!r}: an id has letters, digits, '-', '.' and '_', and begins with a letter or digit")
    return text


Text = Annotated[str, Field(min_length=1, max_length=2000), AfterValidator(_plain)]
Note = Annotated[str, Field(max_length=2000), AfterValidator(_plain)]
Id = Annotated[str, AfterValidator(_slug)]
Number = Annotated[float, Field(allow_inf_nan=False)]
Count = Annotated[int, Field(ge=0)]


class Part(BaseModel):
    """Anything in a pack: frozen, and strict about names that it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)


class Source(Part):
    """Where a figure was read."""

    id: Id
    kind: Literal[
        "registry", "design paper", "results paper", "company release", "news",
        "paper", "guideline", "regulator", "repository", "calculation", "teaching",
    ]
    citation: Text
    url: Note = ""


class Arm(Part):
    """One arm of the trial. `planned` and `treated` count people.

    A group that got its dose without a draw by lot is not `randomised`; `late` is the id of the result that says that
    this arm opened after the others.
    """

    id: Id
    label: Text
    dose: Annotated[float, Field(ge=0, allow_inf_nan=False)]
    planned: Count | None = None
    treated: Count | None = None
    randomised: bool = True
    late: Id | None = None


class Visit(Part):
    """One planned visit, counted in days from treatment."""

    id: Id
    label: Text
    day: Annotated[int, Field(ge=0)]


class Threshold(Part):
    """A change that somebody called meaningful; its figure is the published result `result`."""

    label: Text
    result: Id


class Outcome(Part):
    """What was measured, in which unit, whether more of it is better, and the changes that were called meaningful."""

    id: Id
    label: Text
    unit: Note = ""
    higher_is_better: bool
    primary: bool = False
    thresholds: tuple[Threshold, ...] = ()


class Unknown(Part):
    """Something that a reader needs and that nobody has published, as far as could be found."""

    id: Id
    text: Text


class Claim(Part):
    """One sentence of a news report, paraphrased, or what the report leaves out, which has no verdict.

    `evidence` holds the ids of what bears on it: results of this trial, of the literature or of the escalation, and what
    is not known. `others` holds ids that the claim desk offers beside them, and that do not bear on it. `why` gives the
    reasons for the verdict, and says how well they are known.
    """

    id: Id
    text: Text
    verdict: Verdict | None = None
    evidence: tuple[Id, ...] = ()
    others: tuple[Id, ...] = ()
    why: Note = ""


class Claims(Part):
    """The claims of a pack, and the ids of those that the claim desk shows, in its order."""

    desk: tuple[Id, ...] = ()
    claims: tuple[Claim, ...] = ()


class PublishedResult(Part):
    """One published figure. `value` is empty where only words were published; `note` then says which."""

    id: Id
    measure: Text
    arm: Note = ""
    day: Annotated[int, Field(ge=0)] | None = None
    statistic: Text
    value: Number | None = None
    unit: Note = ""
    ci_low: Number | None = None
    ci_high: Number | None = None
    p_value: Annotated[float, Field(ge=0, le=1)] | None = None
    n: Annotated[int, Field(ge=1)] | None = None
    source: Id
    where: Note = ""
    certainty: Certainty
    note: Note = ""

    @field_validator("source", mode="before")
    @classmethod
    def _source_is_named(cls, value):
        if not value:
            raise ValueError("is empty: a figure without a source cannot be loaded; name a source's id")
        return value

    @model_validator(mode="after")
    def _is_whole(self):
        if self.value is None and not self.note:
            raise ValueError("has neither a value nor a note: give the figure, or say in the note what was published instead")
        if (self.ci_low is None) != (self.ci_high is None):
            raise ValueError("has one end of a confidence interval: give both ci_low and ci_high, or neither")
        if self.ci_low is not None:
            if self.ci_low > self.ci_high:
                raise ValueError(f"has ci_low {self.ci_low:g} above ci_high {self.ci_high:g}: exchange them")
            if self.value is not None and not self.ci_low <= self.value <= self.ci_high:
                raise ValueError(
                    f"has the interval {self.ci_low:g} to {self.ci_high:g}, which does not contain its value {self.value:g}: check all three"
                )
        return self

    def figure(self) -> str:
        """The figure with its unit and interval as text, e.g. `46.9 m (12.9 to 80.9)`."""
        if self.value is None:
            return "no figure"
        unit = {"": "", "%": "%"}.get(self.unit, f" {'person' if self.unit == 'people' and self.value == 1 else self.unit}")
        interval = "" if self.ci_low is None else f" ({self.ci_low:g} to {self.ci_high:g})"
        return f"{self.value:g}{unit}{interval}"

    def certainty_in_words(self) -> str:
        """How well the figure is known, in words."""
        return CERTAINTY_IN_WORDS[self.certainty]


class Results(Part):
    """Published results with their sources: what a trial and the literature have in common."""

    title: Text
    sources: tuple[Source, ...]
    results: tuple[PublishedResult, ...] = ()
    unknowns: tuple[Unknown, ...] = ()

    @cached_property
    def _by_id(self) -> dict:
        return {row.id: row for row in self.results}

    def row(self, id: str) -> PublishedResult | None:
        """The published result of that id, or None."""
        return self._by_id.get(id)

    def published(self, id: str | None = None, /, **where):
        """Published results, by id or by what they are about.

        `published("d270-200m")` is the one result of that id;
        `published(measure="6MWT", day=270)` is a tuple of all results that agree with every keyword.

        Raises `KeyError` for an unknown id and `TypeError` for a keyword that no result has.
        """
        if id is not None:
            if id not in self._by_id:
                raise KeyError(f"there is no published result {id!r}" + _did_you_mean(id, self._by_id))
            return self._by_id[id]
        for name in where:
            if name not in PublishedResult.model_fields:
                raise TypeError(f"a published result has no {name!r}; it has {', '.join(PublishedResult.model_fields)}")
        return tuple(row for row in self.results if all(getattr(row, name) == value for name, value in where.items()))

    def source(self, id: str) -> Source:
        """The source of that id; raises `KeyError` if there is none."""
        return _find(self.sources, id, "source")

    def to_frame(self):
        """All published results as a pandas DataFrame, one row a result."""
        import pandas as pd

        return pd.DataFrame([row.model_dump() for row in self.results], columns=list(PublishedResult.model_fields))

    def listing(self):
        """All published results with their sources, and what is not known, for a notebook to show."""
        from frailty_lessons.trial.html import listing

        return listing(self)


class Literature(Results):
    """Figures that belong to no single trial: the walk test's properties, the course of untreated frailty."""


class Trial(Results):
    """Everything the course knows of one trial.

    `control` is the arm that others are compared with, `efficacy_visit` the visit at which the effect was to be judged,
    `headline` the result that the news reports led with,
    `escalation` the trial in which the doses were first given to people, and `literature` holds figures from elsewhere.
    `desk` holds the ids of the claims that the claim desk shows.
    """

    id: Id
    short_title: Text
    registry_id: Note = ""
    phase: Text
    design: Text
    dose_unit: Text
    control: Id | None = None
    efficacy_visit: Id | None = None
    headline: Id | None = None
    population: tuple[Text, ...]
    arms: tuple[Arm, ...]
    visits: tuple[Visit, ...]
    outcomes: tuple[Outcome, ...]
    claims: tuple[Claim, ...] = ()
    desk: tuple[Id, ...] = ()
    escalation: "Trial | None" = None
    literature: Literature | None = None

    def arm(self, id: str) -> Arm:
        """The arm of that id; raises `KeyError` if there is none."""
        return _find(self.arms, id, "arm")

    def visit(self, id: str) -> Visit:
        """The visit of that id; raises `KeyError` if there is none."""
        return _find(self.visits, id, "visit")

    def outcome(self, id: str) -> Outcome:
        """The outcome of that id; raises `KeyError` if there is none."""
        return _find(self.outcomes, id, "outcome")

    def claim(self, id: str) -> Claim:
        """The claim of that id; raises `KeyError` if there is none."""
        return _find(self.claims, id, "claim")

    def find(self, id: str) -> tuple[Results, PublishedResult | Unknown]:
        """What the id of a claim's evidence names, and where it stands: this trial, the literature, or the escalation.

        Raises `KeyError` if it names nothing.
        """
        for results in filter(None, (self, self.literature, self.escalation)):
            if id in results._by_id:
                return results, results._by_id[id]
        return self, _find(self.unknowns, id, "result, and nothing unknown,")

    def threshold_result(self, threshold: Threshold) -> PublishedResult:
        """The published figure of a meaningful-change threshold, from this trial or the literature."""
        if threshold.result in self._by_id:
            return self._by_id[threshold.result]
        return self.literature.published(threshold.result)

    def _repr_html_(self) -> str:
        from frailty_lessons.trial.html import card

        return card(self)._repr_html_()


def _find(parts, id, kind):
    for part in parts:
        if part.id == id:
            return part
    raise KeyError(f"there is no {kind} {id!r}" + _did_you_mean(id, [part.id for part in parts]))


def _did_you_mean(id, known) -> str:
    close = difflib.get_close_matches(str(id), list(known), n=1)
    return f"; did you mean {close[0]!r}?" if close else f"; there are {', '.join(map(str, known))}"
