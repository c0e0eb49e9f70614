"""Splits of pictures with boxes that balance classes as far as possible, starting with the rarest class."""

from typing import Protocol

import numpy as np

from engine.boxes.arrays import Annotations, Ints
from engine.data.boxes.dataset import DetectionDataset
from engine.data.dataset import Targets
from engine.data.split import SplitOptions, balanced_split, fold_split, nested_fraction
from engine.errors import UserError
from engine.labels.targets import rarest

_TEST_SHARE, _TEST_SEED = 0.2, 0


class DetectionSplitOptions(SplitOptions, Protocol):
    """The options of a run that determine its training and validation pictures."""

    @property
    def empty_pictures(self) -> str: ...


def detection_split(dataset: DetectionDataset, config: DetectionSplitOptions) -> tuple[Ints, Ints]:
    """Return the training and validation pictures of a run; every caller uses this function.

    The validation part depends on neither ``train_fraction`` nor ``empty_pictures``, so that runs stay comparable.

    Returns:
        Ascending positions (training, validation) among the training pictures.

    Raises:
        UserError: no training picture with a box remains.
    """
    strata = rarest_classes(dataset.train.annotations)
    if config.folds:
        training, validation = fold_split(strata, config.folds, config.fold, config.seed)
    else:
        training, validation = balanced_split(strata, config.val_fraction, config.seed)
    if config.empty_pictures == "drop":
        training = training[~dataset.train.without_boxes[training]]
    if not len(training) or dataset.train.without_boxes[training].all():
        raise UserError(f"{dataset.name}: no training picture with a box remains; choose a smaller val_fraction")
    return nested_fraction(training, strata, config.train_fraction, config.seed), validation


def hold_out(annotations: Annotations) -> tuple[Ints, Ints]:
    """Return positions (training, test) for a set without a test split: always the same fifth."""
    return balanced_split(rarest_classes(annotations), _TEST_SHARE, _TEST_SEED)


def rarest_classes(annotations: Annotations) -> Targets:
    """Return for each picture its class that the fewest pictures show: int64 [N]; −1 without boxes."""
    pictures, labels = np.unique(np.stack([annotations.picture, annotations.labels]), axis=1)
    return rarest(pictures, labels, annotations.pictures)
