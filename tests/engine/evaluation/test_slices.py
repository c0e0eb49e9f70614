"""How test pictures are divided: by the user's file, by size and by brightness."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from engine.config import parse_config
from engine.data.samples import test_samples as samples_of
from engine.errors import UserError
from engine.evaluation.slices import SLICES, read_slices, slices_of
from engine.store import Conditions, Evaluation, Store
from tests.engine.data.sources import class_folder
from tests.fake_runs import add_run

NAMES = ("cats/a.png", "cats/b.png", "dogs/c.png")


def written(folder: Path, text: str) -> Path:
    path = folder / SLICES
    path.write_text(text, encoding="utf-8")
    return path


def test_pictures_are_named_by_path_or_number_and_the_rest_is_in_no_group(tmp_path: Path) -> None:
    camera, site = read_slices(written(tmp_path, "sample,camera,site\ndogs/c.png,new,\n0,old,north\n\n"), NAMES, 3)
    assert (camera.name, camera.groups, camera.of_picture.tolist()) == ("camera", ("old", "new"), [0, -1, 1])
    assert (site.name, site.groups, site.of_picture.tolist()) == ("site", ("north",), [0, -1, -1])


@pytest.mark.parametrize(("text", "told"), [
    ("", "slices.csv: its first line is '', not sample and a title for each column"),
    ("name,value\n0,a\n", "slices.csv: its first line is 'name,value', not sample"),
    ("sample\n0\n", "slices.csv: its first line is 'sample', not sample and a title"),
    ("sample,value,value\n0,a,b\n", "slices.csv: its first line is 'sample,value,value'"),
    ("sample,\n0,a\n", "slices.csv: its first line is 'sample,', not"),
    ("sample,value\n0,a\ncats/x.png,b\n", "slices.csv, line 3: no test picture is called 'cats/x.png'; write its path "
                                           "in the data set's folder; nearest: cats/"),
    ("sample,value\n3,a\n", "slices.csv, line 2: no test picture is called '3'"),
    ("sample,value\n-1,a\n", "its number from 0 to 2"),
    ("sample,value\n0,a,b\n", "slices.csv, line 2: 3 cells; the first line has 2"),
    ("sample,value\n0,a\n1,b\ncats/a.png,b\n", "slices.csv, line 4: names cats/a.png again, after line 2"),
])
def test_mistakes_are_one_line_with_the_file_and_the_line(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(UserError) as raised:
        read_slices(written(tmp_path, text), NAMES, 3)
    assert told in str(raised.value) and "\n" not in str(raised.value)


def test_a_column_of_many_values_is_refused(tmp_path: Path) -> None:
    rows = "".join(f"{place},{place / 7}\n" for place in range(200))
    with pytest.raises(UserError, match="column angle has 200 different values, more than 100"):
        read_slices(written(tmp_path, f"sample,angle\n{rows}"), (), 200)


def test_a_missing_file_or_one_that_is_no_text_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"nowhere.csv: cannot be read .*; name a CSV file"):
        read_slices(tmp_path / "nowhere.csv", NAMES, 3)
    (tmp_path / SLICES).write_bytes(b"sample,value\n0,\xff\x00\x81\n")
    with pytest.raises(UserError, match=SLICES):
        read_slices(tmp_path / SLICES, NAMES, 3)


def test_a_changed_file_is_read_again(tmp_path: Path) -> None:
    path = written(tmp_path, "sample,value\n0,a\n")
    assert read_slices(path, NAMES, 3)[0].groups == ("a",)
    written(tmp_path, "sample,value\n0,later\n")
    assert read_slices(path, NAMES, 3)[0].groups == ("later",)


def test_digits_are_divided_by_brightness_and_not_by_size(home: Path) -> None:
    store = Store.open()
    run = add_run(store)
    found = slices_of(run, store.evaluations.of(run.id)[0], np.arange(360))
    assert [slicing.name for slicing in found.found] == ["brightness"] and not found.note
    brightness = samples_of("Digits").brightness
    assert brightness is not None
    thirds = [brightness[found.found[0].of_picture == group] for group in range(3)]
    assert max(thirds[0]) <= min(thirds[1]) and max(thirds[1]) <= min(thirds[2])
    assert {len(third) for third in thirds} <= set(range(110, 131))


def test_a_folders_pictures_have_names_and_sizes_and_a_file_beside_them(home: Path, tmp_path: Path) -> None:
    root = class_folder(tmp_path / "pets", count=15)
    for place, file in enumerate(sorted(root.rglob("*.png"))):
        if place % 2:
            _enlarge(file)
    samples = samples_of("folder", str(root))
    assert len(samples.names) == 9 and all((root / name).is_file() for name in samples.names)
    assert samples.sizes is not None and {tuple(size) for size in samples.sizes.tolist()} == {(12, 12), (24, 24)}
    written(root, f"sample,value\n{samples.names[4]},odd\n")
    config = parse_config({"dataset": "folder", "data_path": str(root), "batch_size": 8})
    run = Store.open().runs.create(config, environment={}, git_commit=None, git_dirty=False)
    found = slices_of(run, Evaluation(run.id, Conditions(), {}, Path(), "", 0), np.arange(9)).found
    assert found[-1].name == "value" and found[-1].of_picture.tolist() == [-1, -1, -1, -1, 0, -1, -1, -1, -1]


def _enlarge(file: Path) -> None:
    from PIL import Image

    with Image.open(file) as picture:
        larger = picture.resize((24, 24))
    larger.save(file)


def test_without_the_pictures_and_of_validation_the_reason_is_told(home: Path) -> None:
    store = Store.open()
    run = add_run(store)
    store.runs.update(run.id, dataset_fingerprint="0" * 16)
    test, = store.evaluations.of(run.id)
    assert "have changed since this run" in slices_of(store.runs.get(run.id), test, np.arange(360)).note
    moved = store.runs.create(parse_config({"dataset": "Digits"}), environment={}, git_commit=None, git_dirty=False)
    store.runs.update(moved.id, config={**moved.config, "dataset": "folder", "data_path": "/nowhere"})
    assert "/nowhere" in slices_of(store.runs.get(moved.id), test, np.arange(360)).note
    validation = Evaluation(run.id, Conditions(split="val"), {}, Path(), "", 0)
    assert slices_of(run, validation, np.arange(10)).found == ()
