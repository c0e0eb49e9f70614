"""What the pictures of a set look like before they are squared: sizes, channels, depth and orientation, counted."""

from collections import Counter
from dataclasses import dataclass, field, replace

from PIL import Image

from engine.data.readers.depth import Values, is_deep

_ORIENTATION = 0x0112
_ON_THEIR_SIDE = frozenset({5, 6, 7, 8})
"""EXIF orientations that swap height and width."""

_GREY = frozenset({"1", "L", "LA", "I", "F"})
_COLOURS = {"P": "palette", "CMYK": "CMYK", "RGBA": "colour with transparency", "PA": "palette with transparency",
            "LA": "grey with transparency", "1": "black and white"}


@dataclass
class Looks:
    """Numbers of pictures, by size, by kind and by what else was noticed."""

    sizes: Counter[tuple[int, int]] = field(default_factory=Counter)
    kinds: Counter[str] = field(default_factory=Counter)
    deep: int = 0
    cut: int = 0
    turned: int = 0

    def add(self, look: "Look") -> None:
        self.sizes[look.size] += 1
        self.kinds[look.kind] += 1
        self.deep, self.cut, self.turned = self.deep + look.deep, self.cut + look.cut, self.turned + look.turned

    def rows(self, size: str, channels: int, values: Values | None) -> dict[str, str]:
        """Return everything as texts.

        Args:
            size: what size the pictures are read in.
            values: what is black and white in those of more than 8 bits.
        """
        low, high = values or (0, 255)
        (least, most), often = (min(self.sizes), max(self.sizes)), self.sizes.most_common(1)[0]
        sizes = f"all {_size(least)}" if len(self.sizes) == 1 else \
            f"{len(self.sizes):,} sizes, {_size(least)} to {_size(most)}, most often {_size(often[0])} ({often[1]:,})"
        found = {"sizes": f"{sizes}; read as {size}",
                 "channels": f"{', '.join(f'{count:,} {kind}' for kind, count in self.kinds.most_common())}; read as "
                             f"{'grey' if channels == 1 else 'colour'}",
                 "depth": f"{self.deep:,} of more than 8 bits: {low:g} to {high:g} are black to white" if self.deep else
                 "8 bits"}
        if self.cut:
            found["depth"] += f"; {self.cut:,} in colour of 16 bits, of which the upper 8 are read"
        if self.turned:
            found["orientation"] = f"{self.turned:,} turned upright, as their EXIF data say"
        return found


@dataclass(frozen=True)
class Look:
    """What one picture looks like in its file. Attributes: ``size``, width and height there; ``shown``, height and
    width once it is upright."""

    size: tuple[int, int]
    kind: str
    deep: bool
    cut: bool
    turned: bool
    shown: tuple[int, int]

    @classmethod
    def of(cls, picture: Image.Image) -> "Look":
        """Look at an opened picture, before it is decoded but for its orientation."""
        grey = picture.mode.partition(";")[0] in _GREY
        raw = [str(tile[3]) for tile in getattr(picture, "tile", ())[:1]]
        return cls(picture.size, _COLOURS.get(picture.mode, "grey" if grey else "colour"), is_deep(picture),
                   not is_deep(picture) and any("16" in each for each in raw), False, picture.size[::-1])

    def oriented(self, picture: Image.Image) -> "Look":
        """Return this with the orientation of the decoded picture."""
        on_its_side = picture.getexif().get(_ORIENTATION) in _ON_THEIR_SIDE
        return replace(self, turned=is_turned(picture), shown=self.size if on_its_side else self.size[::-1])


def is_turned(picture: Image.Image) -> bool:
    """Whether the orientation of a decoded picture is not that of its pixels."""
    return picture.getexif().get(_ORIENTATION, 1) not in (0, 1)


def _size(size: tuple[int, int]) -> str:
    return f"{size[0]}×{size[1]}"
