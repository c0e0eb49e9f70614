"""Models that cut pictures into patches, and how they are built for pictures of another size. Imports no torch."""

from __future__ import annotations

import re
from typing import NamedTuple

from engine.errors import ConfigError

_PATCH = re.compile(r"_patch(\d+)")
_WINDOW = re.compile(r"_window(\d+)")
_FEWEST = 4
_SHIFTED_WINDOWS = "swin_transformer"


def patch_of(name: str) -> int:
    """The side in pixels of the patches that a model's name tells; 0 when it tells none."""
    found = _PATCH.search(name)
    return int(found[1]) if found else 0


def built_for(name: str, family: str, size: int, patch: int, called: str = "") -> dict[str, int]:
    """The options timm builds a model with for pictures of another size than it was made for.

    A ViT that would see fewer than 4×4 patches gets smaller ones, 8×8 in all; a Swin transformer, whose maps are halved
    three times after that, needs 16×16 and gets the largest window up to its own that divides them.

    Args:
        name: timm's name of the model.
        patch: side of the patches asked for, in pixels; 0: the model has none, or its name tells none.
        called: what an error calls it, if not by timm's name.

    Raises:
        ConfigError: the size is not a multiple of the patch.
    """
    options = {"img_size": size}
    if family.startswith(_SHIFTED_WINDOWS):
        published = patch_of(name) or 4
        patch = min(patch or published, max(1, size // 16))
        window = int(found[1]) if (found := _WINDOW.search(name)) else 7
        options["window_size"] = _dividing(size // patch, window)
    else:
        published = patch_of(name)
        if size < _FEWEST * patch:
            patch = max(1, size // 8)
    if patch and size % patch:
        raise ConfigError("image_size", size, f"a multiple of {patch}, the side of the patches that "
                                              f"{called or name} cuts pictures of this size into")
    return options | ({"patch_size": patch} if patch != published else {})


def _dividing(cells: int, most: int) -> int:
    return next(side for side in range(min(most, cells), 0, -1) if cells % side == 0)


class DerivedName(NamedTuple):
    """A model's name without its numbers, and the patch and picture sides in pixels that these say (0: no patch)."""

    bare: str
    patch: int
    size: int


def derived_name(name: str) -> DerivedName | None:
    """What a name such as ``vit_small_patch32_32`` says, or None if it ends in no picture size."""
    bare, _, size = name.rpartition("_")
    return DerivedName(_PATCH.sub("_patch", bare), patch_of(name), int(size)) if bare and size.isdecimal() else None
