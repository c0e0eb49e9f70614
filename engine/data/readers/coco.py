"""``coco``: pictures with boxes in JSON files, one a split, as COCO and most annotation tools write them."""

import json
import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from engine.catalog.datasets import DatasetRow
from engine.data.readers.box_listing import (
    Annotated,
    AnnotatedListing,
    Box,
    PictureIndex,
    listing_of,
    named_files,
    split_named_in,
)
from engine.data.readers.class_folders import find, folders
from engine.data.readers.listing import content_stamp
from engine.data.readers.loaders import Loader
from engine.files import read_regular

_PREFERRED = "instances"
_ANNOTATION = "annotation"


class _MistakeError(Exception):
    """What is wrong with an annotation."""


def stamp(root: Path) -> str:
    """Changes with any picture or annotation file."""
    return content_stamp(root, (".json",))


def read(root: Path, _files: Sequence[Path], _row: DatasetRow) -> AnnotatedListing:
    """Every JSON file with pictures, boxes and categories below the folder; if some are called ``instances…``, those.

    A file whose name or folder says train, val or test is of that split. Boxes are [x, y, width, height] there and
    corners here; a crowd counts as difficult. A picture of which anything cannot be used is a problem that names file
    and annotation.

    Raises:
        ConfigError: nothing with boxes is there.
    """
    files = named_files(root, (".json",))
    files = [file for file in files if Path(file).name.startswith(_PREFERRED)] or files
    pictures, problems, notes = PictureIndex(root), [], []
    found: list[Annotated] = []
    for file in files:
        try:
            content = json.loads(read_regular(root / file))
        except ValueError as error:
            problems.append(f"{file}, {_told(error)}")
            continue
        if isinstance(content, dict) and all(isinstance(content.get(part), list) for part in
                                             ("images", "annotations", "categories")):
            found += _annotated(file, content, pictures, problems)
        else:
            notes.append(f"{file} is not used: it holds no pictures, boxes and categories")
    return listing_of(root, found, problems, notes, _ANNOTATION)


def _told(error: ValueError) -> str:
    if isinstance(error, json.JSONDecodeError):
        return f"line {error.lineno}: not JSON ({error.msg} at column {error.colno})"
    return f"not JSON ({error})"


def _annotated(file: str, content: dict[str, Any], pictures: PictureIndex, problems: list[str]) -> list[Annotated]:
    """The pictures of a file; those that cannot be used are added to ``problems``."""
    split = split_named_in(file)
    names = {str(each.get("id")): " ".join(str(each.get("name") or "").split()) for each in content["categories"]
             if isinstance(each, dict)}
    by_picture: dict[str, list[Any]] = defaultdict(list)
    for each in content["annotations"]:
        by_picture[str(each.get("image_id")) if isinstance(each, dict) else ""].append(each)
    found = []
    for image in content["images"]:
        told, boxes = (image.get("file_name"), by_picture.pop(str(image.get("id")), [])) if isinstance(image, dict) \
            else (None, [])
        picture = pictures.find(str(told), file, split) if told else None
        if picture is None:
            problems.append(f"{file}, image {_id(image)}: no picture is called {told}" if told else
                            f"{file}, image {_id(image)}: it has no file_name")
            continue
        try:
            found.append(Annotated(picture, file, (_side(image.get("height")), _side(image.get("width"))),
                                   tuple(_box(each, names) for each in boxes), split))
        except _MistakeError as mistake:
            problems.append(f"{file}, {mistake} ({picture})")
    problems += [f"{file}, annotation {_id(boxes[0])}: no picture has the id {picture}"
                 for picture, boxes in by_picture.items()]
    return found


def _box(annotation: dict[str, Any], names: Mapping[str, str]) -> Box:
    place = _id(annotation)
    name = names.get(str(annotation.get("category_id")))
    if not name:
        raise _MistakeError(f"annotation {place}: no category has the id {annotation.get('category_id')}")
    try:
        x, y, width, height = map(float, annotation["bbox"])
    except (KeyError, TypeError, ValueError):
        x = y = width = height = math.nan
    if not all(map(math.isfinite, (x, y, width, height))):
        raise _MistakeError(f"annotation {place}: bbox is {annotation.get('bbox')}, not four numbers")
    if width < 0 or height < 0:
        raise _MistakeError(f"annotation {place}: the box of {name} is the wrong way round: {width:g} wide, "
                            f"{height:g} high")
    return Box((x, y, x + width, y + height), name, bool(annotation.get("iscrowd")),
               place if isinstance(place, int) else 0)


def _id(entry: object) -> object:
    return entry.get("id") if isinstance(entry, dict) else entry


def _side(value: object) -> int:
    return int(value) if isinstance(value, (int, float)) and 0 < value < 1e6 else 0


LOADER = Loader(folders, find, read, stamp=stamp)
