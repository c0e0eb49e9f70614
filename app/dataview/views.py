"""What the Data page shows of a data set, by its task."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from app.dataview.boxes.browser import browser
from app.dataview.boxes.distribution import distribution
from app.dataview.boxes.parts import parts as box_parts
from app.dataview.boxes.seen import BOXED
from app.dataview.boxes.suspects import suspect_list
from app.dataview.choosing import audited, box_facts, facts
from app.dataview.copies import copies
from app.dataview.figures import figures
from app.dataview.parts import parts
from app.dataview.seen import PICTURES, seen
from app.dataview.sheet import contact_sheet
from engine.data import load_dataset, load_detection
from engine.data.loading import AnyDataset

FIRST = "Pictures"
"""The view that every task has, shown at first."""


@dataclass(frozen=True)
class DataView:
    """One task's part of the page.

    Attributes:
        load: a data set by name and folder, without what cannot be read.
        facts: a few words of HTML about it, given where it comes from.
        views: by title, what draws it, given the data set and its folder.
    """

    load: Callable[[str, str], AnyDataset]
    facts: Callable[[Any, Path | None], str]
    views: dict[str, Callable[[Any, str], None]]


DATA_VIEWS: dict[str, DataView] = {
    "classification": DataView(partial(load_dataset, unreadable="skip"), facts, {
        FIRST: lambda dataset, _: contact_sheet(dataset),
        "What the network sees": lambda dataset, folder: seen(dataset, folder, PICTURES),
        "Parts": lambda dataset, folder: parts(dataset, folder, audited(dataset)),
        "Duplicates": lambda dataset, _: copies(dataset, audited(dataset)),
        "Statistics": lambda dataset, _: figures(dataset, audited(dataset)),
    }),
    "detection": DataView(partial(load_detection, unreadable="skip"), box_facts, {
        FIRST: lambda dataset, _: browser(dataset),
        "What the network sees": lambda dataset, folder: seen(dataset, folder, BOXED),
        "Boxes": lambda dataset, _: distribution(dataset),
        "Suspects": lambda dataset, _: suspect_list(dataset),
        "Parts": box_parts,
    }),
}
