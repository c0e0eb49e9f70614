"""What a detector says of pictures. Imports torch."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn

from engine.boxes.arrays import Detections, Floats, Ints, detections_of
from engine.data.boxes.batches import BoxedEvalBatches


@torch.inference_mode()
def detect(model: nn.Module, batches: BoxedEvalBatches) -> Detections:
    """The boxes of every picture, in pixels of the originals, almost all there are."""
    model.eval()
    sizes = batches.pictures.sizes
    found: list[tuple[Floats, Ints, Floats]] = []
    for images, _ in batches:
        for image, said in zip(images, model(images), strict=True):
            found.append(_in_original(said, image, sizes[len(found)]))
    return detections_of(found)


def _in_original(said: dict[str, Tensor], image: Tensor, size: Ints) -> tuple[Floats, Ints, Floats]:
    """Boxes [m, 4], labels [m] and scores [m]; what lies on the edge of what the model saw, lies on the picture's."""
    height, width = size.tolist()
    factors = np.array([width / image.shape[2], height / image.shape[1]] * 2, np.float32)
    boxes: Floats = said["boxes"].float().cpu().numpy() * factors
    return boxes, said["labels"].cpu().numpy(), said["scores"].float().cpu().numpy()
