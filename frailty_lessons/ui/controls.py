"""Controls as declarations: a label, the values it can take, and how each is written. No widget here."""

from dataclasses import dataclass, field

MOST_VALUES = 60


@dataclass(frozen=True)
class Control:
    """One thing that a learner can set. `values` are JSON values, `texts` is how each is written for a reader."""

    label: str
    values: tuple
    texts: tuple[str, ...]
    value: object
    kind: str

    def index(self, value) -> int:
        """The place of `value` among the values; raises `ValueError` with what would be right."""
        if isinstance(value, bool) or value not in self.values:
            raise ValueError(f"{self.label!r} cannot be {value!r}: {self._right()}")
        return self.values.index(value)

    def at(self, place):
        """The value at that place; raises `ValueError` if there is none."""
        if isinstance(place, bool) or not isinstance(place, int) or not 0 <= place < len(self.values):
            raise ValueError(f"{self.label!r} has no value number {place!r}")
        return self.values[place]

    def _right(self) -> str:
        return f"it is one of {', '.join(map(repr, self.values))}"


@dataclass(frozen=True)
class Slider(Control):
    """A number from `low` to `high` in equal steps, e.g. `Slider("Age", 65, 95, step=1, value=77, unit="years")`.

    Raises `ValueError` if the steps do not fit, or if there are more than 60 values.
    """

    values: tuple = field(init=False)
    texts: tuple[str, ...] = field(init=False)

    def __init__(self, label: str, low: float, high: float, *, step: float, value: float, unit: str = "", signed: bool = False):
        count = round((high - low) / step) + 1
        if count < 2 or abs(low + (count - 1) * step - high) > 1e-9:
            raise ValueError(f"slider {label!r}: steps of {step} do not lead from {low} to {high}")
        if count > MOST_VALUES:
            raise ValueError(f"slider {label!r} has {count} values, more than {MOST_VALUES}: take larger steps")
        whole = all(float(number).is_integer() for number in (low, high, step))
        values = tuple(int(low + i * step) if whole else round(low + i * step, 6) for i in range(count))
        decimals = max(len(f"{v:.6f}".rstrip("0").split(".")[1]) for v in values)
        sign = "+" if signed else ""
        space = "" if unit in ("", "%") else " "
        texts = tuple(f"{v:{sign if v else ''}.{decimals}f}{space}{unit}".replace("-", "−") for v in values)
        for name, content in (("label", label), ("values", values), ("texts", texts), ("value", value), ("kind", "slider")):
            object.__setattr__(self, name, content)
        self.index(value)

    def _right(self) -> str:
        return f"it goes from {self.texts[0]} to {self.texts[-1]} in steps of {round(self.values[1] - self.values[0], 6):g}"


@dataclass(frozen=True)
class Choice(Control):
    """One of a few options, e.g. `Choice("Sex", {"female": "Woman", "male": "Man"}, value="female")`."""

    values: tuple = field(init=False)
    texts: tuple[str, ...] = field(init=False)

    def __init__(self, label: str, options: dict, *, value):
        for name, content in (
            ("label", label), ("values", tuple(options)), ("texts", tuple(options.values())), ("value", value), ("kind", "choice"),
        ):
            object.__setattr__(self, name, content)
        self.index(value)


@dataclass(frozen=True)
class Decisions(Control):
    """Steps taken one after another and never taken back, e.g. `Decisions("Next", {"S": "Same dose", "U": "One dose up"}, most=24)`.

    Its value is the letters of the steps so far, at most `most` of them, and each value is its own place.
    """

    values: tuple = field(init=False)
    texts: tuple[str, ...] = field(init=False)
    most: int = field(init=False)

    def __init__(self, label: str, options: dict[str, str], *, most: int):
        for name, content in (
            ("label", label), ("values", tuple(options)), ("texts", tuple(options.values())), ("value", ""), ("kind", "decisions"), ("most", most),
        ):
            object.__setattr__(self, name, content)

    def index(self, value):
        if not isinstance(value, str) or len(value) > self.most or not set(value) <= set(self.values):
            raise ValueError(f"{self.label!r} cannot be {value!r}: it is at most {self.most} of the letters {', '.join(self.values)}")
        return value

    def at(self, place):
        return self.index(place)
