"""What every comparison of arms with a control returns."""

from dataclasses import dataclass, field

COLUMNS = ("arm", "control", "visit", "estimate", "standard_error", "df", "low", "high", "p_value", "n_arm", "n_control")


@dataclass(frozen=True, eq=False)
class Comparisons:
    """Differences between arms and a control, one row a comparison.

    Attributes
    ----------
    method
        What was done, in words: `ANCOVA, adjusted for baseline`.
    estimates
        pandas DataFrame with the columns `COLUMNS`: arm minus control, its standard error, degrees of freedom, the limits at
        `level` and the two-sided p-value (each NaN where the method has none), and the people that each side rests on. `visit`
        is None where the method knows of no visits. A method may add columns, such as `adjusted_p`.
    level
        Confidence of the limits, 0 to 1.
    unit
        Unit of the outcome, for words only.
    notes
        What the method took for granted, one sentence each.
    """

    method: str
    estimates: object
    level: float = 0.95
    unit: str = "m"
    notes: tuple[str, ...] = field(default=())

    def describe(self) -> str:
        """One sentence a comparison, then the notes. No verdict: the limits say what the data are compatible with."""
        sentences = [f"{self.method}:"]
        for row in self.estimates.itertuples():
            when = f" at {row.visit}" if row.visit is not None and row.visit == row.visit else ""
            limits = f"{self.level:.0%} interval {_signed(row.low, self.unit)} to {_signed(row.high, self.unit)}"
            if row.low != row.low:
                limits = f"p {in_words(row.p_value)}"
            sentences.append(f"{row.arm} minus {row.control}{when}: {_signed(row.estimate, self.unit)} ({limits}).")
        return " ".join([*sentences, *self.notes])

    def table(self) -> dict:
        """The comparisons as columns of equal length, in words."""
        rows = list(self.estimates.itertuples())
        found = {
            "arm": [f"{row.arm}" for row in rows],
            "people": [f"{row.n_arm} and {row.n_control}" for row in rows],
            "difference": [_signed(row.estimate, self.unit) for row in rows],
            f"{self.level:.0%} from": [_signed(row.low, self.unit) for row in rows],
            f"{self.level:.0%} to": [_signed(row.high, self.unit) for row in rows],
            "p": [in_words(row.p_value) for row in rows],
        }
        if "adjusted_p" in self.estimates:
            found["p, adjusted"] = [in_words(value) for value in self.estimates["adjusted_p"]]
        if any(row.visit is not None and row.visit == row.visit for row in rows):
            found = {"visit": [f"{row.visit}" for row in rows], **found}
        return found


def _signed(value, unit) -> str:
    if value != value:
        return "–"
    return f"{round(value, 1) + 0.0:+.1f} {unit}".replace("-", "−").strip()


def in_words(value) -> str:
    """A p-value for a reader; a dash where there is none."""
    if value != value:
        return "–"
    if value < 0.001:
        return "below 0.001"
    # Three decimals would not say on which side of the usual limit it lies.
    return f"{value:.{4 if 0.0495 <= value < 0.0505 else 3}f}"
