"""How a config divides a data set, and whether the division keeps its promises."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.data.audits.duplicates import Copies
from engine.data.dataset import Dataset, Targets
from engine.data.split import SplitOptions, nested_fraction, run_split, stratified_split

_FRACTIONS = (0.1, 0.2, 0.5, 1.0)


@dataclass(frozen=True, eq=False)
class Part:
    """One part of a divided data set.

    Attributes:
        name: ``train``, ``validation``, ``left out`` (not learnt from, as the fraction is below 1) or ``test``.
        ids: ascending positions in the split the pictures come from: the test set for ``test``, else training.
        counts: int64 [classes], pictures of each class.
    """

    name: str
    ids: NDArray[np.int64]
    counts: NDArray[np.int64]


@dataclass(frozen=True)
class Nested:
    """The training part at one fraction; ``inside``: whether it lies inside the next larger one (True for the last)."""

    fraction: float
    pictures: int
    smallest_class: int
    inside: bool


def parts_of(dataset: Dataset, config: SplitOptions) -> tuple[Part, ...]:
    """The parts that a run with this config trains, validates and is tested on; nothing left out is no part.

    Raises:
        UserError: a class is too small to be divided; names it.
    """
    targets, classes = dataset.train_targets, len(dataset.classes)
    train, validation = run_split(targets, config, dataset.classes)
    rest = np.setdiff1d(np.arange(len(targets)), np.concatenate((train, validation)))
    parts = [Part(name, ids, np.bincount(targets[ids], minlength=classes))
             for name, ids in (("train", train), ("validation", validation), ("left out", rest)) if len(ids)]
    test = Part("test", np.arange(len(dataset.test_targets)), np.bincount(dataset.test_targets, minlength=classes))
    return (*parts, test)


def shared_copies(parts: Sequence[Part], copies: Sequence[Copies]) -> list[tuple[Copies, tuple[str, ...]]]:
    """The pictures that occur in more than one of the parts that a run uses, with the names of those parts."""
    used = [part for part in parts if part.name != "left out"]
    ids = {part.name: set(part.ids.tolist()) for part in used}
    found = []
    for each in copies:
        names = tuple(name for name in ids if ids[name] & set(each.test if name == "test" else each.train))
        if len(names) > 1:
            found.append((each, names))
    return found


def overlapping(parts: Sequence[Part]) -> bool:
    """Whether a position is in two of the parts that come from the training pictures; never, if all is well."""
    ids = np.concatenate([part.ids for part in parts if part.name != "test"])
    return len(np.unique(ids)) < len(ids)


def nestedness(targets: Targets, config: SplitOptions, classes: Sequence[str]) -> list[Nested]:
    """The usual fractions and the config's own, each compared with the next larger one, for the config's seed.

    Raises:
        UserError: a class is too small to be divided; names it.
    """
    fractions = sorted({*_FRACTIONS, config.train_fraction})
    training, _ = stratified_split(targets, config.val_fraction, config.seed, classes)
    chosen = [nested_fraction(training, targets, fraction, config.seed, classes)
              for fraction in fractions]
    larger = [*chosen[1:], chosen[-1]]
    smallest = [int(np.bincount(targets[ids], minlength=len(classes)).min()) for ids in chosen]
    return [Nested(fraction, len(ids), least, bool(np.isin(ids, next_ids).all()))
            for fraction, ids, least, next_ids in zip(fractions, chosen, smallest, larger, strict=True)]
