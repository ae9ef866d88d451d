"""Curves fitted to dose means: one fit with its uncertainty, or the fits of many trials at once."""

from dataclasses import dataclass
from itertools import product

import numpy as np

from frailty_lessons.methods.checks import number, plural
from frailty_lessons.methods.dose_ranging.means import DoseMeans
from frailty_lessons.methods.dose_ranging.models import MODELS, Model

# First look: so many values of a shape parameter if there is one, and of each if there are two.
GRID = {1: (61,), 2: (41, 25)}
PRECISION = 1e-8
ROUNDS = 150


@dataclass(frozen=True, eq=False)
class Fit:
    """A curve fitted by weighted least squares.

    `coefficients` and their `covariance` are in the order of `names`; e0 is the mean without a dose, and for the logistic
    model what it comes from far below. `distance` is the weighted sum of squares that is left: of people around the curve, or
    of the means around it in units of their covariance. `aic` is Akaike's criterion, or the generalised one (Pinheiro 2014)
    where no people are known, and `bic` Schwarz's, NaN without people. `at_bound` names shape parameters that ended at a limit.
    """

    model: str
    names: tuple[str, ...]
    coefficients: np.ndarray
    covariance: np.ndarray
    distance: float
    df: float
    aic: float
    bic: float
    largest_dose: float
    fixed: dict
    at_bound: tuple[str, ...] = ()

    @property
    def standard_errors(self) -> np.ndarray:
        """Of the coefficients."""
        return np.sqrt(np.diag(self.covariance))

    def predict(self, doses):
        """The curve at these doses, and its standard errors by the delta method."""
        return self._curve(doses, from_lowest=False)

    def gain(self, doses):
        """The curve less its value at dose 0, and the standard errors of that difference by the delta method."""
        return self._curve(doses, from_lowest=True)

    def target_dose(self, gain) -> float:
        """The smallest dose that gains `gain` (above 0) over dose 0, NaN if none up to the largest dose of the trial does."""
        gain = number("gain", gain, low=0, open_low=True)
        return float(_target_doses(self._model, self.coefficients[None], self.largest_dose, self.fixed, np.array([gain]))[0])

    def effective_dose(self, share) -> float:
        """The smallest dose with this share (0 to 1) of the largest effect in the range of doses, NaN for a flat curve."""
        share = number("share", share, low=0, high=1, open_low=True, open_high=True)
        most = self._largest_gain()
        if not most:
            return np.nan
        # A curve that falls is turned over.
        turned = self.coefficients.copy()
        turned[1 : 1 + len(self._model.linear)] *= np.sign(most)
        return float(_target_doses(self._model, turned[None], self.largest_dose, self.fixed, np.array([share * abs(most)]))[0])

    def describe(self) -> str:
        """The coefficients, and how close the curve comes."""
        said = ", ".join(f"{name} {value:.3g}" for name, value in zip(self.names, self.coefficients, strict=True)).replace("-", "−")
        bound = f" {' and '.join(self.at_bound)} ended at the limit set." if self.at_bound else ""
        return f"{self.model.capitalize()} curve: {said}; AIC {self.aic:.1f}.{bound}"

    def table(self) -> dict:
        """One row a coefficient, in words."""
        return {
            "coefficient": list(self.names),
            "estimate": [f"{value:.4g}".replace("-", "−") for value in self.coefficients],
            "standard error": ["–" if value != value else f"{value:.3g}" for value in self.standard_errors],
        }

    @property
    def _model(self) -> Model:
        return MODELS[self.model]

    def _largest_gain(self) -> float:
        turning = self._model.turning(*_split(self._model, self.coefficients[None]), self.fixed)[0]
        ends = [self.largest_dose, *([turning] if turning < self.largest_dose else [])]
        gains, _ = self.gain(ends)
        return float(gains[np.abs(gains).argmax()])

    def _curve(self, doses, from_lowest):
        doses = np.atleast_1d(number("doses", doses, low=0))
        slopes = _gradient(self._model, doses, self.coefficients, self.fixed)
        values = _values(self._model, doses, self.coefficients[None], self.fixed)[0]
        if from_lowest:
            slopes = slopes - _gradient(self._model, np.zeros(1), self.coefficients, self.fixed)
            values = values - _values(self._model, np.zeros(1), self.coefficients[None], self.fixed)[0]
        return values, np.sqrt(np.einsum("di,ij,dj->d", slopes, self.covariance, slopes))


@dataclass(frozen=True, eq=False)
class ManyFits:
    """One model fitted to the means of many trials: `coefficients` are trials by parameters, `distance` and `aic` one a trial."""

    model: str
    names: tuple[str, ...]
    coefficients: np.ndarray
    distance: np.ndarray
    aic: np.ndarray
    largest_dose: float
    fixed: dict

    def gain(self, doses) -> np.ndarray:
        """Each trial's curve less its value at dose 0, trials by doses."""
        doses = np.atleast_1d(np.asarray(doses, dtype=float))
        model = MODELS[self.model]
        return _values(model, doses, self.coefficients, self.fixed) - _values(model, np.zeros(1), self.coefficients, self.fixed)

    def target_doses(self, gain) -> np.ndarray:
        """Each trial's smallest dose that gains `gain` over dose 0, NaN where none up to the largest dose does."""
        gain = number("gain", gain, low=0, open_low=True)
        return _target_doses(MODELS[self.model], self.coefficients, self.largest_dose, self.fixed, np.full(len(self.coefficients), gain))


def fit(means: DoseMeans, model, *, bounds=None, **fixed) -> Fit:
    """The curve of this model that comes nearest to the means (Bretz 2005; Pinheiro 2014), shape parameters within `bounds`.

    `bounds` are pairs, one for each shape parameter; None: from 0.001 to 1.5 times the largest dose for ed50, 0.5 to 10 for
    h, and so on, as DoseFinding has them. `fixed`: `offset` of log-linear and `scale` of beta. Where the means come from
    people, this is least squares over people. Raises `ValueError` for an unknown model, impossible bounds, or fewer doses
    than parameters.
    """
    model, bounds, fixed = _asked(means.doses, model, bounds, fixed)
    coefficients, left = _nearest(model, means.doses, means.means[None], means.weights, bounds, fixed)
    coefficients, left, count = coefficients[0], float(left[0]), len(model.parameters)
    gradient = _gradient(model, means.doses, coefficients, fixed)
    scale = np.linalg.norm(gradient, axis=0)
    scale[scale == 0] = 1
    # Where the data say nothing of a parameter, such as the ed50 of a flat curve, the others keep their errors.
    covariance = np.linalg.pinv((gradient / scale).T @ means.weights @ (gradient / scale), hermitian=True) / np.outer(scale, scale)
    if means.within is None:
        distance, df, aic, bic = left, means.df, left + 2 * count, np.nan
    else:
        n, distance = means.people, means.within + left
        df = float(n - count - means.slopes)
        if df < 1:
            raise ValueError(f"{plural(n, 'person is', 'people are')} too few for a curve with {count} parameters")
        covariance = covariance * (distance / df)
        likelihood = n * (np.log(2 * np.pi * distance / n) + 1)
        aic, bic = (likelihood + price * (count + means.slopes + 1) for price in (2, np.log(n)))
    shape = coefficients[1 + len(model.linear) :]
    touching = tuple(name for name, value, (low, high) in zip(model.shape, shape, bounds, strict=True) if min(value / low, high / value) < 1 + 1e-5)
    return Fit(model.name, model.parameters, coefficients, covariance, distance, df, float(aic), float(bic), float(means.doses[-1]), fixed, touching)


def many_fits(doses, means, covariance, model, *, bounds=None, **fixed) -> ManyFits:
    """The nearest curve of this model for each row of `means` (trials by doses), all with one `covariance`; else as `fit`."""
    from frailty_lessons.methods.dose_ranging.means import estimates

    means = np.atleast_2d(number("means", means))
    known = estimates(doses, means[0], covariance)
    model, bounds, fixed = _asked(known.doses, model, bounds, fixed)
    coefficients, left = _nearest(model, known.doses, means, known.weights, bounds, fixed)
    return ManyFits(model.name, model.parameters, coefficients, left, left + 2 * len(model.parameters), float(known.doses[-1]), fixed)


def _asked(doses, name, bounds, fixed):
    if name not in MODELS:
        raise ValueError(f"model must be one of {', '.join(MODELS)}, not {name!r}")
    model, largest = MODELS[name], float(doses[-1])
    if len(doses) < len(model.parameters):
        raise ValueError(f"the {name} curve has {len(model.parameters)} parameters, and needs as many doses: there are {len(doses)}")
    usual = model.bounds(largest)
    if bounds is None:
        bounds = usual
    bounds = np.asarray(bounds, dtype=float).reshape(-1, 2) if np.size(bounds) in (2, 4) else np.empty((0, 2))
    if len(bounds) != len(usual) or (bounds[:, 0] <= 0).any() or (bounds[:, 0] >= bounds[:, 1]).any():
        raise ValueError(f"bounds of {name} must be {len(usual)} pairs, each from a lower to a higher number above 0")
    return model, bounds, model.fixed_at(largest, fixed)


def _split(model, coefficients):
    edge = 1 + len(model.linear)
    return coefficients[..., 1:edge], coefficients[..., edge:]


def _values(model, doses, coefficients, fixed) -> np.ndarray:
    """Curves at the doses, curves by doses; `doses` may be one row for all curves, or one row a curve."""
    linear, shape = _split(model, coefficients)
    columns = model.columns(doses, *(shape[:, [i]] for i in range(shape.shape[1])), **fixed)
    return coefficients[:, [0]] + sum(linear[:, [i]] * column for i, column in enumerate(columns))


def _gradient(model, doses, coefficients, fixed) -> np.ndarray:
    """Derivatives of one curve by its parameters, doses by parameters."""
    linear, shape = _split(model, coefficients)
    columns = [np.broadcast_to(column, doses.shape) for column in model.columns(doses, *shape, **fixed)]
    slopes = [linear[0] * slope for slope in model.slopes(doses, *shape, **fixed)] if model.slopes else []
    return np.column_stack([np.ones(len(doses)), *columns, *slopes])


def _nearest(model, doses, means, weights, bounds, fixed):
    """Coefficients (trials by parameters) of the nearest curves, and what is left of the weighted sums of squares.

    Given the shape, the other parameters are those of a linear model and drop out (Golub & Pereyra 1973, SIAM J Numer Anal
    10:413-432): only the shape is searched, first on a grid, then step by step around the best point with steps that halve.
    """
    root = np.linalg.cholesky(weights).T
    if not model.shape:
        design = np.column_stack([np.ones(len(doses)), *model.columns(doses, **fixed)])
        coefficients = np.linalg.lstsq(root @ design, root @ means.T)[0].T
        return coefficients, np.sum(((means - coefficients @ design.T) @ root.T) ** 2, axis=1)
    ones = root.sum(axis=1)
    within = root - np.outer(ones, ones @ root) / (ones @ ones)
    response = means @ within.T

    def column(logs):
        return model.columns(doses, *(np.exp(logs[..., [i]]) for i in range(logs.shape[-1])), **fixed)[0]

    def explained(logs, response):
        """The sum of squares that the best curve of each shape explains; `logs` is trials by shapes by parameters."""
        turned = column(logs) @ within.T
        return np.einsum("...sk,...k->...s", turned, response) ** 2 / np.maximum(np.einsum("...sk,...sk->...s", turned, turned), 1e-300)

    low, high = np.log(bounds).T
    axes = [np.linspace(*ends, count) for ends, count in zip(np.log(bounds), GRID[len(bounds)], strict=True)]
    grid = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1).reshape(-1, len(bounds))
    turned = column(grid) @ within.T
    turned /= np.maximum(np.linalg.norm(turned, axis=1, keepdims=True), 1e-150)
    best = grid[np.argmax((response @ turned.T) ** 2, axis=1)]
    steps = np.tile([axis[1] - axis[0] for axis in axes], (len(means), 1))
    around = np.array(sorted(product((-1, 0, 1), repeat=len(bounds)), key=np.any))
    going, rounds = np.arange(len(means)), 0
    while going.size and rounds < ROUNDS:
        tried = np.clip(best[going, None] + around * steps[going, None], low, high)
        chosen = np.argmax(explained(tried, response[going]), axis=1)
        best[going] = tried[np.arange(going.size), chosen]
        steps[going[chosen == 0]] /= 2
        going = going[steps[going].max(axis=1) > PRECISION]
        rounds += 1
    shape = column(best)
    turned = shape @ within.T
    slope = np.einsum("tk,tk->t", turned, response) / np.maximum(np.einsum("tk,tk->t", turned, turned), 1e-300)
    level = (means - slope[:, None] * shape) @ root.T @ ones / (ones @ ones)
    coefficients = np.column_stack([level, slope, np.clip(np.exp(best), *np.asarray(bounds).T)])
    return coefficients, np.sum((response - slope[:, None] * turned) ** 2, axis=1)


def _target_doses(model, coefficients, largest, fixed, gains) -> np.ndarray:
    """Smallest doses that reach the `gains`, one a curve: up to its turning point a curve goes one way.

    One that falls first and then turns up is asked up to the largest dose: it passes each gain once.
    """

    def valued(doses):
        return _values(model, doses[:, None], coefficients, fixed)[:, 0]

    start, most = valued(np.zeros(1)), valued(np.full(1, largest))
    ends = np.minimum(largest, model.turning(*_split(model, coefficients), fixed))
    ends = np.where(valued(ends) < most, largest, ends)
    low, high = np.zeros(len(ends)), ends.copy()
    reached = valued(ends) - start >= gains
    for _ in range(45):
        middle = (low + high) / 2
        enough = valued(middle) - start >= gains
        low, high = np.where(enough, low, middle), np.where(enough, middle, high)
    return np.where(reached, high, np.nan)
