"""The augmentations and mixings a run can name. Rows only, no torch: :mod:`engine.data.batches` does what they say."""

from __future__ import annotations

import re
from dataclasses import dataclass

from engine.errors import ConfigError

_SCALE = re.compile(r"(\d{1,4})(?:\s*[-–]\s*(\d{1,4}))?")


@dataclass(frozen=True)
class Augmentation:
    """A recipe of per-sample random changes, applied to whole batches in the order of the attributes.

    Attributes:
        help: one sentence for a person.
        scaled: the short side becomes the run's ``train_scale`` and a random crop of the model's size is taken.
        crop_padding: zero pixels added on each side at 32 px (scaled with the size) before a random crop; 0: no crop.
        flip: mirror left–right with probability one half, where the data allow it.
        policy: a row of :data:`engine.data.augmenting.policies.POLICIES`; empty: none.
        jitter: brightness, contrast and saturation each change by a factor up to this far from 1, in random order.
        erase: probability that a rectangle is erased after normalisation, that is, set to the mean colour.
    """

    help: str
    scaled: bool = False
    crop_padding: int = 0
    flip: bool = False
    policy: str = ""
    jitter: float = 0.0
    erase: float = 0.0


AUGMENTATIONS: dict[str, Augmentation] = {
    "default": Augmentation("Pictures as they are."),
    "weak": Augmentation("Random crop from a padded border, random left–right flip.", crop_padding=4, flip=True),
    "strong": Augmentation(
        "As weak, then one random operation a picture (TrivialAugment), colour jitter and random erasing.",
        crop_padding=4, flip=True, policy="trivial", jitter=0.2, erase=0.25),
    "randaugment": Augmentation(
        "As weak, then two random operations a picture (RandAugment) and random erasing.",
        crop_padding=4, flip=True, policy="rand", erase=0.25),
    "vgg": Augmentation(
        "Short side resized to S, random crop, colour jitter: the recipe of small VGGs.", scaled=True, jitter=0.2),
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
