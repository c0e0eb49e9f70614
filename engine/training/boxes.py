"""Training of detectors: loss terms, mAP and batches."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from engine.boxes.metrics import summary
from engine.boxes.nms import suppress
from engine.config import RunConfig
from engine.config.steps import eval_batch, steps_per_epoch
from engine.data.boxes.batches import BoxedEvalBatches, BoxedPictures, BoxedTrainBatches, BoxInputFormat, Target
from engine.data.boxes.dataset import DetectionDataset
from engine.data.boxes.split import detection_split
from engine.data.facts import data_facts
from engine.models.detectors import detect
from engine.training.devices import Precision
from engine.training.fitting import FittedModel
from engine.training.objective import Batches, BatchLosses, InputFormat, Meter, check_batch_size, skipped_note

Losses = dict[str, Tensor]
_VALIDATION_SEED = 0
_KEEP_THEIR_MODE = (nn.modules.batchnorm._BatchNorm, nn.modules.dropout._DropoutNd)


@dataclass(frozen=True)
class Detection:
    """The sum of a detector's loss terms; validation also computes COCO's metrics.

    Attributes:
        nms_threshold: IoU threshold of the suppression before mAP is computed.
    """

    nms_threshold: float

    def learn(self, forward: Callable[..., Losses], images: list[Tensor], targets: list[Target]) -> BatchLosses:
        """Return the loss of a batch and its terms."""
        losses = _with_total(forward(images, targets))
        return BatchLosses(losses, lambda meter: _count(meter, losses, len(images)))

    def validate(self, model: nn.Module, batches: BoxedEvalBatches) -> dict[str, float]:
        """Return the mean ``loss``, its terms, and the defined metrics of :func:`engine.boxes.metrics.summary`. ``map``
        is 0 without objects."""
        meter = Meter()
        with _validation_mode(model):
            for images, targets in batches:
                _count(meter, _with_total(model(images, targets)), len(images))
        detections = suppress(detect(model, batches), 0.0, self.nms_threshold)
        figures = summary(detections, batches.pictures.truth)
        return meter.means() | {"map": 0.0} | {name: value for name, value in figures.items() if value == value}


def _with_total(terms: Losses) -> Losses:
    return {"loss": torch.stack(list(terms.values())).sum(), **terms}


def _count(meter: Meter, losses: Losses, pictures: int) -> None:
    meter.add(pictures, **{name: loss.detach() * pictures for name, loss in losses.items()})


@contextmanager
def _validation_mode(model: nn.Module) -> Iterator[None]:
    """Make a model return losses while norms and dropout stay in evaluation mode. The sampling in some losses is
    seeded, and torch's random state is left as it was."""
    devices = {tensor.device for tensor in model.parameters() if tensor.device.type == "cuda"}
    with torch.random.fork_rng(devices=list(devices)):
        torch.manual_seed(_VALIDATION_SEED)
        for module in model.modules():
            module.training = not isinstance(module, _KEEP_THEIR_MODE)
        yield
    model.eval()


def keep_as_built(model: nn.Module, config: RunConfig, precision: Precision, sides: tuple[int, int],
                  device: torch.device, previous: dict[str, Any]) -> FittedModel:
    """Return the model unchanged: with many picture sizes, no layout is always fastest."""
    return FittedModel(model, model, False, {})


def batches_of(config: RunConfig, dataset: DetectionDataset, look: InputFormat) -> Batches[BoxedTrainBatches]:
    """Return the batches of a config.

    Raises:
        UserError: no picture with a box remains, or a batch is larger than the training part.
    """
    train_ids, val_ids = detection_split(dataset, config)
    check_batch_size(config, len(train_ids))
    shown = BoxInputFormat(look.size, look.mean, look.std, look.device)
    learnt = BoxedPictures(dataset, "train", train_ids, look.size)
    train = BoxedTrainBatches(
        learnt, shown, batch_size=config.batch_size, augmentation=config.augmentation, seed=config.seed,
        flips=data_facts(config.dataset, config.data_path).flips,
        steps_per_epoch=steps_per_epoch(config) if config.equal_steps else None)
    validation = BoxedEvalBatches(BoxedPictures(dataset, "train", val_ids, look.size), shown,
                                  batch_size=eval_batch(config, look.size))
    objects = np.bincount(learnt.truth.labels, minlength=len(dataset.classes))
    return Batches(train, validation, {
        "train_pictures": len(train_ids), "val_pictures": len(val_ids), "test_pictures": len(dataset.test),
        "train_objects": objects.tolist(), "mean": list(look.mean), "std": list(look.std),
        "skipped": list(dataset.skipped)}, (*dataset.notes, *skipped_note(dataset.skipped)))


def objective(config: RunConfig, batches: Batches[Any]) -> Detection:
    return Detection(config.nms_threshold)


def epoch_scores(metrics: dict[str, float]) -> tuple[str, str]:
    """Return the validation mAP of an epoch for a line of the log; for training there is only the loss."""
    return "", f"mAP {100 * metrics['val_map']:.2f} %, at IoU 0.5 {100 * metrics['val_map50']:.2f} %"
