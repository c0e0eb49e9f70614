"""Files that a reader does not use, recognised so that a message can say which data set, or what, to choose instead."""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from engine.data.readers.annotation_formats import FORMATS
from engine.files import open_regular

_HEAD, _MOST, _LARGEST = 4000, 200, 50_000_000


@dataclass(frozen=True)
class OtherFile:
    """A kind of file.

    Attributes:
        name: a pattern of its whole name, in lower case.
        head: a pattern of its beginning; empty: any.
        what: how it is called.
        advice: what to do.
    """

    name: str
    head: str
    what: str
    advice: str


_CONVERT = "convert it to COCO's JSON or PASCAL VOC's XML"
_ARRAYS = "save the arrays by np.savez(FILE, x_train=…, y_train=…) and choose the data set npy"
_LISTS = ("list the pictures in train.txt and test.txt, a picture and its label a line, or put those of each class "
          "into a folder")
OTHER_FILES = (
    OtherFile(r".*\.xml", r"<annotations\b", "CVAT's own XML",
              "export the task as COCO 1.0, PASCAL VOC 1.1 or YOLO 1.1"),
    OtherFile(r".*\.xml", r"<annotation\b", "PASCAL VOC's XML", "choose the data set voc"),
    OtherFile(r".*\.ya?ml", r"(?m)^names\s*:", "settings of YOLO", "choose the data set yolo"),
    OtherFile(r"obj\.(data|names)|_darknet\.labels", "", "settings of YOLO", "choose the data set yolo"),
    OtherFile(r".*\.np[yz]", "", "NumPy's arrays", "choose the data set npy"),
    OtherFile(r".*\.(ndjson|jsonl)", "", "JSON in lines, as of Labelbox", _CONVERT),
    OtherFile(r".*\.csv", r"(?i)\b(x_?min|xtl|x1|bbox\w*|region_shape_attributes)\b", "a table of boxes", _CONVERT),
    OtherFile(r".*\.csv", r"(?i)\bpixel|^(?:[^,\n]*,){256}", "a table of pixels", _ARRAYS),
    OtherFile(r".*\.(csv|tsv)", "", "a table", f"choose the data set folder-labels if it says the classes of pictures, "
              f"or {_LISTS}"),
    OtherFile(r".*-ubyte(\.gz)?", "", "IDX, as of MNIST", _ARRAYS),
    OtherFile(r".*\.mat", "", "MATLAB's arrays", _LISTS),
    OtherFile(r".*\.(zip|tar|tgz|gz|bz2|xz|7z|rar|zst)", "", "an archive", "unpack it"),
    OtherFile(r".*\.(tfrecords?|record|parquet|arrow|h5|hdf5|lmdb|mdb|rec|pkl|pickle|pt|pth)(-\d+-of-\d+)?", "",
              "a file of many samples", "save the pictures as files in class folders, or as arrays for npy"),
)
"""The first that fits is meant."""


def advice(root: Path, files: Iterable[str]) -> str:
    """Return what one of these files is and what to do, for the end of a message; empty if none is known."""
    names = list(files)[:_MOST]
    known = (f"; {name} is {what}" for kind in OTHER_FILES for name in names for what in [_described(root, name, kind)]
             if what)
    of_json = (f"; {name} is {what}" for name in names if name.lower().endswith(".json")
               for what in [_json_format(root / name)] if what)
    return next(of_json, "") or next(known, "")


def _described(root: Path, name: str, kind: OtherFile) -> str:
    fits = re.fullmatch(kind.name, PurePosixPath(name).name.lower()) and (
        not kind.head or re.search(kind.head, _head(root / name).decode("utf-8", errors="replace")))
    return f"{kind.what}: {kind.advice}" if fits else ""


def _json_format(file: Path) -> str:
    try:
        content = json.loads(_head(file, _LARGEST))
    except (ValueError, RecursionError):
        return ""
    if isinstance(content, dict) and {"images", "annotations", "categories"} <= content.keys():
        return "COCO's JSON: choose the data set coco"
    return next((f"{each.name}, which is not read: {each.advice}" for each in FORMATS if each.fits(content)), "")


def _head(file: Path, most: int = _HEAD) -> bytes:
    try:
        with open_regular(file) as opened:
            return opened.read(most)
    except OSError:
        return b""
