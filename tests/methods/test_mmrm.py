"""The mixed model for repeated measures against R, against dense matrices by the textbook, and against itself."""

import json
from importlib import import_module
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf
from hypothesis import given, settings
from hypothesis import strategies as st

from frailty_lessons.methods.placebo.mmrm import DF, MMRM, mmrm

MODULE = import_module("frailty_lessons.methods.placebo.mmrm")
REFERENCE = Path(__file__).parents[1] / "reference"
FROM_R = json.loads((REFERENCE / "synthetic_open.json").read_text())["results"]
TRIAL = pd.read_csv(REFERENCE / "synthetic_open.csv")
ROLES = {"outcome": "change", "arm": "arm", "visit": "day", "subject": "participant", "baseline": "baseline", "control": "placebo"}
KEYS = {"estimate": "estimate", "standard_error": "se", "df": "df", "low": "lower", "high": "upper", "p_value": "p"}
FIGURES = list(KEYS)


def figures(result, columns=FIGURES):
    """One row an arm and visit, whatever the order."""
    return result.estimates.set_index(["arm", "visit"])[columns].sort_index()


def from_r(df):
    rows = pd.DataFrame(FROM_R[f"mmrm_{df.replace('-', '_')}"]["rows"])
    rows["arm"] = rows["contrast"].str.removesuffix(" - placebo")
    rows = rows.set_index(["arm", "day"])[list(KEYS.values())].sort_index()
    return rows.set_axis(FIGURES, axis=1)


def r_covariance():
    return np.array(FROM_R["mmrm_satterthwaite"]["covariance"])


@pytest.mark.parametrize("df", DF)
def test_r(df):
    """R stops its search a little early (the next test), which leaves some figures in the fifth digit apart."""
    found, known = figures(mmrm(TRIAL, **ROLES, df=df)), from_r(df)
    for name, tolerance in {"estimate": 1e-4, "standard_error": 1e-4, "df": 1e-3, "p_value": 1e-3}.items():
        np.testing.assert_allclose(found[name], known[name], rtol=tolerance)
    np.testing.assert_allclose(found[["low", "high"]], known[["low", "high"]], atol=0.005)


def test_r_covariance_and_likelihood():
    result = mmrm(TRIAL, **ROLES)
    np.testing.assert_allclose(result.covariance, r_covariance(), rtol=3e-4)
    # Ours lies higher, by a hair.
    assert 0 < 2 * result.log_likelihood + FROM_R["mmrm_satterthwaite"]["minus2_reml"] < 1e-5


@pytest.mark.parametrize("df", DF)
def test_r_where_r_stopped(df, monkeypatch):
    """At R's own covariance all figures are R's, to the digits that it printed."""
    factor = np.linalg.cholesky(r_covariance())
    sd = factor.diagonal()
    theta = np.concatenate([np.log(sd), (factor / sd[:, None])[np.tril_indices(3, -1)]])

    def stopped(sums, *_):
        value, _, hessian, found = MODULE._criterion(theta, sums)
        return {**found, "value": value, "hessian": hessian}

    monkeypatch.setattr(MODULE, "_fit", stopped)
    result = mmrm(TRIAL, **ROLES, df=df)
    np.testing.assert_allclose(figures(result), from_r(df), rtol=1e-7)
    assert -2 * result.log_likelihood == pytest.approx(FROM_R["mmrm_satterthwaite"]["minus2_reml"], abs=1e-8)


def test_r_counts():
    result = mmrm(TRIAL, **ROLES).estimates
    for row in result.itertuples():
        n = FROM_R[f"ancova_d{row.visit}"]["n"]
        assert (row.n_arm, row.n_control) == (n[row.arm], n["placebo"])


def simulated(seed, people=40, visits=3, arms=2, dropout=0.2, offset=0.0):
    """A small trial with values missing here and there, all arms and pairs of visits seen."""
    rng = np.random.default_rng(seed)
    group = np.arange(people) % arms
    x = rng.normal(300, 50, people)
    root = rng.normal(size=(visits, visits)) + 2 * np.eye(visits)
    y = 0.2 * x[:, None] + group[:, None] * rng.normal(size=visits) + rng.normal(size=(people, visits)) @ root.T + offset
    y[(rng.random((people, visits)) < dropout) & (np.arange(people) >= 4 * arms)[:, None]] = np.nan
    return pd.DataFrame({
        "who": np.repeat(np.arange(people), visits), "day": np.tile(90 * np.arange(1, visits + 1), people),
        "arm": np.array(["placebo", "low", "high"])[np.repeat(group, visits)], "x": np.repeat(x, visits), "y": y.ravel(),
    })


SMALL = {"outcome": "y", "arm": "arm", "visit": "day", "subject": "who", "baseline": "x", "control": "placebo"}


def dense(frame, covariance):
    """All formulas with one large matrix each, as the books write them: one row an outcome, no sums, no Kronecker products."""
    frame = frame.dropna(subset="y")
    visits = sorted(frame["day"].unique())
    m, at = len(visits), np.searchsorted(visits, frame["day"])
    same = frame["who"].to_numpy()[:, None] == frame["who"].to_numpy()
    each = np.eye(m)[at]
    arm = (frame["arm"] != "placebo").to_numpy(float)[:, None]
    x = np.hstack([each, arm * each, frame[["x"]].to_numpy() * each])
    y = frame["y"].to_numpy()

    def spread(matrix):
        return matrix[np.ix_(at, at)] * same

    v = np.linalg.inv(spread(covariance))
    information = x.T @ v @ x
    phi = np.linalg.inv(information)
    p = v - v @ x @ phi @ x.T @ v
    units = []
    for i, j in zip(*np.tril_indices(m), strict=True):
        unit = np.zeros((m, m))
        unit[i, j] = unit[j, i] = 1
        units.append(spread(unit))
    gradient = np.array([np.trace(p @ d) - y @ p @ d @ p @ y for d in units])
    hessian = np.array([[-np.trace(p @ c @ p @ d) + 2 * y @ p @ c @ p @ d @ p @ y for c in units] for d in units])
    w = 2 * np.linalg.inv(hessian)
    first = [x.T @ v @ d @ v @ x for d in units]
    moves = np.array([(phi @ d @ phi).diagonal() for d in first])
    linear = sum(
        w[a, b] * (x.T @ v @ units[a] @ v @ units[b] @ v @ x - first[a] @ phi @ first[b])
        for a in range(len(units)) for b in range(len(units))
    )
    value = -np.linalg.slogdet(v)[1] + np.linalg.slogdet(information)[1] + y @ p @ y + (len(y) - x.shape[1]) * np.log(2 * np.pi)
    effects = slice(m, 2 * m)
    return {
        "gradient": gradient, "log_likelihood": -value / 2, "estimate": (phi @ x.T @ v @ y)[effects],
        "satterthwaite": np.sqrt(phi.diagonal())[effects],
        "kenward-roger-linear": np.sqrt((phi + 2 * phi @ linear @ phi).diagonal())[effects],
        "df": (2 * phi.diagonal() ** 2 / np.einsum("ai,ab,bi->i", moves, w, moves))[effects],
    }


@pytest.mark.parametrize(("seed", "visits"), [(1, 1), (2, 2), (3, 3), (4, 4)])
def test_dense_matrices(seed, visits):
    frame = simulated(seed, visits=visits)
    result = mmrm(frame, **SMALL)
    known = dense(frame, result.covariance.to_numpy())
    np.testing.assert_allclose(known["gradient"], 0, atol=1e-6)
    assert result.log_likelihood == pytest.approx(known["log_likelihood"], abs=1e-8)
    np.testing.assert_allclose(result.estimates["estimate"], known["estimate"], atol=1e-9)
    for df in ("satterthwaite", "kenward-roger-linear"):
        estimates = mmrm(frame, **SMALL, df=df).estimates
        np.testing.assert_allclose(estimates["standard_error"], known[df], rtol=1e-9)
        np.testing.assert_allclose(estimates["df"], known["df"], rtol=1e-7)


def test_derivatives():
    """Gradient and Hessian are those of the value, and the second derivatives of the covariance those of the first."""
    frame = simulated(5, visits=3)
    sums = {}

    def keep(given, *_):
        sums["kept"] = given
        raise ValueError("enough")

    with pytest.MonkeyPatch.context() as patch, pytest.raises(ValueError, match="enough"):
        patch.setattr(MODULE, "_fit", keep)
        mmrm(frame, **SMALL)
    theta = np.array([0.5, 0.9, 0.7, 0.3, -0.2, 0.4])
    _, gradient, hessian, _ = MODULE._criterion(theta, sums["kept"])
    _, slope, bend = MODULE._covariance(theta, 3)
    for k, step in enumerate(1e-5 * np.eye(6)):
        high, low = (MODULE._criterion(theta + sign * step, sums["kept"]) for sign in (1, -1))
        assert (high[0] - low[0]) / 2e-5 == pytest.approx(gradient[k], rel=1e-6)
        np.testing.assert_allclose((high[1] - low[1]) / 2e-5, hessian[k], rtol=1e-6, atol=1e-6)
        high, low = (MODULE._covariance(theta + sign * step, 3) for sign in (1, -1))
        np.testing.assert_allclose((high[0] - low[0]) / 2e-5, slope[k], atol=1e-8)
        np.testing.assert_allclose((high[1] - low[1]) / 2e-5, bend[k], atol=1e-8)


seeds = st.integers(0, 2**32 - 1)
quick = settings(max_examples=20, deadline=None)


@quick
@given(seeds, st.sampled_from(list(DF)))
def test_order_of_rows_does_not_matter(seed, df):
    frame = simulated(seed, arms=3)
    shuffled = frame.sample(frac=1, random_state=seed % 1000)
    pd.testing.assert_frame_equal(figures(mmrm(frame, **SMALL, df=df)), figures(mmrm(shuffled, **SMALL, df=df)), rtol=1e-7)


@quick
@given(seeds, st.sampled_from((-1e5, 1.0, 1e5)), st.sampled_from((1e-3, 1.0, 1e4)), st.sampled_from(list(DF)))
def test_origin_and_unit(seed, add, times, df):
    frame = simulated(seed)
    moved = frame.assign(y=frame["y"] * times + add, x=frame["x"] * times - add)
    one, two = (figures(mmrm(given, **SMALL, df=df)) for given in (frame, moved))
    np.testing.assert_allclose(two["estimate"], one["estimate"] * times, rtol=1e-6, atol=1e-6 * times)
    np.testing.assert_allclose(two["standard_error"], one["standard_error"] * times, rtol=1e-6)
    np.testing.assert_allclose(two["df"], one["df"], rtol=1e-6)


@quick
@given(seeds)
def test_arms_change_places(seed):
    frame = simulated(seed)
    one, two = (mmrm(frame, **{**SMALL, "control": control}).estimates for control in ("placebo", "low"))
    np.testing.assert_allclose(one["estimate"], -two["estimate"], rtol=1e-7)
    np.testing.assert_allclose(one[["standard_error", "df", "p_value"]], two[["standard_error", "df", "p_value"]], rtol=1e-6)
    assert (one["n_arm"] == two["n_control"]).all()


@quick
@given(seeds, st.booleans(), st.sampled_from(("satterthwaite", "kenward-roger-linear")))
def test_one_visit_is_ancova(seed, adjusted, df):
    frame = simulated(seed, visits=1, arms=3)
    found = figures(mmrm(frame, **{**SMALL, "baseline": "x" if adjusted else None}, df=df))
    ols = smf.ols("y ~ C(arm, Treatment('placebo'))" + " + x" * adjusted, frame).fit()
    for arm, name in {arm: f"C(arm, Treatment('placebo'))[T.{arm}]" for arm in ("low", "high")}.items():
        known = [ols.params[name], ols.bse[name], ols.df_resid, *ols.conf_int().loc[name], ols.pvalues[name]]
        np.testing.assert_allclose(found.loc[(arm, 90)], known, rtol=1e-8)


@quick
@given(seeds)
def test_complete_data(seed):
    """With nobody missing each visit's estimate and error are ANCOVA's, and the covariance that of the residuals."""
    frame = simulated(seed, dropout=0)
    result = mmrm(frame, **SMALL)
    left = []
    for day, found in result.estimates.groupby("visit"):
        ols = smf.ols("y ~ (arm == 'low') + x", frame[frame["day"] == day]).fit()
        left.append(ols.resid.to_numpy())
        np.testing.assert_allclose(found[["estimate", "standard_error", "df"]].iloc[0], [ols.params.iloc[1], ols.bse.iloc[1], ols.df_resid], rtol=1e-7)
    np.testing.assert_allclose(result.covariance, np.array(left) @ np.array(left).T / 37, rtol=1e-7, atol=1e-9)


@quick
@given(seeds)
def test_first_visit_of_people_who_leave_for_good(seed):
    """Where nobody comes back, the first visit's estimate knows nothing that ANCOVA does not know."""
    frame = simulated(seed, visits=2)
    first = frame.loc[frame["day"] == 90, "y"].isna().to_numpy()
    frame.loc[frame["who"].isin(np.flatnonzero(first)), "y"] = np.nan
    found = figures(mmrm(frame, **SMALL)).loc[("low", 90)]
    alone = figures(mmrm(frame[frame["day"] == 90], **SMALL)).loc[("low", 90)]
    np.testing.assert_allclose(found, alone, rtol=1e-6)


def test_coefficients_predict():
    """Intercept, arm and slope put together are what the model expects of a person."""
    frame = simulated(7, dropout=0)
    result = mmrm(frame, **SMALL)
    ols = smf.ols("y ~ (arm == 'low') + x", frame[frame["day"] == 180]).fit()
    np.testing.assert_allclose(result.coefficients.loc[180, ["intercept", "low", "baseline"]], ols.params, rtol=1e-8)


def test_result():
    result = mmrm(TRIAL, **ROLES, df="kenward-roger-linear", level=0.9)
    assert isinstance(result, MMRM)
    assert list(result.estimates["visit"]) == [90] * 4 + [180] * 4 + [270] * 4
    assert list(result.estimates["arm"])[:4] == ["25M", "50M", "100M", "200M"]
    assert list(result.covariance.index) == list(result.covariance.columns) == [90, 180, 270]
    assert "200M minus placebo at 270: +55.5 m (90% interval +" in result.describe()
    assert "missing at random" in result.describe()
    assert len({len(column) for column in result.table().values()}) == 1
    assert not any("significant" in name for name in result.estimates)


def test_order_of_categories_and_numbers():
    frame = simulated(8, arms=3).sample(frac=1, random_state=1)
    named = frame.assign(
        day=pd.Categorical(frame["day"].map({90: "spring", 180: "summer", 270: "autumn"}), ["spring", "summer", "autumn", "winter"]),
        arm=pd.Categorical(frame["arm"], ["high", "placebo", "low"]),
    )
    estimates = mmrm(named, **SMALL).estimates
    assert list(estimates["visit"]) == ["spring"] * 2 + ["summer"] * 2 + ["autumn"] * 2
    assert list(estimates["arm"])[:2] == ["high", "low"]
    doses = frame.assign(arm=frame["arm"].map({"high": 100, "low": 25, "placebo": 0}))
    assert list(mmrm(doses, **{**SMALL, "control": 0}).estimates["arm"])[:2] == [25, 100]


def test_people_without_baseline_and_people_with_it_once():
    frame = simulated(9)
    once = frame.assign(x=frame["x"].where(frame["day"] == 90))
    pd.testing.assert_frame_equal(mmrm(once, **SMALL).estimates, mmrm(frame, **SMALL).estimates)
    without = frame.assign(x=frame["x"].where(frame["who"] > 1))
    result = mmrm(without, **SMALL)
    pd.testing.assert_frame_equal(result.estimates, mmrm(frame[frame["who"] > 1], **SMALL).estimates)
    assert result.notes[-1] == "Left out for want of x: 2 people."


def test_unlike_visits():
    """Spreads far apart, and outcomes that hang closely together, are no obstacle."""
    frame = simulated(10, visits=4)
    frame["y"] *= 10.0 ** (frame["day"] / 45 - 4)
    assert np.isfinite(figures(mmrm(frame, **SMALL))).all(axis=None)
    rng = np.random.default_rng(1)
    frame = simulated(11, visits=2)
    frame["y"] = np.repeat(frame["y"].to_numpy()[::2], 2) + rng.normal(0, 0.01, len(frame))
    close = mmrm(frame, **SMALL).covariance.to_numpy()
    assert close[0, 1] > 0.9999 * close[0, 0]


FRAME, FULL = simulated(12, arms=3), simulated(12, dropout=0)


def people(*numbers):
    return FRAME["who"].isin(numbers)


def at(*days):
    return FRAME["day"].isin(days)


@pytest.mark.parametrize(
    ("frame", "changed", "message"),
    [
        (FRAME, {"df": "residual"}, "df must be one of satterthwaite, kenward-roger, kenward-roger-linear, not 'residual'"),
        (FRAME, {"level": 1}, "level must be above 0 and below 1, not 1"),
        ({}, {}, "frame must be a pandas DataFrame, not dict"),
        (FRAME, {"outcome": "distance"}, "outcome must be one column of the frame (who, day, arm, x, y), not 'distance'"),
        (FRAME, {"baseline": ["x"]}, "baseline must be one column of the frame (who, day, arm, x, y), not ['x']"),
        (FRAME, {"control": "sham"}, "control must be an arm (placebo, low, high), not 'sham'"),
        (FRAME[FRAME["arm"] == "placebo"], {}, "arm has no arm besides placebo: there must be at least two to compare"),
        (FRAME[:0], {}, "control must be an arm (there are none), not 'placebo'"),
        (FRAME.assign(y=FRAME["y"].astype(object).where(~people(3), "fell")), {}, "y must hold numbers, not 'fell'"),
        (FRAME.assign(y=FRAME["y"].astype(str)), {}, f"y must hold numbers, not '{FRAME['y'][0]}'"),
        (FRAME.assign(y=FRAME["y"].where(~(people(3) & at(90)), np.inf)), {}, "y must be finite, not inf as in row 9: leave empty what is missing"),
        (FRAME.assign(x=-np.inf), {}, "x must be finite, not -inf as in row 0: leave empty what is missing"),
        (FRAME.assign(arm=FRAME["arm"].where(FRAME.index != 5)), {}, "row 5 has no arm in arm: every row needs one"),
        (FRAME.assign(day=FRAME["day"].where(FRAME.index != 5)), {}, "row 5 has no visit in day: every row needs one"),
        (pd.concat([FRAME, FRAME[7:8]]), {}, "2 has two rows for visit 180: there must be one row a person and visit"),
        (FRAME.assign(arm=FRAME["arm"].where(FRAME.index != 5, "high")), {}, "1 has two values of arm, low and high: there must be one a person"),
        (FRAME.assign(x=FRAME["x"].where(FRAME.index != 5, 250)), {}, f"1 has two values of x, {FRAME['x'][3]:g} and 250: there must be one a person"),
        (FRAME[(FRAME["arm"] != "high") | people(2)], {}, "arm high has 1 person with an outcome and x: an arm needs at least two"),
        (FRAME.assign(y=np.nan), {"baseline": None}, "arm placebo has 0 people with an outcome: an arm needs at least two"),
        (FRAME.assign(x=np.nan), {}, "arm placebo has 0 people with an outcome and x: an arm needs at least two"),
        (FRAME.assign(y=FRAME["y"].where(~at(180))), {}, "nobody has an outcome and x at visit 180: leave that visit out"),
        (
            FRAME.assign(y=FRAME["y"].where(~(at(180) & (FRAME["arm"] == "low")))), {},
            "nobody in arm low has an outcome and x at visit 180: leave that arm or that visit out",
        ),
        (
            FRAME.assign(y=FRAME["y"].where(~at(270) | people(0, 1, 2, 3))), {},
            "visit 270 has outcomes of 4 people: to estimate 4 effects and a spread it needs at least 5",
        ),
        (FRAME.assign(x=300), {}, "x is 300 in everybody: a baseline must differ between people, or be left out"),
        (
            FRAME.assign(x=FRAME["arm"].map({"placebo": 300, "low": 320, "high": 350})), {},
            "at visit 90 nobody differs in x from others of the same arm: its effect cannot be told from the arms'",
        ),
        (
            FRAME.assign(y=FRAME["y"].where(~at(270), FRAME["x"] / 2)), {},
            "y does not vary at visit 270 beyond arm and baseline: without any spread there is no error to compare with",
        ),
        (FRAME.assign(y=5.0), {}, "y does not vary at visit 90 beyond arm and baseline: without any spread there is no error to compare with"),
        (
            FRAME.assign(y=FRAME["y"].where(at(90) & (FRAME["who"] < 20) | at(180) & (FRAME["who"] >= 20) | at(270))), {},
            "nobody was seen at both visits 90 and 180: how they vary together cannot be estimated",
        ),
        (
            # Nobody left, and the third visit is the sum of two.
            FULL.assign(y=np.where(FULL["day"] == 270, FULL["y"].shift(1) + FULL["y"].shift(2), FULL["y"])), {},
            "the covariance of visits 90, 180, 270 cannot be estimated, as outcomes at one follow without error from those at others, "
            "or too few people were seen at two of them: leave out a visit, or see more people",
        ),
        (
            FRAME.assign(y=np.where(at(180), FRAME["y"].shift(fill_value=0) + 3, FRAME["y"])), {},
            "outcomes at visits 90 and 180 tell the same of everybody seen at both: leave one of the two visits out",
        ),
    ],
)
def test_what_cannot_be_answered(frame, changed, message):
    with pytest.raises(ValueError) as raised:
        mmrm(frame, **{**SMALL, **changed})
    assert str(raised.value) == message


@settings(max_examples=60, deadline=None)
@given(seeds, st.integers(4, 14), st.integers(1, 5), st.integers(2, 3), st.floats(0, 0.7), st.sampled_from(list(DF)))
def test_few_people_get_figures_or_a_reason(seed, people, visits, arms, dropout, df):
    rng = np.random.default_rng(seed)
    frame = simulated(seed, people=people, visits=visits, arms=arms, dropout=0)
    frame["y"] = frame["y"].where(rng.random(len(frame)) >= dropout)
    try:
        found = figures(mmrm(frame, **SMALL, df=df))
    except ValueError as reason:
        assert len(str(reason)) < 250
    else:
        assert np.isfinite(found).all(axis=None)
        assert (found["standard_error"] > 0).all() and (found["df"] > 0).all()
