"""One virtual trial as a table of people and visits, and many as counts, means and variances."""

from dataclasses import dataclass

import numpy as np

from frailty_lessons.methods.checks import whole
from frailty_lessons.trial.schema import Trial
from frailty_lessons.virtual.model import AT_RANDOM, model
from frailty_lessons.virtual.people import moments, people

NOTE = (
    "Synthetic: drawn by a computer under assumptions chosen for teaching. "
    "No data of single participants of the real trial are public, and none are here."
)
_CHUNK = 200_000


def virtual_trial(
    trial: Trial,
    *,
    effects,
    placebo_course=None,
    sd=None,
    correlation=None,
    dropout=None,
    mechanism=AT_RANDOM,
    dropout_strength=None,
    learning=None,
    entry_window=None,
    population_mean=None,
    population_sd=None,
    reliability=None,
    hope=None,
    drift=None,
    late_from=None,
    sizes=None,
    visits=None,
    seed=0,
):
    """One virtual trial of people who were drawn by lot to the arms of the pack.

    What is left out (None) comes from the pack's rows; see `DEFAULTS` and `assumptions`. *By visit* is one number for all
    visits, a sequence with one number a visit, or a dict from days or visit ids to numbers. *By arm* is one number, or a dict
    from arm ids.

    Parameters
    ----------
    trial
        The pack. Its `randomised` arms take part.
    effects
        Metres that the treatment truly adds, by arm and within an arm by visit: `30`, `{"25M": 0, "200M": [20, 30, 40]}`.
        One number or sequence goes to all treated arms; in a dict, arms that are not named have no effect.
        There is no default: nobody knows it.
    placebo_course
        Metres by which people truly change without the treatment, by visit; learning and regression to the mean not counted.
    sd
        SD of the measured change from baseline within an arm, metres, by visit; drift adds to it.
    correlation
        Correlation of the measured changes at two visits.
    dropout
        Share of people, by arm, who have left by the last visit, 0 to 1, if they do as the placebo course says. Time at risk
        counts by days. Under the two dependent mechanisms, fewer leave an arm that walks further.
    mechanism
        Why they leave, one of `MECHANISMS`. *Seen* is the last measured walk before: the change, or at first the baseline.
        *Not seen* is the walk that is missed.
    dropout_strength
        Correlation between that walk (its normal score) and the urge to leave, 0 to 1.
    learning
        Metres that a later walk gains because the test is known, by visit.
    entry_window
        Lowest and highest measured screening walk that lets people in, metres. None: that of the pack, or no limits.
    population_mean, population_sd
        Mean and SD of measured walks in everybody, before the window, metres.
    reliability
        Share of that variance which is true, 0 to 1; the rest is error.
    hope
        Metres by which a walker or an assessor who knows the arm adds to the walk in a treated arm, by arm. 0: blind.
    drift
        Metres by which people who enter at the end gain more than those who enter at the start.
    late_from
        Time of entry from which the arms that the pack calls late take people in, 0 to 1.
    sizes
        People in each arm, a dict from arm ids; arms that are not named keep the pack's treated (or else planned) people.
    visits
        Days or ids of the visits with a walk. None: all after day 0, until the last one with a walk if the pack says so.
    seed
        A number brings the same people, whatever the assumptions are, so that results move smoothly; or a
        `numpy.random.Generator`.

    Returns
    -------
    DataFrame
        One row a person and visit: `person`, `arm` (categorical), `dose`, `entry`, `true_baseline`, `baseline` (measured),
        `visit` (day), `true`, `distance` (measured), `change` (from baseline), `left`. `distance` and `change` are NaN where
        the person has left; `true` goes on. `attrs` has `synthetic` (True), `note`, and `assumptions`: the value of each
        argument and the ids of the rows it came from. Distances are not cut at zero.

    Raises
    ------
    ValueError
        If an assumption is impossible, or has no default in the pack, with the reason.
    """
    given = dict(locals())
    del given["trial"], given["seed"]
    import pandas as pd

    asked = model(trial, **given)
    parts = [
        people(asked, k, size, random.standard_normal((1, size, asked.draws), dtype=np.float32))
        for k, (size, random) in enumerate(zip(asked.sizes, _streams(trial, asked, seed), strict=True))
    ]
    days = len(asked.days)
    arm = np.repeat(np.arange(len(asked.arms)), asked.sizes)

    def person(name):
        return np.repeat(np.concatenate([getattr(part, name)[0] for part in parts]), days)

    def visit(name):
        return np.concatenate([getattr(part, name)[0].ravel() for part in parts])

    left, baseline, distance = visit("left"), person("baseline"), visit("distance")
    distance[left] = np.nan
    names = [f"{label.id}-{i + 1:02d}" for label, size in zip(asked.arms, asked.sizes, strict=True) for i in range(size)]
    frame = pd.DataFrame({
        "person": np.repeat(np.array(names, dtype=object), days),
        "arm": pd.Categorical.from_codes(np.repeat(arm, days), [label.id for label in asked.arms]),
        "dose": np.repeat(np.array([label.dose for label in asked.arms])[arm], days),
        "entry": person("entry"),
        "true_baseline": person("true_baseline"),
        "baseline": baseline,
        "visit": np.tile(np.array(asked.days), len(arm)),
        "true": visit("true"),
        "distance": distance,
        "change": distance - baseline,
        "left": left,
    })  # fmt: skip
    frame.attrs = {"synthetic": True, "note": NOTE, "assumptions": asked.assumed}
    return frame


@dataclass(frozen=True, eq=False)
class VirtualTrials:
    """Many virtual trials of the same truth: who was measured, and how they changed from baseline.

    Attributes
    ----------
    arms, control, days
        Arm ids, the id of the control (None if the pack has none), and the days of the visits.
    counts, means, variances
        Arrays, trials by arms by visits: people measured, mean of their changes (metres), and its sample variance. NaN where
        nobody, or only one person, is left.
    assumptions
        As in the `attrs` of a virtual trial.
    """

    arms: tuple[str, ...]
    control: str | None
    days: tuple[int, ...]
    counts: np.ndarray
    means: np.ndarray
    variances: np.ndarray
    assumptions: dict
    synthetic: bool = True
    note: str = NOTE


def virtual_trials(trial: Trial, *, effects, trials=10_000, seed=0, **assumed) -> VirtualTrials:
    """Many virtual trials at once; every other argument is as in `virtual_trial`.

    The first of them is `virtual_trial` with the same `seed`.
    Raises `ValueError` for impossible assumptions and `TypeError` for unknown ones.
    """
    trials = whole("trials", trials, low=1)
    asked = model(trial, effects=effects, **assumed)
    shape = trials, len(asked.arms), len(asked.days)
    counts, means, variances = np.empty(shape, np.int32), np.empty(shape), np.empty(shape)
    for k, (size, random) in enumerate(zip(asked.sizes, _streams(trial, asked, seed), strict=True)):
        step = max(1, _CHUNK // (size * asked.draws))
        for start in range(0, trials, step):
            block = slice(start, min(start + step, trials)), k
            normal = random.standard_normal((block[0].stop - start, size, asked.draws), dtype=np.float32)
            drawn = people(asked, k, size, normal)
            counts[block], means[block], variances[block] = moments(drawn.distance - drawn.baseline[..., None], ~drawn.left)
    return VirtualTrials(tuple(arm.id for arm in asked.arms), asked.control, asked.days, counts, means, variances, asked.assumed)


def _streams(trial, asked, seed):
    """A generator an arm, by its place in the pack, so that one arm's size does not change another's people."""
    if not isinstance(seed, np.random.Generator):
        seed = np.random.default_rng(whole("seed", seed, low=0))
    streams = dict(zip((arm.id for arm in trial.arms), seed.spawn(len(trial.arms)), strict=True))
    return [streams[arm.id] for arm in asked.arms]
