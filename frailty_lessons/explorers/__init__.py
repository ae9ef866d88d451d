"""What a learner moves and sees, one module a topic."""

from importlib import import_module


def __getattr__(name):
    if name in ("dose_ranging", "escalation", "evidence", "phase3", "placebo", "responders", "walk_test"):
        return import_module(f"{__name__}.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
