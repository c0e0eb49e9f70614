"""What ``data NAME`` says about a data set."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from engine.cli.data import print_report
from engine.cli.main import main
from tests.engine.data import sources
from tests.engine.data.box_sources import coco, many, voc


def _found(**changes: Any) -> dict[str, Any]:
    return {
        "classes": ["cat", "dog"], "picture_shape": [4, 5, 3], "mean": [0.5, 0.25, 0.1], "std": [0.1, 0.2, 0.3],
        "by_class": {"train": [1000, 30], "test": [7, 0]}, "blank": {"train": 0, "test": 0},
        "duplicates": {"train": 0, "test": 0, "both": 0, "contradictory": 0, "pictures": []},
        "train": 1030, "test": 7, "leaks": {"pictures": 0, "least_likeness": 0.92, "near": []},
    } | changes


def test_digits_are_reported_for_people_and_programs(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["data", "digits"]) == 0
    shown = capsys.readouterr().out
    assert "1,437" in shown
    assert "8×8, grey" in shown
    assert "no two pictures have equal pixels" in shown
    assert main(["data", "digits", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["train"], found["test"], len(found["classes"])) == (1437, 360, 10)
    assert sum(found["by_class"]["train"]) == 1437
    assert found["duplicates"]["pictures"] == []


def test_duplicates_are_told_with_their_places_and_contradictions(capsys: pytest.CaptureFixture[str]) -> None:
    copies = [{"train": [3, 9], "test": [1], "classes": ["cat", "dog"]}] + 12 * [
        {"train": [1, 2, 3, 4, 5, 6], "test": [], "classes": ["dog"]}]
    print_report(_found(duplicates={"train": 12, "test": 0, "both": 1, "contradictory": 1, "pictures": copies},
                        blank={"train": 2, "test": 0}))
    shown = capsys.readouterr().out
    assert "12 pictures more than once in train, 0 in test, 1 in both; 1 with different labels" in shown
    assert "cat ≠ dog: train 3, 9; test 1" in shown
    assert "dog: train 1, 2, 3, 4 and 2 more" in shown
    assert "and 3 more" in shown
    assert "2 train pictures, all pixels with one value" in shown
    assert "5×4, colour" in shown


def test_leaks_are_told_with_the_picture_they_copy_and_what_cannot_be_found(capsys: pytest.CaptureFixture[str]) -> None:
    near = [{"test": 3, "train": 8, "mirrored": True, "likeness": 0.99, "classes": ["cat", "dog"]}]
    print_report(_found(leaks={"pictures": 3, "least_likeness": 0.97, "near": near}))
    shown = capsys.readouterr().out
    assert "3 of 7 test pictures are among the training pictures, 2 with equal pixels and 1 nearly" in shown
    assert "cat ≠ dog: test 3, train 8, mirrored" in shown
    assert "only pairs that are 97.00% alike count" in shown


def test_many_classes_are_summed_up(capsys: pytest.CaptureFixture[str]) -> None:
    print_report(_found(classes=[f"c{n}" for n in range(30)],
                        by_class={"train": list(range(1, 31)), "test": [2] * 30}))
    shown = capsys.readouterr().out
    assert "smallest class" in shown
    assert "c7" not in shown


def test_a_folders_notes_and_unreadable_pictures_are_told(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = sources.class_folder(home / "pets")
    (root / "cats" / "000.png").write_bytes(b"no picture")
    assert main(["data", "FOLDER", "--data-path", str(root)]) == 2
    refused = capsys.readouterr()
    assert refused.out == "" and refused.err.count("\n") == 1 and "cats/000.png" in refused.err
    assert main(["data", "folder", "--data-path", str(root), "--unreadable", "skip", "--json"]) == 0
    told = capsys.readouterr()
    found = json.loads(told.out)
    assert found["skipped"] == ["cats/000.png: cannot be read (its content is no picture)"]
    assert found["ledger"]["accounts"][0]["left_out"][0]["first"] == ["cats/000.png"]
    assert "stratified fifth" in found["notes"][0]
    assert "skipped unreadable files (1): cats/000.png" in told.err and "stratified fifth" in told.err


@pytest.mark.parametrize("words", [("npy",), ("folder", "--data-path", "/nowhere"), ("nonsense",)])
def test_what_is_not_there_is_one_line(words: tuple[str, ...], home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["data", *words]) == 2
    said = capsys.readouterr()
    assert said.out == "" and said.err.count("\n") == 1


def test_boxes_are_reported_with_what_looks_wrong(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = str(voc(home / "voc", many() | {"p00": [("cat", (2, 3, 12, 23)), ("cat", (60, 3, 70, 9))]}))
    assert main(["data", "VOC", "--data-path", root]) == 0
    told = capsys.readouterr()
    assert "voc is ready: 16 training and 4 test pictures" in told.err and "no test part" in told.err
    assert "20 of 40×30" in told.out and "1 × outside" in told.out and "Annotations/p00.xml, line 9 (cat)" in told.out
    assert main(["data", "voc", "--data-path", root, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert sum(found["boxes_by_class"]["train"]) == found["boxes"]["train"] and found["skipped"] == []


def test_a_broken_annotation_refuses_until_it_is_skipped(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = voc(home / "voc", many())
    (root / "Annotations" / "p03.xml").write_text("<annotation>")
    assert main(["data", "voc", "--data-path", str(root)]) == 2
    assert "Annotations/p03.xml, line 1: not XML" in capsys.readouterr().err
    assert main(["data", "voc", "--data-path", str(root), "--unreadable", "skip"]) == 0
    assert "Annotations/p03.xml, line 1" in capsys.readouterr().err


def test_a_coco_picture_that_looks_wrong_is_named_beside_its_file(home: Path,
                                                                  capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["data", "coco", "--data-path", str(coco(home / "own", many()))]) == 0
    assert "train annotations/instances_train.json (train/p09.png)" in capsys.readouterr().out
