"""Models that split pictures into patches, and how to build them for other picture sizes. Imports no torch."""

import re
from dataclasses import dataclass
from typing import NamedTuple

from engine.errors import ConfigError

_PATCH = re.compile(r"_patch(\d+)")
_WINDOW = re.compile(r"_window(\d+)")
_SHIFTED_WINDOWS = "swin_transformer"


def patch_size(name: str) -> int:
    """Return the patch size in pixels given in a model's name; 0: none."""
    found = _PATCH.search(name)
    return int(found[1]) if found else 0


@dataclass(frozen=True)
class PatchLayout:
    """How a model splits pictures into patches.

    Attributes:
        name: the model's name, for errors.
        window: side of a Swin transformer's attention windows, in patches; 0: none.
        published: published patch size in pixels; 0: none.
        asked: patch size that the name asks for.
        other: whether it can be built with another patch size.
        exact: patch size that the run's options ask for; 0: none.
    """

    name: str
    window: int
    published: int
    asked: int
    other: bool
    exact: int = 0

    def built_for(self, size: int) -> dict[str, int]:
        """Return the options with which timm builds the model for another picture size.

        A ViT with fewer than 4×4 patches gets smaller ones, 8×8 in total, unless their size was asked for. A Swin
        transformer halves its maps three times, so it needs 16×16 patches; its window is the largest divisor of the
        patch count up to the published window.

        Raises:
            ConfigError: the size is not a multiple of the patch size, or the model cannot have the patches asked for.
        """
        if self.exact and (not self.other or self.exact > size):
            raise ConfigError("patch_size", self.exact, f"at most {size}, the side of the pictures" if self.other else
                              f"supported by {self.name}: leave it at 0")
        patch = self.exact or self._patch(size)
        if patch and size % patch:
            raise ConfigError("image_size", size, f"a multiple of {patch}, the side of the patches that {self.name} "
                                                  "cuts pictures of this size into")
        options = {"img_size": size}
        if self.window:
            options["window_size"] = _largest_divisor(size // patch, self.window)
        return options | ({"patch_size": patch} if patch != self.published else {})

    def _patch(self, size: int) -> int:
        if not self.other:
            return self.published
        if self.window:
            return min(self.asked, max(1, size // 16))
        return self.asked if size >= 4 * self.asked else max(1, size // 8)


def window_size(name: str, family: str) -> int:
    """Return the side of a Swin transformer's windows in patches, from its name or 7; 0: it has no windows."""
    if not family.startswith(_SHIFTED_WINDOWS):
        return 0
    found = _WINDOW.search(name)
    return int(found[1]) if found else 7


def _largest_divisor(cells: int, most: int) -> int:
    return next(side for side in range(min(most, cells), 0, -1) if cells % side == 0)


class DerivedName(NamedTuple):
    """A model's name without numbers, with its patch and picture size in pixels (0: no patch)."""

    bare: str
    patch: int
    size: int


def derived_name(name: str) -> DerivedName | None:
    """Parse a name such as ``vit_small_patch32_32``; None: it does not end with a picture size."""
    bare, _, size = name.rpartition("_")
    return DerivedName(_PATCH.sub("_patch", bare), patch_size(name), int(size)) if bare and size.isdecimal() else None
