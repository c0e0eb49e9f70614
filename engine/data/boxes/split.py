"""Dividing pictures with boxes: each class, the rarest first, gets its share on both sides as far as that can be."""

from typing import Protocol

import numpy as np

from engine.boxes.arrays import Annotations, Ints
from engine.data.boxes.dataset import DetectionDataset
from engine.data.dataset import Targets
from engine.data.split import SplitOptions, nested_fraction, share_of
from engine.errors import UserError

_TEST_SHARE, _TEST_SEED = 0.2, 0


class DetectionSplitOptions(SplitOptions, Protocol):
    """The options of a run that decide which pictures it learns from and which it is validated on."""

    @property
    def empty_pictures(self) -> str: ...


def detection_split(dataset: DetectionDataset, config: DetectionSplitOptions) -> tuple[Ints, Ints]:
    """What a run learns from and what it is validated on: the one place that everybody asks.

    The validation part depends on neither ``train_fraction`` nor ``empty_pictures``, so that runs are judged alike.

    Returns:
        Ascending positions (training, validation) among the training pictures.

    Raises:
        UserError: no picture with a box is left to learn from.
    """
    strata = rarest_classes(dataset.train.annotations)
    training, validation = balanced_split(strata, config.val_fraction, config.seed)
    if config.empty_pictures == "drop":
        training = training[~dataset.train.without_boxes[training]]
    if not len(training) or dataset.train.without_boxes[training].all():
        raise UserError(f"{dataset.name}: no picture with a box is left to learn from")
    return nested_fraction(training, strata, config.train_fraction, config.seed), validation


def hold_out(annotations: Annotations) -> tuple[Ints, Ints]:
    """Positions (training, test) of a set that comes without a test part: always the same fifth."""
    return balanced_split(rarest_classes(annotations), _TEST_SHARE, _TEST_SEED)


def rarest_classes(annotations: Annotations) -> Targets:
    """int64 [N], of each picture the class it shows that the fewest pictures show; −1 where there is no box."""
    seen = np.unique(np.stack([annotations.picture, annotations.labels]), axis=1)
    pictures, labels = seen
    counts = np.bincount(labels, minlength=1)
    rarest = np.full(annotations.pictures, -1, np.int64)
    most_common_first = np.lexsort((labels, -counts[labels]))
    rarest[pictures[most_common_first]] = labels[most_common_first]
    return rarest


def balanced_split(strata: Targets, fraction: float, seed: int) -> tuple[Ints, Ints]:
    """Divide positions 0…N−1 by their strata, of which a lone picture is learnt from.

    Args:
        strata: int64 [N], what each picture is counted as.
        fraction: 0 < share < 1 to hold back: ⌈share · N⌉ pictures, or as many as leave each stratum one.
        seed: below 2³²; equal seeds give equal splits.

    Returns:
        Ascending positions (the rest, held back).

    Raises:
        UserError: there are fewer than two pictures.
    """
    if len(strata) < 2:
        raise UserError("too few pictures to hold some back: two are needed")
    names, counts = np.unique(strata, return_counts=True)
    if counts.max() == 1:
        names, counts, strata = names[:1], np.array([len(strata)]), np.full(len(strata), names[0])
    # RandomState's streams never change between NumPy versions; Generator's may.
    random = np.random.RandomState(seed)
    held = [random.permutation(np.flatnonzero(strata == name))[:count]
            for name, count in zip(names, _shares(counts, share_of(len(strata), fraction)), strict=True)]
    validation = np.sort(np.concatenate(held)).astype(np.int64)
    return np.setdiff1d(np.arange(len(strata), dtype=np.int64), validation, assume_unique=True), validation


def _shares(counts: Ints, total: int) -> Ints:
    """How many of each stratum make ``total``, in proportion: never all of one, and of two or more at least one as
    long as others can give."""
    exact = counts * (total / counts.sum())
    shares: Ints = np.clip(np.floor(exact).astype(np.int64), np.minimum(counts - 1, 1), counts - 1)
    total = min(total, int((counts - 1).sum()))
    while short := total - int(shares.sum()):
        if short > 0:
            shares[np.where(shares < counts - 1, exact - shares, -np.inf).argmax()] += 1
        else:  # in proportion, so that no stratum pays for the rare ones alone
            least = 1 if (shares > 1).any() else 0
            shares[np.where(shares > least, shares / exact, -np.inf).argmax()] -= 1
    return shares
