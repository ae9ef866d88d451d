"""How many people would no longer be frail without a study treatment: studies' shares, carried to another time."""

from dataclasses import dataclass

import numpy as np

from frailty_lessons.methods.checks import number

LAST_MONTH = 48


def share_by(months, *, share, after):
    """The share that has changed by `months`, if `share` had after `after` months and the rate is constant (exponential times).

    A share that mostly reflects fluctuation from day to day has no constant rate: it is much the same at any second look.
    Arrays broadcast. Raises `ValueError` for impossible values.
    """
    months = number("months", months, low=0)
    share = number("share", share, low=0, high=1, open_high=True)
    after = number("after", after, low=0, open_low=True, unit="months")
    return -np.expm1(np.log1p(-share) * months / after)


def share_by_rate(months, *, rate):
    """The share that has changed by `months` at a constant rate of `rate` per 1,000 person-years. Arrays broadcast.

    Raises `ValueError` for impossible values.
    """
    months, rate = number("months", months, low=0), number("rate", rate, low=0)
    return -np.expm1(-rate / 1000 * months / 12)


@dataclass(frozen=True)
class Study:
    """What one study saw in people who had no study treatment.

    `outcome` says what counted as no longer frail, `share` (0 to 1) is how many had it after `after` months. `limits` are
    the lowest and highest share, and `limits_are` says what they are. `by` names its authors. `rate` per 1,000 person-years with its limits, where the
    study gives one, is what a steady course is drawn from. `n` people give Wilson's limits where there are no others.
    `certainty` is empty, or says that the figure was not read in the source.
    """

    name: str
    outcome: str
    after: float
    share: float
    limits: tuple[float, float] | None = None
    limits_are: str = "95% interval"
    rate: tuple[float, float, float] | None = None
    n: int | None = None
    certainty: str = ""
    by: str = ""

    def steady(self, months):
        """The share by `months` at a constant rate, with its limits or None: `(share, limits)`."""
        if self.rate:
            found, low, high = (share_by_rate(months, rate=rate) for rate in self.rate)
            return found, (low, high)
        found = share_by(months, share=self.share, after=self.after)
        limits = self._seen_limits()
        return found, limits and tuple(share_by(months, share=limit, after=self.after) for limit in limits)

    def _seen_limits(self):
        if self.limits or self.n is None:
            return self.limits
        from statsmodels.stats.proportion import proportion_confint

        return tuple(map(float, proportion_confint(self.share * self.n, self.n, method="wilson")))


@dataclass(frozen=True, eq=False)
class WithoutTreatment:
    """The share expected at `months` without a study treatment, by the study `chosen`, beside a share that was `reported`.

    `steady` is the share at a constant rate with `limits` (or None). `courses` are the months and the shares of each study's
    steady course up to its look, `beyond` those of the chosen one after it, up to month 48.
    """

    studies: tuple[Study, ...]
    chosen: Study
    months: float
    steady: float
    limits: tuple[float, float] | None
    courses: tuple[tuple[np.ndarray, np.ndarray], ...]
    beyond: tuple[np.ndarray, np.ndarray]
    reported: float | None
    reported_as: str

    def describe(self) -> str:
        """What the study saw, what that makes at the chosen time under two assumptions, and the reported share."""
        study = self.chosen
        said = f"{study.name}{' (' + study.certainty + ')' if study.certainty else ''}: {_percent(study.share)} were better after {study.after:g} months without a study treatment ({study.outcome}). "
        limits = f" ({study.limits_are} {_percent(self.limits[0])} to {_percent(self.limits[1])})" if self.limits else ""
        if self.months == study.after and not study.rate:
            said += f"{self.months:g} months is when the study looked{limits}."
        else:
            beyond = ""
            if self.months > study.after:
                beyond = ", far later than the study looked: do not trust it" if self.months > 2 * study.after else ", later than the study looked"
            said += (
                f"At {self.months:g} months that makes {_percent(self.steady)}{limits} at a steady rate{beyond}; "
                f"if people only waver from day to day, {_percent(study.share)} at any second look."
            )
        return said if self.reported is None else f"{said} Beside it stands {self.reported_as}."

    def table(self) -> dict:
        """One row a study: what it saw, and what a steady rate makes of it at the chosen time."""
        found = [study.steady(self.months) for study in self.studies]
        return {
            "study": [f"{study.name} ({study.by})" if study.by else study.name for study in self.studies],
            "what counted": [study.outcome for study in self.studies],
            "seen": [f"{_percent(study.share)} after {study.after:g} months" for study in self.studies],
            f"at {self.months:g} months, steady rate": [_percent(float(share)) for share, _ in found],
            "limits": ["–" if limits is None else f"{_percent(float(limits[0]))} to {_percent(float(limits[1]))}" for _, limits in found],
            "how well known": [study.certainty or "read in the source" for study in self.studies],
        }


def without_treatment(studies, *, chosen, months, reported=None, reported_as="the reported share") -> WithoutTreatment:
    """What the study named `chosen` lets one expect at `months` without a study treatment.

    Two assumptions frame it: a constant rate, and mere fluctuation, by which the share is the same at any second look.
    Raises `ValueError` for impossible values and for a study that is not there.
    """
    studies = tuple(studies)
    named = {study.name: study for study in studies}
    if chosen not in named:
        raise ValueError(f"there is no study {chosen!r}: there are {', '.join(named) or 'none'}")
    months = number("months", months, low=0, open_low=True)
    reported = None if reported is None else number("reported", reported, low=0, high=1)
    share, limits = named[chosen].steady(months)
    courses = tuple(_course(study, 0, study.after) for study in studies)
    beyond = _course(named[chosen], named[chosen].after, max(LAST_MONTH, named[chosen].after))
    return WithoutTreatment(studies, named[chosen], months, float(share), limits and tuple(map(float, limits)), courses, beyond, reported, reported_as)


def _course(study, start, end) -> tuple[np.ndarray, np.ndarray]:
    months = np.linspace(start, end, 13)
    return months, study.steady(months)[0]


def _percent(share: float) -> str:
    return f"{100 * share:.1f}%" if 0 < share < 0.0995 else f"{100 * share:.0f}%"
