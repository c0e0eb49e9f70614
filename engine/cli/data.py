"""``data`` and ``backup``: what runs are made of, and keeping what they made."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.catalog.datasets import spelled
from engine.cli.annotation_report import print_annotations
from engine.cli.output import print_json, say, table
from engine.store import Store
from engine.tasks import task_of

_CLASSES = 20
_COPIES = 10
_PLACES = 4


def print_report(found: dict[str, Any]) -> None:
    """Print what :func:`engine.data.audits.audit.report` found."""
    train, test = found["by_class"]["train"], found["by_class"]["test"]
    rows = [(name, f"{in_train:,}", f"{in_test:,}")
            for name, in_train, in_test in zip(found["classes"], train, test, strict=True)]
    if len(rows) > _CLASSES:
        rows = [("smallest class", f"{min(train):,}", f"{min(test):,}"),
                ("largest class", f"{max(train):,}", f"{max(test):,}")]
    table(("class", "train", "test"), [*rows, ("all", f"{sum(train):,}", f"{sum(test):,}")])
    height, width, channels = found["picture_shape"]
    print(f"\npictures    {width}×{height}, {'grey' if channels == 1 else 'colour'}; "
          f"mean {_numbers(found['mean'])}, standard deviation {_numbers(found['std'])}")
    for split, count in found["blank"].items():
        if count:
            print(f"blank       {count:,} {split} pictures have one value all over")
    _print_copies(found["duplicates"])


def _print_copies(copies: dict[str, Any]) -> None:
    if not copies["pictures"]:
        print("duplicates  none: no two pictures are equal in every pixel")
        return
    print(f"duplicates  {copies['train']:,} pictures more than once in train, {copies['test']:,} in test, "
          f"{copies['both']:,} in both; the labels of {copies['contradictory']:,} disagree")
    for each in copies["pictures"][:_COPIES]:
        where = "; ".join(f"{split} {_places(each[split])}" for split in ("train", "test") if each[split])
        print(f"  {' ≠ '.join(each['classes'])}: {where}")
    more = len(copies["pictures"]) - _COPIES
    if more > 0:
        print(f"  and {more:,} more (--json lists them all)")


def _places(places: Sequence[int]) -> str:
    listed = ", ".join(map(str, places[:_PLACES]))
    return f"{listed} and {len(places) - _PLACES} more" if len(places) > _PLACES else listed


def _numbers(values: Sequence[float]) -> str:
    return " ".join(f"{value:.4f}" for value in values)


if TYPE_CHECKING:
    from engine.data import Dataset, DetectionDataset

_Report = tuple[dict[str, Any], Callable[[dict[str, Any]], None]]


def prepare(arguments: argparse.Namespace) -> int:
    """Find or download a data set, prepare it for training, and report what is in it."""
    name = spelled(arguments.dataset)
    found, printed = task_of(name).audit(name, arguments)
    if arguments.json:
        print_json(found)
    else:
        printed(found)
    return 0


def audit_classes(name: str, arguments: argparse.Namespace) -> _Report:
    """A set of whole pictures made ready, and what is found in it."""
    from engine.data import load_dataset
    from engine.data.audits.audit import audit, report

    dataset = load_dataset(name, arguments.data_path, download=True, unreadable=arguments.unreadable)
    _say_remarks(dataset)
    say(f"{name} is ready: {len(dataset.train_targets):,} training and {len(dataset.test_targets):,} test pictures "
        f"of {len(dataset.classes)} classes, fingerprint {dataset.fingerprint}")
    return report(dataset, audit(dataset)) | {"notes": dataset.notes, "skipped": dataset.skipped}, print_report


def audit_boxes(name: str, arguments: argparse.Namespace) -> _Report:
    """A set of pictures with boxes made ready, and what is found in it."""
    from engine.data import load_detection
    from engine.data.audits.boxes import report

    dataset = load_detection(name, arguments.data_path, unreadable=arguments.unreadable)
    _say_remarks(dataset)
    say(f"{name} is ready: {len(dataset.train):,} training and {len(dataset.test):,} test pictures with "
        f"{len(dataset.train.annotations):,} and {len(dataset.test.annotations):,} boxes of {len(dataset.classes)} "
        f"classes, fingerprint {dataset.fingerprint}")
    return report(dataset) | {"notes": dataset.notes, "skipped": dataset.skipped}, print_annotations


def _say_remarks(dataset: Dataset | DetectionDataset) -> None:
    for note in dataset.notes:
        say(f"note: {note}")
    if dataset.skipped:
        say(f"left out because they cannot be read ({len(dataset.skipped):,}): {'; '.join(dataset.skipped)}")


def backup(arguments: argparse.Namespace) -> int:
    """Copy ``runs.db`` consistently; a plain copy of a live database would miss its newest rows."""
    target = Path(arguments.file).expanduser()
    Store.open().backup(target)
    say(f"copied to {target}")
    if arguments.json:
        print_json({"file": str(target)})
    return 0
