"""People who left: what a comparison at the last visit becomes under each assumption about the walks that nobody saw.

Frames have one row a person and visit, or none where a visit was missed. All functions end in the same ANCOVA at the last
visit, so that nothing but the assumption differs. Those that draw missing values use one model for the outcomes: a mean for
every arm and visit, a slope of the baseline for every visit, and one covariance of the visits for all arms.
"""

from dataclasses import dataclass, replace

import numpy as np

from frailty_lessons.methods.checks import number, plural, whole
from frailty_lessons.methods.placebo.means import ROUNDING, comparisons, from_model, model, with_limits
from frailty_lessons.methods.placebo.people import People, column, confidence, left_out, numbers, read_arms
from frailty_lessons.methods.placebo.result import Comparisons

METHODS = {
    "jump-to-reference": "Whoever left an arm other than {control} is taken to have walked on, from then, like people on {control}.",
    "copy-reference": "Whoever left an arm other than {control} is taken to have been like people on {control} from the first day.",
}
# Rounds of the Gibbs sampler that fills gaps before the last visit seen: few values, so that it forgets its start at once.
ROUNDS = 20


def complete_cases(frame, *, outcome, arm, baseline, control, subject, visit, level=0.95) -> Comparisons:
    """ANCOVA at the last visit of the people who were seen at it.

    Raises `ValueError` for unknown names, values that are no finite numbers, two rows for one person and visit, an arm or a
    baseline that changes within a person, and what `ancova` refuses.
    """
    course, level = _read(frame, outcome, arm, baseline, control, subject, visit), confidence(level)
    seen = course.seen == len(course.visits) - 1
    gone = int((~seen).sum())
    left = f"Leaving out {plural(gone, 'person', 'people')} not seen at the last visit"
    note = f"{left} takes them to be like people of the same arm and baseline who were seen."
    return from_model(
        "ANCOVA of those seen at the last visit", course.people.keep(seen), level, visit=course.visits[-1], notes=(*course.people.notes, note)
    )


def last_observation_carried_forward(frame, *, outcome, arm, baseline, control, subject, visit, level=0.95) -> Comparisons:
    """ANCOVA of each person's last outcome seen, as if it had been seen at the last visit.

    Whoever was never seen after the baseline is left out. Raises `ValueError` as `complete_cases` does.
    """
    course, level = _read(frame, outcome, arm, baseline, control, subject, visit), confidence(level)
    seen = course.seen >= 0
    last = np.take_along_axis(course.values, np.maximum(course.seen, 0)[:, None], axis=1)[:, 0]
    note = "Whoever left is taken to have stayed as at the last visit seen, and to be known as surely as those who were seen."
    return from_model(
        "ANCOVA, last observation carried forward", course.at_last_visit(last).keep(seen), level, visit=course.visits[-1],
        notes=(*course.people.notes, *left_out(int((~seen).sum()), "any visit"), note),
    )  # fmt: skip


def multiple_imputation(frame, *, outcome, arm, baseline, control, subject, visit, level=0.95, imputations=100, seed=0) -> Comparisons:
    """ANCOVA at the last visit, missing values drawn many times as if missing at random, put together by Rubin's rules.

    Each missing value is drawn by sequential regression from the arm, the baseline and the person's visits seen, with
    coefficients and spreads drawn from their posterior under the usual prior that knows nothing (Rubin 1987, Multiple
    Imputation for Nonresponse in Surveys, 166-167); gaps before the last visit seen by a Gibbs sampler (Schafer 1997,
    Analysis of Incomplete Multivariate Data, chapter 6). Raises `ValueError` as `complete_cases` does, and where too few
    people were seen to draw from.
    """
    course, level = _read(frame, outcome, arm, baseline, control, subject, visit), confidence(level)
    note = "Whoever left is taken to have gone on like people of the same arm, baseline and earlier visits who stayed."
    drawn = _last_visit_drawn(course, None, imputations, seed)
    return _pooled("Multiple imputation, missing at random", course, drawn, level, (note,))


def reference_based(
    frame, *, outcome, arm, baseline, control, subject, visit, method="jump-to-reference", level=0.95, imputations=100, seed=0
) -> Comparisons:
    """ANCOVA at the last visit, whoever left another arm taken to have gone on like the control, put together by Rubin's rules.

    `jump-to-reference`: the mean is that of the person's arm as long as seen, that of the control from then.
    `copy-reference`: it is that of the control all along, so that a person who had done better than it stays somewhat
    better (Carpenter, Roger & Kenward 2013, J Biopharm Stat 23:1352-1371). With the same `seed`, the chance is that of
    `multiple_imputation`. Raises `ValueError` as that does.
    """
    if method not in METHODS:
        raise ValueError(f"method must be one of {', '.join(METHODS)}, not {method!r}")
    course, level = _read(frame, outcome, arm, baseline, control, subject, visit), confidence(level)
    drawn = _last_visit_drawn(course, method, imputations, seed)
    return _pooled(f"Multiple imputation, {method.replace('-', ' ')}", course, drawn, level, (METHODS[method].format(control=control),))


def delta_adjusted(frame, *, outcome, arm, baseline, control, subject, visit, delta, level=0.95, imputations=100, seed=0) -> Comparisons:
    """`multiple_imputation`, then `delta` (unit of the outcome) added to what was drawn for arms other than the control.

    A negative `delta` takes those who left an active arm to be worse than those who stayed (Carpenter & Kenward 2013,
    Multiple Imputation and its Application, chapter 10). Raises `ValueError` as `multiple_imputation` does.
    """
    delta = _finite("delta", delta)
    course, level = _read(frame, outcome, arm, baseline, control, subject, visit), confidence(level)
    drawn = _last_visit_drawn(course, None, imputations, seed)
    apart = f"{abs(delta):g} {'below' if delta < 0 else 'above'}"
    note = f"Whoever left an arm other than {control} is taken to end {apart} people of the same arm, baseline and earlier visits who stayed."
    return _pooled(f"Multiple imputation, shifted by {_shift(delta)}", course, _shifted(course, drawn, delta), level, (note,))


@dataclass(frozen=True, eq=False)
class TippingPoints(Comparisons):
    """`Comparisons` at several shifts, in the column `shift` of `estimates`.

    `tips` gives for each arm the smallest shift tried at which the limits include zero, None where they never do.
    """

    tips: dict = None

    def describe(self) -> str:
        """One sentence an arm: how far the people who left must fall behind before the limits include zero."""
        shifts = sorted(self.estimates["shift"].unique(), key=abs)
        sentences = [f"{self.method}:"]
        for row in self.estimates.drop_duplicates("arm").itertuples():
            tip = self.tips[row.arm]
            if tip is None:
                found = f"stays clear of zero at every shift tried, to {_shift(shifts[-1])}"
            elif tip == shifts[0]:
                found = f"includes zero at a shift of {_shift(tip)} already"
            else:
                found = f"stays clear of zero until a shift of {_shift(tip)}"
            sentences.append(f"for {row.arm} minus {row.control} the {self.level:.0%} interval {found};")
        return " ".join([*sentences[:-1], sentences[-1][:-1] + ".", *self.notes])

    def table(self) -> dict:
        """The comparisons as columns of equal length, in words, the shift first."""
        return {"shift": [_shift(shift) for shift in self.estimates["shift"]], **super().table()}


def tipping_point(frame, *, outcome, arm, baseline, control, subject, visit, deltas, level=0.95, imputations=100, seed=0) -> TippingPoints:
    """`delta_adjusted` at each of `deltas` (all of one sign), with the same draws: where does the conclusion tip?

    The draws are made once, so that only the shift differs. Raises `ValueError` as `delta_adjusted` does.
    """
    import pandas as pd

    deltas = np.unique(np.atleast_1d(_finite("deltas", deltas)))
    if not deltas.size or deltas.min() < 0 < deltas.max():
        raise ValueError("deltas must be at least one shift, and all of one sign")
    deltas = deltas[np.argsort(np.abs(deltas))]
    course, level = _read(frame, outcome, arm, baseline, control, subject, visit), confidence(level)
    drawn = _last_visit_drawn(course, None, imputations, seed)
    found = [_pooled("", course, _shifted(course, drawn, delta), level, ()) for delta in deltas]
    estimates = pd.concat([one.estimates.assign(shift=delta) for one, delta in zip(found, deltas, strict=True)], ignore_index=True)
    # Clear of zero on the side of the first shift: a large step may lead to the other side without meeting zero.
    above = estimates["arm"].map(estimates.drop_duplicates("arm").set_index("arm")["estimate"] > 0)
    included = estimates[np.where(above, estimates["low"] <= 0, estimates["high"] >= 0)]
    tips = {label: None for label in course.people.arms}
    tips.update(included.drop_duplicates("arm").set_index("arm")["shift"].to_dict())
    note = f"The shift is what people who left an arm other than {control} are taken to differ by from those who stayed."
    return TippingPoints("Tipping points of the multiple imputation", estimates, level, notes=(*found[0].notes, note), tips=tips)


@dataclass(frozen=True, eq=False)
class _Course:
    """The outcomes of `people` (whose own outcome is that of the last visit) at the visits in order: one row a person, NaN where missed.

    `seen` is the number of the last visit at which each person was seen, −1 for none.
    """

    people: People
    values: np.ndarray
    visits: tuple
    seen: np.ndarray

    def at_last_visit(self, outcome) -> People:
        return replace(self.people, outcome=outcome)


def _read(frame, outcome, arm, baseline, control, subject, visit) -> _Course:
    import pandas as pd

    of, arms = read_arms(frame, arm, control)
    values, before = numbers(frame, outcome), numbers(frame, baseline)
    names, when = column(frame, subject), column(frame, visit)
    if names.isna().any() or when.isna().any():
        raise ValueError(f"every row needs a value in columns {subject!r} and {visit!r}")
    if isinstance(when.dtype, pd.CategoricalDtype):
        place, visits = when.cat.remove_unused_categories().cat.codes.to_numpy(), tuple(when.cat.remove_unused_categories().cat.categories)
    elif pd.api.types.is_numeric_dtype(when):
        visits, place = np.unique(when.to_numpy(), return_inverse=True)
        visits = tuple(visits.tolist())
    else:
        raise ValueError(f"column {visit!r} must hold numbers, or categories in their order: the order of other labels cannot be known")
    who, people = pd.factorize(names, sort=True)
    if len(np.unique(who * len(visits) + place)) < len(who):
        raise ValueError(f"each person may have one row a visit, and columns {subject!r} and {visit!r} hold some pair twice")
    first = np.unique(who, return_index=True)[1]
    if np.any(of != of[first][who]):
        raise ValueError(f"each person must have one arm, and column {arm!r} changes within a person")
    own = before[first][who]
    if np.any((before != own) & ~(np.isnan(before) & np.isnan(own))):
        raise ValueError(f"each person must have one baseline, and column {baseline!r} changes within a person")
    course = np.full((len(people), len(visits)), np.nan)
    course[who, place] = values
    known = ~np.isnan(before[first])
    course = course[known]
    if np.isnan(course).all(axis=0).any():
        raise ValueError(f"nobody has the outcome {outcome!r} at visit {visits[int(np.isnan(course).all(axis=0).argmax())]}")
    seen = np.where(np.isnan(course), -1, np.arange(len(visits))).max(axis=1)
    everyone = People(control, arms, of[first][known], course[:, -1], before[first][known], left_out(int((~known).sum()), baseline))
    return _Course(everyone, course, visits, seen)


def _last_visit_drawn(course: _Course, method, imputations, seed) -> np.ndarray:
    """The outcomes of the last visit, those missing drawn: one row an imputation, one column a person."""
    imputations, random = whole("imputations", imputations, low=2), np.random.default_rng(seed)
    people, seen = course.people, course.seen
    people.keep(np.ones(len(seen), dtype=bool))
    # In units of their spread: the sums of squares below would lose digits otherwise.
    middle, spread = np.nanmean(course.values), np.nanstd(course.values)
    around, size = people.baseline - people.baseline.mean(), np.std(people.baseline)
    if spread <= ROUNDING * np.nanmax(np.abs(course.values)) or size <= ROUNDING * np.abs(people.baseline).max():
        raise ValueError("the outcome and the baseline must differ between people")
    values = (course.values - middle) / spread
    design = np.column_stack([people.of[:, None] == np.arange(len(people.arms) + 1), around / size])
    reference = design.copy()
    reference[:, :-1] = np.arange(len(people.arms) + 1) == 0

    filled = np.repeat(values[None], imputations, axis=0)
    gaps = np.isnan(values) & (np.arange(values.shape[1]) < seen[:, None])
    if gaps.any():
        for v in range(values.shape[1]):
            filled[:, gaps[:, v], v] = np.nanmean(values[:, v])
        for _ in range(ROUNDS):
            regressions = _draw_regressions(course, design, filled, random)
            _fill_gaps(filled, gaps, seen, _means(regressions, design), regressions, random)
    regressions = _draw_regressions(course, design, filled if gaps.any() else values[None], random, imputations)

    mean = _means(regressions, design)
    if method == "copy-reference":
        mean = _means(regressions, reference)
    elif method == "jump-to-reference":
        mean = np.where(np.arange(values.shape[1]) > seen[:, None], _means(regressions, reference), mean)
    columns = design.shape[1]
    for v, (coefficients, sd) in enumerate(regressions):
        gone = seen < v
        chance = random.standard_normal((imputations, int(gone.sum()))) * sd[:, None]
        earlier = np.einsum("mnu,mu->mn", filled[:, gone, :v] - mean[:, gone, :v], coefficients[:, columns:])
        filled[:, gone, v] = mean[:, gone, v] + earlier + chance
    return filled[:, :, -1] * spread + middle


def _draw_regressions(course: _Course, design, filled, random, imputations=None):
    """For each visit, its regression on arm, baseline and the visits before, drawn from the posterior: coefficients and spread.

    One row an imputation. The prior is flat in the coefficients and the logarithm of the spread (Rubin 1987, 167).
    """
    imputations = imputations or len(filled)
    regressions = []
    for v in range(filled.shape[2]):
        rows = course.seen >= v
        for i, label in enumerate((course.people.control, *course.people.arms)):
            if not design[rows, i].any():
                raise ValueError(f"nobody in arm {label} was seen at visit {course.visits[v]} or later: there is nobody to draw from")
        shape = (len(filled), int(rows.sum()), design.shape[1])
        predictors = np.concatenate([np.broadcast_to(design[rows], shape), filled[:, rows, :v]], axis=2)
        df = predictors.shape[1] - predictors.shape[2]
        if df < 1:
            raise ValueError(f"{predictors.shape[1]} people seen at visit {course.visits[v]} or later are too few to draw from")
        squares = predictors.transpose(0, 2, 1) @ predictors
        if np.linalg.cond(squares).max() > 1 / ROUNDING:
            raise ValueError("the baseline and the visits must differ from each other between people of the same arm, or nothing can be drawn from them")
        outcome = filled[:, rows, v, None]
        best = np.linalg.solve(squares, predictors.transpose(0, 2, 1) @ outcome)
        left = np.sum((outcome - predictors @ best) ** 2, axis=(1, 2))
        sd = np.sqrt(left / random.chisquare(df, imputations))
        root = np.linalg.inv(np.linalg.cholesky(squares)).transpose(0, 2, 1)
        chance = random.standard_normal((imputations, root.shape[1], 1))
        regressions.append(((best + sd[:, None, None] * (root @ chance))[..., 0], sd))
    return regressions


def _means(regressions, design) -> np.ndarray:
    """The mean of each visit for people with these arms and baselines, who were not seen at all: imputation, person, visit."""
    columns = design.shape[1]
    mean = np.empty((len(regressions[0][1]), len(design), len(regressions)))
    for v, (coefficients, _) in enumerate(regressions):
        mean[:, :, v] = coefficients[:, :columns] @ design.T + np.einsum("mnu,mu->mn", mean[:, :, :v], coefficients[:, columns:])
    return mean


def _fill_gaps(filled, gaps, seen, mean, regressions, random):
    """Draws, in place, each person's visits missed before the last one seen, given all those seen."""
    visits = filled.shape[2]
    for n in np.flatnonzero(gaps.any(axis=1)):
        upto = seen[n] + 1
        # The regressions in turn are the root of the precision matrix of the visits: (I − Γ)'D⁻¹(I − Γ).
        root = np.zeros((len(filled), upto, upto))
        for v in range(upto):
            coefficients, sd = regressions[v]
            root[:, v, :v] = -coefficients[:, coefficients.shape[1] - v :] / sd[:, None]
            root[:, v, v] = 1 / sd
        precision = root.transpose(0, 2, 1) @ root
        missed, known = np.flatnonzero(gaps[n]), np.flatnonzero(~gaps[n] & (np.arange(visits) < upto))
        inside = precision[:, missed[:, None], missed]
        pull = precision[:, missed[:, None], known] @ (filled[:, n, known] - mean[:, n, known])[..., None]
        chance = np.linalg.inv(np.linalg.cholesky(inside)).transpose(0, 2, 1) @ random.standard_normal((len(filled), len(missed), 1))
        filled[:, n, missed] = mean[:, n, missed] + (chance - np.linalg.solve(inside, pull))[..., 0]


def _shifted(course: _Course, drawn, delta) -> np.ndarray:
    return drawn + delta * ((course.people.of > 0) & np.isnan(course.values[:, -1]))


def _pooled(method, course: _Course, drawn, level, notes) -> Comparisons:
    """The ANCOVA of each imputation, put together by Rubin's rules, with the degrees of freedom of Barnard & Rubin (1999, Biometrika 86:948-955)."""
    people = course.at_last_visit(drawn[0])
    fit = model(people, drawn)
    many = len(drawn)
    within, between = np.mean(fit.standard_errors**2, axis=0), np.var(fit.estimates, axis=0, ddof=1)
    extra = (1 + 1 / many) * between
    share = extra / (within + extra)
    seen = (fit.df + 1) / (fit.df + 3) * fit.df * (1 - share)
    with np.errstate(divide="ignore"):
        df = np.where(share > ROUNDING, 1 / (1 / seen + share**2 / (many - 1)), fit.df)
    missing = int(np.isnan(course.values[:, -1]).sum())
    note = f"{missing} of {len(people.of)} values at the last visit are drawn, {many} times."
    found = with_limits(fit.estimates.mean(axis=0), np.sqrt(within + extra), df, level)
    return comparisons(method, people, level, *found, visit=course.visits[-1], notes=(*course.people.notes, note, *notes))


def _finite(name, value):
    value = number(name, value)
    if not np.isfinite(value).all():
        raise ValueError(f"{name} must be finite")
    return value


def _shift(delta) -> str:
    return f"{delta:+g}".replace("-", "−") if delta else "0"
