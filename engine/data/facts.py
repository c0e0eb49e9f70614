"""What is known of a data set before its pictures are loaded, also of one that is only a path. Imports no torch."""

from __future__ import annotations

from dataclasses import dataclass

from engine.data.catalog import DATASETS


@dataclass(frozen=True)
class Facts:
    """What configs are checked against.

    Attributes:
        classes: class names in label order.
        train, test: number of pictures in each split.
        size: side of the square pictures, in pixels.
        channels: 1 (grey) or 3 (colour).
        flips: whether a mirrored picture still shows its class.
    """

    classes: tuple[str, ...]
    train: int
    test: int
    size: int
    channels: int
    flips: bool


def data_facts(dataset: str, data_path: str = "") -> Facts:
    """The facts of a data set in the catalog."""
    row = DATASETS[dataset]
    return Facts(row.classes, row.train, row.test, row.size, row.channels, row.flips)
