"""Pictures that are equal in every pixel, within a split and between training and test."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import blake2b

import numpy as np

from engine.data.dataset import Pictures, Targets


@dataclass(frozen=True)
class Copies:
    """A picture that occurs more than once.

    Attributes:
        train, test: ascending positions in each split; two or more in all.
        labels: the classes it is filed under, ascending; more than one means that they contradict one another.
    """

    train: tuple[int, ...]
    test: tuple[int, ...]
    labels: tuple[int, ...]

    @property
    def where(self) -> str:
        """``train``, ``test``, or ``both`` when the test set shows what was learnt by heart."""
        return "both" if self.train and self.test else "train" if self.train else "test"

    @property
    def contradictory(self) -> bool:
        return len(self.labels) > 1

    @property
    def spare(self) -> int:
        """How many pictures could go without losing any content."""
        return len(self.train) + len(self.test) - 1


def digests(images: Pictures) -> list[bytes]:
    """128 bits of BLAKE2b for each picture of uint8 [N, H, W, C], of its shape and pixels: two of a million pictures
    agree by chance less often than once in 10²⁶ sets."""
    shape = str(images.shape[1:]).encode()
    rows = np.ascontiguousarray(images).reshape(len(images), -1)
    return [blake2b(row.data, digest_size=16, person=shape[:16]).digest() for row in rows]


def find_copies(train: Iterable[bytes], test: Iterable[bytes], train_targets: Targets,
                test_targets: Targets) -> list[Copies]:
    """Every picture that occurs more than once, given the digests of each split: contradictory ones first, then those
    in both splits, then by number."""
    places: dict[bytes, tuple[list[int], list[int]]] = defaultdict(lambda: ([], []))
    for split, keys in enumerate((train, test)):
        for position, key in enumerate(keys):
            places[key][split].append(position)
    found = [Copies(tuple(in_train), tuple(in_test), _labels(train_targets[in_train], test_targets[in_test]))
             for in_train, in_test in places.values() if len(in_train) + len(in_test) > 1]
    return sorted(found, key=lambda copies: (not copies.contradictory, copies.where != "both", -copies.spare))


def count_copies(copies: Sequence[Copies]) -> dict[str, int]:
    """How many pictures occur more than once within training only, within test only, in both, and with labels that
    contradict one another."""
    counts = {where: sum(each.where == where for each in copies) for where in ("train", "test", "both")}
    return counts | {"contradictory": sum(each.contradictory for each in copies)}


def _labels(train: Targets, test: Targets) -> tuple[int, ...]:
    return tuple(np.unique(np.concatenate((train, test))).tolist())
