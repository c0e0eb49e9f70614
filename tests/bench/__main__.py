"""``python -m tests.bench [NAME …]``: each measurement beside its peer, as a table; ``--json`` for programs."""

from __future__ import annotations

import json
import os
import sys
import tempfile
from dataclasses import asdict
from importlib import import_module

# Before torch is imported: threads that wait without spinning, and one of them, as beside a second run.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
os.environ.setdefault("OMP_NUM_THREADS", "1")

from rich.console import Console
from rich.table import Table

from tests.bench.row import BenchRow

SUITES = ("data", "photographs", "epochs", "store", "runs", "start", "browser")


def main(words: list[str]) -> None:
    as_json = "--json" in words
    chosen = [word for word in words if word != "--json"] or list(SUITES)
    unknown = set(chosen) - set(SUITES)
    if unknown:
        sys.exit(f"{', '.join(sorted(unknown))}: no such measurement; there are {', '.join(SUITES)}")
    rows: list[BenchRow] = []
    for suite in chosen:
        with tempfile.TemporaryDirectory(prefix="darkroom-bench-") as home:
            os.environ["DARKROOM_HOME"] = home
            print(f"measuring {suite} …", file=sys.stderr)
            rows += import_module(f"tests.bench.{suite}").rows()
    print(json.dumps([asdict(row) for row in rows], indent=1)) if as_json else _print(rows)


def _print(rows: list[BenchRow]) -> None:
    table = Table("measured", "Darkroom", "peer", "ratio", "wanted", "", box=None, header_style="bold")
    for row in rows:
        table.add_row(row.name, row.ours, row.peer, f"{row.ratio:.3g}×", row.target, "✓" if row.met else "not met")
    Console(width=None if sys.stdout.isatty() else 180).print(table)


if __name__ == "__main__":
    main(sys.argv[1:])
