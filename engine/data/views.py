"""The views of a picture that test-time augmentation averages. Imports no torch."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from engine.catalog.augmentations import AUGMENTATIONS, scale_range
from engine.catalog.choices import TTA
from engine.errors import ConfigError

_SIDE = re.compile(r"[1-9]\d{0,3}")


@dataclass(frozen=True)
class View:
    """One view of a picture.

    Attributes:
        scale: side Q in pixels to which the short side is resized before the centre crop; 0: the whole picture is
        resized to the model's input.
        flip: mirrored left–right.
    """

    scale: int = 0
    flip: bool = False


def views(tta: str, scales: Sequence[int], flips_allowed: bool) -> list[View]:
    """Return a view for each scale, also mirrored if the row of ``tta`` flips; without scales the whole picture.

    Raises:
        ConfigError: ``tta`` flips but the data must not be mirrored.
    """
    if TTA[tta].flips and not flips_allowed:
        raise ConfigError("tta", tta, "allowed for these pictures: mirroring would change their class; choose none")
    flips = (False, True) if TTA[tta].flips else (False,)
    return [View(scale, flip) for scale in scales or (0,) for flip in flips]


def parse_scales(text: str) -> tuple[int, ...]:
    """Parse sides Q such as ``36+40+44`` or ``36,40,44``; empty text: none.

    Raises:
        ConfigError: a part is not a side in pixels.
    """
    parts = [part.strip() for part in re.split(r"[+,]", text)] if text.strip() else []
    if not all(_SIDE.fullmatch(part) for part in parts):
        raise ConfigError("test_scale", text, "a side in pixels such as 36, or several joined by + such as 36+40+44")
    return tuple(dict.fromkeys(map(int, parts)))


def testing_scales(test_scale: str, augmentation: str, train_scale: str) -> tuple[int, ...]:
    """Return a run's test scales Q, of which validation uses the first.

    These are its own, else for a scaled augmentation the middle of S, else none.

    Raises:
        ConfigError: a text is not a scale.
    """
    if test_scale.strip() or not AUGMENTATIONS[augmentation].scaled:
        return parse_scales(test_scale)
    return (sum(scale_range(train_scale)) // 2,)
