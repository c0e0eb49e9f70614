"""``make chaos``: disturbs runs for half an hour, and prints a table."""

from __future__ import annotations

import argparse
import contextlib
import secrets
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.chaos.campaign import campaign, table
from tests.chaos.faults import FAULTS


@contextlib.contextmanager
def disk() -> Iterator[Path]:
    """A small file system of its own, where mounting is allowed, so that it can be filled; else a folder."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=400m,mode=0755", "none", folder],
                                 capture_output=True, check=False).returncode == 0
        try:
            yield Path(folder)
        finally:
            if mounted:
                subprocess.run(["umount", "-l", folder], check=True)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos")
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--seed", type=int, default=secrets.randbelow(10**6))
    parser.add_argument("--only", nargs="*", choices=FAULTS, metavar="FAULT", help="some of the faults")
    given = parser.parse_args()
    with disk() as base:
        met = campaign(base, given.minutes, given.seed, given.only)
    print(f"\n{table(met)}")
    return any(tally.failed for tally in met.values())


if __name__ == "__main__":
    sys.exit(main())
