"""``folder``: pictures in one subfolder per class, optionally inside folders or lists of training and test."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from engine.catalog.datasets import DatasetRow
from engine.data.dataset import Targets
from engine.data.ledger import Account, Decision, Ledger, Part
from engine.data.readers.depth import Values, parse_values
from engine.data.readers.listing import Listing, Scan, class_names, scan
from engine.data.readers.loaders import user_folder
from engine.data.readers.other_files import advice
from engine.data.readers.part_lists import PartList, find_lists, read_list
from engine.data.readers.parts import Parts, Tree, find_parts
from engine.data.readers.picture_files import common_shape
from engine.data.readers.split_words import part_of, spelling, words_of
from engine.data.reading import Reading, overruled
from engine.data.split import hold_out_test
from engine.errors import ConfigError
from engine.words import listed

_Classes = dict[str, list[str]]
"""The pictures of each class, by its name."""


@dataclass
class _Division:
    """The pictures of each part. Attributes: ``origins`` by part; ``unused``, why a picture is in none."""

    train: _Classes
    test: _Classes
    origins: dict[str, str]
    to_try: list[str] = field(default_factory=list)
    unused: dict[str, str] = field(default_factory=dict)
    decisions: list[Decision] = field(default_factory=list)
    accounts: list[Account] = field(default_factory=list)


def read(folder: Path, reading: Reading, _row: DatasetRow) -> Listing:
    """List the pictures with their parts and classes.

    Classes are numbered in the order of their folders' names; pictures may lie in deeper folders. Parts are those that
    ``reading`` says, else those that folders or lists are named for, else a fixed stratified fifth is the test set.

    Raises:
        ConfigError: no such folder, no pictures, fewer than two classes, a class without training pictures, or parts
        that can be read in two ways.
    """
    if not folder.is_dir():
        raise _folder_error(folder, "an existing folder")
    files = scan(folder, follow=reading.get("links") != "skip")
    found = _divide(folder, files, reading)
    _check_classes(folder, found, files)
    classes = tuple(found.train)
    (train, targets), (test, test_targets) = _labelled(found.train), _labelled(found.test, classes)
    if not test:
        names = train
        learnt, held = hold_out_test(targets, classes)
        train, test = tuple(names[place] for place in learnt), tuple(names[place] for place in held)
        targets, test_targets = targets[learnt], targets[held]
        found.origins["test"] = f"{found.origins['train']}, held out by Darkroom"
        found.decisions.append(Decision("a stratified fifth of the pictures is held out as the test set",
                                        "no test part with classes is given", overruled("test=FOLDER")))
    side, channels = common_shape(folder, train)
    return Listing(folder, train, targets, test, test_targets, side, channels, classes,
                   _ledger(files, train, test, found, parse_values(reading.get("range", ""))))


def _divide(root: Path, files: Scan, reading: Reading) -> _Division:
    """Return the parts that the reading says, else folders, else lists."""
    tree = Tree.of(files.pictures)
    if "train" in reading:
        return _chosen(root, tree, files, reading)
    if reading.get("parts") == "none":
        return _of_folders(root, Parts((tree.unwrapped(),)))
    lists = find_lists(root, files.pictures, files.others)
    if "train" in lists and not any(map(part_of, tree.unwrapped().folders)):
        return _of_lists(root, lists)
    if not tree.folders:
        raise _folder_error(root, "a folder with one subfolder of pictures for each class"
                                  + advice(root, files.others))
    found = _of_folders(root, find_parts(str(root), tree))
    found.decisions += [Decision(f"the list {each.file} is not used", "folders are named for the parts"
                                 if "train" in lists else "there is no list of training pictures",
                                 overruled(f"{part}={each.file}")) for part, each in lists.items()]
    found.decisions += [Decision(f"{name} is not used, though it may name the parts", "its form is not known",
                                 overruled("train=LIST", "test=LIST"))
                        for name in files.others if {"train", "test"} <= set(words_of(name.rpartition("/")[2]))]
    return found


def _chosen(root: Path, tree: Tree, files: Scan, reading: Reading) -> _Division:
    """Return the parts that the user says, each some folders or lists."""
    found = _Division({}, {}, {})
    for part, classes in (("train", found.train), ("test", found.test)):
        for name in filter(None, reading.get(part, "none" if part == "test" else "").split(",")):
            inner = _folder_at(tree, name.strip("/"))
            if inner:
                classes |= _joined([classes, _classes_of([inner], found.train, found.decisions)])
            elif (root / name).is_file():
                each = read_list(root, name, files.pictures)
                found.accounts.append(each.account)
                classes |= _joined([classes, _classes_of_list(each)])
            elif name != "none":
                raise _folder_error(root / name, f"a folder of pictures or a list for {part}")
        found.origins[part] = f"{reading.get(part, '')}, as said"
    return found


def _folder_at(tree: Tree, path: str) -> Tree | None:
    here: Tree | None = tree
    for name in filter(None, path.split("/")):
        here = here.folders.get(name) if here else None
    return here


def _of_folders(root: Path, parts: Parts) -> _Division:
    decisions = list(parts.decisions)
    train = _classes_of(parts.train, (), decisions)
    empty = sorted(set(class_names(root / parts.train[0].unwrapped().path)) - parts.train[0].unwrapped().folders.keys())
    if empty and len(train) > 1:
        raise _folder_error(root / parts.train[0].path, "a folder with pictures of every class: "
                                                        f"{listed(empty)} has none")
    test = _classes_of(parts.test, train, decisions)
    origins = {part: f"the folder {listed([each.path for each in them])}" if any(each.path for each in them) else
               "the class folders" for part, them in (("train", parts.train), ("test", parts.test))}
    return _Division(train, test, origins, [name for each in parts.unlabelled for name in each.all()],
                     parts.unused, decisions)


def _of_lists(root: Path, lists: Mapping[str, PartList]) -> _Division:
    test = lists.get("test") or lists.get("val")
    used = [each for each in (lists["train"], test) if each]
    decisions = [Decision(f"the pictures in the list {each.file} are the {part} part", "that is its name",
                          overruled("train=FILE", "test=FILE"))
                 for part, each in zip(("train", "test"), used, strict=False)]
    if test and test is not lists.get("val") and "val" in lists:
        decisions.append(Decision(f"the pictures in the list {lists['val'].file} are not used",
                                  "val_fraction of training is held back"))
    unused = {name: f"in {each.file}, a part that is not used" for each in lists.values() if each not in used
              for name in each.pictures}
    twice = sorted(set(used[0].pictures) & set(used[-1].pictures)) if len(used) > 1 else []
    if twice:
        raise _folder_error(root, f"a folder with separate lists: {twice[0]} is in {used[0].file} and in "
                                  f"{used[1].file}")
    return _Division(_classes_of_list(used[0]), _classes_of_list(used[1]) if len(used) > 1 else {},
                     {part: f"the list {each.file}" for part, each in zip(("train", "test"), used, strict=False)},
                     unused=unused, decisions=decisions, accounts=[each.account for each in lists.values()])


def _classes_of(folders: Sequence[Tree], known: Iterable[str], decisions: list[Decision]) -> _Classes:
    """Return the pictures of each class in these folders; two spellings of one name are one class."""
    known = tuple(known)
    spellings: dict[str, dict[str, list[str]]] = defaultdict(dict)
    for folder in folders:
        for name, inner in folder.unwrapped(known).folders.items():
            spellings[spelling(name)].setdefault(name, []).extend(inner.all())
    as_known = {spelling(name): name for name in known}
    found = {}
    for name, written in spellings.items():
        label = as_known.get(name, name if len(written) > 1 else next(iter(written)))
        found[label] = sorted(each for names in written.values() for each in names)
        if len(written) > 1 or label not in written:
            decisions.append(Decision(f"folders whose names differ only in how {name} is stored are one class",
                                      "systems store accents in two ways"))
    return dict(sorted(found.items()))


def _classes_of_list(part: PartList) -> _Classes:
    """Return the pictures of a list by class: by their folder, or by their label if they lie in one folder."""
    folders = {name.rpartition("/")[0] for name in part.pictures}
    found: _Classes = defaultdict(list)
    for name, label in sorted(part.pictures.items()):
        folder = name.rpartition("/")[0].rpartition("/")[2]
        found[spelling(folder) if len(folders) > 1 or not label else label].append(name)
    return dict(sorted(found.items(), key=lambda each: (len(each[0]) if each[0].isdigit() else 0, each[0])))


def _joined(parts: Sequence[_Classes]) -> _Classes:
    found: _Classes = defaultdict(list)
    for part in parts:
        for name, pictures in part.items():
            found[name] = sorted({*found[name], *pictures})
    return dict(found)


def _ledger(files: Scan, train: Sequence[str], test: Sequence[str], found: _Division,
            values: Values | None) -> Ledger:
    used = {*train, *test, *found.to_try}
    left_out = {name: found.unused.get(name) or next(
        (why for path, why in found.unused.items() if name.startswith(f"{path}/")), "in no class folder of a part")
        for name in files.pictures if name not in used}
    uses = {"train": train, "test": test} | ({"trying": found.to_try} if found.to_try else {})
    account = Account.of_names("files", (*files.pictures, *files.others), uses, files.others | left_out)
    parts = tuple(Part(part, found.origins[part]) for part in ("train", "test"))
    return Ledger((account, *found.accounts), parts, tuple(found.decisions), files.looks(), values)


def _labelled(classes: Mapping[str, Sequence[str]], order: Sequence[str] = ()) -> tuple[tuple[str, ...], Targets]:
    """Return the pictures of all classes, and their targets."""
    groups = [classes.get(name, ()) for name in order or classes]
    targets = np.repeat(np.arange(len(groups), dtype=np.int64), [len(names) for names in groups])
    return tuple(name for names in groups for name in names), targets


def _check_classes(root: Path, found: _Division, files: Scan) -> None:
    """Refuse classes that cannot be learnt; notes classes without test pictures."""
    if len(found.train) < 2:
        only = f"two or more classes: only {next(iter(found.train))} has pictures" if found.train else \
            "one subfolder of pictures for each class"
        raise _folder_error(root, f"a folder with {only}{advice(root, files.others)}")
    unknown = sorted(set(found.test) - set(found.train))
    if unknown:
        raise _folder_error(root, f"a folder of the training classes: {listed(unknown)} has no training pictures")
    absent = [name for name in found.train if not found.test.get(name)]
    if found.test and absent:
        found.decisions.append(Decision(f"the test set has no picture of {listed(absent)}"))


def _folder_error(folder: Path, expected: str) -> ConfigError:
    return ConfigError("data_path", str(folder), expected)


LOADER = user_folder(read, None, ("train", "test", "parts", "links", "range"))
