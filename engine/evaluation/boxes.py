"""How detectors are evaluated: almost all boxes of every picture are kept, and COCO's figures are computed of them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import nn

from engine.boxes.arrays import Ints
from engine.boxes.metrics import summary
from engine.boxes.nms import kept
from engine.boxes.predictions import BoxPredictions
from engine.config.steps import eval_batch
from engine.data.boxes.batches import BoxedEvalBatches, BoxedLook, BoxedPictures
from engine.data.boxes.dataset import DetectionDataset
from engine.data.boxes.split import detection_split
from engine.data.loading import load_detection
from engine.errors import UserError
from engine.evaluation.restored import check_fingerprint, decided
from engine.models.detectors import detect
from engine.models.ready_detector import build_detector
from engine.store import Conditions, Run


@dataclass(frozen=True, eq=False)
class LookedAt:
    """Pictures of one split: ``ids`` int64 [N], positions in the test set, or for ``val`` among the training pictures.
    """

    dataset: DetectionDataset
    split: str
    ids: Ints


def own_pictures(run: Run, split: str, dataset: DetectionDataset | None = None, moved_to: str = "") -> LookedAt:
    """As :func:`engine.evaluation.restored.own_pictures`."""
    config = run.config_object()
    dataset = dataset or load_detection(config.dataset, moved_to or config.data_path)
    check_fingerprint(run, dataset.fingerprint)
    if split == "test":
        return LookedAt(dataset, "test", np.arange(len(dataset.test)))
    return LookedAt(dataset, "train", detection_split(dataset, config)[1])


def other_pictures(run: Run, name: str, data_path: str, classes: Sequence[str]) -> LookedAt:
    """The test pictures of another data set.

    Raises:
        UserError: it is not there, or its classes are not the run's.
    """
    dataset = load_detection(name, data_path)
    if dataset.classes != tuple(classes):
        raise UserError(f"dataset: {name} has other classes than {run.name} was trained on, or in another order")
    return LookedAt(dataset, "test", np.arange(len(dataset.test)))


def restored_model(run: Run, device: torch.device) -> nn.Module:
    """As :func:`engine.evaluation.restored.restored_model`."""
    return build_detector(run.config_object(), decided(run)["classes"]).to(device).eval()


def predict(run: Run, model: nn.Module, pictures: LookedAt, conditions: Conditions,
            device: torch.device) -> BoxPredictions:
    """The boxes of every picture.

    Raises:
        UserError: pictures are to be looked at in several ways.
    """
    if conditions.tta != "none" or conditions.scales:
        raise UserError("tta: boxes are looked for in pictures as they are only")
    known, config = decided(run), run.config_object()
    shown = BoxedPictures(pictures.dataset, pictures.split, pictures.ids, known["image_size"])
    look = BoxedLook(known["image_size"], tuple(known["mean"]), tuple(known["std"]), device)
    batches = BoxedEvalBatches(shown, look, batch_size=eval_batch(config, known["image_size"]))
    return BoxPredictions(pictures.ids, shown.truth, detect(model, batches))


def figures(run: Run, predictions: BoxPredictions) -> dict[str, float]:
    """COCO's, of boxes of every score after the run's own suppression."""
    return summary(kept(predictions.detections, 0.0, run.config_object().nms_threshold), predictions.truth)
