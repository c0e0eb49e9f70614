"""``coco``: pictures with boxes in JSON files, one per split, as in COCO and most annotation tools."""

import json
import math
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from engine.catalog.datasets import DatasetRow
from engine.data.readers.box_listing import (
    AnnotatedListing,
    AnnotatedPicture,
    AnnotationError,
    Box,
    PictureIndex,
    build_listing,
    find_files,
    split_from_path,
)
from engine.data.readers.loaders import user_folder
from engine.data.reading import Reading
from engine.files import read_regular

_PREFERRED = "instances"
_ANNOTATION = "annotation"


def read(root: Path, _reading: Reading, _row: DatasetRow) -> AnnotatedListing:
    """List the pictures of all JSON files with boxes, or only of those named ``instances…`` if any.

    The split follows from the name of the file or a folder. Boxes [x, y, width, height] become corners; a crowd counts
    as difficult. A picture with an unusable annotation becomes a problem with file and annotation.

    Raises:
        ConfigError: nothing with boxes was found.
    """
    files = find_files(root, (".json",))
    files = [file for file in files if Path(file).name.startswith(_PREFERRED)] or files
    pictures, problems, notes = PictureIndex(root), [], []
    found: list[AnnotatedPicture] = []
    for file in files:
        try:
            content = json.loads(read_regular(root / file))
        except ValueError as error:
            problems.append(f"{file}, {_json_error(error)}")
            continue
        if isinstance(content, dict) and all(isinstance(content.get(part), list) for part in
                                             ("images", "annotations", "categories")):
            found += _annotated(file, content, pictures, problems)
        else:
            notes.append(f"{file} is not used: it lacks images, annotations or categories")
    return build_listing(root, found, problems, notes, _ANNOTATION)


def _json_error(error: ValueError) -> str:
    if isinstance(error, json.JSONDecodeError):
        return f"line {error.lineno}: not JSON ({error.msg} at column {error.colno})"
    return f"not JSON ({error})"


def _annotated(file: str, content: dict[str, Any], pictures: PictureIndex,
               problems: list[str]) -> list[AnnotatedPicture]:
    """Return the pictures of a file; unusable ones are added to ``problems``."""
    split = split_from_path(file)
    names = {str(each.get("id")): " ".join(str(each.get("name") or "").split()) for each in content["categories"]
             if isinstance(each, dict)}
    by_picture: dict[str, list[Any]] = defaultdict(list)
    for each in content["annotations"]:
        by_picture[str(each.get("image_id")) if isinstance(each, dict) else ""].append(each)
    found = []
    for image in content["images"]:
        named, boxes = (image.get("file_name"), by_picture.pop(str(image.get("id")), [])) if isinstance(image, dict) \
            else (None, [])
        picture = pictures.find(str(named), file, split) if named else None
        if picture is None:
            problems.append(f"{file}, image {_id(image)}: no picture is called {named}" if named else
                            f"{file}, image {_id(image)}: it has no file_name")
            continue
        try:
            found.append(AnnotatedPicture(picture, file, (_side(image.get("height")), _side(image.get("width"))),
                                          tuple(_box(each, names) for each in boxes), split))
        except AnnotationError as mistake:
            problems.append(f"{file}, {mistake} ({picture})")
    problems += [f"{file}, annotation {_id(boxes[0])}: no picture has the id {picture}"
                 for picture, boxes in by_picture.items()]
    return found


def _box(annotation: dict[str, Any], names: Mapping[str, str]) -> Box:
    place = _id(annotation)
    name = names.get(str(annotation.get("category_id")))
    if not name:
        raise AnnotationError(f"annotation {place}: no category has the id {annotation.get('category_id')}")
    try:
        x, y, width, height = map(float, annotation["bbox"])
    except (KeyError, TypeError, ValueError):
        x = y = width = height = math.nan
    if not all(map(math.isfinite, (x, y, width, height))):
        raise AnnotationError(f"annotation {place}: bbox is {annotation.get('bbox')}, not four numbers")
    if width < 0 or height < 0:
        raise AnnotationError(f"annotation {place}: the box of {name} is inverted: {width:g} wide, "
                            f"{height:g} high")
    return Box((x, y, x + width, y + height), name, bool(annotation.get("iscrowd")),
               place if isinstance(place, int) else 0)


def _id(entry: object) -> object:
    return entry.get("id") if isinstance(entry, dict) else entry


def _side(value: object) -> int:
    return int(value) if isinstance(value, (int, float)) and 0 < value < 1e6 else 0


LOADER = user_folder(read, (".json",))
