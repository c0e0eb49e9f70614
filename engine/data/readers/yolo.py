"""``yolo``: pictures with boxes in text files, one per picture, as in YOLO, with ``data.yaml`` for names and parts."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path, PurePosixPath

from engine.catalog.datasets import DatasetRow
from engine.data.readers.annotation_text import coordinate
from engine.data.readers.box_convention import Numbers, with_corners
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
from engine.data.readers.picture_index import AmbiguousPictureError, PictureIndex
from engine.data.readers.split_words import split_from_path
from engine.data.readers.yolo_settings import PARTS, YoloSettings, read_settings
from engine.data.reading import Reading
from engine.errors import ConfigError, UserError
from engine.files import read_text

_LINE, _USUAL = "line", "cxcywh-shares"
_BOX, _POLYGON = 5, 7
_LABELS = "labels"
_LARGEST_SHARE = 1.01
_USED = {"polygons": "polygons whose surrounding box is used: {:,}", "poses": "poses of which the box is used: {:,}"}


def read(root: Path, reading: Reading, _row: DatasetRow) -> AnnotatedListing:
    """List the pictures with the boxes of their text files.

    ``data.yaml`` determines names and parts, else folders called train, val or test. A picture without a text file
    shows no object. Of polygons the surrounding box is used, of poses the box.

    Raises:
        ConfigError: nothing with boxes was found, or ``data.yaml`` cannot be used.
    """
    findings = Findings(root, reading)
    settings = read_settings(findings)
    labels = _label_files(findings)
    index = PictureIndex(findings.pictures, {PurePosixPath(file).stem for file in labels})
    rows: Counter[str] = Counter()
    found: dict[str, AnnotatedPicture] = {}
    for file in labels:
        try:
            picture = _picture(file, index)
            if picture in found:
                raise AnnotationError(f"{picture} already has {found[picture].source}")
            boxes = tuple(_boxes(findings, file, settings, rows))
            found[picture] = AnnotatedPicture(picture, file, (0, 0), boxes, split_from_path(picture))
        except AnnotationError as mistake:
            findings.problems.append(f"{file}, {mistake}")
            findings.reasons[file] = "labels that cannot be used"
    broken = {PurePosixPath(file).stem for file in findings.reasons}
    bare = [AnnotatedPicture(name, name, (0, 0), (), split_from_path(name)) for name in findings.pictures
            if name not in found and PurePosixPath(name).stem not in broken]
    parted = _parted(findings, [*found.values(), *bare], settings, index)
    findings.found, inverted = with_corners(parted, _USUAL, reading, _LINE)
    findings.problems += [f"{each.source}, {mistake}" for each, mistake in inverted.items()]
    findings.annotations = [each.source for each in findings.found if each.source != each.picture]
    if settings.file in findings.files.others:
        findings.annotations.append(settings.file)
    findings.notes += [*index.notes(), *_notes(findings, settings, rows)]
    return build_listing(findings, _LINE)


def _label_files(findings: Findings) -> list[str]:
    """Return the text files in folders called labels, or of a picture's name."""
    stems = {PurePosixPath(name).stem for name in findings.pictures}
    return [file for file in findings.others(".txt")
            if PurePosixPath(file).stem in stems or _LABELS in PurePosixPath(file).parts[:-1]]


def _picture(file: str, index: PictureIndex) -> str:
    path = PurePosixPath(file)
    beside = "/".join("images" if part == _LABELS else part for part in path.parts[:-1])
    try:
        picture = index.find(f"{beside}/{path.stem}", file, split_from_path(str(path.parent)))
    except AmbiguousPictureError as several:
        raise AnnotationError(f"line 1: its picture can be {several}") from several
    if picture is None:
        raise AnnotationError(f"line 1: no picture is called {path.stem}{index.elsewhere(path.stem)}")
    return picture


def _boxes(findings: Findings, file: str, settings: YoloSettings, rows: Counter[str]) -> Iterable[Box]:
    try:
        lines = read_text(findings.root / file).splitlines()
    except (OSError, UserError) as error:
        raise AnnotationError("line 1: not text") from error
    findings.boxes += sum(bool(line.strip()) for line in lines)
    in_shares = findings.reading.get("boxes", _USUAL).endswith("-shares")
    for place, line in enumerate(lines, 1):
        label, *numbers = line.split() or [""]
        if label:
            try:
                yield Box(_numbers(numbers, settings, rows, in_shares), _name(label, settings), False, place)
            except ValueError as error:
                raise AnnotationError(f"line {place}: {error}") from error


def _name(label: str, settings: YoloSettings) -> str:
    number = coordinate(label)
    if not number.is_integer() or number < 0 or (settings.names and number not in settings.names):
        raise ValueError(f"{label} is the number of no class"
                         + (f" of {settings.file}, which names {len(settings.names):,}" if settings.names else ""))
    return settings.names.get(int(number), str(int(number)))


def _numbers(texts: list[str], settings: YoloSettings, rows: Counter[str], in_shares: bool) -> Numbers:
    """Return the four numbers of a row's box.

    Raises:
        ValueError: it has another length, or values that are no shares.
    """
    values = [coordinate(text) for text in texts]
    count, posed = len(values) + 1, _BOX + settings.pose
    if count not in (_BOX, posed) and (count < _POLYGON or count % 2 == 0):
        raise ValueError(f"it has {count} numbers instead of 5: a class and a box (a polygon takes 7, 9, 11 …; for "
                         "poses say kpt_shape in data.yaml)")
    polygon = count not in (_BOX, posed)
    used = values if polygon else values[:4]
    if in_shares and not all(0 <= value <= _LARGEST_SHARE for value in used):
        wrong = next(value for value in used if not 0 <= value <= _LARGEST_SHARE)
        raise ValueError(f"{wrong:g} is no share of the picture, from 0 to 1; if the boxes are in pixels, say "
                         "'FOLDER?boxes=cxcywh'")
    rows["polygons"] += polygon
    rows["points in a box"] += polygon and _is_around(values)
    rows["poses"] += count == posed > _BOX
    if not polygon:
        return values[0], values[1], values[2], values[3]
    across, down = values[::2], values[1::2]
    return ((min(across) + max(across)) / 2, (min(down) + max(down)) / 2,
            max(across) - min(across), max(down) - min(down))


def _is_around(values: Sequence[float]) -> bool:
    """Whether the first four numbers of a row are a box around the points that follow, as of a pose."""
    x, y, width, height = values[:4]
    return all(abs(point - middle) <= side / 2 for points, middle, side in (
        (values[4::2], x, width), (values[5::2], y, height)) for point in points)


def _parted(findings: Findings, found: list[AnnotatedPicture], settings: YoloSettings,
            index: PictureIndex) -> list[AnnotatedPicture]:
    """Return the pictures of the parts that ``data.yaml`` names; without any, all."""
    if not settings.parts:
        return found
    chosen: dict[str, str] = {}
    for part in PARTS:
        for spec in settings.parts.get(part, ()):
            names = _names_in(findings, spec, settings, index, part)
            twice = sum(chosen.get(name, part) != part for name in names)
            if twice:
                findings.notes.append(f"pictures of {part} that {settings.file} also names for another part, where "
                                      f"they stay: {twice:,}")
            for name in names:
                chosen.setdefault(name, part)
    labelled = {chosen.get(each.picture) for each in found if each.boxes}
    if "test" in chosen.values() and "test" not in labelled:
        findings.notes.append(f"the test part of {settings.file} has no boxes and is not used")
        chosen = {name: part for name, part in chosen.items() if part != "test"}
    findings.reasons |= {name: f"in no part of {settings.file} that is used" for each in found
                         if each.picture not in chosen for name in {each.picture, each.source}}
    return [replace(each, split=chosen[each.picture]) for each in found if each.picture in chosen]


def _names_in(findings: Findings, spec: str, settings: YoloSettings, index: PictureIndex, part: str) -> list[str]:
    """Return the pictures in a folder, or of a list, that ``data.yaml`` names; its beginning may be of another machine.

    Raises:
        ConfigError: there is no such folder or list, and a run needs it.
    """
    wanted = [each for each in spec.replace("\\", "/").split("/") if each not in ("", ".", "..")]
    if spec.endswith(".txt"):
        lists = [file for file in findings.others(".txt") if PurePosixPath(file).name == wanted[-1]]
        lines = [line.strip() for file in lists[:1] for line in read_text(findings.root / file).splitlines()]
        findings.annotations += lists[:1]
        try:
            return [name for line in lines if line for name in [index.find(line, lists[0], part)] if name]
        except AmbiguousPictureError as several:
            raise ConfigError("data_path", lists[0], f"a list of clear names: a line can be {several}") from several
    folders = {str(folder) for name in findings.pictures for folder in PurePosixPath(name).parents}
    for start in range(len(wanted)):
        end = "/".join(wanted[start:])
        here = [folder for folder in folders if folder == end or folder.endswith(f"/{end}")]
        if here:
            return [name for name in findings.pictures if any(name.startswith(f"{folder}/") for folder in here)]
    if not wanted:
        return list(findings.pictures)
    if part == "test":
        return []
    raise ConfigError("data_path", settings.file, f"a file for this folder: its {part} is {spec}, and no pictures lie "
                                                  "there")


def _notes(findings: Findings, settings: YoloSettings, rows: Counter[str]) -> list[str]:
    notes = [_USED[what].format(count) for what, count in rows.items() if count and what in _USED]
    if 0 < rows["polygons"] == rows["points in a box"]:
        notes.append("all polygons look like poses, a box and points in it: say kpt_shape in data.yaml if they are")
    bare = sum(each.source == each.picture for each in findings.found)
    if bare:
        notes.append(f"pictures without a text file, which show no object: {bare:,}")
    if not settings.names:
        notes.append("no data.yaml or classes.txt names the classes, so that they are called by their numbers")
    return notes


LOADER = user_folder(read, (".txt", ".yaml", ".yml", ".data", ".names", ".labels"), BOX_READINGS)
