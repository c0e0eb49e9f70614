"""Pictures with identical pixels, within a split and between training and test."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import blake2b

import numpy as np

from engine.data.dataset import Pictures, Targets
from engine.labels.targets import kinds


@dataclass(frozen=True)
class Copies:
    """A picture that occurs more than once.

    Attributes:
        train, test: ascending positions in each split; two or more in total.
        labels: its class labels, ascending, or :func:`engine.labels.targets.kinds` of several; more than one means that
        they contradict.
    """

    train: tuple[int, ...]
    test: tuple[int, ...]
    labels: tuple[int, ...]

    @property
    def where(self) -> str:
        """``train``, ``test``, or ``both`` if it leaks from training into test."""
        return "both" if self.train and self.test else "train" if self.train else "test"

    @property
    def contradictory(self) -> bool:
        return len(self.labels) > 1

    @property
    def spare(self) -> int:
        """Number of redundant copies."""
        return len(self.train) + len(self.test) - 1


def digests(images: Pictures) -> list[bytes]:
    """Return a 128-bit BLAKE2b digest of shape and pixels for each picture of uint8 [N, H, W, C]. Among a million
    pictures, a collision has a probability below 10⁻²⁶."""
    shape = str(images.shape[1:]).encode()
    rows = np.ascontiguousarray(images).reshape(len(images), -1)
    return [blake2b(row.data, digest_size=16, person=shape[:16]).digest() for row in rows]


def find_copies(train: Iterable[bytes], test: Iterable[bytes], train_targets: Targets,
                test_targets: Targets) -> list[Copies]:
    """Return all duplicate pictures from the digests of each split, sorted by contradictory labels, leaks and number.
    """
    train_targets, test_targets = kinds(train_targets, test_targets)
    places: dict[bytes, tuple[list[int], list[int]]] = defaultdict(lambda: ([], []))
    for split, keys in enumerate((train, test)):
        for position, key in enumerate(keys):
            places[key][split].append(position)
    found = [Copies(tuple(in_train), tuple(in_test), _labels(train_targets[in_train], test_targets[in_test]))
             for in_train, in_test in places.values() if len(in_train) + len(in_test) > 1]
    return sorted(found, key=lambda copies: (not copies.contradictory, copies.where != "both", -copies.spare))


def count_copies(copies: Sequence[Copies]) -> dict[str, int]:
    """Return the number of duplicates within training, within test, in both, and with contradictory labels."""
    counts = {where: sum(each.where == where for each in copies) for where in ("train", "test", "both")}
    return counts | {"contradictory": sum(each.contradictory for each in copies)}


def _labels(train: Targets, test: Targets) -> tuple[int, ...]:
    return tuple(np.unique(np.concatenate((train, test))).tolist())
