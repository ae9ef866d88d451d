"""What a change from baseline is made of, in a treated arm and in a placebo arm, and what is left of it in the difference."""

from dataclasses import dataclass

from frailty_lessons.methods.checks import metres, number

SHARED = ("practice", "regression to the mean", "course of the months", "hope")


@dataclass(frozen=True)
class ChangeParts:
    """Mean changes from baseline in metres: what both arms share, the treated arm's `effect`, and its `extra` hope.

    `shared` pairs each name of `SHARED` with its metres; `placebo` and `treated` are the arms' whole changes, and
    `difference` is what a comparison with placebo finds on average.
    """

    shared: tuple[tuple[str, float], ...]
    effect: float
    extra: float

    @property
    def placebo(self) -> float:
        """Mean change of the placebo arm."""
        return sum(value for _, value in self.shared)

    @property
    def treated(self) -> float:
        """Mean change of the treated arm."""
        return self.placebo + self.effect + self.extra

    @property
    def difference(self) -> float:
        """Treated minus placebo."""
        return self.effect + self.extra

    def describe(self) -> str:
        """Both arms' changes, and what the difference leaves."""
        said = (
            f"The treated arm changes by {metres(self.treated, sign=True)} from baseline, the placebo arm by {metres(self.placebo, sign=True)}. "
            f"The difference is {metres(self.difference, sign=True)}, and the treatment's true effect {metres(self.effect, sign=True)}."
        )
        if self.extra:
            return f"{said} The difference is not the effect: {metres(self.extra, sign=True)} of it is hope that only the treated arm has."
        return f"{said} Whoever looks at the treated arm alone sees {metres(self.treated, sign=True)}, which is off by {metres(abs(self.treated - self.effect))}."

    def table(self) -> dict:
        """One row a part, in words."""
        rows = [(name, value, value) for name, value in self.shared]
        rows += [("hope that only the treated have", self.extra, 0.0), ("effect of the treatment", self.effect, 0.0), ("whole change", self.treated, self.placebo)]
        return {
            "part": [name for name, _, _ in rows],
            "treated (m)": [f"{value:+.0f}".replace("-", "−") for _, value, _ in rows],
            "placebo (m)": [f"{value:+.0f}".replace("-", "−") for _, _, value in rows],
        }


def change_parts(*, practice, regression, course, hope, effect, extra=0.0) -> ChangeParts:
    """Mean changes as a sum of parts, metres: a teaching model in which the parts simply add up.

    `practice`, `regression`, `course` and `hope` are the same in both arms; `effect` and `extra` (hope that comes from
    knowing that one is treated) belong to the treated arm. Raises `ValueError` for values that are no numbers.
    """
    values = [number(name, value) for name, value in (("practice", practice), ("regression", regression), ("course", course), ("hope", hope))]
    return ChangeParts(tuple(zip(SHARED, map(float, values))), float(number("effect", effect)), float(number("extra", extra)))


@dataclass(frozen=True)
class Unblinded:
    """A difference between arms of whom some know, or believe they know, what they got. Metres and shares 0 to 1."""

    effect: float
    extra: float
    believe_treated: float
    believe_placebo: float

    @property
    def bias(self) -> float:
        """What believing adds to the difference."""
        return self.extra * (self.believe_treated - self.believe_placebo)

    @property
    def difference(self) -> float:
        """Treated minus placebo, as it is found on average."""
        return self.effect + self.bias

    def describe(self) -> str:
        """What is found, what is true, and where the rest comes from."""
        if not self.extra:
            why = "Believing adds nothing here."
        elif not self.bias:
            why = "Both arms believe alike, so believing drops out of the difference."
        else:
            why = f"Believing adds {metres(self.bias, sign=True)}, because it is more common in {'the treated' if self.bias > 0 else 'the placebo'} arm."
        return (
            f"Of the treated {self.believe_treated:.0%} believe that they got the treatment, of those with placebo {self.believe_placebo:.0%}; "
            f"whoever believes walks {metres(self.extra)} further. The difference found is {metres(self.difference, sign=True)}, "
            f"the true effect {metres(self.effect, sign=True)}. {why}"
        )

    def table(self) -> dict:
        """The figures as columns of equal length."""
        rows = [
            ("true effect", f"{self.effect:+.0f} m"),
            ("added by believing, treated arm", f"{self.extra * self.believe_treated:+.0f} m"),
            ("added by believing, placebo arm", f"{self.extra * self.believe_placebo:+.0f} m"),
            ("difference found", f"{self.difference:+.0f} m"),
        ]
        return {"quantity": [name for name, _ in rows], "value": [value.replace("-", "−") for _, value in rows]}


def unblinded(*, effect, extra, believe_treated, believe_placebo) -> Unblinded:
    """The difference on average, if whoever believes in being treated walks `extra` metres further, in either arm.

    `believe_treated` and `believe_placebo` are the shares (0 to 1) who believe so in each arm. A teaching model.
    Raises `ValueError` for impossible values.
    """
    return Unblinded(
        float(number("effect", effect)), float(number("extra", extra, low=0)),
        float(number("believe_treated", believe_treated, low=0, high=1)), float(number("believe_placebo", believe_placebo, low=0, high=1)),
    )
