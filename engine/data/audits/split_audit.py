"""How a config splits a data set, with checks of the split."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.data.audits.duplicates import Copies
from engine.data.dataset import Dataset, Targets
from engine.data.split import SplitOptions, run_split, training_fraction, whole_split
from engine.labels.targets import class_counts

_FRACTIONS = (0.1, 0.2, 0.5, 1.0)


@dataclass(frozen=True, eq=False)
class Part:
    """One part of a split data set.

    Attributes:
        name: ``train``, ``validation``, ``left out`` (unused, as train_fraction is below 1) or ``test``.
        ids: ascending positions among the test pictures for ``test``, else among the training pictures.
        counts: int64 [classes], pictures of each class.
    """

    name: str
    ids: NDArray[np.int64]
    counts: NDArray[np.int64]


@dataclass(frozen=True)
class Nested:
    """The training part at one fraction; ``inside``: it is a subset of the next larger one (True for the last)."""

    fraction: float
    pictures: int
    smallest_class: int
    inside: bool


def parts_of(dataset: Dataset, config: SplitOptions) -> tuple[Part, ...]:
    """Return the parts that a run with this config uses and leaves out; empty parts are omitted.

    Raises:
        UserError: a class is too small to split; names it.
    """
    targets, classes = dataset.train_targets, len(dataset.classes)
    train, validation = run_split(targets, config, dataset.classes)
    rest = np.setdiff1d(np.arange(len(targets)), np.concatenate((train, validation)))
    parts = [Part(name, ids, class_counts(targets[ids], classes))
             for name, ids in (("train", train), ("validation", validation), ("left out", rest)) if len(ids)]
    test = Part("test", np.arange(len(dataset.test_targets)), class_counts(dataset.test_targets, classes))
    return (*parts, test)


def shared_copies(parts: Sequence[Part], copies: Sequence[Copies]) -> list[tuple[Copies, tuple[str, ...]]]:
    """Return the duplicates that occur in more than one part that a run uses, with the names of these parts."""
    used = [part for part in parts if part.name != "left out"]
    ids = {part.name: set(part.ids.tolist()) for part in used}
    found = []
    for each in copies:
        names = tuple(name for name in ids if ids[name] & set(each.test if name == "test" else each.train))
        if len(names) > 1:
            found.append((each, names))
    return found


def overlapping(parts: Sequence[Part]) -> bool:
    """Whether two parts of the training pictures share a position, which would be a bug."""
    ids = np.concatenate([part.ids for part in parts if part.name != "test"])
    return len(np.unique(ids)) < len(ids)


def nestedness(targets: Targets, config: SplitOptions, classes: Sequence[str]) -> list[Nested]:
    """Check that each usual fraction, and the config's own, is a subset of the next larger one.

    Raises:
        UserError: a class is too small to split; names it.
    """
    fractions = sorted({*_FRACTIONS, config.train_fraction})
    training, _ = whole_split(targets, config, classes)
    chosen = [training_fraction(training, targets, fraction, config.seed, classes) for fraction in fractions]
    larger = [*chosen[1:], chosen[-1]]
    smallest = [int(class_counts(targets[ids], len(classes)).min()) for ids in chosen]
    return [Nested(fraction, len(ids), least, bool(np.isin(ids, next_ids).all()))
            for fraction, ids, least, next_ids in zip(fractions, chosen, smallest, larger, strict=True)]
