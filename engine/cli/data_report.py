"""What ``data NAME`` prints about a data set: pictures of each class, statistics, exact duplicates."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from engine.cli.output import table

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
