"""PASCAL VOC's lists of pictures, ``ImageSets/Main/train.txt`` and so on, which say what belongs to which split."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from engine.data.readers.box_listing import Annotated, named_files

_SPLITS = {"trainval": "train", "train": "train", "val": "val", "test": "test"}
"""By the list's name; what two lists name belongs to the later one."""
_FOLDERS = (("ImageSets", "Main"), ("ImageSets",))


@dataclass(frozen=True)
class _ImageList:
    """A list: its file, the folder that holds ImageSets, its name, and (line, picture) of each line."""

    file: str
    base: str
    name: str
    lines: tuple[tuple[int, str], ...]


def by_image_sets(root: Path, found: Sequence[Annotated], broken: Collection[str],
                  notes: list[str]) -> tuple[list[Annotated], list[str]]:
    """The pictures that lists name, each with its split, and what is named but lost; without lists all as they are.

    Beside a test list, trainval is learnt from as a whole; a test list none of whose pictures is annotated, as that of
    VOC2012, is left aside. What becomes of lists and pictures that are not used is added to ``notes``.

    Args:
        broken: annotation files that cannot be used, which is told already.
    """
    told = {Path(source).stem for source in broken}
    by_stem: dict[str, list[Annotated]] = defaultdict(list)
    for each in found:
        by_stem[Path(each.source).stem].append(each)
    lists = [each for each in _lists(root) if _used(each, by_stem, notes)]
    if not lists:
        return list(found), []
    names = {each.name for each in lists}
    if {"trainval", "test"} <= names:
        lists = [each for each in lists if each.name not in ("train", "val")]
    chosen: dict[str, Annotated] = {}
    lost = []
    for named in sorted(lists, key=lambda named: list(_SPLITS).index(named.name)):
        for line, name in named.lines:
            match = _match(by_stem, named.base, name)
            if match:
                chosen[match.source] = replace(match, split=_SPLITS[named.name])
            elif name not in told:
                lost.append(f"{named.file}, line {line}: no usable annotation is called {name}")
    if len(chosen) < len(found):
        notes.append(f"annotated pictures in no list of ImageSets, which are not used: {len(found) - len(chosen):,}")
    return list(chosen.values()), lost


def _lists(root: Path) -> list[_ImageList]:
    found = []
    for file in named_files(root, (".txt",)):
        path = Path(file)
        folder = next((names for names in _FOLDERS if path.parent.parts[-len(names):] == names), None)
        if folder and path.stem in _SPLITS:
            base = Path(*path.parent.parts[:-len(folder)])
            lines = (root / file).read_text(encoding="utf-8", errors="replace").splitlines()
            named = tuple((number, line.split()[0]) for number, line in enumerate(lines, 1) if line.strip())
            found.append(_ImageList(file, "" if base == Path() else f"{base}/", path.stem, named))
    return found


def _used(each: _ImageList, by_stem: dict[str, list[Annotated]], notes: list[str]) -> bool:
    if not each.lines or any(_match(by_stem, each.base, name) for _, name in each.lines):
        return bool(each.lines)
    notes.append(f"{each.file} is not used: none of its pictures is annotated")
    return False


def _match(by_stem: dict[str, list[Annotated]], base: str, name: str) -> Annotated | None:
    """Names may have dots in them; some tools write the suffix, too."""
    candidates = by_stem.get(name) or by_stem.get(Path(name).stem) or []
    return next((each for each in candidates if each.source.startswith(base)), None)
