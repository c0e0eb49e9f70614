"""Which columns of a table name pictures, parts and labels, and what separates labels in a cell."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from engine.data.ledger import Decision
from engine.data.readers.annotation_text import brief, yes_or_no
from engine.data.readers.split_words import SPLITS, part_of
from engine.data.reading import SEPARATORS, Reading, overruled
from engine.errors import ConfigError
from engine.words import listed

_LABEL = re.compile(r"(?i)label|class|tag|categor(y|ies)|finding|attribute|annotation|target|diagnos[ei]s")
_NUMBER = re.compile(r"[-+]?\d+([.,]\d+)?")
_BRACKETS = re.compile(r"^\[(.*)\]$|^\((.*)\)$|^\{(.*)\}$")
_NO_CLASS = frozenset(("none", "nan", "null", "nothing", "no finding", "background", "unlabelled", "unlabeled"))
_NO_PART = "train"


@dataclass(frozen=True)
class LabelTable:
    """A table of the user's.

    Attributes:
        file: relative to the set's folder.
        rows: the number of each line, and its cells, as many as there are titles.
    """

    file: str
    titles: tuple[str, ...]
    rows: tuple[tuple[int, tuple[str, ...]], ...]

    def column(self, place: int) -> list[str]:
        return [cells[place] for _, cells in self.rows]


@dataclass(frozen=True)
class Columns:
    """The meaning of a table's columns.

    Attributes:
        pictures: the place of the one that names pictures.
        labels: the places of those with labels: several of yes and no, or one with lists.
        separator: what separates the labels in a cell; empty: a cell is one label.
        part: the place of the one that says the part; −1: none.
    """

    pictures: int
    labels: tuple[int, ...]
    separator: str
    part: int
    decisions: tuple[Decision, ...]

    def labels_of(self, table: LabelTable, cells: Sequence[str]) -> tuple[str, ...]:
        """Return the classes of a row.

        Raises:
            ValueError: a cell of a column of yes and no is neither.
        """
        if len(self.labels) > 1:
            return tuple(table.titles[place] for place in self.labels if yes_or_no(cells[place]))
        return tuple(dict.fromkeys(_parts(cells[self.labels[0]], self.separator)))

    def part_of(self, table: LabelTable, cells: Sequence[str]) -> str:
        """Return ``train``, ``val`` or ``test``; empty: the row does not say."""
        if self.part < 0:
            return ""
        cell, title = cells[self.part].strip().lower(), table.titles[self.part]
        return SPLITS[cell] if cell in SPLITS else part_of(title) if yes_or_no(cell) else _NO_PART


def picture_column(table: LabelTable, pictures: Sequence[str], reading: Reading) -> int:
    """Return the place of the column that names pictures; −1: none does.

    Raises:
        ConfigError: two may be meant, or none has the title that the user says.
    """
    if "pictures" in reading:
        return _place(table, reading["pictures"], "pictures")
    known = {text for path in map(PurePosixPath, pictures) for text in (path.name.casefold(), path.stem.casefold())}
    counts = [len({name for cell in table.column(place) if (name := _file_name(cell)) in known})
              for place in range(len(table.titles))]
    most = max(counts, default=0)
    named = [title for title, count in zip(table.titles, counts, strict=True) if count == most]
    if not most or 2 * most < len(table.rows) * (most < 2):
        return -1
    if len(named) > 1:
        raise _doubt(f"{table.file} with one column of pictures: {listed(named)} name equally many",
                     f"pictures={named[0]}")
    return counts.index(most)


def find_columns(table: LabelTable, pictures: int, reading: Reading) -> Columns | None:
    """Return the meaning of a table's columns; None: it has no labels.

    Raises:
        ConfigError: it can be read in two ways, or not as the user says.
    """
    places = [place for place in range(len(table.titles)) if place != pictures]
    part = next((place for place in places if _says_part(table, place)), -1)
    places = [place for place in places if place != part]
    told = [Decision(f"the column {table.titles[part]} of {table.file} says the parts", "that is its title")] \
        if part >= 0 else []
    labels, reason = _label_columns(table, places, reading)
    if not labels:
        return None
    names = listed([table.titles[place] for place in labels])
    if len(labels) > 1:
        ignored = [table.titles[place] for place in places if place not in labels]
        told.append(Decision(f"the columns {names} of {table.file} are classes", reason, overruled("labels=COLUMNS")))
        if ignored:
            told.append(Decision(f"what {listed(ignored)} says in {table.file} is no class",
                                 "you name others" if "labels" in reading else "it is not yes or no"))
        return Columns(pictures, labels, "", part, tuple(told))
    told.append(Decision(f"the column {names} of {table.file} holds the labels", reason, overruled("labels=COLUMN")))
    separator, divided = _separator(table, labels[0], reading)
    return Columns(pictures, labels, separator, part, (*told, divided, *_own_classes(table, labels[0], separator)))


def _place(table: LabelTable, title: str, key: str) -> int:
    if title not in table.titles:
        raise ConfigError("data_path", f"{key}={title}", f"a column of {table.file}: {listed(table.titles)}")
    return table.titles.index(title)


def _label_columns(table: LabelTable, places: Sequence[int], reading: Reading) -> tuple[tuple[int, ...], str]:
    """Return the columns with labels, and why; none: there are none."""
    if "labels" in reading:
        return tuple(_place(table, title, "labels") for title in reading["labels"].split(",")), "you say so"
    answers = tuple(place for place in places if _answers(table.column(place)))
    texts = [place for place in places if place not in answers and not _numbers(table.column(place))]
    titled = [place for place in texts if _LABEL.search(table.titles[place])]
    several = [place for place in texts if any(sign in cell for cell in table.column(place) for sign in "|;,")]
    found, reason = next(((columns, why) for columns, why in (
        (titled, "of its title"), (several, "it alone has cells with several"), (texts, "it alone is text"))
        if len(columns) == 1), ((), ""))
    if len(answers) > 1 and not titled:
        return answers, "they hold yes or no, 0 or 1"
    if len(answers) > 1 or (texts and not found):
        both = [table.titles[place] for place in (titled or texts)] + [table.titles[place] for place in answers]
        raise _doubt(f"{table.file} with labels in one way: {listed(both)} may all be meant", f"labels={both[0]}")
    return tuple(found), reason


def _says_part(table: LabelTable, place: int) -> bool:
    cells = {cell.strip().lower() for cell in table.column(place)} - {""}
    named = part_of(table.titles[place]) in ("val", "test", "train") and _answers(list(cells))
    return bool(cells) and (cells <= SPLITS.keys() or named)


def _answers(cells: Sequence[str]) -> bool:
    """Return whether all cells are yes or no."""
    try:
        return bool([yes_or_no(cell) for cell in set(cells)]) and any(cell.strip() for cell in cells)
    except ValueError:
        return False


def _numbers(cells: Sequence[str]) -> bool:
    return all(_NUMBER.fullmatch(cell.strip()) for cell in cells if cell.strip())


def _separator(table: LabelTable, place: int, reading: Reading) -> tuple[str, Decision]:
    cells, title = [_plain(cell) for cell in table.column(place)], table.titles[place]
    if "separator" in reading:
        return SEPARATORS[reading["separator"]], Decision(
            f"the labels in {title} are separated by the {reading['separator']}", "you say so")
    held = {name: sum(sign in cell for cell in cells) for name, sign in SEPARATORS.items() if name != "space"}
    signs = [name for name, count in held.items() if count]
    if len(signs) > 1:
        raise _doubt(f"labels in {title} of {table.file} that one sign separates: {held[signs[0]]:,} cells hold a "
                     f"{signs[0]}, {held[signs[1]]:,} a {signs[1]}", f"separator={signs[0]}")
    if signs:
        return SEPARATORS[signs[0]], Decision(f"the labels in {title} are separated by the {signs[0]}",
                                              f"{held[signs[0]]:,} cells hold one", overruled("separator=space"))
    distinct, words = set(cells) - {""}, {word for cell in cells for word in cell.split()}
    if len(words) < len(distinct):
        return SEPARATORS["space"], Decision(
            f"the labels in {title} are separated by the space",
            f"{len(words):,} words make up {len(distinct):,} different cells", overruled("separator=comma"))
    return "", Decision(f"each cell of {title} is one label", "no sign separates several", overruled("separator=space"))


def _own_classes(table: LabelTable, place: int, separator: str) -> list[Decision]:
    names = {label for cell in table.column(place) for label in _parts(cell, separator)}
    found = sorted(name for name in names if name.lower() in _NO_CLASS)
    return [Decision(f"the label {listed(found)} is a class like the others", "only an empty cell means none")] \
        if found else []


def _parts(cell: str, separator: str) -> list[str]:
    parts = _plain(cell).split(separator if separator.strip() else None) if separator else [_plain(cell)]
    return [label for part in parts if (label := part.strip().strip("'\"").strip())]


def _plain(cell: str) -> str:
    """Return a cell without the brackets of a list."""
    inside = _BRACKETS.match(cell.strip())
    return next(part for part in inside.groups() if part is not None) if inside else cell.strip()


def _file_name(cell: str) -> str:
    return PurePosixPath(cell.strip().replace("\\", "/")).name.casefold()


def _doubt(expected: str, said: str) -> ConfigError:
    return ConfigError("data_path", brief(said), f"said, as in {overruled(said)}, for {expected}")
