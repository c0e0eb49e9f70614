"""Formats of annotations that are not read, recognised so that a message can say what to export instead."""

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Format:
    """A format of another program.

    Attributes:
        name: as its users call it.
        fits: whether the content of a JSON file is of it.
        advice: how to get what can be read.
    """

    name: str
    fits: Callable[[Any], bool]
    advice: str


def _has(*keys: str) -> Callable[[Any], bool]:
    return lambda content: isinstance(content, dict) and all(key in content for key in keys)


def _first_has(*keys: str) -> Callable[[Any], bool]:
    """Whether the content is a list, or a mapping, of mappings with these keys."""
    def fits(content: Any) -> bool:
        entries = list(content.values()) if isinstance(content, dict) else content
        return isinstance(entries, list) and bool(entries) and _has(*keys)(entries[0])
    return fits


_EXPORT = "export the project as COCO, PASCAL VOC or YOLO"
FORMATS = (
    Format("LabelMe's JSON", _has("shapes", "imagePath"), "convert it with labelme2coco or labelme2voc.py"),
    Format("VIA's JSON", _has("_via_img_metadata"), "export annotations in COCO format from VIA"),
    Format("VIA's JSON", _first_has("filename", "regions"), "export annotations in COCO format from VIA"),
    Format("VoTT's JSON", _has("asset", "regions"), "export the project as Pascal VOC"),
    Format("VoTT's JSON", _has("assets", "tags"), "export the project as Pascal VOC"),
    Format("Darwin's JSON", _has("item", "annotations"), "export the project as COCO or PASCAL VOC"),
    Format("Supervisely's JSON", _has("objects", "size"), _EXPORT),
    Format("Supervisely's project settings", _has("classes", "tags"), _EXPORT),
    Format("Dataloop's JSON", _has("filename", "annotations"), _EXPORT),
    Format("Label Studio's JSON", _first_has("data", "annotations"), _EXPORT),
    Format("Label Studio's JSON", _first_has("data", "completions"), _EXPORT),
    Format("CreateML's JSON", _first_has("image", "annotations"), _EXPORT),
    Format("FiftyOne's JSON", _has("classes", "labels"), "export it with dataset_type=fo.types.COCODetectionDataset"),
    Format("FiftyOne's samples", _has("samples"), "export them with dataset_type=fo.types.COCODetectionDataset"),
    Format("Labelbox's JSON", _first_has("data_row", "projects"), "convert it to COCO's JSON or PASCAL VOC's XML"),
    Format("COCO's results", _first_has("image_id", "bbox"), "these are predictions; name the file of annotations"),
)
"""The first that fits is meant."""


def other_formats(contents: Mapping[str, Any]) -> list[str]:
    """Return for each format of some JSON files that are not COCO's a note with its number of files and an example."""
    files: dict[str, list[str]] = defaultdict(list)
    for file, content in contents.items():
        fitting = next((each for each in FORMATS if each.fits(content)), None)
        files[f"{fitting.name}, which is not read: {fitting.advice}" if fitting else
              "not used: it lacks images, annotations or categories"].append(file)
    return [f"{found[0]}{f' and {len(found) - 1:,} others are' if len(found) > 1 else ' is'} {what}"
            for what, found in files.items()]
