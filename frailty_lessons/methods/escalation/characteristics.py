"""How a design performs when the true risks are known: exactly, over all trials that could be, or by simulation."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy.special import comb

from frailty_lessons.methods.checks import number, whole
from frailty_lessons.methods.escalation.design import Design, distinct, row_codes, title

METHODS = ("auto", "exact", "simulation")
# Half a second of work: some 20 single patients on five doses, 30 and more in cohorts of three.
MOST_STATES = 100_000


@dataclass(frozen=True)
class Simulation:
    """Simulated trials: the level each recommended (0 for no dose), and people treated and toxicities, one row a trial and one column a dose."""

    recommended: np.ndarray
    patients: np.ndarray
    toxicities: np.ndarray


@dataclass(frozen=True)
class OperatingCharacteristics:
    """What a design does over all trials that could be, if the true risks are those given.

    Attributes
    ----------
    recommended, recommended_none
        Probability that each dose is recommended at the end, and that none is.
    patients, toxicities
        Expected number of people treated at each dose, and of those with a toxicity.
    stopped_early
        Probability that the trial ends before all people planned were treated; for the 3+3 design, which plans no
        number, before the highest dose was tried.
    sizes, size_probabilities
        Numbers of people a whole trial can have, and their probabilities.
    toxicity_counts, toxicity_probabilities
        Numbers of people with a toxicity that a whole trial can have, and their probabilities.
    method, trials
        `exact`, with no trials and Monte-Carlo errors of zero, or `simulation` with so many.
    recommended_error, none_error, patients_error, toxicities_error, early_error
        Monte-Carlo standard errors of the figures above.
    why_simulated
        The reason in words where `auto` could not be exact, else empty.
    """

    name: str
    doses: tuple
    true_toxicity: tuple[float, ...]
    recommended: tuple[float, ...]
    recommended_none: float
    patients: tuple[float, ...]
    toxicities: tuple[float, ...]
    stopped_early: float
    sizes: tuple[int, ...]
    size_probabilities: tuple[float, ...]
    toxicity_counts: tuple[int, ...]
    toxicity_probabilities: tuple[float, ...]
    method: str
    trials: int
    recommended_error: tuple[float, ...]
    none_error: float
    patients_error: tuple[float, ...]
    toxicities_error: tuple[float, ...]
    early_error: float
    why_simulated: str

    def describe(self) -> str:
        """What is recommended most often, how many people it takes, and how the figures were found."""
        most = int(np.argmax(self.recommended))
        named = f"{title(self.doses, most + 1)} {{}}in {_percent(self.recommended[most])} of trials"
        none = f"no dose {{}}in {_percent(self.recommended_none)}"
        if self.recommended_none > self.recommended[most]:
            shares = f"{none.format('most often, ')} of trials, and of the doses most often {named.format('')}"
        else:
            shares = f"{named.format('most often, ')}, and {none.format('')}"
        people = f"On average {sum(self.patients):.1f} people are treated and {sum(self.toxicities):.1f} of them have a toxicity."
        found = "These figures are exact."
        if self.method == "simulation":
            reason = f", {self.why_simulated}" if self.why_simulated else ""
            error = 100 * max(*self.recommended_error, self.none_error)
            found = f"Estimated from {self.trials:,} simulated trials{reason}: the shares have a standard error of at most {error:.1g} percentage points."
        return f"With these true risks, {self.name} recommends {shares}. {people} {found}"

    def table(self) -> dict:
        """One row a dose and one for no dose, in words."""
        return {
            "Dose": [*(str(dose) for dose in self.doses), "none"],
            "True toxicity": [*(f"{risk:.3g}%" for risk in (100 * risk for risk in self.true_toxicity)), "–"],
            "Recommended": [f"{share:.1%}" for share in (*self.recommended, self.recommended_none)],
            "Patients": [*(f"{people:.1f}" for people in self.patients), "–"],
            "Toxicities": [*(f"{people:.1f}" for people in self.toxicities), "–"],
        }

    def to_frame(self):
        """A DataFrame with one row a dose and one for no dose: true_toxicity, recommended, patients, toxicities and their errors."""
        import pandas as pd

        return pd.DataFrame(
            {
                "true_toxicity": [*self.true_toxicity, None],
                "recommended": [*self.recommended, self.recommended_none],
                "recommended_error": [*self.recommended_error, self.none_error],
                "patients": [*self.patients, 0.0],
                "patients_error": [*self.patients_error, 0.0],
                "toxicities": [*self.toxicities, 0.0],
                "toxicities_error": [*self.toxicities_error, 0.0],
            },
            index=pd.Index([*(str(dose) for dose in self.doses), "none"], name="dose"),
        )


def operating_characteristics(design: Design, true_toxicity, *, method="auto", trials=10_000, seed=0) -> OperatingCharacteristics:
    """What `design` does if the true risk of a toxicity is `true_toxicity` (0 to 1) at each dose.

    `exact` walks over all states that a trial can be in, each with its probability: no simulation, no error. The states do
    not depend on the true risks and are kept for the designs asked for last, so that other risks take a moment.
    `simulation` runs `trials` trials with `seed` (a number or a `numpy.random.Generator`). `auto` is exact where there are
    at most `MOST_STATES` states, and says so where it is not.

    Raises `ValueError` for impossible risks, and with `exact` where there are too many states.
    """
    truth = _truth(design, true_toxicity)
    if method not in METHODS:
        raise ValueError(f"method must be one of {', '.join(METHODS)}, not {method!r}")
    states = _states(design) if method != "simulation" else None
    if states is not None:
        return _exact(design, truth, states)
    too_many = f"because {design.name} can be in more than {MOST_STATES:,} states with {design.max_n} people in cohorts of {design.cohort_size}"
    if method == "exact":
        raise ValueError(f"there is no exact result, {too_many}: use method simulation, or larger cohorts or fewer people")
    return _simulated(design, truth, trials, seed, too_many if method == "auto" else "")


def simulate_trials(design: Design, true_toxicity, trials=10_000, seed=0) -> Simulation:
    """So many trials by `design`, all a cohort at a time.

    Each person has a latent tolerance, uniform from 0 to 1, and has a toxicity on each dose whose true risk lies above it
    (O'Quigley, Paoletti & Maccario 2002, Biostatistics 3:51-56). Two designs with the same `trials` and the same whole
    number as `seed` meet the same people. Raises `ValueError` for impossible values.
    """
    truth = _truth(design, true_toxicity)
    trials = whole("trials", trials, low=1)
    random = np.random.default_rng(seed)
    n = np.zeros((trials, design.levels), dtype=np.int16)
    y = np.zeros_like(n)
    going, dose, treated = np.arange(trials), np.ones(trials, dtype=np.int64), 0
    while going.size:
        size = design.size_after(treated)
        tolerance = random.random((size, trials))[:, going]
        toxic = (tolerance < truth[dose - 1]).sum(axis=0)
        n[going, dose - 1] += size
        y[going, dose - 1] += toxic.astype(np.int16)
        treated += size
        if treated == design.max_n:
            break
        following = design._decide(n[going], y[going], dose, toxic, size)
        goes_on = following > 0
        going, dose = going[goes_on], following[goes_on]
    return Simulation(design._recommend(n, y), n, y)


@dataclass(frozen=True)
class _States:
    """All states of a design. `steps`: for each cohort its size, the dose of each state, the state that each number of
    toxicities leads to, how many states that makes, and how many of them (the first) are ends. Then the ends of all steps."""

    steps: tuple
    patients: np.ndarray
    toxicities: np.ndarray
    recommended: np.ndarray
    early: np.ndarray


@lru_cache(maxsize=8)
def _states(design: Design) -> _States | None:
    """The states of a design, or `None` if there are more than `MOST_STATES`."""
    levels = design.levels
    # People treated on each dose, then people with a toxicity, one row a state.
    counts = np.zeros((1, 2 * levels), dtype=np.int16)
    dose, treated, states = np.ones(1, dtype=np.int64), 0, 0
    steps, ends = [], []
    while len(dose):
        states += len(dose)
        if states > MOST_STATES:
            return None
        size = design.size_after(treated)
        treated += size
        toxic = np.arange(len(dose) * (size + 1)) % (size + 1)
        given = dose.repeat(size + 1)
        row = np.arange(len(given))
        counts = counts.repeat(size + 1, axis=0)
        counts[row, given - 1] += size
        counts[row, given + (levels - 1)] += toxic.astype(np.int16)
        if treated == design.max_n:
            following = np.zeros_like(given)
        else:
            following = design._decide(counts[:, :levels], counts[:, levels:], given, toxic, size)
        first, child = distinct(row_codes(following, counts))
        counts, following = counts[first], following[first]
        stops = int(np.count_nonzero(following == 0))
        steps.append((size, dose, child, len(first), stops))
        ends.append(counts[:stops])
        counts, dose = counts[stops:], following[stops:]
    counts = np.concatenate(ends)
    n, y = counts[:, :levels], counts[:, levels:]
    return _States(tuple(steps), n, y, design._recommend(n, y), design._early(n, y))


def _exact(design, truth, states):
    shares, ends = {}, []
    now = np.ones(1)
    for size, dose, child, width, stops in states.steps:
        if size not in shares:
            toxic = np.arange(size + 1)
            shares[size] = comb(size, toxic) * truth[:, None] ** toxic * (1 - truth[:, None]) ** (size - toxic)
        flow = now[:, None] * shares[size][dose - 1]
        after = np.bincount(child, flow.ravel(), minlength=width)
        ends.append(after[:stops])
        now = after[stops:]
    return _result(design, truth, np.concatenate(ends), states.patients, states.toxicities, states.recommended, states.early)


def _simulated(design, truth, trials, seed, why):
    simulation = simulate_trials(design, truth, trials, seed)
    trials = len(simulation.recommended)
    early = design._early(simulation.patients, simulation.toxicities)
    weight = np.full(trials, 1 / trials)
    return _result(design, truth, weight, simulation.patients, simulation.toxicities, simulation.recommended, early, trials, why)


def _result(design, truth, weight, n, y, recommended, early, trials=0, why=""):
    """The figures of finished trials with their weights; so many simulated ones have errors."""
    levels = np.bincount(recommended, weight, minlength=design.levels + 1)
    size_shares = np.bincount(n.sum(axis=1), weight)
    toxicity_shares = np.bincount(y.sum(axis=1), weight)
    sizes = np.flatnonzero(size_shares)
    counts = np.arange(len(toxicity_shares))
    patients, toxicities, stopped = weight @ n, weight @ y, float(weight @ early)

    def share_error(share):
        return np.sqrt(np.clip(share * (1 - share), 0, None) / trials) if trials else np.zeros_like(share)

    def mean_error(values):
        return values.std(axis=0) / np.sqrt(trials) if trials else np.zeros(design.levels)

    error = share_error(levels)
    return OperatingCharacteristics(
        design.name, design.doses, tuple(truth.tolist()),
        tuple(levels[1:].tolist()), float(levels[0]), tuple(patients.tolist()), tuple(toxicities.tolist()), stopped,
        tuple(sizes.tolist()), tuple(size_shares[sizes].tolist()), tuple(counts.tolist()), tuple(toxicity_shares.tolist()),
        "simulation" if trials else "exact", trials,
        tuple(error[1:].tolist()), float(error[0]), tuple(mean_error(n).tolist()), tuple(mean_error(y).tolist()),
        float(share_error(np.float64(stopped))), why,
    )


def _truth(design, true_toxicity):
    truth = np.atleast_1d(number("true_toxicity", true_toxicity, low=0, high=1))
    if truth.shape != (design.levels,):
        raise ValueError(f"true_toxicity must have one figure a dose, {design.levels}, not {truth.size}")
    return truth


def _percent(share: float) -> str:
    return f"{share:.0%}" if share >= 0.01 or share == 0 else "less than 1%"
