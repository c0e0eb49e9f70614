"""``folder-labels``: a folder of pictures with a table that says which classes each has."""

import csv
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from engine.catalog.datasets import DatasetRow
from engine.data.readers.box_listing import AnnotatedPicture, Findings, build_listing
from engine.data.readers.label_columns import Columns, LabelTable, find_columns, picture_column
from engine.data.readers.label_listing import label_box, to_label_listing
from engine.data.readers.listing import Listing
from engine.data.readers.loaders import user_folder
from engine.data.readers.picture_index import AmbiguousPictureError, PictureIndex
from engine.data.readers.split_words import part_of, split_from_path
from engine.data.reading import Reading, overruled
from engine.errors import ConfigError, UserError
from engine.files import read_text

_SUFFIXES = (".csv", ".tsv")
_SEPARATORS = ",;\t|"


def read(root: Path, reading: Reading, _row: DatasetRow) -> Listing:
    """List the pictures of all tables that name pictures and their labels.

    The part follows from a column, or from the name of the table or of a folder. A row that names no picture becomes a
    problem with file and line.

    Raises:
        ConfigError: there is no such table, or one can be read in two ways.
        UserError: a table is no table.
    """
    findings = Findings(root, reading, what="labels")
    index, parts = PictureIndex(findings.pictures), dict[str, str]()
    for file, part in _tables(findings):
        table = read_table(root, file)
        pictures = picture_column(table, findings.pictures, reading)
        columns = find_columns(table, pictures, reading) if pictures >= 0 else None
        if columns is None:
            findings.reasons[file] = "a table that names no pictures" if pictures < 0 else "a table without labels"
            continue
        if columns.part < 0 and parts.setdefault(part, file) != file:
            raise ConfigError("data_path", str(root), f"a folder with one table of labels: {parts[part]} and {file} "
                              f"both have some; say {overruled(f'train={parts[part]}')}")
        findings.notes += map(str, columns.decisions)
        findings.found += _annotated(table, columns, part, index, findings)
        findings.annotations.append(file)
    findings.notes += index.notes()
    return to_label_listing(build_listing(findings, "line"))


def _tables(findings: Findings) -> Iterator[tuple[str, str]]:
    """Yield the tables with the part that each is for, those that the user says or all."""
    said = {findings.reading[part]: part for part in ("train", "test") if part in findings.reading}
    there = sorted(name for suffix in _SUFFIXES for name in findings.others(suffix))
    missing = next((name for name in said if name not in there), "")
    if missing:
        raise ConfigError("data_path", missing, f"a table in {findings.root}, such as {', '.join(there[:3]) or 'none'}")
    for name in there:
        if said and name not in said:
            findings.reasons[name] = "a table that is not said"
        else:
            yield name, said.get(name) or part_of(PurePosixPath(name).stem)


def read_table(root: Path, file: str) -> LabelTable:
    """Read a table; without a line of titles, columns are called ``column 1``, ``column 2`` ….

    Raises:
        UserError: it cannot be read, or a line has other cells than the first.
    """
    try:
        text = read_text(root / file)
        first = text.partition("\n")[0]
        sign = max(_SEPARATORS, key=first.count) if any(map(first.count, _SEPARATORS)) else ","
        reader = csv.reader(text.splitlines(keepends=True), delimiter=sign, skipinitialspace=True)
        rows = [(reader.line_num, tuple(map(str.strip, row))) for row in reader if any(map(str.strip, row))]
    except (OSError, csv.Error) as error:
        raise UserError(f"{root / file}: cannot be read ({getattr(error, 'strerror', None) or error})") from None
    if not rows:
        return LabelTable(file, (), ())
    wide = len(rows[0][1])
    odd = next(((line, cells) for line, cells in rows if len(cells) != wide), None)
    if odd:
        raise UserError(f"{root / file}, line {odd[0]}: {len(odd[1])} cells, and the first line has {wide}; put a cell "
                        "that holds the separator into quotation marks")
    titles = rows[0][1]
    if any(PurePosixPath(cell).suffix for cell in titles) or len(set(titles)) < wide:
        return LabelTable(file, tuple(f"column {place}" for place in range(1, wide + 1)), tuple(rows))
    return LabelTable(file, titles, tuple(rows[1:]))


def _annotated(table: LabelTable, columns: Columns, part: str, index: PictureIndex,
               findings: Findings) -> list[AnnotatedPicture]:
    """Return the pictures of a table with their labels; what cannot be used becomes a problem."""
    found = []
    for line, cells in table.rows:
        where, named = f"{table.file}, line {line}", cells[columns.pictures]
        try:
            split = columns.part_of(table, cells) or part
            picture = index.find(named, table.file, split)
            if picture is None:
                findings.problems.append(f"{where}: no picture is called {named}{index.elsewhere(named)}")
                continue
            labels = columns.labels_of(table, cells)
        except AmbiguousPictureError as several:
            findings.problems.append(f"{where}: {named} can be {several}; write the folder before it")
        except ValueError as error:
            findings.problems.append(f"{where}: {error}")
        else:
            found.append(AnnotatedPicture(picture, table.file, (0, 0), tuple(label_box(name, line) for name in labels),
                                          split or split_from_path(picture)))
    return found


LOADER = user_folder(read, (*_SUFFIXES, ".txt"), ("labels", "separator", "pictures", "train", "test", "links", "range"))
