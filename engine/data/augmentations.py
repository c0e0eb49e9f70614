"""The augmentations a run can name. Rows only: the tensor work is in :mod:`engine.data.batches`."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Augmentation:
    """A recipe of per-sample random changes, applied to whole batches.

    Attributes:
        crop_padding: zero pixels added on each side at 32 px (scaled with the size) before a random crop; 0: no crop.
        flip: mirror left–right with probability one half.
        help: one sentence for a person.
    """

    help: str
    crop_padding: int = 0
    flip: bool = False


AUGMENTATIONS: dict[str, Augmentation] = {
    "default": Augmentation("Pictures as they are."),
    "weak": Augmentation("Random crop from a padded border, random left–right flip.", crop_padding=4, flip=True),
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
