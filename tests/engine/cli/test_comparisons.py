"""``compare``: two runs on the same pictures, and the slices of each."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.store import Store
from tests.engine.cli.command import document, engine
from tests.fake_detections import add_detection_run
from tests.fake_runs import add_run


def test_two_classifiers_are_compared_over_all_and_by_slice(home: Path) -> None:
    store = Store.open()
    first, second = add_run(store), add_run(store, seed=1)
    done = engine("compare", str(first.id), str(second.id))
    assert done.returncode == 0, done.stderr
    assert "top-1" in done.stdout and "class 8" in done.stdout and "brightness darkest third" in done.stdout
    assert "these two checkpoints on 360 pictures: exact McNemar test p = 1" in done.stderr
    assert "No slice got worse beyond chance (Holm's correction over 13 slices)" in done.stderr
    found = document("compare", str(first.id), str(second.id))
    assert found["fixed"] == found["broken"] == 0 and found["whole"][0]["before"] == first.test_accuracy
    assert {change["slicing"] for change in found["changes"]} == {"class", "brightness"}


def test_two_detectors_are_compared_by_size_and_class_of_objects(home: Path, scenes: None) -> None:
    store = Store.open()
    first, second = add_detection_run(store), add_detection_run(store, seed=1)
    done = engine("compare", str(first.id), str(second.id))
    assert done.returncode == 0, done.stderr
    assert "mAP@50" in done.stdout and "objects small" in done.stdout
    assert "no significant difference" in done.stderr
    found = document("compare", str(first.id), str(second.id))
    assert [change["group"] for change in found["whole"]] == ["mAP", "mAP@50"]
    assert found["whole"][0]["before"] == pytest.approx(first.test_score, abs=1e-6)


def test_a_file_of_slices_divides_the_pictures(home: Path, tmp_path: Path) -> None:
    store = Store.open()
    first, second = add_run(store), add_run(store, seed=1)
    file = tmp_path / "mine.csv"
    file.write_text("sample,pen\n" + "".join(f"{place},{'thick' if place % 3 else 'thin'}\n" for place in range(360)))
    found = document("compare", str(first.id), str(second.id), "--slices", str(file))
    assert {change["group"]: change["size"] for change in found["changes"] if change["slicing"] == "pen"} == {
        "thick": 240, "thin": 120}
    file.write_text("sample,pen\n400,thin\n")
    done = engine("compare", str(first.id), str(second.id), "--slices", str(file))
    assert done.returncode == 2
    assert "mine.csv, line 2: no test picture is called '400'; write its number from 0 to 359" in done.stderr


def test_what_cannot_be_compared_is_one_line(home: Path, scenes: None) -> None:
    store = Store.open()
    add_run(store), add_detection_run(store), add_run(store, "stopped")
    needs = "compare: needs two different runs"
    for words, told in ((("1", "1"), needs), (("1",), needs), (("1", "2", "3"), needs),
                        (("1", "2"), "is a run of classification"), (("1", "3"), "has no results yet")):
        done = engine("compare", *words)
        assert done.returncode == 2 and told in done.stderr and done.stderr.count("\n") == 1
