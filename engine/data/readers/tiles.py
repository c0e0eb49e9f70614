"""Tiles cut from larger pictures, such as ``field_0_512.png``: neighbours show the same things."""

import math
import re
from collections import defaultdict
from collections.abc import Iterable
from pathlib import PurePosixPath

_TILE = re.compile(r"(.*?\D)[_-]+[xyrc]?(\d+)[_-]+[xyrc]?(\d+)([_-]+\d+[_-]+\d+)?")
_LEAST_STEP = 16
"""Offsets in pixels are multiples of at least this; dates and numbers of pictures are not."""


def originals(names: Iterable[str]) -> dict[str, list[str]]:
    """Return the tiles of each original, by its path, for names that end in offsets on a grid that begins at 0."""
    found: dict[str, dict[str, tuple[int, int]]] = defaultdict(dict)
    for name in names:
        path = PurePosixPath(name)
        match = _TILE.fullmatch(path.stem)
        if match:
            found[match[1]][name] = int(match[2]), int(match[3])
    return {original: list(tiles) for original, tiles in found.items() if _is_grid(list(tiles.values()))}


def _is_grid(offsets: list[tuple[int, int]]) -> bool:
    step = math.gcd(*(number for offset in offsets for number in offset))
    return len(set(offsets)) > 1 and step >= _LEAST_STEP and all(min(axis) == 0 for axis in zip(*offsets, strict=True))


def tiles_note(train: Iterable[str], test: Iterable[str]) -> list[str]:
    """Return a note on originals with tiles in training and in test; empty without any."""
    tested = set(test)
    shared = [tiles for tiles in originals([*train, *tested]).values()
              if 0 < len(tested.intersection(tiles)) < len(tiles)]
    if not shared:
        return []
    return [f"tiles of {len(shared):,} originals lie in training and in test, such as {min(shared[0])}: neighbours "
            "look alike, so that test results are too good; keep all tiles of an original in one part, by folders or "
            "lists"]
