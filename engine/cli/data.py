"""``data`` and ``backup``: what runs are made of, and keeping what they made."""

from __future__ import annotations

import argparse
from pathlib import Path

from engine.cli.data_report import print_report
from engine.cli.output import print_json, say
from engine.data.catalog import spelled
from engine.store import Store


def prepare(arguments: argparse.Namespace) -> int:
    """Find or download a data set, prepare it for training, and report what is in it."""
    from engine.data import load_dataset
    from engine.data.audits.audit import audit, report

    name = spelled(arguments.dataset)
    dataset = load_dataset(name, arguments.data_path, download=True, unreadable=arguments.unreadable)
    for note in dataset.notes:
        say(f"note: {note}")
    if dataset.skipped:
        say(f"left out because they cannot be read ({len(dataset.skipped):,}): {', '.join(dataset.skipped)}")
    say(f"{name} is ready: {len(dataset.train_targets):,} training and {len(dataset.test_targets):,} test pictures "
        f"of {len(dataset.classes)} classes, fingerprint {dataset.fingerprint}")
    found = report(dataset, audit(dataset))
    if arguments.json:
        print_json(found | {"notes": dataset.notes, "skipped": dataset.skipped})
    else:
        print_report(found)
    return 0


def backup(arguments: argparse.Namespace) -> int:
    """Copy ``runs.db`` consistently; a plain copy of a live database would miss its newest rows."""
    target = Path(arguments.file).expanduser()
    Store.open().backup(target)
    say(f"copied to {target}")
    if arguments.json:
        print_json({"file": str(target)})
    return 0
