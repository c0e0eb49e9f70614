"""A run on photographs is asked about the crop that it was tested on, not about a squeezed square."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from engine.cli.main import main
from engine.data.photographs.files import PhotographFiles
from engine.evaluation.results import load_results
from engine.explain.classes import explain_pictures
from engine.explain.model import load_trained_model, prepare_pictures
from engine.explain.photograph import decode_as_photograph
from engine.export.onnx_file import export_onnx
from engine.store import Run, Store
from tests.engine.data.photographs.jpegs import SIZES, jpeg_folder, listed_files


@pytest.fixture
def run(home: Path) -> Run:
    jpeg_folder(home / "mine" / "train")
    jpeg_folder(home / "mine" / "test", count=4)
    assert main(["train", "--dataset", "folder", "--data-path", str(home / "mine"), "--aug-name", "imagenet",
                 "--model", "test_resnet", "--image-size", "32", "--epochs", "1", "--batch-size", "4",
                 "--device", "cpu", "--val-fraction", "0.25", "--kept-side", "48"]) == 0
    [run] = Store.open().runs.list()
    return run


def test_it_says_of_test_pictures_and_their_files_what_the_run_said(run: Run, home: Path) -> None:
    results = load_results(Store.open(), run)
    expected = np.exp(results.predictions.log_probabilities)
    answer = explain_pictures({"run": run.id, "ids": list(range(8)), "split": "test"})
    files = sorted((home / "mine" / "test").rglob("*.jpg"))
    brought = [explain_pictures({"run": run.id, "file": str(file)})["pictures"][0] for file in files]
    for told in (answer["pictures"], brought):
        assert np.abs(np.array([each["probabilities"] for each in told]) - expected).max() < 1e-4
    assert [each["shown"] for each in brought] == [each["shown"] for each in answer["pictures"]]


def test_the_part_that_is_seen_is_told_of_each_picture(run: Run) -> None:
    answer = explain_pictures({"run": run.id, "ids": [0, 1, 2, 3], "split": "test"})
    [scale] = {round(32 / each["shown"][0]) for each in answer["pictures"][:1]}
    for (height, width), picture in zip(SIZES, answer["pictures"], strict=True):
        least = min(height, width)
        share = 32 * least / scale
        assert picture["shown"] == pytest.approx([share / height, share / width], rel=0.03)


def test_an_upload_is_decoded_like_a_file_of_the_data(run: Run, home: Path) -> None:
    place = home / "mine" / "test"
    files = PhotographFiles(listed_files(place), 48, "bilinear")
    for number, file in enumerate(sorted(place.rglob("*.jpg"))):
        found = decode_as_photograph(file.read_bytes(), file.name, run)
        assert np.array_equal(found[0], files.picture(number))
    assert np.array_equal(decode_as_photograph(file.read_bytes(), file.name, run, invert=True), 255 - found)


def test_an_exported_file_is_compared_on_the_same_crops(run: Run, home: Path) -> None:
    found = export_onnx(run, home / "model.onnx")
    assert found.pictures == 8 and found.difference < 1e-4
    photographs = PhotographFiles(listed_files(home / "mine" / "test"), 48, "bilinear")
    inputs = prepare_pictures(run, photographs)
    expected = load_results(Store.open(), run).predictions.logits
    assert np.abs(load_trained_model(run)(inputs).detach().numpy() - expected).max() < 1e-4
