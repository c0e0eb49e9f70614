"""``data`` and ``backup``: what runs are made of, and keeping what they made."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.catalog.datasets import spelled
from engine.cli.annotation_report import print_annotations
from engine.cli.data_report import print_report
from engine.cli.output import print_json, say
from engine.store import Store
from engine.tasks import task_of

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
