"""``ArrayPlace``: files of NumPy arrays, which arrays are the pictures and targets of each part, and their account."""

import glob
import os
import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from engine.data.ledger import Account, Decision, Ledger, Part
from engine.data.readers.other_files import advice
from engine.data.readers.split_words import SPLITS
from engine.errors import ConfigError, UserError
from engine.files import open_regular
from engine.home import expanded
from engine.words import listed

TRAIN, _TEST = ("train images", "train targets"), (("test images", "test targets"), ("val images", "val targets"))
_KINDS = dict.fromkeys(("images", "image", "imgs", "img", "pictures", "data", "x"), "images") | \
    dict.fromkeys(("targets", "target", "labels", "label", "y"), "targets")
_NAMES = "classes.txt"
_LOOKED_FOR = ("four arrays named for train or test (val) and for images (data, x) or targets (labels, y), "
               "such as train_images.npy and train_targets.npy, or x_train and y_train in one .npz")
_SUFFIX = re.compile(r"[._]np[yz]$", re.IGNORECASE)


class NamedArray(NamedTuple):
    """An array: its file, its name in there if the file holds several, and both relative to the place."""

    file: Path
    member: str
    name: str


@dataclass(frozen=True)
class ArrayPlace:
    """The files of a place, and its arrays by their roles, such as ``train images``.

    Attributes:
        unclear: arrays that have no role.
    """

    base: Path
    files: tuple[Path, ...]
    roles: Mapping[str, NamedArray]
    unclear: tuple[NamedArray, ...]

    @property
    def parts(self) -> list[tuple[str, str]]:
        """The roles of training, and of test if there is one; validation is test if there is no other."""
        return [TRAIN, *(roles for roles in _TEST if set(roles) & set(self.roles))][:2]

    @property
    def names(self) -> list[Path]:
        file = self.roles[TRAIN[0]].file.parent / _NAMES
        return [file] if file.is_file() else []


def look(place: Path) -> ArrayPlace | None:
    """Return what lies at a place; None: it does not exist.

    Raises:
        ConfigError: the training arrays are missing, or two have the same role.
        UserError: an array is a link to nothing, or a pipe.
    """
    base, files = _files(place)
    if not files and not place.exists():
        return None
    arrays = [each for file in files if _SUFFIX.search(file.name) and not file.name.startswith(".")
              for each in _arrays(file, base)]
    named = {each: _role(each.name) for each in arrays}
    if not any(role.startswith("train") for role in named.values()):
        named |= {each: _role(f"train/{each.name}") for each, role in named.items() if not role}
    found: dict[str, NamedArray] = {}
    for each, role in named.items():
        if role in found:
            raise ConfigError("data_path", str(place), f"one array of each kind: {found[role].name} and {each.name} "
                                                       f"are both {role}")
        if role:
            found[role] = each
    there = ArrayPlace(base, files, found, tuple(each for each, role in named.items() if not role))
    missing = [role for part in there.parts for role in part if role not in found]
    if missing:
        unclear = f" (there are {listed([each.name for each in there.unclear])})" if there.unclear else ""
        other = advice(base, [str(file.relative_to(base)) for file in files]) if not arrays else ""
        raise ConfigError("data_path", str(place), f"a place with {_LOOKED_FOR}; missing: {', '.join(missing)}"
                                                   f"{unclear}{other}")
    return there


def _files(place: Path) -> tuple[Path, tuple[Path, ...]]:
    """Return the files of a place, two folders deep or those of a pattern, and the folder that their names are from."""
    if place.is_dir():
        base, found = place, sorted(path for depth in ("*", "*/*") for path in place.glob(depth))
    else:
        found = sorted(map(Path, glob.glob(str(expanded(place)))))  # noqa: PTH207 - the pattern may be absolute
        base = Path(os.path.commonpath([path.parent for path in found])) if found else place
    files = tuple(path for path in found if not path.is_dir())
    broken = next((path for path in files if _SUFFIX.search(path.name) and not path.is_file()), None)
    if broken is not None:
        raise UserError(f"{broken}: is no regular file, or a link to nothing; bring back what it points to, or remove "
                        "it")
    return base, files


def _arrays(file: Path, base: Path) -> Iterator[NamedArray]:
    name = str(file.relative_to(base))
    if not name.lower().endswith("z"):
        yield NamedArray(file, "", name)
        return
    try:
        with open_regular(file) as opened, zipfile.ZipFile(opened) as archive:
            members = [member.removesuffix(".npy") for member in archive.namelist()]
    except (OSError, zipfile.BadZipFile, NotImplementedError) as error:
        raise UserError(f"{file}: cannot be read as a file of NumPy arrays ({error})") from error
    yield from (NamedArray(file, member, f"{_SUFFIX.sub('', name)}/{member}") for member in members)


def _role(name: str) -> str:
    """Return an array's role, such as ``train images``, by the words of its name, else of its folder's name."""
    *folder, file = [re.findall(r"[a-z]+", part.lower()) for part in Path(name).parts]
    around = [word for words in folder for word in words]
    return next((f"{split} {kind}" for split in (_meaning(SPLITS, file) or _meaning(SPLITS, around),)
                 for kind in (_meaning(_KINDS, file) or _meaning(_KINDS, around),) if split and kind), "")


def _meaning(words: Mapping[str, str], found: Sequence[str]) -> str:
    """Return the meaning of the words; ``train_data_labels`` are targets."""
    meanings = [words[word] for word in found if word in words]
    return "targets" if "targets" in meanings else meanings[0] if meanings else ""


def ledger(there: ArrayPlace) -> Ledger:
    """Return the account of the files, and of the arrays in each file of several, with where the parts come from."""
    parts = dict(zip(("train", "test"), there.parts, strict=False))
    uses = {there.roles[role]: part for part, roles in parts.items() for role in roles}
    other = {each: role.partition(" ")[0] for role, each in there.roles.items() if each not in uses}
    unused = {each: f"an array of the {part} part, which is not used" for each, part in other.items()} | dict.fromkeys(
        there.unclear, "an array that is named for no part, or not for what it holds")
    told = [Decision(f"{listed([each.name for each in other])} are not used",
                     "val_fraction of training is held back")] if other else []
    if there.parts[1:] == [_TEST[1]]:
        told.append(Decision("the validation arrays are the test set", "there are no test arrays"))
    origins = {part: " and ".join(there.roles[role].name for role in roles) for part, roles in parts.items()}
    origins.setdefault("test", f"{origins['train']}, held out by Darkroom")
    return Ledger(tuple(_accounts(there, uses, unused)), tuple(Part(part, origin) for part, origin in origins.items()),
                  tuple(told))


def _accounts(there: ArrayPlace, uses: Mapping[NamedArray, str], unused: Mapping[NamedArray, str]) -> Iterator[Account]:
    by_file: dict[Path, list[NamedArray]] = {}
    for each in (*uses, *unused):
        by_file.setdefault(each.file, []).append(each)
    used: dict[str, list[str]] = {}
    left_out = {}
    for file in there.files:
        name, inside = str(file.relative_to(there.base)), by_file.get(file, [])
        purposes = sorted({uses[each] for each in inside if each in uses}, reverse=True)
        if purposes or file in there.names:
            used.setdefault(" and ".join(purposes) or "class names", []).append(name)
        else:
            left_out[name] = unused[inside[0]] if inside else f"no array by name ({file.suffix or 'no suffix'})"
    yield Account.of_names("files", (str(file.relative_to(there.base)) for file in there.files), used, left_out)
    for file, inside in by_file.items():
        if inside[0].member:
            yield Account.of_names(
                f"arrays of {file.name}", [each.member for each in inside],
                {part: [each.member for each in inside if uses.get(each) == part] for part in ("train", "test")},
                {each.member: unused[each] for each in inside if each in unused})


