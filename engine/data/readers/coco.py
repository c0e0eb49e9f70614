"""``coco``: pictures with boxes in JSON files, one per split, as in COCO and most annotation tools."""

import json
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from engine.catalog.datasets import DatasetRow
from engine.data.readers.annotation_formats import other_formats
from engine.data.readers.annotation_text import brief, coordinate, pixels, yes_or_no
from engine.data.readers.box_convention import with_corners
from engine.data.readers.box_listing import (
    BOX_READINGS,
    AnnotatedListing,
    AnnotatedPicture,
    AnnotationError,
    Box,
    Findings,
    build_listing,
)
from engine.data.readers.label_listing import label_box, to_label_listing
from engine.data.readers.listing import Listing
from engine.data.readers.loaders import user_folder
from engine.data.readers.picture_index import AmbiguousPictureError, PictureIndex
from engine.data.readers.split_words import split_from_path
from engine.data.reading import Reading
from engine.files import read_regular

_PREFERRED = "instances"
_ANNOTATION = "annotation"
_PARTS = ("images", "annotations", "categories")
_DIFFICULT = ("iscrowd", "ignore", "difficult")
"""Fields of an annotation whose yes makes a box not count in the evaluation."""
_LARGEST_PLACE = 1 << 63
_NO_ID = "\0"


def read(root: Path, reading: Reading, _row: DatasetRow) -> AnnotatedListing:
    """List the pictures of all JSON files with boxes, or only of those named ``instances…`` if any.

    The split follows from the name of the file or a folder. Boxes [x, y, width, height] become corners; a crowd counts
    as difficult. A picture with an unusable annotation becomes a problem with file and annotation.

    Raises:
        ConfigError: nothing with boxes was found, or the boxes look like others than [x, y, width, height].
    """
    return build_listing(_found(Findings(root, reading), _box), _ANNOTATION)


def read_labels(root: Path, reading: Reading, _row: DatasetRow) -> Listing:
    """As :func:`read`, of which only the categories are used; annotations need no boxes.

    Raises:
        ConfigError: nothing with categories was found.
    """
    return to_label_listing(build_listing(_found(Findings(root, reading, what="categories"), _label), _ANNOTATION))


def _found(findings: Findings, box_of: Callable[[dict[str, Any], Mapping[str, str], str], Box]) -> Findings:
    root, reading = findings.root, findings.reading
    files = findings.others(".json")
    files = [file for file in files if Path(file).name.startswith(_PREFERRED)] or files
    index, others = PictureIndex(findings.pictures), {}
    for file in files:
        try:
            content = _content(root / file)
            if isinstance(content, dict) and all(isinstance(content.get(part), list) for part in _PARTS):
                annotated = _annotated(file, content, index, findings, box_of)
                usable, inverted = with_corners(annotated, "xywh", reading, _ANNOTATION) if box_of is _box else \
                    (annotated, {})
                findings.found += usable
                findings.problems += [f"{file}, {mistake}" for mistake in inverted.values()]
                findings.annotations.append(file)
            else:
                others[file] = content
        except AnnotationError as mistake:
            findings.problems.append(f"{file}, {mistake}")
            findings.reasons[file] = "annotations that cannot be used"
    findings.notes += [*index.notes(), *other_formats(others)]
    return findings


def _content(file: Path) -> Any:
    try:
        return json.loads(read_regular(file))
    except json.JSONDecodeError as error:
        raise AnnotationError(f"line {error.lineno}: not JSON ({error.msg} at column {error.colno})") from error
    except RecursionError as error:
        raise AnnotationError("line 1: it is nested too deeply") from error
    except UnicodeDecodeError as error:
        raise AnnotationError(f"line {error.object.count(10, 0, error.start) + 1}: not UTF-8; save it as UTF-8") \
            from error
    except (ValueError, OSError) as error:
        raise AnnotationError(f"line 1: not JSON ({error})") from error


def _annotated(file: str, content: dict[str, Any], index: PictureIndex, findings: Findings,
               box_of: Callable[[dict[str, Any], Mapping[str, str], str], Box]) -> list[AnnotatedPicture]:
    """Return the pictures of a file, their boxes as written; unusable ones become problems.

    Raises:
        AnnotationError: two categories cannot be told apart.
    """
    findings.boxes += len(content["annotations"])
    split, names = split_from_path(file), _categories(content["categories"])
    by_picture: dict[str, list[Any]] = defaultdict(list)
    for each in content["annotations"]:
        by_picture[_key(each.get("image_id")) if isinstance(each, dict) else _NO_ID].append(each)
    again = _repeated(content["annotations"])
    found = []
    for key, images in _by_id(content["images"]).items():
        boxes = by_picture.pop(key, [])
        try:
            image = _only(images)
            picture = _picture(image, index, file, split)
            for each in boxes:
                _refuse_repeated(each, again)
            size = pixels(image.get("height")), pixels(image.get("width"))
            found.append(AnnotatedPicture(picture, file, size, tuple(box_of(each, names, picture) for each in boxes),
                                          split))
        except AnnotationError as mistake:
            findings.problems.append(f"{file}, {mistake}")
    findings.problems += [f"{file}, annotation {_id(boxes[0])}: no picture has the id {picture}"
                 for picture, boxes in by_picture.items()]
    return found


def _categories(categories: Sequence[Any]) -> dict[str, str]:
    """Return the names of the categories by their ids.

    Raises:
        AnnotationError: two have one id, or one name.
    """
    names: dict[str, str] = {}
    for each in categories:
        if isinstance(each, dict):
            key, name = _key(each.get("id")), " ".join(str(each.get("name") or "").split())
            if names.setdefault(key, name) != name:
                raise AnnotationError(f"category id {key}: it is that of {names[key]} and of {name}")
    ids: dict[str, str] = {}
    for key, name in names.items():
        if name and ids.setdefault(name, key) != key:
            raise AnnotationError(f"category {name}: it has the ids {ids[name]} and {key}; give one another name")
    return names


def _by_id(images: Sequence[Any]) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = defaultdict(list)
    for image in images:
        found[_key(image.get("id") if isinstance(image, dict) else image)].append(image)
    return found


def _only(images: Sequence[Any]) -> dict[str, Any]:
    """Return the picture that has an id.

    Raises:
        AnnotationError: there are several with one id, or it has no name.
    """
    image, place = images[0], _id(images[0])
    named = [each.get("file_name") if isinstance(each, dict) else None for each in images]
    other = next((name for name in named if name != named[0]), None)
    if other:
        raise AnnotationError(f"image {place}: {named[0]} and {other} have one id, so their boxes cannot be told apart")
    if not named[0]:
        raise AnnotationError(f"image {place}: it has no file_name")
    return dict(image)


def _picture(image: Mapping[str, Any], index: PictureIndex, file: str, split: str) -> str:
    named = str(image["file_name"])
    try:
        picture = index.find(named, file, split)
    except AmbiguousPictureError as several:
        raise AnnotationError(f"image {_id(image)}: {named} can be {several}; write the folder into file_name") \
            from several
    if picture is None:
        raise AnnotationError(f"image {_id(image)}: no picture is called {named}{index.elsewhere(named)}")
    return picture


def _repeated(annotations: Sequence[Any]) -> dict[str, list[Any]]:
    """Return the annotations of each id that several have."""
    found: dict[str, list[Any]] = defaultdict(list)
    for each in annotations:
        if isinstance(each, dict) and each.get("id") is not None:
            found[_key(each["id"])].append(each)
    return {key: same for key, same in found.items() if len(same) > 1}


def _refuse_repeated(annotation: Any, again: Mapping[str, list[Any]]) -> None:
    same = again.get(_key(annotation.get("id")))
    if same:
        where = " and ".join(f"of image {each.get('image_id')}, {each.get('bbox')}" for each in same[:2])
        raise AnnotationError(f"annotation {_id(annotation)}: two have this id, {where}")


def _box(annotation: dict[str, Any], names: Mapping[str, str], picture: str) -> Box:
    """Return a box with its numbers as written."""
    place, name = _id(annotation), _name(annotation, names, picture)
    try:
        x, y, width, height = map(coordinate, annotation["bbox"])
    except (KeyError, TypeError, ValueError):
        raise AnnotationError(f"annotation {place}: bbox is {brief(annotation.get('bbox'))}, not four numbers of "
                              f"pixels ({picture})") from None
    try:
        difficult = [yes_or_no(annotation[field]) for field in _DIFFICULT if field in annotation]
    except ValueError as error:
        raise AnnotationError(f"annotation {place}: {error} ({picture})") from None
    number = annotation.get("id")
    return Box((x, y, width, height), name, any(difficult),
               number if isinstance(number, int) and abs(number) < _LARGEST_PLACE else 0)


def _label(annotation: dict[str, Any], names: Mapping[str, str], picture: str) -> Box:
    return label_box(_name(annotation, names, picture), 0)


def _name(annotation: dict[str, Any], names: Mapping[str, str], picture: str) -> str:
    name = names.get(_key(annotation.get("category_id")))
    if not name:
        raise AnnotationError(f"annotation {_id(annotation)}: no category has the id {annotation.get('category_id')} "
                              f"({picture})")
    return name


def _id(entry: object) -> str:
    return brief(entry.get("id") if isinstance(entry, dict) else entry)


def _key(value: object) -> str:
    """Return an id as text, equal for 1, 1.0 and "1"."""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


LOADER = user_folder(read, (".json", ".txt"), BOX_READINGS)
LABELS = user_folder(read_labels, (".json", ".txt"), ("links", "range"))
