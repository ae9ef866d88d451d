"""Every notebook of the course runs from top to bottom, with no error and no warning shown."""

import shutil
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from frailty_lessons.course import load_course

ROOT = Path(__file__).parents[1]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::RuntimeWarning:zmq", "ignore::ResourceWarning")
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.name)
def test_it_runs_from_top_to_bottom(path, tmp_path):
    for name in ("notebooks", "datasets"):
        shutil.copytree(ROOT / name, tmp_path / name)
    notebook = nbformat.read(tmp_path / "notebooks" / path.name, as_version=4)
    NotebookClient(notebook, timeout=120, kernel_name="python3", resources={"metadata": {"path": str(tmp_path / "notebooks")}}).execute()
    outputs = [output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs]
    assert [output for output in outputs if output.output_type in ("error", "stream")] == []
    views = sum("application/vnd.jupyter.widget-view+json" in output.get("data", {}) for output in outputs)
    shown = ("fl.predict(", "fl.ask(", "fl.claims(", "fl.protocol(", "fl.progress(", "fl.explorers.", "import frailty_lessons as fl\ntrial = fl.load_trial()\nfl.evidence(")
    assert views == sum(cell.source.startswith(shown) for cell in notebook.cells if cell.cell_type == "code")


def test_each_lesson_leads_to_the_next():
    lessons = [lesson.file for lesson in load_course(ROOT).lessons]
    for here, following in zip(lessons, lessons[1:]):
        last = nbformat.read(ROOT / "notebooks" / here, as_version=4).cells[-1]
        assert f"[next lesson]({following})" in last.source
