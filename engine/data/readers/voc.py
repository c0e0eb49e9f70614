"""``voc``: pictures with boxes in XML files, one per picture, as in PASCAL VOC and most annotation tools."""

import os
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from xml.etree import ElementTree
from xml.parsers import expat

from engine.catalog.datasets import DatasetRow
from engine.data.readers.annotation_text import brief, coordinate, pixels, xml_text, yes_or_no
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
from engine.data.readers.loaders import user_folder
from engine.data.readers.picture_files import SUFFIXES
from engine.data.readers.picture_index import AmbiguousPictureError, PictureIndex
from engine.data.readers.split_words import split_from_path
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


def apply_image_sets(findings: Findings, annotated: Sequence[AnnotatedPicture]) -> None:
    """Keep the listed pictures, with their splits; without lists, all pictures unchanged.

    With a test list, all of trainval is used for training. A test list without any annotated picture, as in VOC2012, is
    ignored. Unused lists and pictures are added to the notes; names without a usable annotation become problems, unless
    it is reported already.
    """
    reported = {Path(source).stem for source in findings.reasons}
    by_stem: dict[str, list[AnnotatedPicture]] = defaultdict(list)
    for each in annotated:
        by_stem[Path(each.source).stem].append(each)
    found = _lists(findings)
    whole = [each for each in found if each.file.lower().endswith(f"/{each.name}.txt")] or found
    lists = [each for each in whole if _used(each, by_stem, findings.notes)]
    if {"trainval", "test"} <= {each.name for each in lists}:
        lists = [each for each in lists if each.name not in ("train", "val")]
    chosen: dict[str, AnnotatedPicture] = {} if lists else {each.source: each for each in annotated}
    for named in sorted(lists, key=lambda named: list(_SPLITS).index(named.name)):
        for line, name in named.lines:
            match = _match(by_stem, named.base, name)
            if match:
                chosen[match.source] = replace(match, split=_SPLITS[named.name])
            elif reported.isdisjoint((name, name.partition(" ")[0])):
                findings.problems.append(f"{named.file}, line {line}: no usable annotation is called {name}")
    unlisted = [each for each in annotated if each.source not in chosen]
    if unlisted:
        findings.notes.append(f"annotated pictures in no list of ImageSets, which are not used: {len(unlisted):,}")
    findings.reasons |= {name: "in no list of ImageSets" for each in unlisted for name in (each.picture, each.source)}
    findings.found = list(chosen.values())
    findings.annotations = [*chosen, *(each.file for each in lists)]


def _lists(findings: Findings) -> list[_ImageList]:
    found = []
    for file in findings.others(".txt"):
        path = Path(file)
        folder = next((names for names in _FOLDERS if path.parent.parts[-len(names):] == names), None)
        name = path.stem.lower().rpartition("_")[2]  # of a class, such as cat_train.txt
        if folder and name in _SPLITS:
            base = Path(*path.parent.parts[:-len(folder)])
            lines = read_regular(findings.root / file).decode("utf-8-sig", errors="replace").splitlines()
            named = tuple((number, line.strip()) for number, line in enumerate(lines, 1) if line.strip())
            found.append(_ImageList(file, "" if base == Path() else f"{base}/", name, named))
    return found


def _used(each: _ImageList, by_stem: dict[str, list[AnnotatedPicture]], notes: list[str]) -> bool:
    if not each.lines or any(_match(by_stem, each.base, name) for _, name in each.lines):
        return bool(each.lines)
    notes.append(f"{each.file} is not used: none of its pictures is annotated")
    return False


def _match(by_stem: dict[str, list[AnnotatedPicture]], base: str, name: str) -> AnnotatedPicture | None:
    """Find a picture by a line: its name, which may contain dots and spaces, perhaps a suffix, perhaps a 1 or -1."""
    names = (name, name.rpartition(" ")[0].rstrip())
    candidates = next((by_stem[each] for named in names for each in (named, Path(named).stem) if each in by_stem), [])
    return next((each for each in candidates if each.source.startswith(base)), None)


_CORNERS = ("xmin", "ymin", "xmax", "ymax")
_LINE = "line"


def read(root: Path, reading: Reading, _row: DatasetRow) -> AnnotatedListing:
    """List the pictures of all XML files, in whatever folders they lie.

    ``ImageSets/Main`` determines the splits, else folders called train, val or test. Corners are used as written;
    ``difficult`` is kept. A picture with an unusable annotation becomes a problem with file and line: invalid XML, no
    class, a corner that is no number, swapped corners, a missing picture.

    Raises:
        ConfigError: nothing with boxes was found.
    """
    findings = Findings(root, reading)
    sources = findings.others(".xml")
    stems = {Path(source).stem for source in sources}
    index = PictureIndex(findings.pictures, stems)
    read = []
    for source in sources:
        try:
            read.append(_annotated(findings, source, index))
        except AnnotationError as mistake:
            _leave_out(findings, source, mistake)
    usable, inverted = with_corners(read, "xyxy", reading, _LINE)
    for each, inversion in inverted.items():
        _leave_out(findings, each.source, inversion)
    unused = index.unused((each.picture for each in read), stems)
    findings.notes += index.notes()
    if unused:
        findings.notes.append(f"pictures without an annotation file, which are not used: {len(unused):,}")
    apply_image_sets(findings, usable)
    return build_listing(findings, _LINE)


def _leave_out(findings: Findings, source: str, mistake: object) -> None:
    findings.problems.append(f"{source}, {mistake}")
    findings.reasons[source] = "an annotation that cannot be used"


def _annotated(findings: Findings, source: str, index: PictureIndex) -> AnnotatedPicture:
    document = _parsed(_content(findings.root / source))
    findings.boxes += len(document.findall("object"))
    split = split_from_path(os.path.dirname(source))  # noqa: PTH120 - many times
    named, folder, path = ((document.findtext(tag) or "").strip() for tag in ("filename", "folder", "path"))
    line = document.find("filename")
    # Copied and renamed sets have outdated names inside their files, so the file's own name is preferred.
    own = source.removesuffix(Path(source).suffix)
    own += "" if Path(own).suffix.lower() in SUFFIXES else Path(named).suffix
    stated = named if re.search(r"[/\\]", named) else f"{Path(source).parent}/{named}"
    try:
        picture = index.find(own, source, split, [f"{folder}/{named}", path]) or \
            (index.find(stated, source, split, [path]) if named else None)
    except AmbiguousPictureError as several:
        raise _mistake("1" if line is None else line.get(_LINE), f"its picture can be {several}; give the annotation a "
                       "folder of the same name") from several
    if picture is None:
        raise _mistake("1" if line is None else line.get(_LINE), f"no picture is called {Path(source).stem}"
                       + (f" or {named}" if named else "") + index.elsewhere(own))
    height, width = (pixels(document.findtext(f"size/{side}")) for side in ("height", "width"))
    return AnnotatedPicture(picture, source, (height, width), tuple(_boxes(document)), split)


def _content(file: Path) -> str:
    try:
        return xml_text(read_regular(file))
    except LookupError as error:
        raise _mistake(1, f"not readable: {error}") from error
    except UnicodeDecodeError as error:
        raise _mistake(error.object.count(b"\n", 0, error.start) + 1, f"not text in {error.encoding}, its encoding by "
                       "its first line") from error
    except OSError as error:
        raise _mistake(1, f"not readable ({error.strerror})") from error


def _mistake(line: object, what: str) -> AnnotationError:
    return AnnotationError(f"line {line}: {what}")


def _parsed(content: str) -> ElementTree.Element:
    """Parse a document; each element gets its line number as the attribute ``line``."""
    builder, parser = ElementTree.TreeBuilder(), expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = lambda tag, _: builder.start(tag, {_LINE: str(parser.CurrentLineNumber)})
    parser.EndElementHandler = builder.end
    parser.CharacterDataHandler = builder.data
    parser.EntityDeclHandler = _refuse_entity
    try:
        parser.Parse(content, True)
    except expat.ExpatError as error:
        raise _mistake(error.lineno, f"not XML ({expat.ErrorString(error.code)})") from error
    document = builder.close()
    if document.tag != "annotation":
        cvat = ", as in CVAT's own XML; export the task as PASCAL VOC 1.1" * (document.tag == "annotations")
        raise _mistake(1, f"not an annotation: the root element is {document.tag}{cvat}")
    return document


def _refuse_entity(name: str, *_: object) -> None:
    raise _mistake(1, f"it declares the entity {name}, as no annotation does")


def _boxes(document: ElementTree.Element) -> Iterator[Box]:
    for shown in document.findall("object"):
        line, name = int(shown.get(_LINE, 1)), " ".join((shown.findtext("name") or "").split())
        if not name:
            raise _mistake(line, "an object has no name")
        x1, y1, x2, y2 = (_corner(shown, corner) for corner in _CORNERS)
        try:
            difficult = yes_or_no(shown.findtext("difficult"))
        except ValueError as error:
            raise _mistake(line, f"difficult: {error}") from None
        yield Box((x1, y1, x2, y2), name, difficult, line)


def _corner(shown: ElementTree.Element, corner: str) -> float:
    found = shown.find(f"bndbox/{corner}")
    text = (found.text or "").strip() if found is not None else ""
    try:
        return coordinate(text)
    except ValueError:
        raise _mistake((shown if found is None else found).get(_LINE), f"{corner} is {brief(text)!r}, not a number"
                       if text else f"{corner} is missing") from None


LOADER = user_folder(read, (".xml", ".txt"), BOX_READINGS)
