"""A teaching model of one walk in a corridor: where six minutes go."""

from dataclasses import dataclass

import numpy as np

from frailty_lessons.methods.checks import metres, number, plural, whole

MINUTES = 6
SECONDS = 60 * MINUTES


@dataclass(frozen=True)
class CorridorWalk:
    """A walk of six minutes. Times in seconds, distances in metres.

    `times` and `distances` are the corners of the distance over time; `by_minute` is the distance after each
    minute, 0 to 6; `standard_distance` is what the same legs walk on the standard track, encouraged, at a first try.
    """

    distance: float
    turns: int
    turning_seconds: float
    rests: int
    resting_seconds: float
    by_minute: tuple[float, ...]
    times: tuple[float, ...]
    distances: tuple[float, ...]
    standard_distance: float
    standard_track: float
    is_standard: bool

    def describe(self) -> str:
        """Two sentences: where the time went, and what the way of testing did."""
        rests = f" and {plural(self.rests, 'rest', 'rests')} took {self.resting_seconds:.0f} seconds" if self.rests else ""
        difference = round(self.distance) - round(self.standard_distance)
        standard = f"on a {self.standard_track:.0f} m track, encouraged, at a first try"
        if self.is_standard:
            course = f"The test was done in the standard way: {standard}"
        elif difference == 0:
            course = f"That is as far as the same legs walk {standard}"
        else:
            more = "more" if difference > 0 else "less"
            course = f"That is {metres(abs(difference))} {more} than the {metres(self.standard_distance)} that the same legs walk {standard}"
        return (
            f"She walks {metres(self.distance)}: {plural(self.turns, 'turn', 'turns')} took {self.turning_seconds:.0f} seconds{rests}. "
            f"{course}."
        )

    def table(self) -> dict:
        """Distance after each minute, as columns of equal length."""
        steps = np.diff(self.by_minute)
        return {
            "minute": [str(minute) for minute in range(1, MINUTES + 1)],
            "walked in this minute (m)": [f"{step:.1f}" for step in steps],
            "walked so far (m)": [f"{so_far:.1f}" for so_far in self.by_minute[1:]],
        }


def corridor_walk(
    *,
    speed,
    slowing=0.0,
    rests=0,
    rest_seconds=30.0,
    track=30.0,
    turn_seconds=2.0,
    added_metres=0.0,
    standard_track=30.0,
) -> CorridorWalk:
    """How far one walks in six minutes: a teaching model made for this course, not fitted to anybody's data.

    The walker starts at `speed` (m/s), loses the share `slowing` of the speed with every minute (0 to 1),
    stops for `rests` rests of `rest_seconds`, evenly placed while the clock runs on, and loses `turn_seconds`
    at each end of a `track` of so many metres. `added_metres` is the published effect of another way of testing
    (no encouragement, a second try): the walker goes so much faster or slower that on the standard track the
    distance changes by just that.

    Two seconds a turn are assumed: they make a 10 m track about 50 m shorter than a 30 m track at 1.2 m/s,
    near the 49.5 m that Beekman et al. 2013 (J Physiother 59:169-176) found in chronic lung disease.

    Raises `ValueError` for impossible values.
    """
    speed = number("speed", speed, low=0, open_low=True, high=4, unit="m/s")
    slowing = number("slowing", slowing, low=0, high=1, open_high=True)
    rests = whole("rests", rests, low=0)
    rest_seconds = number("rest_seconds", rest_seconds, low=0, unit="s")
    track = number("track", track, low=1, unit="m")
    turn_seconds = number("turn_seconds", turn_seconds, low=0, unit="s")
    added = number("added_metres", added_metres, unit="m")
    if rests * rest_seconds >= SECONDS:
        raise ValueError(f"{rests} rests of {rest_seconds:g} seconds leave no time to walk")

    gaps = [(SECONDS * (i + 1) / (rests + 1) - rest_seconds / 2, rest_seconds) for i in range(rests)]

    def standard_walk(speed):
        return _walk(speed, slowing, gaps, standard_track, turn_seconds)[1][-1]

    standard = standard_walk(speed)
    if standard + added <= 0:
        raise ValueError(f"{-added:g} m less than the {standard:.0f} m of this walker leaves no walking")
    if added:
        from scipy.optimize import brentq

        speed = brentq(lambda other: standard_walk(other) - standard - added, 1e-3, 2 * speed + abs(added) / 60, xtol=1e-4)
    times, distances, turns, turning = _walk(speed, slowing, gaps, track, turn_seconds)
    by_minute = np.interp(60 * np.arange(MINUTES + 1), times, distances)
    return CorridorWalk(
        distances[-1], turns, turning, rests, rests * rest_seconds,
        tuple(by_minute.tolist()), tuple(times), tuple(distances),
        standard, standard_track, is_standard=track == standard_track and not added,
    )


def _walk(speed, slowing, rests, track, turn_seconds):
    """Corner points of distance over time, the turns made and the seconds that they took.

    Each leg between two pauses is solved exactly: speed falls as speed·exp(−k·t) with the clock.
    """
    k = -np.log1p(-slowing) / 60 if slowing > 1e-9 else 0.0

    def gone(t):
        return speed * t if k == 0 else speed * -np.expm1(-k * t) / k

    def when(far):
        if k == 0:
            return far / speed
        share = far * k / speed
        return np.inf if share >= 1 else -np.log1p(-share) / k

    rests = list(rests)
    times, distances = [0.0], [0.0]
    now, walked, to_turn, turns, turning = 0.0, 0.0, track, 0, 0.0
    while now < SECONDS:
        stop = rests[0][0] if rests else SECONDS
        arrive = when(gone(now) + to_turn)
        end = min(arrive, max(stop, now), SECONDS)
        for t in np.linspace(now, end, 5)[1:] if k else [end]:
            times.append(float(t))
            distances.append(float(walked + gone(t) - gone(now)))
        step = gone(end) - gone(now)
        walked, to_turn, now = walked + step, to_turn - step, end
        if now >= SECONDS:
            break
        if arrive <= end:
            pause, to_turn, turns = turn_seconds, track, turns + 1
            turning += min(pause, SECONDS - now)
        else:
            pause = rests.pop(0)[1]
        now = min(now + pause, SECONDS)
        times.append(float(now))
        distances.append(float(walked))
    return times, distances, turns, float(turning)
