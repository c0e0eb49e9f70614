"""TinyImagenet from its folder tiny-imagenet-200 (http://cs231n.stanford.edu/tiny-imagenet-200.zip)."""

from collections import Counter
from collections.abc import Collection, Sequence
from pathlib import Path

import numpy as np

from engine.catalog.datasets import DatasetRow
from engine.data.dataset import Targets
from engine.data.ledger import Account, Decision, Ledger, Part
from engine.data.readers.download import Progress, fetch_folder
from engine.data.readers.listing import Listing, class_names, content_stamp, scan
from engine.data.readers.loaders import Loader
from engine.errors import UserError
from engine.files import read_text
from engine.home import data_dir
from engine.words import listed

FOLDER = "tiny-imagenet-200"
ARCHIVE = ("http://cs231n.stanford.edu/tiny-imagenet-200.zip", "90528d7ca1a48142e341f4ef8d21d0de")
"""Address and MD5 checksum."""

_ANNOTATIONS = Path("val", "val_annotations.txt")


def folders(data_path: Path | None) -> list[Path]:
    """Return where the folder may be, best first; only the user's folder if one is named."""
    root = data_path or data_dir()
    return [root / FOLDER, root]


def find(folder: Path) -> list[Path]:
    """Return the files with labels and names, or nothing if this is not the set's folder.

    Raises:
        UserError: the labels of the test pictures are missing.
    """
    if not (folder / "train").is_dir() or not (folder / "val").is_dir():
        return []
    if not (folder / _ANNOTATIONS).is_file():
        raise UserError(f"{folder / _ANNOTATIONS} is missing")
    return [file for file in (folder / _ANNOTATIONS, folder / "words.txt") if file.is_file()]


def read(folder: Path, _files: Sequence[Path], row: DatasetRow) -> Listing:
    """List every picture; the validation folder, labelled by its annotation file, is the test set.

    Classes are numbered in the order of their WordNet ids and named by the first word in words.txt.

    Raises:
        UserError: no training pictures, or an annotation of an unknown picture or class.
    """
    ids, files = class_names(folder / "train"), scan(folder)
    by_class: dict[str, list[str]] = {wnid: [] for wnid in ids}
    for name in files.pictures:
        part, _, rest = name.partition("/")
        if part == "train" and "/" in rest:
            by_class[rest.partition("/")[0]].append(name)
    found = list(by_class.values())
    empty = [wnid for wnid, names in zip(ids, found, strict=True) if not names]
    if empty or not ids:
        raise UserError(f"{folder / 'train'}: holds no pictures{f' of {empty[0]}' if ids else ''}")
    test, test_targets = _annotated(folder, ids, set(files.pictures))
    classes = _names(folder / "words.txt", ids)
    absent = [classes[label] for label in range(len(ids)) if label not in test_targets]
    train = tuple(name for names in found for name in names)
    other = {name: f"in the part {name.partition('/')[0]}, which has no labels here" for name in
             sorted({*files.pictures}.difference(train, test))}
    account = Account.of_names("files", (*files.pictures, *files.others), {"train": train, "test": test},
                               files.others | other)
    ledger = Ledger((account,),
                    (Part("train", "the folder train"), Part("test", f"the folder val, labelled by {_ANNOTATIONS}")),
                    (Decision(f"the test set has no picture of {listed(absent)}"),) if absent else ())
    return Listing(
        folder, train,
        np.repeat(np.arange(len(ids), dtype=np.int64), [len(names) for names in found]), test, test_targets,
        row.size, row.channels, classes, ledger)


def download(root: Path, progress: Progress) -> None:
    """Download ``root/tiny-imagenet-200``; raises as :func:`fetch_folder`."""
    fetch_folder(*ARCHIVE, root / FOLDER, progress)


def _annotated(folder: Path, ids: Sequence[str], there: Collection[str]) -> tuple[tuple[str, ...], Targets]:
    """Return the test pictures in the order of the annotation file, and their targets."""
    file = folder / _ANNOTATIONS
    labels = {wnid: label for label, wnid in enumerate(ids)}
    names, targets = [], []
    for number, line in enumerate(_text(file).splitlines(), 1):
        picture, _, rest = line.partition("\t")
        name, wnid = f"val/images/{picture}", rest.partition("\t")[0]
        if name not in there:
            raise UserError(f"{file}, line {number}: there is no picture {name}")
        if wnid not in labels:
            raise UserError(f"{file}, line {number}: {wnid or 'an empty class'} is not a class in training")
        names.append(name)
        targets.append(labels[wnid])
    if not names:
        raise UserError(f"{file}: names no pictures")
    return tuple(names), np.asarray(targets, np.int64)


def _names(words: Path, ids: Sequence[str]) -> tuple[str, ...]:
    """Return the first word of each class; with its id if unknown or not unique."""
    lines = (line.partition("\t") for line in _text(words).splitlines()) if words.is_file() else ()
    known = {wnid: text.partition(",")[0].strip() for wnid, _, text in lines}
    names = [known.get(wnid) or wnid for wnid in ids]
    often = Counter(names)
    return tuple(name if often[name] == 1 else f"{name} ({wnid})" for name, wnid in zip(names, ids, strict=True))


def _text(file: Path) -> str:
    try:
        return read_text(file)
    except OSError as error:
        raise UserError(f"{file}: cannot be read ({error})") from error


LOADER = Loader(folders, find, read, download, content_stamp)
