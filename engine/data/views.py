"""The views of a picture that an evaluation averages over. Imports no torch."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from engine.catalog.augmentations import AUGMENTATIONS, scale_range
from engine.catalog.choices import TTA
from engine.errors import ConfigError

_SIDE = re.compile(r"[1-9]\d{0,3}")


@dataclass(frozen=True)
class View:
    """How one look at a picture is taken.

    Attributes:
        scale: side Q in pixels that the short side is resized to before the centre is cropped; 0: the whole picture
            is resized to what the model sees.
        flip: mirrored left–right.
    """

    scale: int = 0
    flip: bool = False


def views(tta: str, scales: Sequence[int], flips_allowed: bool) -> list[View]:
    """Every scale, and its mirror image if the row of ``tta`` flips; no scales mean the whole picture.

    Raises:
        ConfigError: ``tta`` flips and the data must not be mirrored.
    """
    if TTA[tta].flips and not flips_allowed:
        raise ConfigError("tta", tta, "a way to test these pictures: mirrored, they would not show their class")
    flips = (False, True) if TTA[tta].flips else (False,)
    return [View(scale, flip) for scale in scales or (0,) for flip in flips]


def parse_scales(text: str) -> tuple[int, ...]:
    """The sides Q that ``36+40+44`` (or ``36,40,44``) means, as given; empty text: none.

    Raises:
        ConfigError: a part is not a side in pixels.
    """
    parts = [part.strip() for part in re.split(r"[+,]", text)] if text.strip() else []
    if not all(_SIDE.fullmatch(part) for part in parts):
        raise ConfigError("test_scale", text, "a side in pixels such as 36, or several joined by + such as 36+40+44")
    return tuple(dict.fromkeys(map(int, parts)))


def testing_scales(test_scale: str, augmentation: str, train_scale: str) -> tuple[int, ...]:
    """The sides Q of a run's test, the first of which validates: its own, else for a scaled augmentation the middle
    of S, else none.

    Raises:
        ConfigError: one of the texts is not a scale.
    """
    if test_scale.strip() or not AUGMENTATIONS[augmentation].scaled:
        return parse_scales(test_scale)
    return (sum(scale_range(train_scale)) // 2,)
