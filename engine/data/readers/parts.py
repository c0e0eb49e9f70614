"""Which pictures of a class folder are for training and for test, by the names of folders."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from engine.data.ledger import Decision
from engine.data.readers.split_words import besides, part_of, spelling
from engine.data.reading import overruled
from engine.errors import ConfigError
from engine.words import listed


@dataclass
class Tree:
    """A folder with the pictures in it, relative to the set's folder."""

    path: str = ""
    pictures: list[str] = field(default_factory=list)
    folders: dict[str, "Tree"] = field(default_factory=dict)

    @classmethod
    def of(cls, names: Iterable[str]) -> "Tree":
        """Return the tree of these files; there are no empty folders in it."""
        root = cls()
        for name in names:
            here = root
            for folder in name.split("/")[:-1]:
                here = here.folders.setdefault(folder, cls(f"{here.path}/{folder}" if here.path else folder))
            here.pictures.append(name)
        return root

    def all(self) -> Iterator[str]:
        """Yield every picture below."""
        yield from self.pictures
        for each in self.folders.values():
            yield from each.all()

    @property
    def is_flat(self) -> bool:
        return not self.folders

    def unwrapped(self, keep: Iterable[str] = ()) -> "Tree":
        """Return the innermost folder that holds everything: of ``seg_train/seg_train/cat`` the second.

        Args:
            keep: names of classes, which are no wrappers even if they are alone.
        """
        here, names = self, set(map(spelling, keep))
        while len(here.folders) == 1:
            (name, inner), = here.folders.items()
            if spelling(name) in names or inner.is_flat or 10 * len(inner.pictures) > sum(1 for _ in inner.all()):
                break
            here = inner
        return here


@dataclass(frozen=True)
class Parts:
    """The folders of the parts; one folder of classes alone is ``train``, of which a test part is held out.

    Attributes:
        unused: why the pictures of other folders are not used, by path; ``unlabelled`` ones can be tried.
    """

    train: tuple[Tree, ...]
    test: tuple[Tree, ...] = ()
    unlabelled: tuple[Tree, ...] = ()
    unused: dict[str, str] = field(default_factory=dict)
    decisions: tuple[Decision, ...] = ()


def find_parts(root: str, tree: Tree) -> Parts:
    """Decide which folders are which part.

    Raises:
        ConfigError: two readings are equally likely; names both and how to choose.
    """
    top = tree.unwrapped()
    top = _turned(root, top) or top
    by_part: dict[str, list[Tree]] = {}
    for name, each in top.folders.items():
        by_part.setdefault(part_of(name), []).append(each)
    plain = by_part.pop("", [])
    if "train" not in by_part:
        return _without_train(root, top, plain, by_part)
    train = _one_of(root, "train", by_part["train"])
    if train.is_flat:
        return _flat_train(root, top, train, plain, by_part)
    if plain and not by_part.keys() & {"test", "val"}:
        raise _ambiguous(root, f"{train.path} may be the training part, or a class beside {_paths(plain)}",
                         f"train={train.path}", "parts=none")
    return _divided(root, train, plain, by_part)


def _turned(root: str, top: Tree) -> Tree | None:
    """Return the parts with the classes in them, if it is the classes that hold folders called train and test."""
    parts = {name: {part_of(inner) for inner in each.folders} for name, each in top.folders.items()}
    holding = [name for name, inner in parts.items() if "train" in inner and inner & {"test", "val"}]
    if len(holding) < 2:
        return None
    odd = [each.path for name, each in top.folders.items() if "" in parts[name] or name not in holding or each.pictures]
    if odd:
        raise _ambiguous(root, f"{listed(holding)} may be classes that hold parts, or classes as {listed(odd)} is",
                         "parts=none")
    turned: dict[str, Tree] = {}
    for name, each in top.folders.items():
        for inner, pictures in each.folders.items():
            turned.setdefault(inner, Tree(f"*/{inner}")).folders[name] = pictures
    return Tree(top.path, [], turned)


def _without_train(root: str, top: Tree, plain: Sequence[Tree], by_part: dict[str, list[Tree]]) -> Parts:
    """Read folders none of which is called train as classes, if they are not the other parts of one that is missing."""
    labelled = [each for part in by_part.values() for each in part if not each.is_flat]
    inner = {spelling(name) for each in labelled for name in each.unwrapped().folders}
    likely = [each for each in plain if inner & set(map(spelling, each.unwrapped().folders))]
    if labelled and (likely or not plain):
        raise _ambiguous(root, f"{_paths(labelled)} may be a test part, but no folder is called train",
                         f"train={(likely or labelled)[0].path}", "parts=none")
    flat = [each for part in by_part.values() for each in part if each.is_flat]
    if flat and len(plain) == 1 and len(plain[0].unwrapped().folders) > 1:
        raise _ambiguous(root, f"{plain[0].path} may be the training part beside {_paths(flat)}, or all are classes",
                         f"train={plain[0].path}", "parts=none")
    variants = [each for each in plain if each.folders]
    shared = set.intersection(*(set(map(spelling, each.folders)) for each in variants)) if len(variants) > 1 else set()
    alike = sorted(name for name in shared if not name.isdecimal())
    if 1 < len(alike) >= len(variants):
        raise _ambiguous(root, f"{_paths(variants)} hold folders of the same names, which may be the classes, or parts "
                         "of these classes", f"train={variants[0].path}", "parts=none")
    decisions = [Decision(f"{_paths(variants)} are the classes, though each holds {listed(alike)}",
                          "there are more of them", overruled(f"train={variants[0].path}"))] if len(alike) > 1 else []
    named = [each for part in by_part.values() for each in part]
    decisions += [Decision(f"{_paths(named)} is read as a class", "no folder is called train")] if named else []
    return Parts((top,), decisions=tuple(decisions))


def _flat_train(root: str, top: Tree, train: Tree, plain: Sequence[Tree], by_part: dict[str, list[Tree]]) -> Parts:
    """Read a folder called train whose pictures are in no class folders: a toy train among animals."""
    others = [each for part, them in by_part.items() if part != "train" for each in them]
    if plain and not others:
        return Parts((top,), decisions=(Decision(f"{train.path} is read as a class like the others",
                                                 "its pictures lie in no class folders"),))
    if not plain and not any(besides(each.path.rpartition("/")[2]) for each in (train, *others)):
        raise ConfigError("data_path", root, f"a folder with one subfolder of pictures for each class: the pictures in "
                                             f"{train.path} lie in no class folders")
    raise _ambiguous(root, f"{_paths([train, *others])} may be parts without class folders, or classes", "parts=none")


def _divided(root: str, train: Tree, plain: Sequence[Tree], by_part: dict[str, list[Tree]]) -> Parts:
    """Return the parts of folders of which one is certainly for training."""
    classes = set(map(spelling, train.unwrapped().folders))
    others = {part: them for part, them in by_part.items() if part != "train"}
    labelled = {part: [each for each in them if _has_classes(each, classes)] for part, them in others.items()}
    unlabelled = tuple(each for them in others.values() for each in them if not _has_classes(each, classes))
    name = "test" if labelled.get("test") else "val" if labelled.get("val") else ""
    test = _one_of(root, name, labelled[name]) if name else None
    if test and besides(train.path) != besides(test.path) and not classes & set(
            map(spelling, test.unwrapped(classes).folders)):
        raise _ambiguous(root, f"{train.path} and {test.path} may be parts, or classes",
                         f"train={train.path}&test={test.path}", "parts=none")
    unused = {each.path: "in a folder beside the parts" for each in plain}
    unused |= {each.path: f"in {each.path}, a part that is not used" for part, them in labelled.items()
               for each in them if each is not test and part != "test"}
    decisions = []
    if test:
        why = "that is its name" if name == "test" else "there is no test folder with classes"
        decisions.append(Decision(f"the pictures in {test.path} are the test set", why, overruled("test=FOLDER")))
    decisions += [Decision(f"the pictures in {path} are not used", "val_fraction of training is held back",
                           overruled(f"train={train.path},{path}"))
                  for path, why in unused.items() if "part that" in why]
    decisions += [Decision(f"the pictures in {each.path} are unlabelled: they can be tried, not counted",
                           "they lie in no class folders") for each in unlabelled]
    return Parts((train,), (test,) if test else (), unlabelled, unused, tuple(decisions))


def _has_classes(folder: Tree, known: set[str]) -> bool:
    """Whether a folder holds classes, not just one folder of pictures as ``test/images`` does."""
    inner = folder.unwrapped(known).folders
    return len(inner) > 1 or bool(known.intersection(map(spelling, inner)))


def _one_of(root: str, part: str, folders: Sequence[Tree]) -> Tree:
    """Return the folder of a part: the only one with class folders, else the only one."""
    best = [each for each in folders if not each.is_flat] or list(folders)
    if len(best) > 1:
        raise _ambiguous(root, f"{_paths(best)} may each be the {part} part", *(f"{part}={each.path}" for each in best))
    return best[0]


def _paths(folders: Sequence[Tree]) -> str:
    return listed([each.path for each in folders])


def _ambiguous(root: str, readings: str, *options: str) -> ConfigError:
    choices = " or ".join(f"'FOLDER?{option}'" for option in options)
    return ConfigError("data_path", root, f"a folder that can be read in one way only: {readings}; say {choices}")
