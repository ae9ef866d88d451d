"""The shapes that a dose-response curve may have, in the parametrisation of Bornkamp, Pinheiro & Bretz."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.special import expit, xlogy

from frailty_lessons.methods.checks import number


@dataclass(frozen=True)
class Model:
    """Response = e0 + sum of the `linear` parameters times the `columns`, which depend on the dose and the `shape` parameters.

    `columns(dose, *shape, **fixed)` is a tuple with one array a linear parameter, `slopes` a tuple of the derivatives of the
    only column with respect to each shape parameter. `fixed` are numbers that are not estimated, with their usual value as
    a share of the largest dose; `bounds(largest)` are the usual limits of the shape parameters (DoseFinding's `defBnds`).
    """

    name: str
    linear: tuple[str, ...]
    columns: Callable
    shape: tuple[str, ...] = ()
    slopes: Callable | None = None
    bounds: Callable = lambda largest: ()
    fixed: tuple[tuple[str, float], ...] = ()

    @property
    def parameters(self) -> tuple[str, ...]:
        """Names of all parameters that are estimated, in order."""
        return ("e0", *self.linear, *self.shape)

    def fixed_at(self, largest, given=None) -> dict:
        """The numbers that are not estimated: those given, else their usual values."""
        given = dict(given or {})
        found = {name: number(name, given.pop(name, share * largest), low=0, open_low=True) for name, share in self.fixed}
        if given:
            raise ValueError(f"the {self.name} model has no parameter {next(iter(given))!r}")
        if "scale" in found and found["scale"] <= largest:
            raise ValueError(f"scale must be above the largest dose, {largest:g}, not {found['scale']:g}")
        return found

    def turning(self, linear, shape, fixed) -> np.ndarray:
        """The dose at which each curve turns, infinite where it never does; `linear` and `shape` are curves by parameters."""
        if self.name == "quadratic":
            b1, b2 = linear.T
            with np.errstate(divide="ignore", invalid="ignore"):
                return np.where(b1 * b2 < 0, -b1 / (2 * b2), np.inf)
        if self.name == "beta":
            return fixed["scale"] * shape[:, 0] / shape.sum(axis=1)
        return np.full(len(linear), np.inf)


def _sigmoid(dose, ed50, h):
    with np.errstate(divide="ignore"):
        return expit(h * (np.log(dose) - np.log(ed50)))


def _sigmoid_slopes(dose, ed50, h):
    share = _sigmoid(dose, ed50, h)
    return -share * (1 - share) * h / ed50, (1 - share) * (xlogy(share, dose) - share * np.log(ed50))


def _logistic_slopes(dose, ed50, delta):
    share = expit((dose - ed50) / delta)
    bend = share * (1 - share) / delta
    return -bend, -bend * (dose - ed50) / delta


def _beta(dose, delta1, delta2, scale):
    part = dose / scale
    log_top = xlogy(delta1 + delta2, delta1 + delta2) - xlogy(delta1, delta1) - xlogy(delta2, delta2)
    return np.exp(log_top) * part**delta1 * (1 - part) ** delta2


def _beta_slopes(dose, delta1, delta2, scale):
    value, part = _beta(dose, delta1, delta2, scale), dose / scale
    return value * np.log((delta1 + delta2) / delta1) + xlogy(value, part), value * (np.log((delta1 + delta2) / delta2) + np.log(1 - part))


MODELS = {
    model.name: model
    for model in (
        Model("linear", ("delta",), lambda dose: (dose,)),
        Model("log-linear", ("delta",), lambda dose, offset: (np.log(dose + offset),), fixed=(("offset", 0.01),)),
        Model("quadratic", ("b1", "b2"), lambda dose: (dose, dose**2)),
        Model(
            "emax", ("emax",), lambda dose, ed50: (dose / (ed50 + dose),), ("ed50",), lambda dose, ed50: (-dose / (ed50 + dose) ** 2,),
            lambda largest: ((0.001 * largest, 1.5 * largest),),
        ),
        Model(
            "sigmoid emax", ("emax",), lambda dose, ed50, h: (_sigmoid(dose, ed50, h),), ("ed50", "h"), _sigmoid_slopes,
            lambda largest: ((0.001 * largest, 1.5 * largest), (0.5, 10)),
        ),
        Model(
            "exponential", ("e1",), lambda dose, delta: (np.expm1(dose / delta),), ("delta",), lambda dose, delta: (-dose / delta**2 * np.exp(dose / delta),),
            lambda largest: ((0.1 * largest, 2 * largest),),
        ),
        Model(
            "logistic", ("emax",), lambda dose, ed50, delta: (expit((dose - ed50) / delta),), ("ed50", "delta"), _logistic_slopes,
            lambda largest: ((0.001 * largest, 1.5 * largest), (0.01 * largest, 0.5 * largest)),
        ),
        Model(
            "beta", ("emax",), lambda dose, delta1, delta2, scale: (_beta(dose, delta1, delta2, scale),), ("delta1", "delta2"), _beta_slopes,
            lambda largest: ((0.05, 4), (0.05, 4)), (("scale", 1.2),),
        ),
    )
}  # fmt: skip
"""Every model that can be fitted, by name."""

INTERPOLATION = "linear interpolation"


@dataclass(frozen=True)
class Candidate:
    """A shape guessed before the trial: the model's name, its parameters, and a label for tables."""

    model: str
    parameters: tuple[tuple[str, object], ...] = ()

    @property
    def label(self) -> str:
        """The model, with the guess where there is one: `emax (ed50 25)`."""
        said = ", ".join(f"{name} {value:g}" for name, value in self.parameters if np.ndim(value) == 0)
        return f"{self.model} ({said})" if said else self.model

    @property
    def fixed(self) -> dict:
        """The guessed numbers that a fit would not estimate."""
        names = {name for name, _ in MODELS[self.model].fixed} if self.model in MODELS else set()
        return {name: value for name, value in self.parameters if name in names}

    def at(self, doses) -> np.ndarray:
        """The standardised shape at these doses, lowest first: only differences and their ratios matter."""
        doses, given = np.asarray(doses, dtype=float), dict(self.parameters)
        if self.model == INTERPOLATION:
            values = np.asarray(given["values"], dtype=float)
            if len(values) != len(doses) - 1:
                raise ValueError(f"linear interpolation needs one value for each of the {len(doses) - 1} doses above the lowest, not {len(values)}")
            return np.concatenate([[0.0], values])
        if self.model == "quadratic":
            return doses + given["delta"] * doses**2
        model = MODELS[self.model]
        fixed = model.fixed_at(doses.max(), self.fixed)
        return model.columns(doses, *(given[name] for name in model.shape), **fixed)[0]


def candidate(model, **parameters) -> Candidate:
    """A shape to test for: `candidate("linear")`, `candidate("emax", ed50=25)`, `candidate("quadratic", delta=-0.0035)`.

    `model` is a name of `MODELS` or `linear interpolation` (`values`: one for each dose above the lowest). The guesses are
    `ed50` (and `h`) for emax (sigmoid emax), `delta` for exponential and quadratic (d + delta d²), `ed50` and `delta` for
    logistic, `delta1` and `delta2` for beta; `offset` of log-linear and `scale` of beta may be left out. Raises `ValueError`
    for another model, or for guesses that are missing, unknown or impossible.
    """
    if model == INTERPOLATION:
        needed, extra = ("values",), ()
    elif model in MODELS:
        needed = ("delta",) if model == "quadratic" else MODELS[model].shape
        extra = tuple(name for name, _ in MODELS[model].fixed)
    else:
        raise ValueError(f"model must be one of {', '.join((*MODELS, INTERPOLATION))}, not {model!r}")
    article = "an" if model[0] in "aeiou" else "a"
    for name in needed:
        if name not in parameters:
            raise ValueError(f"{article} {model} candidate needs {name}")
    for name, value in parameters.items():
        if name not in (*needed, *extra):
            raise ValueError(f"{article} {model} candidate has no parameter {name!r}")
        if name == "values":
            parameters[name] = tuple(float(one) for one in np.atleast_1d(number(name, value)))
        elif model == "quadratic":
            parameters[name] = number(name, value)
        else:
            parameters[name] = number(name, value, low=0, open_low=True)
    return Candidate(model, tuple(parameters.items()))
