"""Slices: ways to divide the test pictures into groups, by class, size, brightness and columns that the user gives."""

import csv
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.data.loading import source_of
from engine.data.samples import test_samples
from engine.errors import UserError, hint
from engine.evaluation.metrics import Ints
from engine.files import check_allowed, read_text
from engine.store import Evaluation, Run
from engine.words import listed

SLICES = "slices.csv"
"""The file of the user's slices, beside the data: ``sample`` and a column for each way to divide the pictures."""

CLASS = "class"
_THIRDS = {"size": ("smallest third", "middle third", "largest third"),
           "brightness": ("darkest third", "middle third", "brightest third")}
_NONE = -1
_MOST_GROUPS = 100


@dataclass(frozen=True, eq=False)
class Slicing:
    """A way to divide pictures into groups.

    Attributes:
        name: ``class``, ``size``, ``brightness``, or the title of a user's column.
        groups: names of the groups.
        of_picture: int64 [N], the group of each picture; -1: none.
    """

    name: str
    groups: tuple[str, ...]
    of_picture: Ints


@dataclass(frozen=True, eq=False)
class Slices:
    """The ways to divide an evaluation's pictures; ``note`` says in a sentence why some are missing, or is empty."""

    found: tuple[Slicing, ...]
    note: str = ""


def slices_of(run: Run, evaluation: Evaluation, ids: Ints, file: str = "") -> Slices:
    """Return how an evaluation's pictures can be divided, besides by class.

    Size is the number of pixels in the file, brightness the mean of a picture's values; each is cut into thirds. A
    group of one size or brightness is not cut.

    Args:
        ids: int64 [N], positions of the pictures in the test set.
        file: a file such as :data:`SLICES`; empty: the one beside the data, if there is one.

    Raises:
        UserError: the file cannot be read, or names a picture that is not there.
    """
    if evaluation.split != "test":
        return Slices((), "Validation pictures are divided by class only.")
    conditions = evaluation.conditions
    dataset, data_path = (conditions.dataset, conditions.data_path) if conditions.dataset else (
        str(run.config["dataset"]), str(run.config["data_path"]))
    try:
        samples = test_samples(dataset, data_path)
        place = Path(file) if file else _beside(dataset, data_path)
    except UserError as error:
        return Slices((), f"Without their pictures, results are divided by class only: {error}.")
    if not conditions.dataset and run.dataset_fingerprint not in (None, samples.fingerprint):
        return Slices((), f"The files of {dataset} have changed since this run: results are divided by class only.")
    own = (_thirds("size", None if samples.sizes is None else samples.sizes.prod(axis=1)),
           _thirds("brightness", samples.brightness))
    given = read_slices(place, samples.names, int(ids.max(initial=-1)) + 1) if place else ()
    found = (*(each for each in own if each), *given)
    return Slices(tuple(Slicing(each.name, each.groups, each.of_picture[ids]) for each in found))


def by_class(classes: Sequence[str], targets: Ints) -> Slicing:
    return Slicing(CLASS, tuple(classes), targets)


def read_slices(path: Path, names: Sequence[str], pictures: int) -> tuple[Slicing, ...]:
    """Read a CSV file whose column ``sample`` names a test picture, by its path in the data set's folder or by its
    number from 0, and whose other columns hold values. Pictures that it does not name, and empty cells, are in no
    group.

    Raises:
        UserError: the file cannot be read, has other columns or names a picture that is not there, or twice.
    """
    return _read(path, _time_of(path), tuple(names), pictures)


@lru_cache(maxsize=16)
def _read(path: Path, _time: int, names: tuple[str, ...], pictures: int) -> tuple[Slicing, ...]:
    rows = [(line, row) for line, row in _rows(path) if any(row)]
    titles = [title.strip() for title in rows[0][1]] if rows else []
    if len(titles) < 2 or titles[0].lower() != "sample" or len({*titles, ""}) <= len(titles):
        raise UserError(f"{path.name}: its first line is {','.join(titles)[:60]!r}, not sample and a title for each "
                        "column of values, such as sample,value")
    known = {name: place for place, name in enumerate(names)}
    values = np.full((len(titles) - 1, max(pictures, len(names))), "", object)
    seen: dict[int, int] = {}
    for line, row in rows[1:]:
        if len(row) != len(titles):
            raise UserError(f"{path.name}, line {line}: {len(row)} cells; the first line has {len(titles)}")
        place = _place(f"{path.name}, line {line}", row[0].strip(), known, values.shape[1])
        if seen.setdefault(place, line) != line:
            raise UserError(f"{path.name}, line {line}: names {row[0].strip()} again, after line {seen[place]}; keep "
                            "one of them")
        values[:, place] = [cell.strip() for cell in row[1:]]
    return tuple(_grouped(path, title, column) for title, column in zip(titles[1:], values, strict=True))


def _rows(path: Path) -> list[tuple[int, list[str]]]:
    try:
        reader = csv.reader(read_text(path).splitlines(keepends=True))
        return [(reader.line_num, row) for row in reader]
    except (OSError, csv.Error) as error:
        raise UserError(f"{path}: cannot be read ({getattr(error, 'strerror', None) or error})") from None


def _time_of(path: Path) -> int:
    try:
        check_allowed(path)
        return path.stat().st_mtime_ns
    except OSError as error:
        raise UserError(f"{path}: cannot be read ({error.strerror}); name a CSV file with the columns sample and "
                        "value") from None


def _place(where: str, sample: str, known: Mapping[str, int], pictures: int) -> int:
    """Return the position of a named picture."""
    if sample in known:
        return known[sample]
    if sample.isdecimal() and int(sample) < pictures:
        return int(sample)
    paths = f"its path in the data set's folder{hint(sample, known)} or " if known else ""
    raise UserError(f"{where}: no test picture is called {sample!r}; write {paths}its number from 0 to "
                    f"{pictures - 1:,}")


def _grouped(path: Path, title: str, column: NDArray[np.object_]) -> Slicing:
    """Return the groups of a column, the largest first."""
    counts = Counter(str(value) for value in column if value)
    if len(counts) > _MOST_GROUPS:
        raise UserError(f"{path.name}: column {title} has {len(counts):,} different values, more than {_MOST_GROUPS}: "
                        f"{listed(list(counts), 3)}; group them, such as into low and high")
    groups = tuple(group for group, _ in counts.most_common())
    numbers = {group: number for number, group in enumerate(groups)}
    return Slicing(title, groups, np.array([numbers.get(str(value), _NONE) for value in column], np.int64))


def _thirds(name: str, values: NDArray[np.float32] | Ints | None) -> Slicing | None:
    """Cut pictures into thirds; None if most have one value."""
    if values is None or not len(values):
        return None
    low, high = np.quantile(values, (1 / 3, 2 / 3))
    groups = np.searchsorted((low, high), values, side="left")
    return Slicing(name, _THIRDS[name], groups) if low < high and values.max() > high else None


def _beside(dataset: str, data_path: str) -> Path | None:
    """Return the file of slices beside the data, if there is one."""
    folder = source_of(dataset, data_path)
    place = folder and (folder if folder.is_dir() else folder.parent) / SLICES
    return place if place and place.is_file() else None
