"""Detectors: torchvision's Faster R-CNN, RetinaNet and FCOS with a common interface.

Faster R-CNN after Ren et al. (2015), RetinaNet after Lin et al. (2017), FCOS after Tian et al. (2019), each with a
feature pyramid (Lin et al., 2017). Pictures are already normalised and resized; labels count from 0, without
background.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torchvision.models import mobilenet_v3_large, resnet50
from torchvision.models.detection import FCOS, FasterRCNN, RetinaNet
from torchvision.models.detection.anchor_utils import AnchorGenerator
from torchvision.models.detection.backbone_utils import _mobilenet_extractor, _resnet_fpn_extractor
from torchvision.ops import FrozenBatchNorm2d
from torchvision.ops.feature_pyramid_network import FeaturePyramidNetwork, LastLevelP6P7

from engine.boxes.arrays import Detections, Floats, Ints, concat_detections
from engine.boxes.predictions import HIGHEST_NMS, LOWEST_SCORE, MAX_PER_PICTURE
from engine.data.boxes.batches import BoxedEvalBatches

Target = dict[str, Tensor]
"""``boxes`` float32 [M, 4] in pixels of the model's input, and ``labels`` int64 [M]."""
Ratios = tuple[float, ...]
Sizes = tuple[int, ...]

TERMS = {
    "loss_classifier": "loss_class", "classification": "loss_class",
    "loss_box_reg": "loss_box", "bbox_regression": "loss_box", "bbox_ctrness": "loss_centre",
    "loss_objectness": "loss_object", "loss_rpn_box_reg": "loss_proposal",
}
"""Recorded names of torchvision's loss terms; equivalent terms of two architectures share a name."""

_LEVELS = 5
_WHOLE = {"_skip_resize": True, "image_mean": (0.0, 0.0, 0.0), "image_std": (1.0, 1.0, 1.0)}
_OCTAVES = tuple(2 ** (third / 3) for third in range(3))


class Detector(nn.Module):
    """Common interface of the detectors.

    In training mode ``forward(images, targets)`` returns the loss terms by the names in :data:`TERMS`; in evaluation
    mode, for each picture ``boxes``, ``labels`` and ``scores``, nearly all of them, since thresholds are applied later.
    ``images`` are float32 [3, H, W] each, of any size.
    """

    backbone: Any
    head: Any
    rpn: Any
    roi_heads: Any
    transform: Any
    first_label = 0
    """torchvision's number of the first class; its Faster R-CNN uses 0 for the background."""

    def forward(self, images: list[Tensor], targets: list[Target] | None = None) -> Any:
        shifted = None if targets is None else [
            {"boxes": target["boxes"], "labels": target["labels"] + self.first_label} for target in targets]
        # Keeps torchvision from resizing in evaluation mode: pictures are already resized.
        self.transform.train(True)
        found = super().forward(images, shifted)
        if self.training:
            return {TERMS[name]: loss for name, loss in found.items()}
        return [{**each, "labels": each["labels"] - self.first_label} for each in found]

    def get_classifier(self) -> tuple[nn.Module, ...]:
        """Return everything after the feature pyramid, which counts as the head."""
        return (self.head,)

    def shapes(self, images: Tensor) -> list[Tensor]:
        """Return everything computed densely from float [B, 3, H, W], for predicting cost and memory."""
        return list(self.head(list(self.backbone(images).values())).values())


class DarkroomFasterRCNN(Detector, FasterRCNN):  # type: ignore[misc]
    """A two-stage detector: region proposals, then their classes and boxes."""

    first_label = 1

    def get_classifier(self) -> tuple[nn.Module, ...]:
        return self.rpn, self.roi_heads

    def shapes(self, images: Tensor) -> list[Tensor]:
        """As in :class:`Detector`, with as many regions per picture as in training."""
        features = self.backbone(images)
        objectness, shifts = self.rpn.head(list(features.values()))
        level = next(iter(features.values()))
        count = len(images) * self.roi_heads.fg_bg_sampler.batch_size_per_image
        cut = level.new_empty(count, level.shape[1], *self.roi_heads.box_roi_pool.output_size)
        return [*objectness, *shifts, *self.roi_heads.box_predictor(self.roi_heads.box_head(cut))]


class DarkroomRetinaNet(Detector, RetinaNet):  # type: ignore[misc]
    """A one-stage detector with anchors and focal loss."""


class DarkroomFCOS(Detector, FCOS):  # type: ignore[misc]
    """A one-stage detector without anchors, which predicts each location's distances to the box edges."""


class CoarseLevels(LastLevelP6P7):  # type: ignore[misc]
    """The two coarsest maps, on the CPU always in float32. oneDNN's bfloat16 kernels leave gradients unset where a map
    is smaller than the stride, as these are in small pictures; the maps cost next to nothing."""

    def forward(self, p: list[Tensor], c: list[Tensor], names: list[str]) -> tuple[list[Tensor], list[str]]:
        with torch.autocast("cpu", enabled=False):
            maps, named = super().forward([each.float() for each in p], [each.float() for each in c], names)
        return maps, named


class TimmPyramid(nn.Module):
    """A timm backbone's maps of stride 8, 16 and 32, and two coarser ones, all with ``channels`` channels."""

    def __init__(self, name: str, channels: int) -> None:
        super().__init__()
        import timm

        self.body = timm.create_model(name, features_only=True, out_indices=(2, 3, 4), zero_init_last=False)
        self.fpn = FeaturePyramidNetwork(self.body.feature_info.channels(), channels,
                                         extra_blocks=CoarseLevels(channels, channels))
        self.out_channels = channels

    def forward(self, images: Tensor) -> dict[str, Tensor]:
        maps = {str(level): features for level, features in enumerate(self.body(images))}
        found: dict[str, Tensor] = self.fpn(maps)
        return found


def fasterrcnn_resnet50_fpn(num_classes: int, sizes: Sizes, ratios: Ratios, frozen_norms: bool) -> nn.Module:
    backbone = _resnet_fpn_extractor(resnet50(norm_layer=_norms(frozen_norms, 0.0)), _LEVELS)
    anchors = AnchorGenerator(tuple((size,) for size in sizes), (ratios,) * _LEVELS)
    return DarkroomFasterRCNN(backbone, num_classes + 1, rpn_anchor_generator=anchors, **_boxes("box_"), **_WHOLE)


def retinanet_resnet50_fpn(num_classes: int, sizes: Sizes, ratios: Ratios, frozen_norms: bool) -> nn.Module:
    backbone = _resnet_fpn_extractor(resnet50(norm_layer=_norms(frozen_norms, 0.0)), _LEVELS,
                                     returned_layers=[2, 3, 4], extra_blocks=CoarseLevels(256, 256))
    octaves = tuple(tuple(int(size * octave) for octave in _OCTAVES) for size in sizes)
    return DarkroomRetinaNet(backbone, num_classes, anchor_generator=AnchorGenerator(octaves, (ratios,) * _LEVELS),
                             **_boxes(), **_WHOLE)


def fasterrcnn_mobilenet(num_classes: int, sizes: Sizes, ratios: Ratios, frozen_norms: bool,
                         **proposals: Any) -> nn.Module:
    backbone = _mobilenet_extractor(mobilenet_v3_large(norm_layer=_norms(frozen_norms, 1e-5)), True, 6)
    anchors = AnchorGenerator((sizes,) * 3, (ratios,) * 3)
    return DarkroomFasterRCNN(backbone, num_classes + 1, rpn_anchor_generator=anchors, **_boxes("box_"), **_WHOLE,
                              **proposals)


def fasterrcnn_mobilenet_320(num_classes: int, sizes: Sizes, ratios: Ratios, frozen_norms: bool) -> nn.Module:
    """Build it with few regions, as published."""
    return fasterrcnn_mobilenet(num_classes, sizes, ratios, frozen_norms, rpn_pre_nms_top_n_test=150,
                                rpn_post_nms_top_n_test=150)


def fcos_resnet10t_fpn(num_classes: int, sizes: Sizes, ratios: Ratios, frozen_norms: bool) -> nn.Module:
    """Build a small FCOS for machines without a GPU; its norms are always trained. The distances start at two strides,
    so that no ReLU before them is dead and short runs make progress."""
    model = DarkroomFCOS(TimmPyramid("resnet10t", 64), num_classes, **_boxes(), **_WHOLE)
    nn.init.constant_(model.head.regression_head.bbox_reg.bias, 2.0)
    return model


def shapes_of(model: nn.Module, images: Tensor) -> list[Tensor]:
    """See :meth:`Detector.shapes`."""
    assert isinstance(model, Detector)
    return model.shapes(images)


def _norms(frozen: bool, eps: float) -> Callable[..., nn.Module]:
    """Return norm layers, frozen with the published statistics if requested, as small batches estimate them poorly.

    Args:
        eps: the value that the published weights were trained with.
    """
    return partial(FrozenBatchNorm2d, eps=eps) if frozen else nn.BatchNorm2d


def _boxes(prefix: str = "") -> dict[str, Any]:
    """Return torchvision's limits on predicted boxes, so that none that would be stored is lost."""
    return {f"{prefix}score_thresh": LOWEST_SCORE, f"{prefix}nms_thresh": HIGHEST_NMS,
            f"{prefix}detections_per_img": MAX_PER_PICTURE}


@torch.inference_mode()
def detect(model: nn.Module, batches: BoxedEvalBatches) -> Detections:
    """Predict nearly all boxes of every picture, in pixels of the originals."""
    model.eval()
    sizes = batches.pictures.sizes
    found: list[tuple[Floats, Ints, Floats]] = []
    for images, _ in batches:
        for image, prediction in zip(images, model(images), strict=True):
            found.append(_in_original(prediction, image, sizes[len(found)]))
    return concat_detections(found)


def _in_original(prediction: dict[str, Tensor], image: Tensor, size: Ints) -> tuple[Floats, Ints, Floats]:
    """Return boxes [m, 4], labels [m] and scores [m], scaled from the model's input to the original picture."""
    height, width = size.tolist()
    factors = np.array([width / image.shape[2], height / image.shape[1]] * 2, np.float32)
    boxes: Floats = prediction["boxes"].float().cpu().numpy() * factors
    return boxes, prediction["labels"].cpu().numpy(), prediction["scores"].float().cpu().numpy()
