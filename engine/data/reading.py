"""How a folder of the user's is to be read, said behind its name: ``photos?test=val&links=skip``."""

from collections.abc import Mapping
from pathlib import Path

from engine.errors import ConfigError, hint
from engine.words import listed

Reading = Mapping[str, str]

READINGS: dict[str, str] = {
    "train": "The training part: folders inside, or lists of pictures, separated by commas.",
    "test": "The test part, likewise; none: a fifth of the pictures is held out.",
    "parts": "none: folders called train or test are classes like the others.",
    "links": "follow (the default) or skip.",
    "range": "LOW:HIGH, the values that are black and white in pictures of more than 8 bits.",
    "axes": "NHWC, NCHW …: what the dimensions of an array are: numbers, heights, widths and channels of pictures.",
    "boxes": "The meaning of a box's four numbers: corners or extent, pixels or shares of the picture's sides.",
    "labels": "The columns of a table that hold labels, separated by commas.",
    "separator": "bar, semicolon, comma or space: what separates the labels in a cell of a table.",
    "pictures": "The column of a table that names pictures.",
    "orientation": "stored or displayed: whether boxes lie on pictures as stored or as EXIF turns them.",
}
"""What can be said, by name; a reader knows some of them."""

BOXES = ("xywh", "xyxy", "cxcywh", "xywh-shares", "xyxy-shares", "cxcywh-shares")
"""Corner and extent, two corners, or centre and extent."""

SEPARATORS = {"bar": "|", "semicolon": ";", "comma": ",", "space": " "}
"""What can separate labels in a cell."""

AXES = ("NHWC", "NCHW", "HWCN", "NHW", "HWN")
"""Number of the picture, height, width, channel; the usual order first."""

_CHOICES = {"parts": ("none",), "links": ("follow", "skip"), "boxes": BOXES, "axes": AXES,
            "separator": tuple(SEPARATORS),
            "orientation": ("stored", "displayed")}


def folder_of(place: Path) -> Path:
    """Return the folder without what is said behind it, which is not judged."""
    return place if place.exists() else Path(str(place).partition("?")[0])


def split_place(place: Path, known: tuple[str, ...] = tuple(READINGS)) -> tuple[Path, Reading]:
    """Return the folder and how it is to be read; a folder that exists by the whole name is meant literally.

    Raises:
        ConfigError: something is said that the reader does not know, or twice.
    """
    folder, marked, said = str(place).partition("?")
    if not marked or place.exists():
        return place, {}
    found: dict[str, str] = {}
    for each in filter(None, said.split("&")):
        key, _, value = each.partition("=")
        if key not in known or not value or value not in _CHOICES.get(key, (value,)):
            expected = f"{key}={' or '.join(_CHOICES.get(key, ('VALUE',)))}" if key in known else \
                f"one of {listed(known, len(known))}{hint(key, known)}"
            raise ConfigError("data_path", each, f"how a folder is read: {expected}")
        if key in found:
            raise ConfigError("data_path", said, f"one {key}; it is given twice")
        found[key] = value
    return Path(folder), found


def overruled(*said: str) -> str:
    """Return how to say it, for the end of a sentence."""
    return f"data_path 'FOLDER?{'&'.join(said)}'"
