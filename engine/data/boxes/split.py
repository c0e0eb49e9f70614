"""Splits of pictures with boxes that balance classes as far as possible, starting with the rarest class."""

from typing import Protocol

import numpy as np

from engine.boxes.arrays import Annotations, Ints
from engine.data.boxes.dataset import DetectionDataset
from engine.data.dataset import Targets
from engine.data.split import SplitOptions, fold_split, hold_back, nested_fraction, share_of
from engine.errors import UserError

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
    seen = np.unique(np.stack([annotations.picture, annotations.labels]), axis=1)
    pictures, labels = seen
    counts = np.bincount(labels, minlength=1)
    rarest = np.full(annotations.pictures, -1, np.int64)
    most_common_first = np.lexsort((labels, -counts[labels]))
    rarest[pictures[most_common_first]] = labels[most_common_first]
    return rarest


def balanced_split(strata: Targets, fraction: float, seed: int) -> tuple[Ints, Ints]:
    """Split positions 0…N−1 by their strata; a stratum of one picture goes to training.

    Args:
        strata: int64 [N], stratum of each picture.
        fraction: 0 < share < 1 to hold back: ⌈share · N⌉ pictures, or fewer to leave each stratum one.
        seed: below 2³²; equal seeds give equal splits.

    Returns:
        Ascending positions (the rest, held back).

    Raises:
        UserError: there are fewer than two pictures.
    """
    if len(strata) < 2:
        raise UserError("too few pictures to hold some back: at least two are needed")
    names, counts = np.unique(strata, return_counts=True)
    if counts.max() == 1:
        names, counts, strata = names[:1], np.array([len(strata)]), np.full(len(strata), names[0])
    return hold_back(strata, names, _allocate(counts, share_of(len(strata), fraction)), seed)


def _allocate(counts: Ints, total: int) -> Ints:
    """Return how many pictures of each stratum to hold back, proportionally, ``total`` in all. It never takes all of a
    stratum, and takes at least one of each larger stratum while others can give."""
    exact = counts * (total / counts.sum())
    shares: Ints = np.clip(np.floor(exact).astype(np.int64), np.minimum(counts - 1, 1), counts - 1)
    total = min(total, int((counts - 1).sum()))
    while short := total - int(shares.sum()):
        if short > 0:
            shares[np.where(shares < counts - 1, exact - shares, -np.inf).argmax()] += 1
        else:  # proportionally, so that no single stratum compensates for the rare ones
            least = 1 if (shares > 1).any() else 0
            shares[np.where(shares > least, shares / exact, -np.inf).argmax()] -= 1
    return shares
