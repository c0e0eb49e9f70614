"""Models that cut pictures into patches, and how they are built for pictures of another size. Imports no torch."""

import re
from dataclasses import dataclass
from typing import NamedTuple

from engine.errors import ConfigError

_PATCH = re.compile(r"_patch(\d+)")
_WINDOW = re.compile(r"_window(\d+)")
_SHIFTED_WINDOWS = "swin_transformer"


def patch_of(name: str) -> int:
    """The side in pixels of the patches that a model's name tells; 0 when it tells none."""
    found = _PATCH.search(name)
    return int(found[1]) if found else 0


@dataclass(frozen=True)
class Cut:
    """How a model cuts pictures into patches.

    Attributes:
        name: what an error calls it.
        window: side of a Swin transformer's attention windows, in patches; 0: it has none.
        published: side of the patches it was made with, in pixels; 0: it cuts nothing.
        asked: side of the patches asked for.
        other: it can be built with patches of another side.
    """

    name: str
    window: int
    published: int
    asked: int
    other: bool

    def built_for(self, size: int) -> dict[str, int]:
        """The options timm builds the model with for pictures of another size than it was made for.

        A ViT that would see fewer than 4×4 patches gets smaller ones, 8×8 in all; a Swin transformer, whose maps are
        halved three times after that, needs 16×16 and gets the largest window up to its own that divides them.

        Raises:
            ConfigError: the size is not a multiple of the patch.
        """
        patch = self._patch(size)
        if patch and size % patch:
            raise ConfigError("image_size", size, f"a multiple of {patch}, the side of the patches that {self.name} "
                                                  "cuts pictures of this size into")
        options = {"img_size": size}
        if self.window:
            options["window_size"] = _dividing(size // patch, self.window)
        return options | ({"patch_size": patch} if patch != self.published else {})

    def _patch(self, size: int) -> int:
        if not self.other:
            return self.published
        if self.window:
            return min(self.asked, max(1, size // 16))
        return self.asked if size >= 4 * self.asked else max(1, size // 8)


def window_of(name: str, family: str) -> int:
    """The side in patches of a Swin transformer's windows, which its name tells or is 7; 0: it is none."""
    if not family.startswith(_SHIFTED_WINDOWS):
        return 0
    found = _WINDOW.search(name)
    return int(found[1]) if found else 7


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
