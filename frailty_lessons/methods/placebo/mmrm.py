"""A mixed model for repeated measures: every visit of every person at once, whoever left in between."""

from dataclasses import dataclass
from numbers import Real

import numpy as np
from scipy.special import stdtr, stdtrit

from frailty_lessons.methods.checks import number, plural
from frailty_lessons.methods.placebo.result import COLUMNS, Comparisons

DF = {
    "satterthwaite": "Satterthwaite's degrees of freedom",
    "kenward-roger": "Kenward and Roger's errors and degrees of freedom",
    "kenward-roger-linear": "Kenward and Roger's errors and degrees of freedom, without second derivatives",
}
MISSING = (
    "Whether a value is missing is taken to depend only on what was seen of that person (missing at random): "
    "the estimate is what would have been, had people who left gone on as those did who were like them until then."
)


@dataclass(frozen=True, eq=False, kw_only=True)
class MMRM(Comparisons):
    """Differences at every visit, and the model behind them.

    Attributes
    ----------
    covariance
        DataFrame, visits by visits: how one person's outcomes vary together around what the model expects, alike in all arms.
    coefficients
        DataFrame, one row a visit: the `intercept` (control, baseline 0), each other arm minus control, and the slope on
        `baseline` if there is one.
    log_likelihood
        The restricted log-likelihood, with all its constants, of the fixed effects in these columns.
    """

    covariance: object
    coefficients: object
    log_likelihood: float


@dataclass(frozen=True)
class _Sums:
    """All that the likelihood needs: one entry for all people who were seen at the same visits.

    `seen` (sets of visits × visits), `people`; sums over the people of each set: `zz` of z·zᵀ, `yz` of y·zᵀ, `yy` of y·yᵀ,
    where z is what the model knows of a person (control, arms, baseline) and y the outcomes, 0 where there is none.
    """

    seen: np.ndarray
    people: np.ndarray
    zz: np.ndarray
    yz: np.ndarray
    yy: np.ndarray


def mmrm(frame, *, outcome, arm, visit, subject, baseline, control, df="satterthwaite", level=0.95) -> MMRM:
    """Arms minus control at every visit, by a mixed model for repeated measures (Mallinckrodt et al. 2008, Drug Inf J 42:303-319).

    Fixed effects are arm, visit and baseline with arm-by-visit and baseline-by-visit; a person's outcomes have an
    unstructured covariance, the same in all arms, estimated by restricted maximum likelihood (Patterson & Thompson 1971,
    Biometrika 58:545-554). Every outcome that is there counts, and rows without one are left out: values are taken to be
    missing at random.

    Parameters
    ----------
    frame
        pandas DataFrame, one row a person and visit.
    outcome, arm, visit, subject, baseline
        Names of its columns. Arms and visits keep the order of their categories, numbers are sorted, other labels come as
        they first appear. `baseline` is one value a person, or None for a model without.
    control
        The label in `arm` that all others are compared with.
    df
        `satterthwaite` (Giesbrecht & Burns 1985, Biometrics 41:477-486), `kenward-roger` (1997, Biometrics 53:983-997) or
        `kenward-roger-linear`. For one difference at a time all three have the same degrees of freedom; the last two
        enlarge the standard error for the covariance being estimated. `kenward-roger` includes the second derivatives of
        the covariance in its logarithmic Cholesky parameters, as the R package mmrm does when asked for Kenward-Roger: they
        depend on the parameters chosen, and can make an error smaller than that of ANCOVA. `kenward-roger-linear` leaves
        them out, as if the covariance were linear in its parameters, and agrees with ANCOVA where there is one visit.
    level
        Confidence of the limits, 0 to 1.

    Raises
    ------
    ValueError
        If the frame cannot answer, with the arm, visit or person in the way.
    """
    if df not in DF:
        raise ValueError(f"df must be one of {', '.join(DF)}, not {df!r}")
    level = number("level", level, low=0, high=1, open_low=True, open_high=True)
    arms, visits, group, y, x, notes = _people(frame, outcome, arm, visit, subject, baseline, control)

    seen = ~np.isnan(y)
    _attended(seen, group, arms, visits, "an outcome" if x is None else f"an outcome and {baseline}")

    # The model has all effects by visit, so that z of a person serves every visit and the design is its Kronecker product.
    others = [k for k, label in enumerate(arms) if label != control]
    z = np.column_stack([np.ones(len(y)), *(group == k for k in others)])
    middle, width = 0.0, 1.0
    if x is not None:
        middle, width = x.mean(), x.std()
        if not width > 1e-12 * np.abs(x).max():
            raise ValueError(f"{baseline} is {x[0]:g} in everybody: a baseline must differ between people, or be left out")
        z = np.column_stack([z, (x - middle) / width])
    _enough(seen, z, visits, baseline)

    # Least squares at each visit first: what is left has no large numbers in it.
    first = np.stack([np.linalg.lstsq(z[at], y[at, k])[0] for k, at in enumerate(seen.T)])
    rest = np.where(seen, y - z @ first.T, 0.0)
    spread = np.sqrt((rest**2).sum(0) / (seen.sum(0) - z.shape[1]))
    for label, sd, values in zip(visits, spread, y.T, strict=True):
        if not sd > 1e-11 * np.nanmax(np.abs(values)):
            raise ValueError(f"{outcome} does not vary at visit {label} beyond arm and baseline: without any spread there is no error to compare with")
    found = _fit(_sum(rest, seen, z), _start(rest, seen, spread, visits), visits)

    beta = first + found["beta"]
    variance, freedom = _errors(found, df)
    q, index = z.shape[1], [1 + k for k in range(len(others))]
    at = np.array([t * q + k for t in range(len(visits)) for k in index])
    estimate, error, freedom = beta.ravel()[at], np.sqrt(variance[at]), freedom[at]
    half = stdtrit(freedom, (1 + level) / 2) * error
    counts = np.stack([seen[group == k].sum(0) for k in range(len(arms))])
    here = arms.index(control)
    import pandas as pd

    rows = [(arms[k], control, label, t, k) for t, label in enumerate(visits) for k in others]
    estimates = pd.DataFrame(
        dict(zip(COLUMNS, (
            [row[0] for row in rows], [row[1] for row in rows], [row[2] for row in rows],
            estimate, error, freedom, estimate - half, estimate + half, 2 * stdtr(freedom, -np.abs(estimate) / error),
            [counts[k, t] for *_, t, k in rows], [counts[here, t] for *_, t, _ in rows],
        ), strict=True))
    )
    if x is not None:
        beta[:, -1] /= width
        beta[:, 0] -= middle * beta[:, -1]
    names = ["intercept", *(arms[k] for k in others), *([] if x is None else ["baseline"])]
    free = seen.sum() - beta.size
    minus_twice = found["value"] + free * np.log(2 * np.pi) + 2 * len(visits) * np.log(width)
    adjustment = "" if x is None else f", adjusted for {baseline}"
    return MMRM(
        f"Mixed model for repeated measures{adjustment}, {DF[df]}", estimates, level, notes=(MISSING, *notes),
        covariance=pd.DataFrame(found["covariance"], visits, visits),
        coefficients=pd.DataFrame(beta, visits, names),
        log_likelihood=float(-minus_twice / 2),
    )


def _people(frame, outcome, arm, visit, subject, baseline, control):
    """Labels of arms and visits, then each person's arm, outcomes by visit and baseline, and notes on who was left out."""
    import pandas as pd

    named = {"outcome": outcome, "arm": arm, "visit": visit, "subject": subject, **({} if baseline is None else {"baseline": baseline})}
    if not isinstance(frame, pd.DataFrame):
        raise ValueError(f"frame must be a pandas DataFrame, not {type(frame).__name__}")
    for role, column in named.items():
        if list(frame.columns).count(column) != 1:
            raise ValueError(f"{role} must be one column of the frame ({', '.join(map(str, frame.columns))}), not {column!r}")
    values = _numbers(frame, outcome)
    labels = {role: _labels(frame[named[role]]) for role in ("arm", "visit", "subject")}
    for role, (_, codes) in labels.items():
        if (codes < 0).any():
            raise ValueError(f"row {frame.index[codes < 0][0]} has no {role} in {named[role]}: every row needs one")
    (arms, group), (visits, time), (people, person) = labels.values()
    if control not in arms:
        raise ValueError(f"control must be an arm ({', '.join(map(str, arms)) or 'there are none'}), not {control!r}")
    if len(arms) < 2:
        raise ValueError(f"{arm} has no arm besides {control}: there must be at least two to compare")
    twice = pd.Series(person * len(visits) + time).duplicated().to_numpy()
    if twice.any():
        raise ValueError(f"{people[person[twice][0]]} has two rows for visit {visits[time[twice][0]]}: there must be one row a person and visit")
    arm_of = _one_each(person, group, np.ones(len(group), bool), people, arm, arms)
    y = np.full((len(people), len(visits)), np.nan)
    y[person, time] = values
    keep, x, notes = ~np.isnan(y).all(1), None, []
    if baseline is not None:
        given = _numbers(frame, baseline)
        x = _one_each(person, given, ~np.isnan(given), people, baseline)
        without = int((keep & np.isnan(x)).sum())
        if without:
            notes.append(f"Left out for want of {baseline}: {plural(without, 'person', 'people')}.")
        keep &= ~np.isnan(x)
        x = x[keep]
    return arms, visits, arm_of[keep], y[keep], x, notes


def _numbers(frame, column):
    """The column as floats, NaN where it is empty."""
    series = frame[column]
    if series.dtype.kind not in "biuf":
        for value in series.dropna():
            if not isinstance(value, Real):
                raise ValueError(f"{column} must hold numbers, not {value!r}")
    values = series.to_numpy(dtype=float, na_value=np.nan)
    if np.isinf(values).any():
        raise ValueError(f"{column} must be finite, not {values[np.isinf(values)][0]:g} as in row {frame.index[np.isinf(values)][0]}: leave empty what is missing")
    return values


def _labels(series):
    """Labels in order, and the place of each value among them, −1 for none."""
    import pandas as pd

    if isinstance(series.dtype, pd.CategoricalDtype):
        series = series.cat.remove_unused_categories()
        return list(series.cat.categories), series.cat.codes.to_numpy()
    codes, labels = pd.factorize(series, sort=series.dtype.kind in "biufmM")
    return list(labels), codes


def _one_each(person, values, there, people, column, names=None):
    """The one value of each person, NaN (−1 for whole numbers) for none."""
    found = np.full(len(people), np.nan if values.dtype.kind == "f" else -1, dtype=values.dtype)
    found[person[there]] = values[there]
    wrong = np.flatnonzero(there & (found[person] != values))
    if len(wrong):
        k = wrong[0]
        both = [f"{value:g}" if names is None else f"{names[value]}" for value in (values[k], found[person[k]])]
        raise ValueError(f"{people[person[k]]} has two values of {column}, {both[0]} and {both[1]}: there must be one a person")
    return found


def _attended(seen, group, arms, visits, what):
    """Raises `ValueError` for an arm of fewer than two people, a visit that nobody attended, or nobody of one arm."""
    for k, label in enumerate(arms):
        people = int((group == k).sum())
        if people < 2:
            raise ValueError(f"arm {label} has {plural(people, 'person', 'people')} with {what}: an arm needs at least two")
    for label, at in zip(visits, seen.T, strict=True):
        if not at.any():
            raise ValueError(f"nobody has {what} at visit {label}: leave that visit out")
        for k, name in enumerate(arms):
            if not at[group == k].any():
                raise ValueError(f"nobody in arm {name} has {what} at visit {label}: leave that arm or that visit out")


def _enough(seen, z, visits, baseline):
    """Raises `ValueError` for effects that cannot be told apart, and for spreads that too few people show."""
    for label, at in zip(visits, seen.T, strict=True):
        if at.sum() <= z.shape[1]:
            raise ValueError(f"visit {label} has outcomes of {at.sum()} people: to estimate {z.shape[1]} effects and a spread it needs at least {z.shape[1] + 1}")
        if np.linalg.matrix_rank(z[at], rtol=1e-9) < z.shape[1]:
            raise ValueError(f"at visit {label} nobody differs in {baseline} from others of the same arm: its effect cannot be told from the arms'")
    together = seen.T.astype(int) @ seen
    for s, t in np.argwhere(np.triu(together == 0)):
        raise ValueError(f"nobody was seen at both visits {visits[s]} and {visits[t]}: how they vary together cannot be estimated")


def _sum(y, seen, z) -> _Sums:
    patterns, which = np.unique(seen, axis=0, return_inverse=True)
    member = (which.ravel() == np.arange(len(patterns))[:, None]).astype(float)
    return _Sums(
        patterns, member.sum(1), np.einsum("gn,ni,nj->gij", member, z, z, optimize=True),
        np.einsum("gn,ns,nj->gsj", member, y, z, optimize=True), np.einsum("gn,ns,nt->gst", member, y, y, optimize=True),
    )


def _start(rest, seen, spread, visits):
    """Parameters of a first guess of the covariance: the spreads, and correlations from the people seen at both visits."""
    squares = (rest**2).T @ seen
    correlation = rest.T @ rest / np.sqrt(np.maximum(squares * squares.T, np.finfo(float).tiny))
    for s, t in np.argwhere(np.triu(np.abs(correlation) > 1 - 1e-10, 1) & (seen.T.astype(int) @ seen > 2)):
        raise ValueError(f"outcomes at visits {visits[s]} and {visits[t]} tell the same of everybody seen at both: leave one of the two visits out")
    np.fill_diagonal(correlation, 1)
    while np.linalg.eigvalsh(correlation)[0] < 1e-8:
        correlation = (correlation + np.eye(len(spread))) / 2
    factor = np.linalg.cholesky(correlation)
    alone = factor.diagonal()
    return np.concatenate([np.log(spread * alone), (factor / alone[:, None])[np.tril_indices(len(spread), -1)]])


def _fit(sums, start, visits):
    """What `_criterion` finds where the restricted likelihood is highest, with its `value` and `hessian`."""
    from scipy.optimize import minimize

    try:
        with np.errstate(all="ignore"):
            theta = minimize(
                lambda theta: _criterion(theta, sums)[:2], start, jac=True, hess=lambda theta: _criterion(theta, sums)[2],
                method="trust-exact", options={"gtol": 1e-3, "maxiter": 200, "max_trust_radius": 4.0},
            ).x
            # The last steps are too small for the value to show them.
            for _ in range(4):
                value, gradient, hessian, found = _criterion(theta, sums)
                step = np.linalg.solve(hessian, gradient)
                theta = theta - step
            unit = np.sqrt(hessian.diagonal())
            settled = np.linalg.eigvalsh(hessian / np.outer(unit, unit))[0] > 1e-12 and np.abs(step * unit).max() < 1e-5
    except np.linalg.LinAlgError:
        settled = False
    if not settled:
        raise ValueError(
            f"the covariance of visits {', '.join(map(str, visits))} cannot be estimated, as outcomes at one follow without error "
            "from those at others, or too few people were seen at two of them: leave out a visit, or see more people"
        )
    return {**found, "value": value, "hessian": hessian}


def _covariance(theta, m):
    """Σ = D·L·Lᵀ·D, with D = diag exp(θ₁ … θₘ) and L lower with a diagonal of ones, its first and its second derivatives.

    Any θ gives a covariance (Pinheiro & Bates 1996, Stat Comput 6:289-296).
    """
    k, on, rest = len(theta), np.arange(m), np.arange(m, len(theta))
    rows, columns = np.tril_indices(m, -1)
    sd = np.exp(theta[:m])
    factor = np.diag(sd)
    factor[rows, columns] = sd[rows] * theta[m:]
    first, second = np.zeros((k, m, m)), np.zeros((k, k, m, m))
    first[on, on] = second[on, on, on] = factor
    first[rest, rows, columns] = second[rows, rest, rows, columns] = second[rest, rows, rows, columns] = sd[rows]
    slope = first @ factor.T
    bend = second @ factor.T + np.einsum("ais,bts->abit", first, first)
    return factor @ factor.T, slope + slope.swapaxes(-1, -2), bend + bend.swapaxes(-1, -2)


def _criterion(theta, sums):
    """Minus twice the restricted log-likelihood less constants, its gradient and Hessian, and what they are made of.

    Derivatives after Lindstrom & Bates 1988, J Am Stat Assoc 83:1014-1022. In their words, with V the covariance and X the
    design of all outcomes, `phi` is (Xᵀ·V⁻¹·X)⁻¹, and `p` is Xᵀ·V⁻¹·(∂V)·V⁻¹·X for each parameter.
    """
    m, q = sums.yz.shape[1:]
    covariance, slope, bend = _covariance(theta, m)
    alone = np.exp(2 * theta[:m]) / covariance.diagonal()
    if alone.min() < 1e-10:
        raise np.linalg.LinAlgError("a visit follows from the others")
    both = sums.seen[:, :, None] & sums.seen[:, None, :]
    part = np.where(both, covariance, np.eye(m))
    weight = np.linalg.inv(part) * both

    information = _kron(weight, sums.zz)
    phi = np.linalg.inv(information)
    beta = (phi @ np.einsum("gst,gti->si", weight, sums.yz).ravel()).reshape(m, q)
    yz = sums.yz - beta @ sums.zz
    left = sums.yy - sums.yz @ beta.T - beta @ yz.swapaxes(-1, -2)
    value = sums.people @ np.linalg.slogdet(part)[1] + np.linalg.slogdet(information)[1] + (weight * left).sum()

    # What is left of the outcomes, and what the estimated means took from it.
    left = left + np.einsum("sitj,gij->gst", phi.reshape(m, q, m, q), sums.zz)
    steep = (sums.people[:, None, None] * weight - weight @ left @ weight).sum(0)
    gradient = np.einsum("st,ast->a", steep, slope)

    turned = weight[:, None] @ slope
    framed = turned @ weight[:, None]
    p = _kron(framed, sums.zz)
    phi_p = phi @ p
    u = np.einsum("gast,gti->asi", framed, yz).reshape(len(theta), -1)
    inner = turned @ (2 * weight @ left - sums.people[:, None, None] * np.eye(m))[:, None]
    hessian = np.einsum("gast,gbts->ab", turned, inner, optimize=True)
    hessian = (hessian + hessian.T) / 2 - np.einsum("ast,bts->ab", phi_p, phi_p, optimize=True) - 2 * u @ phi @ u.T
    hessian = hessian + np.einsum("st,abst->ab", steep, bend)
    return value, gradient, hessian, {
        "beta": beta, "phi": phi, "p": p, "covariance": covariance, "weight": weight, "turned": turned, "framed": framed, "bend": bend, "zz": sums.zz,
    }


def _kron(left, zz):
    """Σ left ⊗ zz over the sets of people; `left` may have an axis of parameters in between."""
    m, q = left.shape[-1], zz.shape[-1]
    found = np.tensordot(left, zz, axes=(0, 0))
    return found.swapaxes(-2, -3).reshape(*left.shape[1:-2], m * q, m * q)


def _errors(found, df):
    """The variance of each coefficient, adjusted as `df` says, and its degrees of freedom."""
    phi, p = found["phi"], found["p"]
    theta_covariance = 2 * np.linalg.inv(found["hessian"])
    variance = phi.diagonal()
    moves = np.einsum("is,ast,ti->ia", phi, p, phi, optimize=True)
    # The variance of a variance, by the delta method: v has 2·v²/var(v) degrees of freedom. Kenward and Roger's agree in one dimension.
    freedom = 2 * variance**2 / np.einsum("ia,ab,ib->i", moves, theta_covariance, moves)
    if df == "satterthwaite":
        return variance, freedom
    # Kenward & Roger 1997, equation 3: Φ + 2·Φ·{Σ w·(Q − P·Φ·P − R/4)}·Φ.
    mixed = np.einsum("ab,gbst->gast", theta_covariance, found["framed"])
    q = (found["turned"] @ mixed).sum(1)
    if df == "kenward-roger":
        bent = np.einsum("ab,abst->st", theta_covariance, found["bend"])
        q = q - found["weight"] @ bent @ found["weight"] / 4
    middle = _kron(q, found["zz"]) - np.einsum("ab,ast,btu->su", theta_covariance, p @ phi, p, optimize=True)
    adjusted = variance + 2 * np.einsum("is,st,ti->i", phi, middle, phi, optimize=True)
    if not adjusted.min() > 0:
        raise ValueError(f"there are too few people for {df}, whose variance falls below 0: take satterthwaite")
    return adjusted, freedom
