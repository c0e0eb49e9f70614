"""The augmentations and mixings a run can name. Rows only; :mod:`engine.data.batches` applies them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from engine.errors import ConfigError

_SCALE = re.compile(r"(\d{1,4})(?:\s*[-–]\s*(\d{1,4}))?")

_RANGE = re.compile(r"(\d*\.?\d+)(?:\s*[-–]\s*(\d*\.?\d+))?")


@dataclass(frozen=True)
class OperationRow:
    """One random operation of an augmentation.

    Attributes:
        operation: ``module:name`` of a subclass of :class:`engine.data.augmenting.recipe.Operation`, imported on first
        use.
        settings: its keyword arguments.
    """

    operation: str
    settings: Mapping[str, Any]


@dataclass(frozen=True)
class Augmentation:
    """A recipe of random changes for each picture, applied to whole batches in the order of the attributes.

    Attributes:
        help: one sentence for the user.
        scaled: resize the short side to the run's ``train_scale``, then take a random crop of the model's input size.
        cropped: a part of the picture, of random area and aspect ratio as the run's ``crop_scale`` and ``crop_ratio``
        say, is resized to the model's input (RandomResizedCrop); in tests the shorter side is resized and the centre
        cropped.
        crop_padding: zero padding before a random crop, in pixels at 32 px (scaled with the size); 0 means no crop.
        flip: mirror left–right with probability ½, if the data set allows it.
        operations: random operations applied next, in order.
    """

    help: str
    scaled: bool = False
    cropped: bool = False
    crop_padding: int = 0
    flip: bool = False
    operations: tuple[OperationRow, ...] = ()


_TRIVIAL = OperationRow("engine.data.augmenting.policies:Policy", {"name": "trivial"})
_RAND = OperationRow("engine.data.augmenting.policies:Policy", {"name": "rand"})
_JITTER = OperationRow("engine.data.augmenting.jitter:Jitter", {"spread": 0.2})
_AUTO = OperationRow("engine.data.augmenting.searched:AutoAugment", {})
_AUGMIX = OperationRow("engine.data.augmenting.searched:AugMix", {})
_THREE = OperationRow("engine.data.augmenting.three:ThreeAugment", {})
_STRONG_JITTER = OperationRow("engine.data.augmenting.jitter:Jitter", {"spread": 0.3})
_ERASE = OperationRow("engine.data.augmenting.erasing:Erase", {"probability": 0.25})


AUGMENTATIONS: dict[str, Augmentation] = {
    "default": Augmentation("No augmentation."),
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
    "imagenet": Augmentation(
        "A random part of the picture, of any area and aspect ratio, resized (RandomResizedCrop), and a random "
        "left–right flip: the recipe for photographs, which keep their aspect ratio.", cropped=True, flip=True),
    "imagenet-randaugment": Augmentation(
        "As imagenet, then two random operations (RandAugment) and random erasing.",
        cropped=True, flip=True, operations=(_RAND, _ERASE)),
    "imagenet-autoaugment": Augmentation(
        "As imagenet, then one of 25 pairs of operations that were searched for ImageNet (AutoAugment).",
        cropped=True, flip=True, operations=(_AUTO,)),
    "imagenet-augmix": Augmentation(
        "As imagenet, then mixed with three chains of operations on the picture itself (AugMix, without its loss).",
        cropped=True, flip=True, operations=(_AUGMIX,)),
    "imagenet-3augment": Augmentation(
        "As imagenet, then grey, solarized or blurred, and colour jitter (3-Augment, of DeiT III).",
        cropped=True, flip=True, operations=(_THREE, _STRONG_JITTER)),
}
INTERPOLATIONS = {
    "bilinear": "Antialiased; what torchvision's references train with.",
    "bicubic": "Antialiased and sharper; what most of timm's weights were trained with.",
}

MIXINGS = {
    "none": "No mixing.",
    "mixup": "Two pictures blended (Zhang et al., 2018).",
    "cutmix": "A rectangle of one pasted into the other (Yun et al., 2019).",
    "both": "MixUp or CutMix, drawn with even chances.",
}
SHARES = {
    "per picture": "Every pair of a batch draws its own share.",
    "per batch": "One share for all pairs of a batch, as torchvision draws it.",
}


def scaled_augmentations() -> tuple[str, ...]:
    """Return the names of the augmentations that use the run's ``train_scale``."""
    return tuple(name for name, row in AUGMENTATIONS.items() if row.scaled)


def cropped_augmentations() -> tuple[str, ...]:
    """Return the names of the augmentations that crop and resize photographs."""
    return tuple(name for name, row in AUGMENTATIONS.items() if row.cropped)


def number_range(option: str, text: str, most: float, example: str) -> tuple[float, float]:
    """Parse an option such as ``0.08-1`` into its smallest and largest number, above 0 and up to ``most``.

    Raises:
        ConfigError: it is no such range.
    """
    found = _RANGE.fullmatch(text.strip())
    smallest, largest = (float(found[1]), float(found[2] or found[1])) if found else (0.0, 0.0)
    if not 0 < smallest <= largest <= most:
        raise ConfigError(option, text, f"a range of numbers above 0 and up to {most:g}, such as {example}")
    return smallest, largest


def crop_scale(text: str) -> tuple[float, float]:
    """Parse a ``crop_scale``; raises as :func:`number_range`."""
    return number_range("crop_scale", text, 1.0, "0.08-1")


def crop_ratio(text: str) -> tuple[float, float]:
    """Parse a ``crop_ratio``; raises as :func:`number_range`."""
    return number_range("crop_ratio", text, 100.0, "0.75-1.3333")


def scale_range(text: str) -> tuple[int, int]:
    """Parse a ``train_scale`` such as ``36`` or ``36-44`` into the smallest and largest side.

    Raises:
        ConfigError: neither form matches.
    """
    found = _SCALE.fullmatch(text.strip())
    smallest, largest = (int(found[1]), int(found[2] or found[1])) if found else (0, 0)
    if not 1 <= smallest <= largest:
        raise ConfigError("train_scale", text, "a side in pixels such as 36, or a range such as 36-44")
    return smallest, largest
