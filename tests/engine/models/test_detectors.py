"""Detectors are all asked alike, and are what the catalog says."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor, nn
from torchvision.ops import FrozenBatchNorm2d

from engine.catalog.models import DETECTORS, check_model, input_size, model_row
from engine.config import parse_config
from engine.data.facts import data_facts
from engine.errors import ConfigError, UserError
from engine.home import weights_dir
from engine.models.detectors import TERMS, shapes_of
from engine.models.groups import head_names, parameter_groups
from engine.models.ready_detector import IMAGENET, detector_of, ready_detector
from engine.tasks import models_for

SMALL = "fcos_resnet10t_fpn"
LIGHT = ("fcos_resnet10t_fpn", "fasterrcnn_mobilenet_v3_large_320_fpn")


def pictures() -> tuple[list[Tensor], list[dict[str, Tensor]]]:
    random = torch.Generator().manual_seed(0)
    images = [torch.rand(3, height, width, generator=random) for height, width in ((64, 96), (96, 70))]
    return images, [{"boxes": torch.tensor([[10.0, 10, 60, 50]]), "labels": torch.tensor([2])},
                    {"boxes": torch.zeros(0, 4), "labels": torch.zeros(0, dtype=torch.int64)}]


@pytest.mark.parametrize("name", DETECTORS)
def test_the_catalog_knows_their_parameters_and_heads(name: str) -> None:
    with torch.device("meta"):
        model = detector_of(name, 10)
        assert all(part.shape[0] for part in shapes_of(model, torch.empty(2, 3, 128, 128)))
    assert sum(parameter.numel() for parameter in model.parameters()) == model_row(name).parameters
    assert head_names(model) in (("head",), ("rpn", "roi_heads"))
    assert name in models_for("detection") and name not in models_for("classification")


@pytest.mark.parametrize("name", LIGHT)
def test_they_learn_from_boxes_and_find_boxes_with_labels_from_0(name: str) -> None:
    torch.manual_seed(0)
    model, (images, targets) = detector_of(name, 3).train(), pictures()
    terms = model(images, targets)
    assert {"loss_class", "loss_box"} <= terms.keys() <= set(TERMS.values())
    torch.stack(list(terms.values())).sum().backward()
    assert all(parameter.grad is not None for parameter in head_of(model).parameters())
    with torch.inference_mode():
        found = model.eval()(images)
    assert len(found) == 2 and all(len(each["boxes"]) > 100 for each in found)
    for each, image in zip(found, images, strict=True):
        assert 0 <= int(each["labels"].min()) <= int(each["labels"].max()) <= 2
        assert float(each["boxes"].min()) >= 0 and float(each["boxes"][:, 2].max()) <= image.shape[2]
        assert float(each["boxes"][:, 3].max()) <= image.shape[1]
    assert {tensor.tolist()[0] for tensor in (targets[0]["labels"],)} == {2}


def head_of(model: nn.Module) -> nn.Module:
    return nn.ModuleList([model.get_submodule(name) for name in head_names(model)])


def test_sizes_and_short_names() -> None:
    assert check_model("FasterRCNN") == "fasterrcnn_resnet50_fpn" and check_model("fcos") == SMALL
    assert input_size(SMALL, 2112, 0)[0] == 512 and input_size(SMALL, 192, 0) == (192, "")
    assert input_size("retinanet_resnet50_fpn", 2112, 1024)[0] == 1024


@pytest.mark.parametrize("fine_tune", ["head", "split"])
def test_fine_tuning_knows_the_head_from_the_backbone(fine_tune: str) -> None:
    config = parse_config({"dataset": "Scenes", "fine_tune": fine_tune, "lr": 0.01, "backbone_lr": 0.001})
    model = detector_of(SMALL, 6)
    groups = parameter_groups(model, config)
    rates = {id(parameter): group["lr"] for group in groups for parameter in group["params"]}
    wanted = {"head": None, "split": 0.001}[fine_tune]
    for name, parameter in model.named_parameters():
        in_head = name.startswith("head.")
        assert parameter.requires_grad == (in_head or fine_tune == "split")
        assert rates.get(id(parameter)) == (0.01 if in_head else wanted)


def test_a_detectors_file_fills_everything_but_what_is_for_other_classes(home: Path) -> None:
    file = home / "detector.safetensors"
    there = {name: torch.full_like(value, 0.5).contiguous()
             for name, value in detector_of(SMALL, 4).state_dict().items()}
    save_file(there, file, {"mean": "[0.1, 0.2, 0.3]", "std": "[0.4, 0.5, 0.6]"})
    config = parse_config({"dataset": "Scenes", "weights": "file", "weights_path": str(file)})
    ready = ready_detector(config, data_facts("Scenes"), 192)
    own = ready.model.state_dict()
    reset = {name for name, value in own.items() if value.is_floating_point() and not bool((value == 0.5).all())}
    assert reset == {"head.classification_head.cls_logits.weight", "head.classification_head.cls_logits.bias"}
    assert "they are for other classes or anchors (4 outputs there, 6 here)" in " ".join(ready.report)
    assert ready.mean == (0.1, 0.2, 0.3) and ready.trained


def test_a_backbones_weights_are_enough_and_published_ones_are_found(home: Path) -> None:
    import timm

    classifier = timm.create_model("resnet10t", num_classes=5)
    weights_dir().mkdir(parents=True, exist_ok=True)
    save_file({name: value.contiguous() for name, value in classifier.state_dict().items()},
              weights_dir() / "resnet10t.safetensors")
    ready = ready_detector(parse_config({"dataset": "Scenes", "weights": "pretrained"}), data_facts("Scenes"), 192)
    own = ready.model.state_dict()
    assert torch.equal(own["backbone.body.conv1.0.weight"], classifier.state_dict()["conv1.0.weight"])
    assert "tensors of the backbone loaded from the weights folder" in ready.report[0]
    assert (ready.mean, ready.std) == IMAGENET
    with pytest.raises(ConfigError, match="the feature pyramid would stay random; choose split or all"):
        ready_detector(parse_config({"dataset": "Scenes", "weights": "pretrained", "fine_tune": "head"}),
                       data_facts("Scenes"), 192)


def test_weights_of_something_else_are_refused(home: Path) -> None:
    file = home / "other.safetensors"
    save_file({"fc.weight": torch.zeros(3, 3)}, file)
    config = parse_config({"dataset": "Scenes", "weights": "file", "weights_path": str(file)})
    with pytest.raises(UserError, match="does not fit fcos_resnet10t_fpn or its backbone"):
        ready_detector(config, data_facts("Scenes"), 192)


def test_norms_are_frozen_where_weights_know_their_statistics() -> None:
    def norms(frozen: bool) -> set[type[nn.Module]]:
        with torch.device("meta"):
            model = detector_of("retinanet_resnet50_fpn", 3, frozen_norms=frozen)
        return {type(module) for module in model.get_submodule("backbone.body").modules()
                if isinstance(module, (FrozenBatchNorm2d, nn.BatchNorm2d))}

    assert norms(True) == {FrozenBatchNorm2d} and norms(False) == {nn.BatchNorm2d}


def test_gradients_in_bfloat16_are_nearly_those_in_float32_however_small_the_pictures() -> None:
    """Of the coarsest level, too, which sees a single pixel here."""
    torch.manual_seed(0)
    level = detector_of(SMALL, 3).backbone.fpn.extra_blocks
    maps = [torch.randn(2, 64, 2, 2)]
    found = []
    for dtype in (torch.float32, torch.bfloat16):
        level.zero_grad()
        with torch.autocast("cpu", torch.bfloat16, enabled=dtype == torch.bfloat16):
            outputs, names = level([each.to(dtype) for each in maps], maps, ["0"])
        assert names == ["0", "p6", "p7"] and outputs[-1].shape[-2:] == (1, 1)
        sum(each.float().square().sum() for each in outputs[1:]).backward()
        found.append([parameter.grad.clone() for parameter in level.parameters()])
    for exact, mixed in zip(*found, strict=True):
        assert torch.allclose(mixed, exact, rtol=0.05, atol=0.05 * float(exact.abs().max()))
