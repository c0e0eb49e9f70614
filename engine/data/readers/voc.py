"""``voc``: pictures with boxes in XML files, one per picture, as in PASCAL VOC and most annotation tools."""

import math
import os
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from xml.etree import ElementTree
from xml.parsers import expat

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

_SPLITS = {"trainval": "train", "train": "train", "val": "val", "test": "test"}
"""By name of the list; a picture in two lists belongs to the later one."""
_FOLDERS = (("ImageSets", "Main"), ("ImageSets",))


@dataclass(frozen=True)
class _ImageList:
    """A list of pictures: its file, the folder with ImageSets, its name, and (line, picture) of each line."""

    file: str
    base: str
    name: str
    lines: tuple[tuple[int, str], ...]


def apply_image_sets(root: Path, found: Sequence[AnnotatedPicture], broken: Collection[str],
                     notes: list[str]) -> tuple[list[AnnotatedPicture], list[str]]:
    """Return the listed pictures with their splits, and problems; without lists, all pictures unchanged.

    With a test list, all of trainval is used for training. A test list without any annotated picture, as in VOC2012, is
    ignored. Unused lists and pictures are added to ``notes``.

    Args:
        broken: annotation files that cannot be used and are already reported.
    """
    reported = {Path(source).stem for source in broken}
    by_stem: dict[str, list[AnnotatedPicture]] = defaultdict(list)
    for each in found:
        by_stem[Path(each.source).stem].append(each)
    lists = [each for each in _lists(root) if _used(each, by_stem, notes)]
    if not lists:
        return list(found), []
    names = {each.name for each in lists}
    if {"trainval", "test"} <= names:
        lists = [each for each in lists if each.name not in ("train", "val")]
    chosen: dict[str, AnnotatedPicture] = {}
    lost = []
    for named in sorted(lists, key=lambda named: list(_SPLITS).index(named.name)):
        for line, name in named.lines:
            match = _match(by_stem, named.base, name)
            if match:
                chosen[match.source] = replace(match, split=_SPLITS[named.name])
            elif name not in reported:
                lost.append(f"{named.file}, line {line}: no usable annotation is called {name}")
    if len(chosen) < len(found):
        notes.append(f"annotated pictures in no list of ImageSets, which are not used: {len(found) - len(chosen):,}")
    return list(chosen.values()), lost


def _lists(root: Path) -> list[_ImageList]:
    found = []
    for file in find_files(root, (".txt",)):
        path = Path(file)
        folder = next((names for names in _FOLDERS if path.parent.parts[-len(names):] == names), None)
        if folder and path.stem in _SPLITS:
            base = Path(*path.parent.parts[:-len(folder)])
            lines = read_regular(root / file).decode("utf-8-sig", errors="replace").splitlines()
            named = tuple((number, line.split()[0]) for number, line in enumerate(lines, 1) if line.strip())
            found.append(_ImageList(file, "" if base == Path() else f"{base}/", path.stem, named))
    return found


def _used(each: _ImageList, by_stem: dict[str, list[AnnotatedPicture]], notes: list[str]) -> bool:
    if not each.lines or any(_match(by_stem, each.base, name) for _, name in each.lines):
        return bool(each.lines)
    notes.append(f"{each.file} is not used: none of its pictures is annotated")
    return False


def _match(by_stem: dict[str, list[AnnotatedPicture]], base: str, name: str) -> AnnotatedPicture | None:
    """Find a picture by name, which may contain dots, or end with a suffix that some tools add."""
    candidates = by_stem.get(name) or by_stem.get(Path(name).stem) or []
    return next((each for each in candidates if each.source.startswith(base)), None)


_CORNERS = ("xmin", "ymin", "xmax", "ymax")
_LINE = "line"


def read(root: Path, _reading: Reading, _row: DatasetRow) -> AnnotatedListing:
    """List the pictures of all XML files, in whatever folders they lie.

    ``ImageSets/Main`` determines the splits, else folders called train, val or test. Corners are used as written;
    ``difficult`` is kept. A picture with an unusable annotation becomes a problem with file and line: invalid XML, no
    class, a corner that is no number, swapped corners, a missing picture.

    Raises:
        ConfigError: nothing with boxes was found.
    """
    pictures, sources = PictureIndex(root), find_files(root, (".xml",))
    found, problems = [], {}
    for source in sources:
        try:
            found.append(_annotated(root, source, pictures))
        except AnnotationError as mistake:
            problems[source] = f"{source}, {mistake}"
    unused = pictures.unused((each.picture for each in found), sources)
    notes = [f"pictures without an annotation file, which are not used: {unused:,}"] if unused else []
    listed, lost = apply_image_sets(root, found, problems, notes)
    return build_listing(root, listed, [*problems.values(), *lost], notes, _LINE)


def _annotated(root: Path, source: str, pictures: PictureIndex) -> AnnotatedPicture:
    document = _parsed(read_regular(root / source))
    split = split_from_path(os.path.dirname(source))  # noqa: PTH120 - many times
    named = (document.findtext("filename") or "").strip()
    # Copied and renamed sets have outdated names inside their files, so the file's own name is preferred.
    picture = pictures.find(f"{Path(source).stem}{Path(named).suffix}", source, split) or \
        (pictures.find(named, source, split) if named else None)
    if picture is None:
        line = document.find("filename")
        raise _mistake("1" if line is None else line.get(_LINE), f"no picture is called {Path(source).stem}"
                       + (f" or {named}" if named else ""))
    height, width = (_side(document.findtext(f"size/{side}")) for side in ("height", "width"))
    return AnnotatedPicture(picture, source, (height, width), tuple(_boxes(document)), split)


def _mistake(line: object, what: str) -> AnnotationError:
    return AnnotationError(f"line {line}: {what}")


def _parsed(content: bytes) -> ElementTree.Element:
    """Parse a document; each element gets its line number as the attribute ``line``."""
    builder, parser = ElementTree.TreeBuilder(), expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = lambda tag, _: builder.start(tag, {_LINE: str(parser.CurrentLineNumber)})
    parser.EndElementHandler = builder.end
    parser.CharacterDataHandler = builder.data
    try:
        parser.Parse(content, True)
    except expat.ExpatError as error:
        raise _mistake(error.lineno, f"not XML ({expat.ErrorString(error.code)})") from error
    document = builder.close()
    if document.tag != "annotation":
        raise _mistake(1, f"not an annotation: the root element is {document.tag}")
    return document


def _boxes(document: ElementTree.Element) -> Iterator[Box]:
    for shown in document.findall("object"):
        line, name = int(shown.get(_LINE, 1)), " ".join((shown.findtext("name") or "").split())
        if not name:
            raise _mistake(line, "an object has no name")
        x1, y1, x2, y2 = (_corner(shown, corner) for corner in _CORNERS)
        for low, high, axis in ((x1, x2, "x"), (y1, y2, "y")):
            if low > high:
                raise _mistake(line, f"the box of {name} is inverted: {axis}min {low:g} is above "
                                          f"{axis}max {high:g}")
        yield Box((x1, y1, x2, y2), name, (shown.findtext("difficult") or "0").strip() == "1", line)


def _corner(shown: ElementTree.Element, corner: str) -> float:
    found = shown.find(f"bndbox/{corner}")
    text = found.text if found is not None else None
    line = (shown if found is None else found).get(_LINE)
    try:
        value = float(text or "")
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise _mistake(line, f"{corner} is {text.strip()!r}, not a number" if text else f"{corner} is missing")
    return value


def _side(text: str | None) -> int:
    try:
        return max(0, int(float(text or 0)))
    except (ValueError, OverflowError):
        return 0


LOADER = user_folder(read, (".xml", ".txt"))
