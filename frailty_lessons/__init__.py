"""A course that teaches how to read a clinical trial of a frailty treatment.

`import frailty_lessons as fl` is all that a notebook needs. Names load when they are first used.
"""

from importlib import import_module
from importlib.metadata import version

__version__ = version("frailty-lessons")

_MODULES = ("explorers", "methods", "trial")
_LEARNING = ("ask", "claims", "course_map", "evidence", "glossary", "predict", "progress", "protocol")


def load_trial(name=None):
    """The trial pack `name`, or the course's own (`trial` in `notebooks/course.toml`) if no name is given.

    Raises `trial.PackError` with one sentence for each fault in the pack's files.
    """
    from frailty_lessons.course import load_course
    from frailty_lessons.trial import loading

    return loading.load_trial(name or load_course().trial)


def other_trials():
    """The published results of all trial packs but the course's own, for a notebook to show.

    Raises `trial.PackError` with one sentence for each fault in the packs' files.
    """
    from frailty_lessons.course import load_course
    from frailty_lessons.trial import html, loading

    own = load_course().trial
    return html.listings(loading.load_trial(name) for name in loading.pack_names() if name != own)


def __getattr__(name):
    if name in _MODULES:
        return import_module(f"{__name__}.{name}")
    if name in _LEARNING:
        return getattr(import_module(f"{__name__}.learning"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__():
    return sorted([*globals(), *_MODULES, *_LEARNING])
