"""Evaluation of detectors: nearly all boxes are stored, and COCO's metrics are computed from them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import nn

from engine.boxes.arrays import Ints
from engine.boxes.metrics import summary
from engine.boxes.predictions import BoxPredictions
from engine.config.steps import eval_batch
from engine.data.boxes.batches import BoxedEvalBatches, BoxedPictures, BoxInputFormat
from engine.data.boxes.dataset import DetectionDataset
from engine.data.boxes.split import detection_split
from engine.data.loading import load_detection
from engine.errors import UserError
from engine.evaluation.box_results import measured
from engine.evaluation.classification import check_fingerprint, resolved_settings
from engine.models.detectors import detect
from engine.models.ready_detector import build_detector
from engine.store import Conditions, Run


@dataclass(frozen=True, eq=False)
class BoxEvalPictures:
    """Pictures of one split: ``ids`` int64 [N], positions in the test set, or for ``val`` among the training pictures.
    """

    dataset: DetectionDataset
    split: str
    ids: Ints


def own_pictures(run: Run, split: str, dataset: DetectionDataset | None = None, moved_to: str = "") -> BoxEvalPictures:
    """See :func:`engine.evaluation.classification.own_pictures`."""
    config = run.config_object()
    dataset = dataset or load_detection(config.dataset, moved_to or config.data_path)
    check_fingerprint(run, dataset.fingerprint)
    if split == "test":
        return BoxEvalPictures(dataset, "test", np.arange(len(dataset.test)))
    return BoxEvalPictures(dataset, "train", detection_split(dataset, config)[1])


def other_pictures(run: Run, name: str, data_path: str, classes: Sequence[str]) -> BoxEvalPictures:
    """Return the test pictures of another data set.

    Raises:
        UserError: it is missing, or has other classes than the run.
    """
    dataset = load_detection(name, data_path)
    if dataset.classes != tuple(classes):
        raise UserError(f"dataset: {name} has other classes than {run.name} was trained on, or in another order")
    return BoxEvalPictures(dataset, "test", np.arange(len(dataset.test)))


def restored_model(run: Run, device: torch.device) -> nn.Module:
    """See :func:`engine.evaluation.classification.restored_model`."""
    return build_detector(run.config_object(), resolved_settings(run)["classes"]).to(device).eval()


def predict(run: Run, model: nn.Module, pictures: BoxEvalPictures, conditions: Conditions,
            device: torch.device) -> BoxPredictions:
    """Predict the boxes of every picture.

    Raises:
        UserError: test-time augmentation is requested.
    """
    if conditions.tta != "none" or conditions.scales:
        raise UserError("tta: detectors are evaluated without test-time augmentation; choose none and no scales")
    known, config = resolved_settings(run), run.config_object()
    shown = BoxedPictures(pictures.dataset, pictures.split, pictures.ids, known["image_size"])
    look = BoxInputFormat(known["image_size"], tuple(known["mean"]), tuple(known["std"]), device)
    batches = BoxedEvalBatches(shown, look, batch_size=eval_batch(config, known["image_size"]))
    return BoxPredictions(pictures.ids, shown.truth, detect(model, batches))


def figures(run: Run, predictions: BoxPredictions) -> dict[str, float]:
    """Compute COCO's metrics on boxes of every score, after suppression at the run's NMS threshold."""
    found = measured(run, predictions)
    return summary(found.detections, found.truth)
