"""ONNX files: as good as the model, and telling what one must know to use them."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
import timm
import torch
from torch import nn

import engine.export.onnx_file as onnx_file
from engine.errors import UserError
from engine.evaluation.results import load_results
from engine.explain.model import prepare_pictures
from engine.export.model_file import export_request
from engine.export.onnx_file import export_onnx
from engine.store import Run, Store


def test_the_file_says_what_the_run_said_from_its_own_metadata(trained_run: Run, tmp_path: Path) -> None:
    """As somebody would use it who has only the file and the pictures."""
    from sklearn.datasets import load_digits

    file = tmp_path / "deep" / "model.onnx"
    done = export_request({"run": trained_run.id, "file": str(file)})
    assert done["bytes"] == file.stat().st_size and done["pictures"] == 64 and done["difference"] < 1e-4
    session = onnxruntime.InferenceSession(file, providers=["CPUExecutionProvider"])
    about = session.get_modelmeta().custom_metadata_map
    assert json.loads(about["class_names"]) == load_digits().target_names.astype(str).tolist()
    assert (about["model"], about["dataset"], about["input_size"]) == ("tinyvgg_a", "Digits", "32")
    (given,), (told,) = session.get_inputs(), session.get_outputs()
    assert (given.name, given.shape, given.type) == ("pictures", ["batch", 1, 32, 32], "tensor(float)")
    assert (told.name, told.shape) == ("logits", ["batch", 10])
    results = load_results(Store.open(), trained_run)
    pixels = prepare_pictures(trained_run, _test_pictures()).numpy()
    for count in (1, 3, 50):
        logits = session.run(None, {"pictures": pixels[:count]})[0]
        assert np.abs(logits - results.predictions.logits[:count]).max() < 1e-3


def test_a_file_that_would_answer_otherwise_is_not_written(trained_run: Run, tmp_path: Path,
                                                           monkeypatch: pytest.MonkeyPatch) -> None:
    convert = onnx_file._convert

    def wrong(model: nn.Module, *arguments: object) -> bytes:
        with torch.no_grad():
            kept = [parameter.clone() for parameter in model.parameters()]
            next(model.parameters()).mul_(1.01)
            content = convert(model, *arguments)
            for parameter, before in zip(model.parameters(), kept, strict=True):
                parameter.copy_(before)
        return content

    monkeypatch.setattr(onnx_file, "_convert", wrong)
    file = tmp_path / "model.onnx"
    with pytest.raises(UserError, match=r"differ from torch's by up to .* nothing was written"):
        export_onnx(trained_run, file)
    assert list(tmp_path.iterdir()) == []


def test_a_model_that_cannot_be_exported_is_told_in_one_line(trained_run: Run, tmp_path: Path,
                                                             monkeypatch: pytest.MonkeyPatch) -> None:
    class Fickle(nn.Module):
        def forward(self, pictures: torch.Tensor) -> torch.Tensor:
            return pictures[:, 0, 0, :10] if pictures.sum().item() > 0 else -pictures[:, 0, 0, :10]

    monkeypatch.setattr(onnx_file, "load_trained_model", lambda run, checkpoint: Fickle().eval())
    with pytest.raises(UserError, match="tinyvgg_a cannot be exported to ONNX") as told:
        export_onnx(trained_run, tmp_path / "model.onnx")
    assert "\n" not in str(told.value)


@pytest.mark.slow
@pytest.mark.parametrize(("name", "options"), [
    ("resnet18", {}), ("vit_tiny_patch16_224", {"img_size": 32, "patch_size": 4}), ("convnext_atto", {}),
    ("swin_tiny_patch4_window7_224", {"img_size": 32, "patch_size": 2, "window_size": 4}),
    ("naflexvit_base_patch16_gap", {"embed_dim": 48, "depth": 2, "num_heads": 3}), ("tf_efficientnet_lite0", {})])
def test_every_family_can_be_exported(trained_run: Run, name: str, options: dict[str, object]) -> None:
    torch.manual_seed(0)
    model, pictures = timm.create_model(name, num_classes=10, **options).eval(), torch.randn(8, 3, 32, 32)
    content = onnx_file._convert(model, pictures[:2], {"model": name})
    with torch.no_grad():
        assert onnx_file._check(trained_run, content, pictures, model(pictures)) < 1e-4


def _test_pictures() -> np.ndarray:
    from engine.data.loading import pictures

    return np.asarray(pictures("Digits", "", "test", range(50)))
