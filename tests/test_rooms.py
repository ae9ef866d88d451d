"""The house's floors: a room imports only from those below it, and keeps out of what is not its own."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "frailty_lessons"
# The virtual trial stands on the floor of the methods and may call them; they do not know it.
FLOORS = {"course": -1, "trial": 0, "methods": 1, "virtual": 1.5, "ui": 2, "explorers": 3, "learning": 4, "teaching": 5, "cli": 6}
ONLY_IN = {
    "ipywidgets": {"ui"}, "anywidget": {"ui"}, "traitlets": {"ui"},
    "matplotlib": {"ui", "explorers"},
    "pydantic": {"trial", "course", "learning"},
}
FILES = sorted(path for path in PACKAGE.rglob("*.py") if path != PACKAGE / "__init__.py")


def room(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imports(path: Path):
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_room_imports_only_from_below(path):
    here = room(path)
    for name in imports(path):
        parts = name.split(".")
        if parts[0] == "frailty_lessons" and len(parts) > 1:
            there = parts[1]
            assert there == here or FLOORS.get(there, -2) < FLOORS[here], f"{here} imports {name}"
        assert here in ONLY_IN.get(parts[0], {here}), f"{here} imports {name}"


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_no_trial_is_known_by_name_in_code(path):
    text = path.read_text().lower()
    for name in ("lomecel", "laromestrocel", "cratus", "nct0"):
        assert name not in text


def test_statistics_neither_read_files_nor_print():
    for path in [*(PACKAGE / "virtual").rglob("*.py"), *(PACKAGE / "methods").rglob("*.py")]:
        called = {node.func.id for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)}
        assert not called & {"open", "print", "input"}, path.name


def test_importing_the_package_brings_nothing_heavy():
    heavy = "['numpy', 'pandas', 'scipy', 'matplotlib', 'pydantic', 'ipywidgets', 'anywidget', 'statsmodels']"
    code = f"import frailty_lessons, sys; print([name for name in {heavy} if name in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "[]"


def test_the_first_picture_needs_neither_pandas_nor_scipy_stats():
    code = (
        "import frailty_lessons as fl, sys; fl.explorers.walk_test.Corridor(fl.load_trial()).svg(); "
        "print([name for name in ('pandas', 'scipy.stats', 'statsmodels', 'matplotlib.pyplot') if name in sys.modules])"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "[]"
