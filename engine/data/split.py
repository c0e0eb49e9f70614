"""Splitting pictures so that every class keeps its share on both sides, and learning from a share of them."""

import math
from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from engine.data.dataset import Targets
from engine.errors import UserError

_TEST_SHARE, _TEST_SEED = 0.2, 0


class SplitOptions(Protocol):
    """The options of a run that decide which pictures it learns from and which it is validated on."""

    @property
    def val_fraction(self) -> float: ...

    @property
    def train_fraction(self) -> float: ...

    @property
    def seed(self) -> int: ...


def run_split(
    targets: Targets, config: SplitOptions, classes: Sequence[str] = (),
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """What a run learns from and what it is validated on: the one place that everybody asks.

    The validation part does not depend on ``train_fraction``, so that runs on less data are judged alike.

    Args:
        targets: int64 [N], the class of each training picture.
        classes: names for the error message.

    Returns:
        Ascending positions (training, validation).

    Raises:
        UserError: a class has fewer than two pictures; names it.
    """
    training, validation = stratified_split(targets, config.val_fraction, config.seed, classes)
    return nested_fraction(training, targets, config.train_fraction, config.seed, classes), validation


def nested_fraction(
    ids: NDArray[np.int64], targets: Targets, fraction: float, seed: int, classes: Sequence[str] = (),
) -> NDArray[np.int64]:
    """A share of some pictures, class by class; with the same seed every smaller share lies inside every larger one.

    Places are given to classes by Webster's method, the only common one that keeps to proportion within one picture
    and never takes a place back when there are more of them (Balinski & Young, *Fair Representation*, 1982).

    Args:
        ids: positions to choose from, ascending.
        targets: int64 [N], the class of each position.
        fraction: 0 < share ≤ 1: ⌈share · len(ids)⌉ pictures, but of every class at least one.
        classes: names for the error message; with them a class without any picture is an error.

    Returns:
        Ascending positions.

    Raises:
        UserError: a class has no picture to learn from; names it.
    """
    labels = targets[ids]
    present = np.unique(labels)
    absent = [name for label, name in enumerate(classes) if label not in present]
    if absent or not len(ids):
        raise UserError(f"no training picture of {_listed(absent) or 'any class'}")
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
    """⌈fraction · count⌉, free of rounding: 0.07 of 100 is 7, although ``0.07 * 100`` is a little above."""
    return math.ceil(round(fraction * count, 6))


def hold_out_test(targets: Targets, classes: Sequence[str]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Positions (training, test) of a set that comes without a test part: always the same stratified fifth.

    Raises:
        UserError: as :func:`stratified_split`.
    """
    return stratified_split(targets, _TEST_SHARE, _TEST_SEED, classes)


def stratified_split(
    targets: Targets, val_fraction: float, seed: int, classes: Sequence[str] = (),
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Divide positions 0…N−1 into training and validation, class by class.

    Args:
        targets: int64 [N], the class of each picture.
        val_fraction: share held back, 0 < share < 1: ⌈share · N⌉ pictures, but of every class at least one and
            never all.
        seed: below 2³²; equal seeds give equal splits.
        classes: names for the error message; without them classes are named by number.

    Returns:
        Ascending positions (training, validation); both hold at least one picture of every class that occurs.

    Raises:
        UserError: a class has fewer than two pictures.
    """
    labels, counts = np.unique(targets, return_counts=True)
    small = [classes[label] if classes else f"class {label}" for label in labels[counts < 2]]
    if small or not len(labels):
        raise UserError(f"too few pictures to hold some back: {_listed(small) or 'none at all'} "
                        "(every class needs two)")
    held_back = _shares(counts, val_fraction)
    # RandomState's streams never change between NumPy versions; Generator's may.
    random = np.random.RandomState(seed)
    chosen = [random.permutation(np.flatnonzero(targets == label))[:count]
              for label, count in zip(labels, held_back, strict=True)]
    validation = np.sort(np.concatenate(chosen)).astype(np.int64)
    training = np.setdiff1d(np.arange(len(targets), dtype=np.int64), validation, assume_unique=True)
    return training, validation


def _shares(counts: NDArray[np.int64], fraction: float) -> NDArray[np.int64]:
    """How many of each class to hold back: proportional, rounded by largest remainder, at least 1, never all."""
    total = share_of(int(counts.sum()), fraction)
    exact = counts * fraction
    shares = np.floor(exact).astype(np.int64)
    most_cut_first = np.argsort(shares - exact, kind="stable")
    shares[most_cut_first[:max(0, total - int(shares.sum()))]] += 1
    bounded: NDArray[np.int64] = np.clip(shares, 1, counts - 1)
    return bounded


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names[:5]) + (" and others" if len(names) > 5 else "")
