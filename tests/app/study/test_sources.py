"""Files that were uploaded, taken over."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from app.study.sources import cost_text, import_files
from engine.store import Store
from engine.study.plan import RoughPlan
from tests.engine.imports.test_tensorboard import write


class Uploaded:
    """As Streamlit hands a file over: without the folder that it lay in."""

    def __init__(self, path: Path) -> None:
        self.name, self._content = path.name, path.read_bytes()

    def getvalue(self) -> bytes:
        return self._content


def test_each_of_several_event_files_is_a_run(home: Path, tmp_path: Path) -> None:
    for name, accuracy in (("a", 50.0), ("b", 60.0)):
        write(tmp_path / name, accuracy)
    files: Any = [Uploaded(file) for file in sorted(tmp_path.rglob("*tfevents*"))]
    imported = import_files(files, "", "curves", "auto")
    assert len(files) == len(imported.runs) == 2 == len(Store.open().runs.list())


def test_one_table_keeps_its_name(home: Path, tmp_path: Path) -> None:
    table = tmp_path / "mine.csv"
    table.write_text("model,seed,test accuracy\na,0,50.0\nb,0,60.0\n")
    uploaded: Any = [Uploaded(table)]
    assert import_files(uploaded, "", "", "auto").study.name == "mine"


@pytest.mark.parametrize(("found", "text"), [
    (RoughPlan(18, 7500.0, 0), "18 runs, about 2 h 5 min"), (RoughPlan(18, 60.0, 3), "18 runs, at least 1 min"),
    (RoughPlan(1, 0.0, 1), "1 run; no comparable run here yet tells how long"),
    (RoughPlan(0, 0.0, 0), "Every run of it has finished here.")])
def test_a_template_tells_what_it_costs(found: RoughPlan, text: str) -> None:
    assert cost_text(found) == text
