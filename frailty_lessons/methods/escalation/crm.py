"""The continual reassessment method: one curve for all doses, fitted again after each cohort."""

from dataclasses import KW_ONLY, dataclass
from functools import lru_cache

import numpy as np
from scipy.special import expit, log_expit, logit, ndtri, sici

from frailty_lessons.methods.checks import number, whole
from frailty_lessons.methods.escalation.design import Design, distinct, dose_labels, row_codes, title
from frailty_lessons.methods.escalation.outcomes import History, as_history, count

MODELS = ("empiric", "logistic")
# Trapezoids on [-10, 10]: the integrand is smooth and vanishes at both ends, so that they converge fast.
NODES = np.linspace(-10, 10, 201)
# So many posteriors at once stay in the processor's cache, and are too few for BLAS to start threads.
CHUNK = 96


@dataclass(frozen=True)
class CRMFit:
    """The model after some outcomes: `mean` and `variance` of its one parameter, and each dose's risk with its limits.

    `toxicity` is the model's curve at the mean, `low` and `high` at the mean ± z·SD, so that `level` of the credibility
    lies between (0 to 1); `recommended` is the level whose risk lies nearest to the target.
    """

    doses: tuple
    target: float
    mean: float
    variance: float
    toxicity: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]
    level: float
    recommended: int

    def describe(self) -> str:
        """One sentence: the dose nearest to the target, and how well its risk is known."""
        k = self.recommended - 1
        return (
            f"The model puts the risk on {title(self.doses, self.recommended)} at {self.toxicity[k]:.0%} (with {self.level:.0%} credibility "
            f"between {self.low[k]:.0%} and {self.high[k]:.0%}), nearest to the target of {self.target:.0%}."
        )

    def table(self) -> dict:
        """One row a dose, in words."""
        return {
            "Dose": [str(dose) for dose in self.doses],
            "Risk by the model": [f"{value:.1%}" for value in self.toxicity],
            f"{self.level:.0%} from": [f"{value:.1%}" for value in self.low],
            f"{self.level:.0%} to": [f"{value:.1%}" for value in self.high],
        }


@dataclass(frozen=True)
class CRM(Design):
    """The continual reassessment method (O'Quigley, Pepe & Fisher 1990, Biometrics 46:33-48), rules as in the R package dfcrm.

    `skeleton` is the risk guessed at each dose before the trial, rising; the model bends it by one parameter β with a
    normal prior of mean 0 and SD `scale`: `empiric`, risk = skeleton^exp(β), or `logistic`, with a fixed `intercept`.
    After each cohort the dose whose risk lies nearest to `target` comes next. With `no_skip` the trial goes up at most one
    step, and not at all after a cohort in which the share with a toxicity reached the target (Cheung 2005, Biometrika
    92:863-873). The dose recommended at the end is the nearest to the target without that limit: it may be one that nobody
    had.

    `stop_above`, if given, stops the trial without a dose when the probability that the lowest dose's risk lies above the
    target exceeds it. The published method has no such rule. `cohort_size` people are treated together, up to `max_n`;
    `doses` are labels, lowest first. Raises `ValueError` for impossible values.
    """

    skeleton: tuple[float, ...]
    _: KW_ONLY
    target: float
    model: str = "empiric"
    scale: float = 1.34**0.5
    intercept: float = 3.0
    cohort_size: int = 3
    max_n: int = 30
    doses: tuple | None = None
    no_skip: bool = True
    stop_above: float | None = None

    name = "the CRM"

    def __post_init__(self):
        inside = {"low": 0, "high": 1, "open_low": True, "open_high": True}
        skeleton = np.atleast_1d(number("skeleton", self.skeleton, **inside))
        if np.any(np.diff(skeleton) <= 0):
            raise ValueError(f"skeleton must rise from dose to dose, not {', '.join(f'{risk:g}' for risk in skeleton)}")
        if self.model not in MODELS:
            raise ValueError(f"model must be one of {', '.join(MODELS)}, not {self.model!r}")
        if self.model == "logistic" and skeleton[-1] >= expit(self.intercept):
            raise ValueError(f"skeleton must stay below {expit(self.intercept):.3g} with an intercept of {self.intercept:g}, not reach {skeleton[-1]:g}")
        doses = dose_labels(len(skeleton) if self.doses is None else self.doses)
        if len(doses) != len(skeleton):
            raise ValueError(f"doses and skeleton must be as many, not {len(doses)} and {len(skeleton)}")
        stop = None if self.stop_above is None else number("stop_above", self.stop_above, low=0, high=1, open_low=True)
        fields = {
            "skeleton": tuple(skeleton.tolist()),
            "target": number("target", self.target, **inside),
            "scale": number("scale", self.scale, low=0, open_low=True),
            "intercept": number("intercept", self.intercept),
            "cohort_size": whole("cohort_size", self.cohort_size, low=1),
            "max_n": whole("max_n", self.max_n, low=1),
            "doses": doses,
            "stop_above": stop,
        }
        for name, value in fields.items():
            object.__setattr__(self, name, value)

    def fit(self, outcomes: History | str, *, level=0.9, method="bayes") -> CRMFit:
        """The model after any history.

        `method` is `bayes` (posterior mean and variance) or `mle` (most likely value, and the inverse of the observed
        information). `level` is the credibility between the limits, 0 to 1.
        Raises `ValueError` for a dose above the highest, and for `mle` where all or none had a toxicity.
        """
        level = number("level", level, low=0, high=1, open_low=True, open_high=True)
        n, y = count(as_history(outcomes), self.levels)
        if method == "bayes":
            mean, variance = (float(value[0]) for value in self._posterior(n[None], y[None])[:2])
        elif method == "mle":
            mean, variance = self._most_likely(n, y)
        else:
            raise ValueError(f"method must be bayes or mle, not {method!r}")
        toxicity = self._risk(np.array([mean]))[0]
        half = ndtri((1 + level) / 2) * np.sqrt(variance)
        ends = np.sort(self._risk(np.array([mean - half, mean + half])), axis=0)
        return CRMFit(
            self.doses, self.target, mean, variance, tuple(toxicity.tolist()), tuple(ends[0].tolist()), tuple(ends[1].tolist()),
            level, int(np.abs(toxicity - self.target).argmin()) + 1,
        )

    def _risk(self, beta):
        """Risk at each dose (columns) for each value of the parameter (rows)."""
        skeleton, slope = np.array(self.skeleton), np.exp(beta)[:, None]
        if self.model == "empiric":
            return skeleton**slope
        return expit(self.intercept + slope * (logit(skeleton) - self.intercept))

    def _log_risks(self, beta):
        """Logarithms of the risk and of one less the risk, one row a dose and one column a value of the parameter."""
        skeleton, slope = np.array(self.skeleton)[:, None], np.exp(beta)
        if self.model == "empiric":
            toxic = np.log(skeleton) * slope
            return toxic, np.log(-np.expm1(toxic))
        score = self.intercept + slope * (logit(skeleton) - self.intercept)
        return log_expit(score), log_expit(-score)

    def _posterior(self, n, y):
        """Mean and variance of the parameter, and the probability that the lowest dose lies above the target, for each row."""
        logs, weights = _quadrature(self)
        counts = np.hstack([y, n, np.ones((len(n), 1))])
        integrals = np.empty((len(n), weights.shape[1]))
        for first in range(0, len(n), CHUNK):
            density = counts[first : first + CHUNK] @ logs
            density -= density.max(axis=1, keepdims=True)
            np.exp(density, out=density)
            np.dot(density, weights, out=integrals[first : first + CHUNK])
        total, mean, square, above = integrals.T
        mean = mean / total
        return mean, square / total - mean**2, above / total

    def _most_likely(self, n, y):
        from scipy.optimize import minimize_scalar

        if not 0 < y.sum() < n.sum():
            raise ValueError("there is no most likely curve while all or none had a toxicity: use method bayes")

        def minus_log_likelihood(beta):
            toxic, free = self._log_risks(np.atleast_1d(beta))
            return -(y @ toxic + (n - y) @ free)

        mean = float(minimize_scalar(lambda beta: minus_log_likelihood(beta)[0], bounds=(-10, 10), method="bounded", options={"xatol": 1e-9}).x)
        step = 1e-3
        left, middle, right = minus_log_likelihood(mean + step * np.array([-1.0, 0.0, 1.0]))
        return mean, float(step**2 / (left - 2 * middle + right))

    def _nearest(self, n, y):
        """Level nearest to the target (0 where the lowest is too toxic) for each row; equal rows are fitted once."""
        first, back = distinct(row_codes(np.zeros(len(n), dtype=np.int64), np.hstack([n, y])))
        mean, _, above = self._posterior(n[first].astype(float), y[first].astype(float))
        nearest = np.abs(self._risk(mean) - self.target).argmin(axis=1) + 1
        if self.stop_above is not None:
            nearest[above > self.stop_above] = 0
        return nearest[back]

    def _decide(self, n, y, dose, toxicities, size):
        nearest = self._nearest(n, y)
        if not self.no_skip:
            return nearest
        return np.minimum(nearest, np.where(toxicities >= self.target * size - 1e-9, dose, dose + 1))

    def _recommend(self, n, y):
        return self._nearest(n, y)

    def _why(self, n, y, dose, following):
        fit, wanted = self._fit_counts(n, y)
        people = int(n.sum())
        after = f"After {people} {'person' if people == 1 else 'people'}"
        if not following:
            return f"{after}, the risk on the lowest dose very probably lies above the target of {self.target:.0%}."
        said = f"{after}, the model puts the risk on {self.title(wanted)} at {fit[wanted - 1]:.0%}, nearest to the target of {self.target:.0%}"
        if following < wanted:
            if following > dose:
                return f"{said}; go up one step to {self.title(following)}."
            return f"{said}; but in the last cohort the share with a toxicity reached the target, stay on {self.title(dose)}."
        move = "stay there" if following == dose else "go up one step" if following == dose + 1 else "go there" if following > dose else "go down"
        return f"{said}: {move}."

    def _fit_counts(self, n, y):
        mean = self._posterior(n[None], y[None])[0]
        risk = self._risk(mean)[0]
        return risk, int(np.abs(risk - self.target).argmin()) + 1


@lru_cache(maxsize=32)
def _quadrature(design):
    """Log likelihoods at the nodes, by toxicities and by people on each dose, and log prior, one row each; then the weights
    of total, mean, square and of the lowest dose above the target, one column each."""
    toxic, free = design._log_risks(NODES)
    prior = -0.5 * (NODES / design.scale) ** 2
    # The lowest dose's risk falls as β rises, and passes the target here.
    lowest = design.skeleton[0]
    if design.model == "empiric":
        edge = np.log(np.log(design.target) / np.log(lowest))
    else:
        ratio = (logit(design.target) - design.intercept) / (logit(lowest) - design.intercept)
        edge = np.log(ratio) if ratio > 0 else -np.inf
    # The integral up to there of the band-limited curve through the nodes: as exact as the trapezoids themselves.
    below = 0.5 + sici(np.pi * (edge - NODES) / (NODES[1] - NODES[0]))[0] / np.pi
    return np.vstack([toxic - free, free, prior]), np.stack([np.ones(len(NODES)), NODES, NODES**2, below], axis=1)


def getprior(half_width, target, mtd, doses, *, model="empiric", intercept=3.0) -> tuple[float, ...]:
    """A skeleton for the CRM: risks at so many `doses`, with the target at level `mtd` (Lee & Cheung 2009, Clin Trials 6:227-238).

    Neighbouring doses are set so that the method, with many people, settles on a dose whose risk lies within
    target ± `half_width` (the indifference interval). The R package dfcrm has it under the same name.
    Raises `ValueError` for impossible values.
    """
    target = number("target", target, low=0, high=1, open_low=True, open_high=True)
    half_width = number("half_width", half_width, low=0, high=min(target, 1 - target), open_low=True, open_high=True)
    doses = whole("doses", doses, low=1)
    mtd = whole("mtd", mtd, low=1)
    if mtd > doses:
        raise ValueError(f"mtd must be one of the {doses} doses, not {mtd}")
    if model not in MODELS:
        raise ValueError(f"model must be one of {', '.join(MODELS)}, not {model!r}")
    # On the scale where the model multiplies by exp(β), each neighbour is one fixed ratio away.
    scale = (lambda risk: np.log(risk)) if model == "empiric" else (lambda risk: logit(risk) - intercept)
    ratio = scale(target + half_width) / scale(target - half_width)
    scaled = scale(target) * ratio ** (np.arange(1, doses + 1) - mtd)
    return tuple((np.exp(scaled) if model == "empiric" else expit(scaled + intercept)).tolist())
