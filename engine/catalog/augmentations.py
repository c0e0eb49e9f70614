"""The augmentations and mixings a run can name. Rows only, no torch: :mod:`engine.data.batches` does what they say."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from engine.errors import ConfigError

_SCALE = re.compile(r"(\d{1,4})(?:\s*[-–]\s*(\d{1,4}))?")


@dataclass(frozen=True)
class OperationRow:
    """One random change of an augmentation.

    Attributes:
        operation: ``module:name`` of a subclass of :class:`engine.data.augmenting.recipe.Operation`, which is imported
            when a run needs it.
        settings: its keyword arguments.
    """

    operation: str
    settings: Mapping[str, Any]


@dataclass(frozen=True)
class Augmentation:
    """A recipe of per-sample random changes, applied to whole batches in the order of the attributes.

    Attributes:
        help: one sentence for a person.
        scaled: the short side becomes the run's ``train_scale`` and a random crop of the model's size is taken.
        crop_padding: zero pixels added on each side at 32 px (scaled with the size) before a random crop; 0: no crop.
        flip: mirror left–right with probability one half, where the data allow it.
        operations: what is then done to the pictures, in order.
    """

    help: str
    scaled: bool = False
    crop_padding: int = 0
    flip: bool = False
    operations: tuple[OperationRow, ...] = ()


_TRIVIAL = OperationRow("engine.data.augmenting.policies:Policy", {"name": "trivial"})
_RAND = OperationRow("engine.data.augmenting.policies:Policy", {"name": "rand"})
_JITTER = OperationRow("engine.data.augmenting.jitter:Jitter", {"spread": 0.2})
_ERASE = OperationRow("engine.data.augmenting.erasing:Erase", {"probability": 0.25})


AUGMENTATIONS: dict[str, Augmentation] = {
    "default": Augmentation("Pictures as they are."),
    "weak": Augmentation("Random crop from a padded border, random left–right flip.", crop_padding=4, flip=True),
    "strong": Augmentation(
        "As weak, then one random operation a picture (TrivialAugment), colour jitter and random erasing.",
        crop_padding=4, flip=True, operations=(_TRIVIAL, _JITTER, _ERASE)),
    "randaugment": Augmentation(
        "As weak, then two random operations a picture (RandAugment) and random erasing.",
        crop_padding=4, flip=True, operations=(_RAND, _ERASE)),
    "vgg": Augmentation(
        "Short side resized to S, random crop, colour jitter: the recipe of small VGGs.", scaled=True,
        operations=(_JITTER,)),
}

MIXINGS = {
    "none": "Pictures by themselves.",
    "mixup": "Two pictures blended (Zhang et al., 2018).",
    "cutmix": "A rectangle of one pasted into the other (Yun et al., 2019).",
    "both": "MixUp or CutMix, drawn with even chances.",
}
SHARES = {
    "per picture": "Every pair of a batch draws its own share.",
    "per batch": "One share for all pairs of a batch, as torchvision draws it.",
}


def scaled_augmentations() -> tuple[str, ...]:
    """The names of those that resize pictures to the run's ``train_scale``."""
    return tuple(name for name, row in AUGMENTATIONS.items() if row.scaled)


def scale_range(text: str) -> tuple[int, int]:
    """The smallest and the largest side S that a ``train_scale`` means: ``36`` or ``36-44``.

    Raises:
        ConfigError: it is neither.
    """
    found = _SCALE.fullmatch(text.strip())
    smallest, largest = (int(found[1]), int(found[2] or found[1])) if found else (0, 0)
    if not 1 <= smallest <= largest:
        raise ConfigError("train_scale", text, "a side in pixels such as 36, or a range such as 36-44")
    return smallest, largest
