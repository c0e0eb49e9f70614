"""``data``: preparing and auditing data sets."""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from engine.catalog.datasets import canonical_name
from engine.cli.output import print_json, say, table
from engine.data.audits.leaks import limits
from engine.data.audits.suspects import KINDS
from engine.tasks import task_of
from engine.words import listed

if TYPE_CHECKING:
    from engine.data import Dataset, DetectionDataset

_Report = tuple[dict[str, Any], Callable[[dict[str, Any]], None]]

_SIZES = 3
_LISTED = 5
_CLASSES = 20
_COPIES = 10
_PLACES = 4


def print_annotations(found: dict[str, Any]) -> None:
    """Print the report of :func:`engine.data.audits.boxes.report`."""
    train, test = found["boxes_by_class"]["train"], found["boxes_by_class"]["test"]
    order = sorted(range(len(train)), key=lambda label: (-train[label], label))
    rows = [(found["classes"][label], f"{train[label]:,}", f"{test[label]:,}",
             f"{found['pictures_by_class']['train'][label]:,}") for label in order]
    shown = rows if len(rows) <= _CLASSES else [*rows[:_CLASSES - 3], ("…", "", "", ""), *rows[-2:]]
    table(("class", "boxes in train", "in test", "train pictures"),
          [*shown, ("all", f"{sum(train):,}", f"{sum(test):,}", f"{found['train']:,}")])
    _print_sizes(found)
    _print_suspects(found["suspects"])


def _print_sizes(found: dict[str, Any]) -> None:
    sizes = ", ".join(f"{each['pictures']:,} of {each['width']}×{each['height']}"
                      for each in found["picture_sizes"][:_SIZES])
    more = len(found["picture_sizes"]) - _SIZES
    print(f"\npictures    {sizes}" + (f" and {more:,} other sizes" if more > 0 else ""))
    print("objects     " + ", ".join(f"{found['objects_per_picture'][split]:.2f} per picture in {split} "
                                     f"({found['without_boxes'][split]:,} without)" for split in ("train", "test")))
    area, ratio = found["box_area"], found["aspect_ratio"]
    print(f"box area    median {area['median']:,.0f} px², half between {area['lower']:,.0f} and {area['upper']:,.0f}, "
          f"up to {area['most']:,.0f}")
    print(f"box aspect  median {ratio['median']:.2f} (width / height), half between {ratio['lower']:.2f} and "
          f"{ratio['upper']:.2f}")


def _print_suspects(suspects: list[dict[str, Any]]) -> None:
    if not suspects:
        print("suspect     none: no box or picture looks like a mistake")
    numbers = Counter(each["kind"] for each in suspects)
    for kind, count in numbers.items():
        print(f"suspect     {count:,} × {KINDS[kind].title.lower()}: {KINDS[kind].meaning}")
        for each in [each for each in suspects if each["kind"] == kind][:_LISTED]:
            where = each["where"][-1]
            what = ", ".join(each["classes"]) or (each["name"] if each["name"] != where else "")
            print(f"  {each['split']} {where}" + (f" ({what})" if what else ""))
        _print_more(count - _LISTED)


def print_report(found: dict[str, Any]) -> None:
    """Print the report of :func:`engine.data.audits.audit.report`."""
    train, test = found["by_class"]["train"], found["by_class"]["test"]
    rows = [(name, f"{in_train:,}", f"{in_test:,}")
            for name, in_train, in_test in zip(found["classes"], train, test, strict=True)]
    if len(rows) > _CLASSES:
        rows = [("smallest class", f"{min(train):,}", f"{min(test):,}"),
                ("largest class", f"{max(train):,}", f"{max(test):,}")]
    table(("class", "train", "test"), [*rows, ("pictures", f"{found['train']:,}", f"{found['test']:,}")])
    height, width, channels = found["picture_shape"]
    print(f"\npictures    {width}×{height}, {'grey' if channels == 1 else 'colour'}; "
          f"mean {_numbers(found['mean'])}, standard deviation {_numbers(found['std'])}")
    for split, count in found["blank"].items():
        if count:
            print(f"blank       {count:,} {split} pictures, all pixels with one value")
    _print_copies(found["duplicates"])
    _print_leaks(found)


def _print_copies(copies: dict[str, Any]) -> None:
    if not copies["pictures"]:
        print("duplicates  none: no two pictures have equal pixels")
        return
    print(f"duplicates  {copies['train']:,} pictures more than once in train, {copies['test']:,} in test, "
          f"{copies['both']:,} in both; {copies['contradictory']:,} with different labels")
    for each in copies["pictures"][:_COPIES]:
        where = "; ".join(f"{split} {listed(each[split], _PLACES)}" for split in ("train", "test") if each[split])
        print(f"  {' ≠ '.join(each['classes'])}: {where}")
    _print_more(len(copies["pictures"]) - _COPIES)


def _print_leaks(found: dict[str, Any]) -> None:
    count, near = found["leaks"]["pictures"], found["leaks"]["near"]
    print(f"leaks       {count:,} of {found['test']:,} test pictures are among the training pictures, "
          f"{count - len(near):,} with equal pixels and {len(near):,} nearly (compressed, resized, mirrored, cropped "
          "or brightened)")
    if limit := limits(found["leaks"]["least_likeness"]):
        print(f"  {limit}")
    for leak in sorted(near, key=lambda leak: (len(leak["classes"]) == 1, -leak["likeness"]))[:_COPIES]:
        print(f"  {' ≠ '.join(leak['classes'])}: test {leak['test']}, train {leak['train']}"
              + (", mirrored" if leak["mirrored"] else ""))
    _print_more(len(near) - _COPIES)


def _print_more(count: int) -> None:
    if count > 0:
        print(f"  and {count:,} more (--json lists them all)")


def _numbers(values: Sequence[float]) -> str:
    return " ".join(f"{value:.4f}" for value in values)


def prepare(arguments: argparse.Namespace) -> int:
    """Find or download a data set, prepare it for training, and print its audit."""
    name = canonical_name(arguments.dataset)
    found, printed = task_of(name).audit(name, arguments)
    if arguments.json:
        print_json(found)
    else:
        printed(found)
    return 0


def audit_classes(name: str, arguments: argparse.Namespace) -> _Report:
    """Prepare a classification data set, and return its audit with the function that prints it."""
    from engine.data import load_dataset
    from engine.data.audits.audit import audit, report

    dataset = load_dataset(name, arguments.data_path, download=True, unreadable=arguments.unreadable)
    _print_notes(dataset)
    say(f"{name} is ready: {len(dataset.train_targets):,} training and {len(dataset.test_targets):,} test pictures "
        f"of {len(dataset.classes)} classes, fingerprint {dataset.fingerprint}")
    return report(dataset, audit(dataset)) | _accounts(dataset), print_report


def audit_boxes(name: str, arguments: argparse.Namespace) -> _Report:
    """Prepare a detection data set, and return its audit with the function that prints it."""
    from engine.data import load_detection
    from engine.data.audits.boxes import report

    dataset = load_detection(name, arguments.data_path, unreadable=arguments.unreadable)
    _print_notes(dataset)
    say(f"{name} is ready: {len(dataset.train):,} training and {len(dataset.test):,} test pictures with "
        f"{len(dataset.train.annotations):,} and {len(dataset.test.annotations):,} boxes of {len(dataset.classes)} "
        f"classes, fingerprint {dataset.fingerprint}")
    return report(dataset) | _accounts(dataset), print_annotations


def _accounts(dataset: Dataset | DetectionDataset) -> dict[str, Any]:
    return {"notes": dataset.notes, "skipped": dataset.skipped, "ledger": dataset.ledger.document()}


def _print_notes(dataset: Dataset | DetectionDataset) -> None:
    for name, text in dataset.ledger.rows():
        say(f"{name}: {text}")
    for note in dataset.notes:
        say(f"note: {note}")
    if dataset.skipped:
        say(f"skipped unreadable files ({len(dataset.skipped):,}): {'; '.join(dataset.skipped)}")
