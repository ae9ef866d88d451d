"""Faults in a pack's files, each told in one sentence: file, place, what is wrong, what would be right."""

from pydantic import ValidationError


class PackError(ValueError):
    """A pack that cannot be used.

    `faults` holds one sentence a fault. In a notebook only the sentences are shown, no traceback.
    """

    def __init__(self, faults):
        self.faults = tuple(faults)
        super().__init__("\n".join(self.faults))

    def _render_traceback_(self):
        return list(self.faults)


RIGHT = {
    "missing": "is missing: add it",
    "extra_forbidden": "is not known here: check its spelling, or take it out",
    "int_parsing": "should be a whole number such as 30",
    "int_type": "should be a whole number such as 30",
    "int_from_float": "should be a whole number such as 30",
    "float_parsing": "should be a number such as 63.4",
    "float_type": "should be a number such as 63.4",
    "finite_number": "should be a finite number such as 63.4",
    "string_type": "should be text, in quotes",
    "bool_type": "should be true or false",
    "bool_parsing": "should be true or false",
    "tuple_type": "should be a list",
    "model_type": "should be a table of its own, with a key for each entry",
    "model_attributes_type": "should be a table of its own, with a key for each entry",
}


def sentences(error: ValidationError, file: str, place: str = "") -> list[str]:
    """One sentence for each fault that pydantic found in `file`; `place` names the row or table."""
    return [_sentence(fault, file, place) for fault in error.errors()]


def _sentence(fault: dict, file: str, place: str) -> str:
    steps = [f"entry {step + 1}" if isinstance(step, int) else str(step) for step in fault["loc"]]
    where = ", ".join([part for part in (place, *steps) if part])
    kind = fault["type"]
    if kind == "value_error":
        wrong = str(fault["ctx"]["error"])
    elif kind in RIGHT:
        wrong = RIGHT[kind]
    elif kind in ("literal_error", "enum"):
        wrong = f"should be one of {fault['ctx']['expected']}"
    else:
        wrong = fault["msg"][:1].lower() + fault["msg"][1:]
    value = fault["input"]
    got = f" (it is {short(value)})" if isinstance(value, (str, int, float)) and kind not in ("missing", "value_error") else ""
    return f"{file}: {where}: {wrong}{got}." if where else f"{file}: {wrong}{got}."


def short(value) -> str:
    """The value as a reader would see it in the file, cut after 40 characters."""
    text = repr(value)
    return text if len(text) <= 42 else text[:40] + "…"
