"""What ``data NAME`` prints about pictures with boxes: boxes of each class, their sizes, what looks like a mistake."""

from __future__ import annotations

from collections import Counter
from typing import Any

from engine.cli.output import table
from engine.data.audits.suspects import KINDS

_CLASSES = 20
_SIZES = 3
_LISTED = 5


def print_annotations(found: dict[str, Any]) -> None:
    """Print what :func:`engine.data.audits.boxes.report` found."""
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
    print("objects     " + ", ".join(f"{found['objects_per_picture'][split]:.2f} a picture in {split} "
                                     f"({found['without_boxes'][split]:,} with none)" for split in ("train", "test")))
    area, ratio = found["box_area"], found["aspect_ratio"]
    print(f"box area    median {area['median']:,.0f} px², half within {area['lower']:,.0f} and {area['upper']:,.0f}, "
          f"up to {area['most']:,.0f}")
    print(f"box aspect  median {ratio['median']:.2f} (width by height), half within {ratio['lower']:.2f} and "
          f"{ratio['upper']:.2f}")


def _print_suspects(suspects: list[dict[str, Any]]) -> None:
    if not suspects:
        print("suspect     nothing: no box or picture looks like a mistake")
    numbers = Counter(each["kind"] for each in suspects)
    for kind, count in numbers.items():
        print(f"suspect     {count:,} × {KINDS[kind].title.lower()}: {KINDS[kind].meaning}")
        for each in [each for each in suspects if each["kind"] == kind][:_LISTED]:
            where = each["where"][-1]
            what = ", ".join(each["classes"]) or (each["name"] if each["name"] != where else "")
            print(f"  {each['split']} {where}" + (f" ({what})" if what else ""))
        if count > _LISTED:
            print(f"  and {count - _LISTED:,} more (--json lists them all)")
