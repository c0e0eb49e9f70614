"""Files that were uploaded, taken over."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from app.study.sources import import_files
from engine.store import Store
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
