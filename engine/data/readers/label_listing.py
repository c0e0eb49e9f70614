"""Pictures with any number of classes, listed as pictures with boxes are, whose places do not matter."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from engine.data.dataset import Targets
from engine.data.ledger import Decision
from engine.data.readers.box_listing import AnnotatedListing, AnnotatedPicture, Box
from engine.data.readers.listing import Listing
from engine.data.readers.picture_files import common_shape
from engine.errors import ConfigError


def label_box(name: str, place: int) -> Box:
    """Return a label as a box without a place in the picture."""
    return Box((0.0, 0.0, 0.0, 0.0), name, False, place)


def to_label_listing(found: AnnotatedListing) -> Listing:
    """Return the pictures with their classes.

    Raises:
        ConfigError: all pictures have the same single class.
    """
    if len(found.classes) < 2:
        raise ConfigError("data_path", str(found.root), f"a folder with two classes or more: every label is "
                                                        f"{found.classes[0]}")
    names = tuple(each.picture for each in found.train)
    side, channels = common_shape(found.root, names)
    ledger = replace(found.ledger, decisions=(*found.ledger.decisions, *map(Decision, found.notes)))
    return Listing(found.root, names, _targets(found.train, found.classes), tuple(each.picture for each in found.test),
                   _targets(found.test, found.classes), side, channels, found.classes,
                   ledger, found.problems)


def _targets(pictures: Sequence[AnnotatedPicture], classes: Sequence[str]) -> Targets:
    places = {name: place for place, name in enumerate(classes)}
    targets = np.zeros((len(pictures), len(classes)), np.int64)
    for row, each in zip(targets, pictures, strict=True):
        row[[places[box.name] for box in each.boxes]] = 1
    return targets
