"""Weights are loaded with a report, or refused; never silently left out."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import timm
import torch
from torch import nn

from engine.errors import ConfigError, UserError
from engine.models.build import build_model
from engine.training.checkpoints import Checkpoints
from engine.training.progress import Progress
from tests.engine.models.configs import ready, saved

PICTURES = torch.linspace(-1, 1, 2 * 3 * 64 * 64).view(2, 3, 64, 64)


@pytest.fixture
def vit_file(tmp_path: Path) -> str:
    return saved(timm.create_model("test_vit"), tmp_path / "vit.safetensors")


def test_from_scratch_there_is_nothing_to_report() -> None:
    begun = ready(model="test_resnet")
    assert (begun.report, begun.mean, begun.std, begun.trained) == ((), None, None, False)


def test_another_classifier_starts_at_random_and_the_rest_is_loaded(tmp_path: Path) -> None:
    published = timm.create_model("test_resnet").eval()
    path = saved(published, tmp_path / "weights.safetensors")
    begun = ready(64, model="test_resnet", weights="file", weights_path=path)
    count = len(published.state_dict())
    assert begun.report == (
        f"{count - 2} of {count} tensors loaded from {path}",
        "fc.weight, fc.bias start at random: the weights know 1000 classes, the data 10")
    assert begun.trained
    features = [model.eval().forward_features(PICTURES) for model in (published, begun.model)]  # type: ignore[operator]
    assert torch.equal(*features)


def test_with_as_many_classes_the_classifier_is_loaded_too(vit_file: str) -> None:
    begun = ready(160, classes=1000, model="test_vit", weights="file", weights_path=vit_file)
    assert begun.report == (f"80 of 80 tensors loaded from {vit_file}, including the classifier",)


def test_input_channels_and_position_embeddings_are_adapted_and_said(vit_file: str) -> None:
    begun = ready(32, channels=1, model="test_vit", weights="file", weights_path=vit_file)
    patches = begun.model.get_parameter("patch_embed.proj.weight")
    assert patches.shape == (64, 1, 4, 4) and begun.mean == (pytest.approx(0.5),)
    assert "pos_embed resized from 1×101×64 to 1×65×64" in begun.report
    assert any(line.startswith("patch_embed.proj.weight resized from 64×3×16×16 to 64×1×4×4") for line in begun.report)
    assert begun.report[0].startswith("test_vit is built for 32 px pictures, with 8×8 patches of 4 px")


def test_grey_pictures_get_the_sum_of_the_colours_filters(tmp_path: Path) -> None:
    model = build_model("tinyvgg_a", classes=10, channels=3, size=32)
    path = saved(model, tmp_path / "a.safetensors")
    begun = ready(channels=1, model="tinyvgg_a", weights="file", weights_path=path)
    assert begun.report[1] == "features.0.weight adapted from 3 to 1 input channels"
    grey = torch.randn(2, 1, 32, 32)
    assert torch.allclose(begun.model.eval()(grey), model.eval()(grey.expand(2, 3, 32, 32)), atol=1e-5)


@pytest.mark.parametrize("name", ["tinyvgg_a", "tinyvgg_v4", "test_resnet"])
def test_a_runs_own_checkpoint_is_a_file_of_weights(name: str, tmp_path: Path) -> None:
    model = build_model(name, classes=10, channels=1, size=32)
    checkpoints = Checkpoints(tmp_path)
    checkpoints.metadata = {"mean": json.dumps([0.25]), "std": json.dumps([0.5])}
    checkpoints.save(Progress(epoch=1), model, torch.optim.SGD(model.parameters()), best=True)
    folder = checkpoints.path("best")
    assert folder is not None
    begun = ready(channels=1, model=name, weights="file", weights_path=str(folder / "model.safetensors"))
    assert "including the classifier" in begun.report[0] and (begun.mean, begun.std) == ((0.25,), (0.5,))
    assert all(torch.equal(value, begun.model.state_dict()[key]) for key, value in model.state_dict().items())


@pytest.mark.parametrize("wrap", [
    lambda tensors: {"epoch": 3, "state_dict": {f"module.{key}": value for key, value in tensors.items()}},
    lambda tensors: {"model": tensors, "optimizer": {"state": {}}},
    lambda tensors: {"our_net": tensors, "epoch": 3},
])
def test_pytorch_checkpoints_of_other_programs_are_understood(wrap, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    model = timm.create_model("test_resnet")
    torch.save(wrap(model.state_dict()), tmp_path / "weights.pth")
    begun = ready(model="test_resnet", weights="file", weights_path=str(tmp_path / "weights.pth"))
    assert torch.equal(begun.model.get_parameter("layer1.0.conv1.weight"), model.layer1[0].conv1.weight)


def test_a_stem_of_its_own_starts_at_random_unless_the_file_has_it(tmp_path: Path) -> None:
    standard = saved(timm.create_model("test_resnet"), tmp_path / "standard.safetensors")
    begun = ready(model="test_resnet", stem="cifar", weights="file", weights_path=standard)
    assert any(line.startswith("conv1.weight starts at random: the weights have another stem") for line in begun.report)
    own = saved(begun.model, tmp_path / "cifar.safetensors")
    again = ready(model="test_resnet", stem="cifar", weights="file", weights_path=own)
    assert len(again.report) == 1 and torch.equal(again.model.get_parameter("conv1.weight"),
                                                  begun.model.get_parameter("conv1.weight"))
    with pytest.raises(ConfigError, match="fine_tune: 'head' is not possible"):
        ready(model="test_resnet", stem="cifar", weights="file", weights_path=standard, fine_tune="head")


@pytest.mark.parametrize(("there", "here", "words"), [
    ("resnet34", "resnet18", "96 in the file are not in the model (layer1.2."),
    ("test_vit", "test_resnet", "tensors are missing (conv1."),
    ("tinyvgg_b", "tinyvgg_a", "features.3.weight"),
    ("tinyvgg_e", "tinyvgg_d", "features.19.weight: 64×32×3×3 there, 64×64×3×3 here"),
    ("resnet18", "test_resnet", "have another shape"),
])
def test_weights_of_another_architecture_are_refused_with_what_does_not_match(
    there: str, here: str, words: str, tmp_path: Path,
) -> None:
    size = 160 if there == "test_vit" else 32
    path = saved(build_model(there, classes=10, channels=3, size=size), tmp_path / "other.safetensors")
    with pytest.raises(UserError) as caught:
        ready(model=here, weights="file", weights_path=path)
    assert str(caught.value).startswith(f"weights_path: {path} does not fit {here}: ")
    assert words in str(caught.value) and "\n" not in str(caught.value)


def test_a_file_with_nothing_but_a_classifier_is_refused(tmp_path: Path) -> None:
    path = saved(nn.Module(), tmp_path / "x.safetensors")
    with pytest.raises(UserError, match="contains no weights"):
        ready(model="test_resnet", weights="file", weights_path=path)


@pytest.mark.parametrize(("name", "content", "words"), [
    ("absent.pth", None, "there is no file"),
    ("junk.pth", b"junk" * 99, "cannot be read as weights"),
    ("junk.safetensors", b"junk" * 99, "cannot be read as weights"),
    ("empty.pth", b"", "cannot be read as weights"),
])
def test_what_is_no_file_of_weights_is_said_in_one_line(
    name: str, content: bytes | None, words: str, tmp_path: Path,
) -> None:
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(UserError, match=words) as caught:
        ready(model="test_resnet", weights="file", weights_path=str(path))
    assert "\n" not in str(caught.value) and str(path) in str(caught.value)


def test_a_pickle_that_would_run_code_is_not_loaded(tmp_path: Path) -> None:
    torch.save(nn.Linear(2, 2), tmp_path / "module.pth")
    with pytest.raises(UserError, match="cannot be read as weights"):
        ready(model="test_resnet", weights="file", weights_path=str(tmp_path / "module.pth"))


@pytest.mark.parametrize(("options", "mean"), [
    ({}, None),
    ({"normalisation": "weights"}, (0.485, 0.456, 0.406)),
    ({"weights": "file"}, (0.485, 0.456, 0.406)),
    ({"weights": "file", "normalisation": "data"}, None),
])
def test_normalisation_follows_the_weights_or_the_data(
    options: dict[str, str], mean: tuple[float, ...] | None, tmp_path: Path,
) -> None:
    if "weights" in options:
        options = {**options, "weights_path": saved(timm.create_model("resnet18"), tmp_path / "x.safetensors")}
    begun = ready(model="resnet18", **options)
    assert begun.mean == mean and (begun.std is None) is (mean is None)


def test_normalisation_of_the_weights_is_refused_where_none_is_published() -> None:
    with pytest.raises(ConfigError, match="normalisation: 'weights' is not possible for tinyvgg_a"):
        ready(model="tinyvgg_a", normalisation="weights")


def test_what_is_frozen_is_said() -> None:
    (line,) = ready(model="resnet18", fine_tune="head").report
    assert line == "only fc learns (5,130 of 11,181,642 parameters): the rest is frozen, and was never trained"


@pytest.mark.parametrize(("model", "option"), [("tinyvgg_a", "drop_path"), ("vgg11", "drop_path")])
def test_an_option_the_model_does_not_take_is_refused_by_name(model: str, option: str) -> None:
    with pytest.raises(ConfigError, match=f"{option}: 0.1 is not supported by {model}"):
        ready(model=model, **{option: 0.1})


def test_dropout_and_drop_path_reach_the_model() -> None:
    begun = ready(model="test_vit", image_size=64, dropout=0.25, drop_path=0.5)
    assert begun.model.get_submodule("head_drop").p == 0.25
    assert begun.model.get_submodule("blocks.5.drop_path1").drop_prob == 0.5
