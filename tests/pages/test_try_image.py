"""The try page: the answer of the job, in bars and in pictures."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

import app.kit.maps
import app.results.export
from app.trying.classes import PAD, TEST
from app.trying.pad import picture_of
from engine.data import load_dataset
from engine.errors import UserError
from engine.store import Run, Store
from tests.app_tests import address_of, assert_calm, open_page, shown
from tests.fake_detections import add_detection_run
from tests.fake_runs import add_run

Asked = list[dict[str, Any]]


@pytest.fixture
def run(store: Store) -> Run:
    """A run with a checkpoint, as far as pages look."""
    return with_checkpoint(store, add_run(store))


def with_checkpoint(store: Store, run: Run) -> Run:
    folder = run.folder / "checkpoints" / "epoch-0002"
    folder.mkdir(parents=True)
    (folder.parent / "index.json").write_text(json.dumps({"best": folder.name, "last": folder.name}))
    store.runs.update(run.id, resolved=run.resolved | {"image_size": 32, "channels": 1}, epoch=2)
    return store.runs.get(run.id)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Asked:
    """What the job was asked; it says 7 first, then 1."""
    requests: Asked = []

    def run_job(name: str, request: dict[str, Any], **_options: object) -> dict[str, Any]:
        requests.append(request)
        said = [0.0] * 10
        said[7], said[1], said[2] = 0.75, 0.2, 0.05
        picture = {"probabilities": said, "shown": [1.0, 1.0], "map": np.eye(4).tolist()}
        return {"classes": [str(digit) for digit in range(10)], "method": "Grad-CAM at layer4, 4×4 cells",
                "pictures": [picture] * len(request.get("ids", [0]))}

    app.kit.maps.explain_data.clear()
    app.kit.maps.explain_file.clear()
    monkeypatch.setattr(app.kit.maps, "run_job", run_job)
    return requests


def test_without_runs_it_says_what_to_do(store: Store) -> None:
    page = open_page("try_image")
    assert_calm(page)
    assert "Nothing to try yet" in shown(page)


def test_a_run_whose_checkpoints_are_gone_is_said(store: Store) -> None:
    page = open_page("try_image", run=str(add_run(store).id))
    assert_calm(page)
    assert "No checkpoint" in shown(page)


def test_a_test_picture_is_asked_about_once_and_shown_with_its_class(run: Run, asked: Asked) -> None:
    page = open_page("try_image", {"try_source": TEST}, run=str(run.id))
    assert_calm(page)
    assert [(request["ids"], request["split"], request["checkpoint"], request["label"]) for request in asked] \
        == [([0], "test", "best", None)]
    true = str(load_dataset("Digits").test_targets[0])
    assert f"Test picture 0: {true}" in shown(page) and "75.00 %" in shown(page)
    assert "evidence for 7" in shown(page)
    page.run()
    assert len(asked) == 1


def test_a_test_picture_and_its_checkpoint_stand_in_the_address(run: Run, asked: Asked) -> None:
    page = open_page("try_image", **{"run": str(run.id), "from": TEST, "picture": "7", "checkpoint": "last"})
    assert_calm(page)
    assert asked[0]["ids"] == [7] and "Test picture 7" in shown(page)
    assert address_of(page)["picture"] == "7" and address_of(page)["checkpoint"] == "last"
    assert "Test picture 0" in shown(open_page("try_image", **{"run": str(run.id), "from": TEST, "picture": "999"}))


def test_another_class_can_be_asked_about(run: Run, asked: Asked) -> None:
    page = open_page("try_image", {"try_source": TEST}, run=str(run.id))
    _pills(page).set_value(1).run()
    assert_calm(page)
    assert asked[-1]["label"] == 1 and "evidence for 1" in shown(page)


def test_a_dropped_picture_is_given_to_the_job(run: Run, asked: Asked) -> None:
    page = open_page("try_image", run=str(run.id))
    assert "Drop a picture" in shown(page) and not asked
    buffer = io.BytesIO()
    Image.new("RGB", (50, 20), "white").save(buffer, "PNG")
    page.file_uploader(key="try_file").set_value(("white.png", buffer.getvalue(), "image/png")).run()
    assert_calm(page)
    assert "white.png, resized to 8×8 pixels in grey" in shown(page) and asked[0]["file"]
    page.file_uploader(key="try_file").set_value(("notes.txt", b"hello", "text/plain")).run()
    assert [error.value for error in page.error] == ["notes.txt: cannot be read as a picture (UnidentifiedImageError)"]


@pytest.mark.usefixtures("scenes")
def test_a_detector_shows_the_boxes_of_at_least_a_score(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    def run_job(name: str, request: dict[str, Any], **_options: object) -> dict[str, Any]:
        assert name == "try" and Path(request["file"]).is_file()
        boxes = [{"class": "Navicula lanceolata", "score": score, "box": [10, 5, 40, 15]} for score in (0.9, 0.3)]
        return {"width": 50, "height": 20, "score_threshold": 0.5, "best_score": 0.9, "boxes": boxes}

    app.kit.maps.explain_file.clear()
    monkeypatch.setattr(app.kit.maps, "run_job", run_job)
    run = with_checkpoint(store, add_detection_run(store))
    page = open_page("try_image", run=str(run.id))
    assert "Drop a picture" in shown(page)
    buffer = io.BytesIO()
    Image.new("RGB", (50, 20), "white").save(buffer, "PNG")
    page.file_uploader(key="try_file").set_value(("white.png", buffer.getvalue(), "image/png")).run()
    assert_calm(page)
    assert "white.png, 50 × 20 px" in shown(page) and shown(page).count('title="Navicula lanceolata, ') == 1
    assert "left:20.00%;top:25.00%;width:60.00%;height:50.00%" in shown(page)
    page.slider(key=f"try_score_{run.id}").set_value(0.2).run()
    assert page.dataframe[0].value["Score"].tolist() == pytest.approx([90, 30])
    page.slider(key=f"try_score_{run.id}").set_value(0.95).run()
    assert "No box has this score; the best has 90.00 %" in shown(page)


def test_what_the_job_refuses_is_one_line(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def run_job(name: str, request: dict[str, Any], **_options: object) -> dict[str, Any]:
        raise UserError("look: its process was killed")

    app.kit.maps.explain_data.clear()
    monkeypatch.setattr(app.kit.maps, "run_job", run_job)
    page = open_page("try_image", {"try_source": TEST}, run=str(run.id))
    assert not page.exception and [error.value for error in page.error] == ["look: its process was killed"]


def test_the_gallery_shows_what_was_looked_at_in_one_question(run: Run, asked: Asked) -> None:
    page = open_page("results", run=str(run.id))
    assert not asked
    before = shown(page).count("<img")
    page.toggle(key="gallery_maps").set_value(True).run()
    assert_calm(page)
    assert len(asked) == 1 and len(asked[0]["ids"]) == 4 and asked[0]["split"] == "test"
    assert "Grad-CAM at layer4" in shown(page) and shown(page).count("<img") == before


def _pills(page: AppTest) -> Any:
    return next(group for group in page.get("button_group") if group.label == "Explain")


def test_a_model_is_exported_and_offered_from_its_results(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def run_job(name: str, request: dict[str, Any], **_options: object) -> dict[str, Any]:
        Path(request["file"]).parent.mkdir()
        Path(request["file"]).write_bytes(b"onnx")
        return {"file": request["file"], "bytes": 4, "opset": 20, "pictures": 64, "difference": 2e-6}

    monkeypatch.setattr(app.results.export, "run_job", run_job)
    page = open_page("results", run=str(run.id))
    page.button(key="export_start").click().run()
    assert_calm(page)
    assert "at most 2.0e-06 on 64 test pictures" in shown(page)
    assert "best.onnx" in page.get("download_button")[0].label


def test_why_a_model_is_not_exported_is_one_line(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def run_job(name: str, request: dict[str, Any], **_options: object) -> dict[str, Any]:
        raise UserError("the exported model's logits differ from torch's by up to 0.3")

    monkeypatch.setattr(app.results.export, "run_job", run_job)
    page = open_page("results", run=str(run.id))
    page.button(key="export_start").click().run()
    assert_calm(page)
    assert "differ from torch's by up to 0.3" in shown(page) and not page.get("download_button")


def test_a_drawing_is_tried_as_it_is(run: Run, asked: Asked) -> None:
    buffer = io.BytesIO()
    Image.new("L", (280, 280), 255).save(buffer, "PNG")
    page = open_page("try_image", {"try_source": PAD, f"try_pad_{run.id}_picture": buffer.getvalue()}, run=str(run.id))
    assert_calm(page)
    assert "from the pad, resized to 8×8 pixels in grey" in shown(page)
    assert asked[0]["invert"] is False


@pytest.mark.parametrize(("uri", "found"), [
    ("data:image/png;base64,aGVsbG8=", b"hello"), ("", None), ("data:image/svg+xml;base64,aGVsbG8=", None),
    ("data:image/png;base64,no!", None), ("data:image/png;base64," + "A" * 12_000_000, None),
])
def test_only_a_png_of_a_sane_size_comes_from_the_pad(uri: str, found: bytes | None) -> None:
    assert picture_of(uri) == found
