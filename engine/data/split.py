"""Stratified splits, and training on a fraction of the pictures."""

import math
from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from engine.data.dataset import Targets
from engine.errors import UserError
from engine.labels.targets import strata
from engine.words import listed

_TEST_SHARE, _TEST_SEED = 0.2, 0


class SplitOptions(Protocol):
    """The options of a run that determine its training and validation pictures."""

    @property
    def val_fraction(self) -> float: ...

    @property
    def train_fraction(self) -> float: ...

    @property
    def folds(self) -> int: ...

    @property
    def fold(self) -> int: ...

    @property
    def seed(self) -> int: ...


def run_split(
    targets: Targets, config: SplitOptions, classes: Sequence[str] = (),
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the training and validation pictures of a run; every caller uses this function.

    The validation part does not depend on ``train_fraction``, so that runs on less data stay comparable.

    Args:
        targets: int64 [N], class of each training picture; or int64 [N, K], of any number of classes, of which the
        rarest of each picture counts.
        classes: names for the error message.

    Returns:
        Ascending positions (training, validation).

    Raises:
        UserError: pictures have one class each, and a class has fewer than two; names it. Or a class of several has no
        training picture.
    """
    training, validation = whole_split(targets, config, classes)
    training = training_fraction(training, targets, config.train_fraction, config.seed, classes)
    if targets.ndim == 2 and not (there := targets[training].any(axis=0)).all():
        absent = [classes[label] if classes else f"class {label}" for label in np.flatnonzero(~there).tolist()]
        raise UserError(f"no training picture of {listed(absent)} remains; choose a larger train_fraction or a smaller "
                        "val_fraction")
    return training, validation


def whole_split(
    targets: Targets, config: SplitOptions, classes: Sequence[str] = (),
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """As :func:`run_split` with ``train_fraction`` 1."""
    several = targets.ndim == 2
    if config.folds:
        if not several:
            _refuse_small_classes(targets, classes, config.folds, f"make {config.folds} folds")
        return fold_split(strata(targets), config.folds, config.fold, config.seed)
    return balanced_split(strata(targets), config.val_fraction, config.seed) if several else \
        stratified_split(targets, config.val_fraction, config.seed, classes)


def training_fraction(
    ids: NDArray[np.int64], targets: Targets, fraction: float, seed: int, classes: Sequence[str] = (),
) -> NDArray[np.int64]:
    """Return :func:`nested_fraction` of the classes, or of the rarest class of each picture that has several."""
    return nested_fraction(ids, strata(targets), fraction, seed, () if targets.ndim == 2 else classes)


def nested_fraction(
    ids: NDArray[np.int64], targets: Targets, fraction: float, seed: int, classes: Sequence[str] = (),
) -> NDArray[np.int64]:
    """Return a stratified fraction of some pictures; with one seed, smaller fractions are subsets of larger ones.

    Webster's method allocates pictures to classes. It is the only common method that stays within one picture of exact
    proportion and never takes a picture away when the total grows (Balinski & Young, *Fair Representation*, 1982).

    Args:
        ids: positions to choose from, ascending.
        targets: int64 [N], class of each position.
        fraction: 0 < share ≤ 1: ⌈share · len(ids)⌉ pictures, at least one per class.
        classes: names for the error message; if given, a class without any picture is an error.

    Returns:
        Ascending positions.

    Raises:
        UserError: a class has no picture to train on; names it.
    """
    labels = targets[ids]
    present = np.unique(labels)
    absent = [name for label, name in enumerate(classes) if label not in present]
    if absent or not len(ids):
        raise UserError(f"no training picture of {listed(absent) or 'any class'}")
    if fraction >= 1:
        return ids
    # RandomState's streams never change between NumPy versions; Generator's may.
    random = np.random.RandomState(seed)
    ranks = np.empty(len(ids))
    for label in present:
        places = random.permutation(np.flatnonzero(labels == label))
        ranks[places] = (np.arange(len(places)) + 0.5) / len(places)
        ranks[places[0]] = 0
    count = max(len(present), share_of(len(ids), fraction))
    return np.sort(ids[np.argsort(ranks, kind="stable")[:count]])


def share_of(count: int, fraction: float) -> int:
    """Return ⌈fraction · count⌉ without rounding errors: 0.07 of 100 is 7, although ``0.07 * 100`` exceeds 7."""
    return math.ceil(round(fraction * count, 6))


def hold_out_test(targets: Targets, classes: Sequence[str]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return positions (training, test) for a set without a test split: always the same stratified fifth; raises as
    :func:`stratified_split`. Of pictures with any number of classes, the rarest of each counts."""
    if targets.ndim == 2:
        return balanced_split(strata(targets), _TEST_SHARE, _TEST_SEED)
    return stratified_split(targets, _TEST_SHARE, _TEST_SEED, classes)


def stratified_split(
    targets: Targets, val_fraction: float, seed: int, classes: Sequence[str] = (),
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Split positions 0…N−1 into training and validation, class by class.

    Args:
        targets: int64 [N], class of each picture.
        val_fraction: 0 < share < 1 to hold back: ⌈share · N⌉ pictures, at least one per class and never all.
        seed: below 2³²; equal seeds give equal splits.
        classes: names for the error message; else classes are named by number.

    Returns:
        Ascending positions (training, validation), each with every class.

    Raises:
        UserError: a class has fewer than two pictures.
    """
    labels, counts = _refuse_small_classes(targets, classes, 2, "hold some back")
    return hold_back(targets, labels, _shares(counts, val_fraction), seed)


def _refuse_small_classes(
    targets: Targets, classes: Sequence[str], least: int, purpose: str,
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the classes that are there and their numbers of pictures, if each has at least ``least``."""
    labels, counts = np.unique(targets, return_counts=True)
    small = [classes[label] if classes else f"class {label}" for label in labels[counts < least]]
    if small or not len(labels):
        raise UserError(f"too few pictures to {purpose}: every class needs {least}, which "
                        f"{listed(small) or 'an empty set'} lacks")
    return labels, counts


def fold_split(
    strata: Targets, folds: int, fold: int, seed: int,
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Deal positions 0…N−1 into folds, stratum by stratum; with one seed, the folds are disjoint and complete.

    Args:
        strata: int64 [N], such as the class of each picture.
        fold: the one held back, from 1.

    Returns:
        Ascending positions (the other folds, this fold), whose sizes depend on no random number.
    """
    # RandomState's streams never change between NumPy versions; Generator's may.
    random = np.random.RandomState(seed)
    dealt = np.concatenate([random.permutation(np.flatnonzero(strata == name)) for name in np.unique(strata)])
    validation = np.sort(dealt[fold - 1::folds]).astype(np.int64)
    return np.setdiff1d(np.arange(len(strata), dtype=np.int64), validation, assume_unique=True), validation


def fold_size(count: int, folds: int, fold: int) -> int:
    """Return the number of pictures in a fold of ``count``."""
    return len(range(fold - 1, count, folds))


def hold_back(
    strata: Targets, names: NDArray[np.int64], counts: NDArray[np.int64], seed: int,
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Hold back ``counts`` random pictures of each of the strata called ``names``.

    Returns:
        Ascending positions (the rest, held back).
    """
    # RandomState's streams never change between NumPy versions; Generator's may.
    random = np.random.RandomState(seed)
    held = [random.permutation(np.flatnonzero(strata == name))[:count]
            for name, count in zip(names, counts, strict=True)]
    validation = np.sort(np.concatenate(held)).astype(np.int64)
    return np.setdiff1d(np.arange(len(strata), dtype=np.int64), validation, assume_unique=True), validation


def _shares(counts: NDArray[np.int64], fraction: float) -> NDArray[np.int64]:
    """Return how many of each class to hold back: proportional by largest remainder, at least 1, never all."""
    total = share_of(int(counts.sum()), fraction)
    exact = counts * fraction
    shares = np.floor(exact).astype(np.int64)
    most_cut_first = np.argsort(shares - exact, kind="stable")
    shares[most_cut_first[:max(0, total - int(shares.sum()))]] += 1
    bounded: NDArray[np.int64] = np.clip(shares, 1, counts - 1)
    return bounded


def balanced_split(strata: Targets, fraction: float, seed: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
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


def _allocate(counts: NDArray[np.int64], total: int) -> NDArray[np.int64]:
    """Return how many pictures of each stratum to hold back, proportionally, ``total`` in all. It never takes all of a
    stratum, and takes at least one of each larger stratum while others can give."""
    exact = counts * (total / counts.sum())
    shares: NDArray[np.int64] = np.clip(np.floor(exact).astype(np.int64), np.minimum(counts - 1, 1), counts - 1)
    total = min(total, int((counts - 1).sum()))
    while short := total - int(shares.sum()):
        if short > 0:
            shares[np.where(shares < counts - 1, exact - shares, -np.inf).argmax()] += 1
        else:  # proportionally, so that no single stratum compensates for the rare ones
            least = 1 if (shares > 1).any() else 0
            shares[np.where(shares > least, shares / exact, -np.inf).argmax()] -= 1
    return shares
