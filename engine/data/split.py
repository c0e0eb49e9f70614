"""Splitting pictures so that every class keeps its share on both sides."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from engine.data.dataset import Targets
from engine.errors import UserError


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
        raise UserError(f"too few pictures to hold some back for validation: {', '.join(small[:5]) or 'none at all'}"
                        f"{' and others' if len(small) > 5 else ''} (every class needs two)")
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
    total = math.ceil(round(fraction * int(counts.sum()), 6))
    exact = counts * fraction
    shares = np.floor(exact).astype(np.int64)
    most_cut_first = np.argsort(shares - exact, kind="stable")
    shares[most_cut_first[:max(0, total - int(shares.sum()))]] += 1
    bounded: NDArray[np.int64] = np.clip(shares, 1, counts - 1)
    return bounded
