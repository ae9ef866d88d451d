"""Every explorer that the package has. What has no question is a base of others."""

from importlib import import_module
from pkgutil import iter_modules

import frailty_lessons as fl
from frailty_lessons.ui import Explorer


def _declared_in(topic: str) -> list[str]:
    module = import_module(f"{fl.explorers.__name__}.{topic}")
    return [name for name, found in vars(module).items() if isinstance(found, type) and issubclass(found, Explorer) and found.__module__ == module.__name__ and hasattr(found, "question")]


EXPLORERS = [(module.name, name) for module in iter_modules(fl.explorers.__path__) for name in _declared_in(module.name)]


def explorer_of(topic: str, name: str, trial) -> Explorer:
    """The explorer of that name, at its start."""
    return getattr(getattr(fl.explorers, topic), name)(trial)
