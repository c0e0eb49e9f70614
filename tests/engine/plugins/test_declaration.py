"""What the decorators note of a file, and when."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from engine.catalog.models import ModelRow
from engine.plugins import Arrays, Augmentation, augmentation, dataset, model, task
from engine.plugins.declaration import collecting
from engine.tasks import TASKS


def test_a_model_is_called_as_its_function_and_helped_by_its_docstring() -> None:
    with collecting() as rows:
        @model(size=24, smallest=12)
        def tiny(num_classes: int, in_chans: int) -> None:
            """Two layers,
            by hand.

            Never mind the rest.
            """
    [row] = rows.models.values()
    assert row == ModelRow("test_declaration", 24, smallest=12, help="Two layers, by hand.", builder=row.builder)
    assert row.builder.startswith(f"{__name__}:") and row.builder.endswith("tiny") and list(rows.models) == ["tiny"]


def test_a_data_set_tells_whether_it_is_read_from_a_folder() -> None:
    with collecting() as rows:
        @dataset(classes=("a", "b"), size=8)
        def drawn() -> Arrays: ...

        @dataset()
        def read(folder: Path) -> Arrays: ...
    assert not rows.datasets["drawn"].folder and rows.datasets["drawn"].row.classes == ("a", "b")
    assert rows.datasets["read"].folder and rows.datasets["read"].row.user_provided
    assert "data_path" in rows.datasets["read"].row.missing
    assert rows.datasets["drawn"].row.help == "drawn of test_declaration.py."


def test_augmentations_and_tasks_are_rows_as_they_are() -> None:
    spec = replace(TASKS["detection"], name="counting")
    with collecting() as rows:
        augmentation("mirrored", Augmentation("Random left–right flip.", flip=True))
        task(spec)
    assert rows.augmentations == {"mirrored": Augmentation("Random left–right flip.", flip=True)}
    assert rows.tasks["counting"].load == spec.load and dict(spec.defaults) == rows.tasks["counting"].defaults


def test_a_name_is_declared_once_and_can_be_an_options_value() -> None:
    with collecting():
        augmentation("one", Augmentation("Once."))
        with pytest.raises(ValueError, match="two augmentations are called one"):
            augmentation("one", Augmentation("Twice."))
        with pytest.raises(ValueError, match="'a,b' is not a name"):
            augmentation("a,b", Augmentation("A list?"))


def test_a_file_that_somebody_else_imports_declares_nothing() -> None:
    augmentation("nobody", Augmentation("Nothing is noted."))
    with collecting() as rows:
        pass
    assert not rows.augmentations
