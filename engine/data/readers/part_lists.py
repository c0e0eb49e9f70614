"""Lists of pictures in text files, a picture a line, that say which are for training and for test."""

import re
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from engine.data.ledger import FIRST, Account, LeftOut
from engine.data.readers.listing import MASKS
from engine.data.readers.split_words import besides, part_of
from engine.data.reading import overruled
from engine.errors import ConfigError, UserError
from engine.files import read_text

_LISTS = (".txt", ".lst", ".csv")
_NUMBERS, _NUMBERED_PARTS = "images.txt", "train_test_split.txt"
"""Of CUB-200 and NABirds: the number and path of each picture, and for each number 1 for training, 0 for test."""
_LAST = re.compile(r"^(.+?)[\s,;]+\S+$")
_FIELD, _NUMBER = re.compile(r"[,;\t]"), re.compile(r"[-+.\d]+")


@dataclass(frozen=True)
class PartList:
    """The pictures of a list, in its order.

    Attributes:
        file: relative to the set's folder.
        pictures: with the label that follows each name; empty: none does.
        lost: lines that name no picture.
    """

    file: str
    part: str
    pictures: dict[str, str]
    lost: tuple[str, ...]

    @property
    def account(self) -> Account:
        """What became of its lines."""
        lost = (LeftOut("name no picture", len(self.lost), self.lost[:FIRST]),) if self.lost else ()
        return Account(f"lines of {self.file}", len(self.pictures) + len(self.lost), {self.part: len(self.pictures)},
                       lost)


def find_lists(root: Path, pictures: Sequence[str], others: Collection[str]) -> dict[str, PartList]:
    """Return the list of each part: a file that is named for one and nothing else, and names mostly pictures.

    Raises:
        ConfigError: two files may each be the list of a part.
    """
    found: dict[str, list[PartList]] = defaultdict(list)
    for file in others:
        name = PurePosixPath(file)
        if name.suffix.lower() in _LISTS and part_of(name.stem) and not besides(name.stem):
            read = read_list(root, file, pictures)
            if len(read.pictures) > len(read.lost):
                found[_kind(name.stem)].append(read)
    if {"trainval", "test"} <= found.keys():  # which holds train and val
        found = defaultdict(list, {"train": found["trainval"], "test": found["test"]})
    found["train"] = found["train"] or found.pop("trainval", []) or _numbered(root, pictures, others, found["test"])
    for part, lists in found.items():
        if len(lists) > 1:
            raise ConfigError("data_path", str(root), f"a folder with one list of each part: {lists[0].file} and "
                              f"{lists[1].file} both are for {part}; say "
                              f"{overruled(f'train={lists[0].file}', 'test=FILE')}")
    return {part: lists[0] for part, lists in found.items() if lists}


def read_list(root: Path, file: str, pictures: Sequence[str]) -> PartList:
    """Read a list: names with or without suffix or folders, each perhaps followed by a label.

    Raises:
        UserError: it cannot be read, or a line names two pictures.
    """
    return _read_lines(root, file, part_of(PurePosixPath(file).stem) or "train", _lines(root, file), pictures)


def _numbered(root: Path, pictures: Sequence[str], others: Collection[str], test: list[PartList]) -> list[PartList]:
    """Return the training part that numbers say, and add the test part; none if there are no such files."""
    file = next((each for each in others if PurePosixPath(each).name == _NUMBERED_PARTS), "")
    names = file.removesuffix(_NUMBERED_PARTS) + _NUMBERS
    if not file or names not in others or test:
        return []
    numbered = dict(line.split(maxsplit=1) for line in _lines(root, names) if " " in line)
    said = [line.split() for line in _lines(root, file)]
    train, tested = (_read_lines(root, file, part, [numbered[pair[0]] for pair in said if len(pair) == 2
                                                    and pair[1] == flag and pair[0] in numbered], pictures)
                     for part, flag in (("train", "1"), ("test", "0")))
    if not train.pictures:
        return []
    test += [tested] if tested.pictures else []
    return [train]


def _lines(root: Path, file: str) -> list[str]:
    try:
        return [line.strip().strip('"') for line in read_text(root / file).splitlines()]
    except OSError as error:
        raise UserError(f"{root / file}: cannot be read ({error.strerror})") from error


def _read_lines(root: Path, file: str, part: str, lines: Sequence[str], pictures: Sequence[str]) -> PartList:
    by_stem = _by_stem(pictures)
    found: dict[str, str] = {}
    lost = []
    for number, line in enumerate(lines, 1):
        rest, match = line, _match(by_stem, line)
        while not match and (parted := _LAST.match(rest)):
            rest = parted[1]
            match = _match(by_stem, rest.strip('"'))
        if len(match) > 1:
            raise UserError(f"{root / file}, line {number}: {line} may be {match[0]} or {match[1]}; write more of its "
                            "path")
        if match:
            found[match[0]] = _label(line[len(rest):])
        elif line and not line.startswith("#"):
            lost.append(f"line {number}: {line[:60]}")
    return PartList(file, part, found, tuple(lost))


def _label(text: str) -> str:
    """Return the label in what follows a name: the first field, or the first number of several."""
    label = _FIELD.split(text.strip(" \t,;"))[0].strip(' "')
    words = label.split()
    return words[0] if words and all(map(_NUMBER.fullmatch, words)) else label


def _kind(stem: str) -> str:
    return "trainval" if "trainval" in stem.lower().replace("_", "") else part_of(stem)


def _by_stem(pictures: Sequence[str]) -> Mapping[str, list[PurePosixPath]]:
    found: dict[str, list[PurePosixPath]] = defaultdict(list)
    for picture in map(PurePosixPath, pictures):
        found[picture.stem].append(picture)
        found[picture.name].append(picture)
    return found


def _match(by_stem: Mapping[str, list[PurePosixPath]], name: str) -> list[str]:
    """Return the pictures whose path ends with this name: those that share most of it."""
    wanted = PurePosixPath(name.replace("\\", "/"))
    parents = [part for part in wanted.parts[:-1] if part not in (".", "..", "/")]
    shared = {str(each): _common_end(each.parts[:-1], parents) for each in by_stem.get(wanted.name, ())}
    most = max(shared.values(), default=0)
    if most < min(1, len(parents)):
        return []
    found = [picture for picture, count in shared.items() if count == most]
    return [picture for picture in found if MASKS.isdisjoint(picture.lower().split("/"))] or found


def _common_end(one: Sequence[str], other: Sequence[str]) -> int:
    pairs = zip(reversed(one), reversed(other), strict=False)
    return next((depth for depth, (a, b) in enumerate(pairs) if a != b), min(len(one), len(other)))
