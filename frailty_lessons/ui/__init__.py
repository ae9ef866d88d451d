"""The thin view: an explorer's controls, its frames, and the four forms in which it is shown."""

from frailty_lessons.ui.controls import Choice, Decisions, Slider
from frailty_lessons.ui.explorer import Explorer

__all__ = ["Choice", "Decisions", "Explorer", "Slider"]
