"""What the claim desk and the protocol have in common: a form of several parts that shows one card after another."""

import hashlib
from abc import ABC, abstractmethod

from frailty_lessons.learning.progress import Progress, ProgressError, Record


def mixed(key, ids) -> list[str]:
    """The ids in an order that hangs on `key` and on nothing else: the same on every machine, and no hint at anything."""
    return sorted(ids, key=lambda id: hashlib.sha256(f"{key}/{id}".encode()).digest())


def chosen(answer, name: str, among) -> list[str]:
    """The ids of `among` that the part `name` of an answer holds, in their order; a part that is none holds nothing."""
    part = answer.get(name) if isinstance(answer, dict) else None
    return [id for id in among if id in part] if isinstance(part, list) else []


class Cards(ABC):
    """Displays as a form. Subclasses give its `spec`, its `state`, and the state after a message of the browser.

    The `card` in each state is what the form shows now; it has nothing of what is right.
    """

    def __init__(self):
        self.progress = Progress()

    @abstractmethod
    def spec(self) -> dict:
        """What the form keeps while the cards change."""

    @abstractmethod
    def state(self) -> dict:
        """The card to begin with."""

    @abstractmethod
    def hear(self, message: dict) -> dict:
        """The state after a message of the browser."""

    def recorded(self) -> tuple[Record, dict]:
        """The learner's record, and the notice to show if it cannot be read."""
        try:
            return self.progress.record(), {}
        except ProgressError as error:
            return Record(), {"notice": str(error)}

    def widget(self):
        """The form as a widget."""
        from frailty_lessons.ui.form import QuestionForm

        return QuestionForm(self.spec(), self.state(), self.hear)

    def _repr_mimebundle_(self, include=None, exclude=None):
        widget = self.widget()
        bundle = widget._repr_mimebundle_(include=include, exclude=exclude)
        bundle = bundle[0] if isinstance(bundle, tuple) else bundle
        return {**bundle, "text/plain": f"{widget.state['card']['heading']} {widget.state['card']['prompt']}"}
