"""Group-sequential designs: boundaries, the chance of stopping at each look, and the people they take."""

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr, ndtri

from frailty_lessons.methods.checks import number, whole

KINDS = ("obrien-fleming", "pocock", "naive")
# Gauss-Legendre points between the boundaries of a look: enough for 1e-10 up to 20 looks.
POINTS, WEIGHTS = np.polynomial.legendre.leggauss(120)


@dataclass(frozen=True, eq=False)
class Sequential:
    """A two-sided group-sequential design. Arrays have one entry a look.

    `information` is the share (0 to 1) of all people measured by then, `boundaries` the z-value in either direction that
    stops the trial, `spent` the chance of a false alarm used up to then. `drift` is the average z-value at the end for which
    the design was made to have `power`, `inflation` the most people it can take, as a multiple of a trial without interim looks
    of the same power.
    """

    kind: str
    alpha: float
    power: float
    information: np.ndarray
    boundaries: np.ndarray
    spent: np.ndarray
    drift: float
    inflation: float

    def stops(self, truth=1.0) -> tuple[np.ndarray, np.ndarray]:
        """The chances of crossing the upper and the lower boundary at each look, if the effect is `truth` times the planned one."""
        return _crossings(self.information, self.boundaries, self.drift * number("truth", truth))

    def found(self, truth=1.0) -> float:
        """The chance that the trial crosses a boundary at any look, in either direction."""
        return float(np.sum(self.stops(truth)))

    def expected(self, truth=1.0) -> float:
        """The people it takes on average, as a multiple of a trial without interim looks of the same power."""
        stop = np.sum(self.stops(truth), axis=0)
        at_the_end = 1 - stop[:-1].sum()
        return float(self.inflation * (self.information[:-1] @ stop[:-1] + at_the_end))

    def describe(self) -> str:
        """The boundaries, and what they cost."""
        return (
            f"{len(self.boundaries)} looks: stop at z beyond {', '.join(f'{value:.2f}' for value in self.boundaries)}. "
            f"Without any effect a boundary is crossed in {100 * self.found(0):.1f} of 100 trials. "
            f"At most {self.inflation:.2f} times the people of a trial with one look are needed, on average {self.expected():.2f} times if the effect is as planned."
        )

    def table(self) -> dict:
        """One row a look, in words."""
        stop = np.sum(self.stops(), axis=0)
        return {
            "look": [str(look) for look in range(1, len(stop) + 1)],
            "people measured": [f"{share:.0%}" for share in self.information],
            "stop at z beyond": [f"{value:.3f}" for value in self.boundaries],
            "false alarms so far": [f"{100 * value:.2f}%" for value in self.spent],
            "stops here if as planned": [f"{value:.0%}" for value in stop],
        }


def sequential(*, looks=None, information=None, kind="obrien-fleming", alpha=0.05, power=0.9) -> Sequential:
    """A design with `looks` in equal steps, or at the shares `information` of all people (rising, the last one 1).

    `obrien-fleming` and `pocock` spend the false alarms as Lan & DeMets (1983, Biometrika 70:659-663) propose to come near the
    boundaries of O'Brien & Fleming 1979 and Pocock 1977, half of `alpha` in each direction. `naive` looks each time at `alpha`,
    which is what they guard against; its `spent` exceeds `alpha`, and it takes as many people as one look. The chances come
    from recursive integration (Armitage, McPherson & Rowe 1969, J R Stat Soc A 132:235-244; Jennison & Turnbull 2000, Group
    Sequential Methods, chapter 19). Raises `ValueError` for impossible values.
    """
    from scipy.optimize import brentq

    if kind not in KINDS:
        raise ValueError(f"kind must be one of {', '.join(KINDS)}, not {kind!r}")
    alpha = number("alpha", alpha, low=0, high=1, open_low=True, open_high=True)
    power = number("power", power, low=alpha, high=1, open_low=True, open_high=True)
    times = _times(looks, information)
    boundaries, spent = _naive(times, alpha) if kind == "naive" else _spending(times, alpha, kind)
    fixed = float(-ndtri(alpha / 2) + ndtri(power))
    if kind == "naive":
        return Sequential(kind, alpha, power, times, boundaries, spent, fixed, 1.0)
    # Power counts the right direction alone. The drift that gives it lies a little above that of one look.
    drift = brentq(lambda value: np.sum(_crossings(times, boundaries, value)[0]) - power, 0.0, 3 * fixed, xtol=1e-10)
    return Sequential(kind, alpha, power, times, boundaries, spent, drift, (drift / fixed) ** 2)


def _times(looks, information):
    if (looks is None) == (information is None):
        raise ValueError("give either looks or information, and not both")
    if looks is not None:
        looks = whole("looks", looks, low=1)
        return np.arange(1, looks + 1) / looks
    times = np.atleast_1d(number("information", information, low=0, high=1, open_low=True))
    if (np.diff(times) <= 0).any() or times[-1] != 1:
        raise ValueError("information must rise from look to look, and its last share must be 1")
    return times


def _spent(times, alpha, kind):
    """The false alarms in one direction used up at each time (Lan & DeMets 1983, Biometrika 70:659-663)."""
    if kind == "pocock":
        return alpha / 2 * np.log1p((np.e - 1) * times)
    return 2 * ndtr(ndtri(alpha / 4) / np.sqrt(times))


def _spending(times, alpha, kind):
    from scipy.optimize import brentq

    spent = _spent(times, alpha, kind)
    steps = np.diff(spent, prepend=0)
    boundaries = []
    going = None
    for look, step in enumerate(steps):
        wait = times[look] - (times[look - 1] if look else 0)

        def beyond(z, look=look, going=going, wait=wait, step=step):
            return _beyond(going, z * np.sqrt(times[look]), wait, 0.0)[0] - step

        boundaries.append(brentq(beyond, 0.0, 40.0, xtol=1e-12))
        going = _going_on(going, boundaries[-1] * np.sqrt(times[look]), wait, 0.0)
    return np.array(boundaries), 2 * spent


def _naive(times, alpha):
    boundaries = np.full(len(times), -ndtri(alpha / 2))
    return boundaries, np.cumsum(np.sum(_crossings(times, boundaries, 0.0), axis=0))


def _crossings(times, boundaries, drift):
    """The chances of first crossing the upper and the lower boundary at each look.

    The sum of the data is a Brownian motion: at time t it has mean drift·t and variance t, and z is the sum by √t.
    """
    up, down = np.empty(len(times)), np.empty(len(times))
    going = None
    for look, (time, z) in enumerate(zip(times, boundaries)):
        wait, reach = time - (times[look - 1] if look else 0), z * np.sqrt(time)
        up[look], down[look] = _beyond(going, reach, wait, drift)
        going = _going_on(going, reach, wait, drift)
    return up, down


def _beyond(going, reach, wait, drift):
    """The chances of lying above `reach` and below −`reach` after another `wait`."""
    places, weights = (np.zeros(1), np.ones(1)) if going is None else going
    middle, spread = places + drift * wait, np.sqrt(wait)
    return float(weights @ ndtr((middle - reach) / spread)), float(weights @ ndtr((-reach - middle) / spread))


def _going_on(going, reach, wait, drift):
    """Places between the boundaries, and the chance at each of being there and going on."""
    places, weights = (np.zeros(1), np.ones(1)) if going is None else going
    spread = np.sqrt(wait)
    # Far boundaries enclose much empty space: the places keep to where the sum can be.
    low, high = max(-reach, places[0] + drift * wait - 9 * spread), min(reach, places[-1] + drift * wait + 9 * spread)
    if low >= high:
        return places[:1], np.zeros(1)
    new = (low + high) / 2 + (high - low) / 2 * POINTS
    density = np.exp(-(((new[:, None] - places - drift * wait) / spread) ** 2) / 2) @ weights / (spread * np.sqrt(2 * np.pi))
    return new, density * WEIGHTS * (high - low) / 2
