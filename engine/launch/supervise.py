"""``python -m engine.launch.supervise RUN_ID ATTEMPT``: start a trainer cold, and write down how it ended."""

from __future__ import annotations

import os
import sys
from typing import NoReturn

from engine.launch.trainer import ENTRY, supervise


def main(run_id: int, attempt: int, entry: str) -> None:
    supervise(run_id, attempt, lambda: _execute(run_id, entry))


def _execute(run_id: int, entry: str) -> NoReturn:
    """A fresh interpreter, so that its environment shows the run's marker."""
    code = f"import sys; from engine.launch.trainer import call; sys.exit(call({entry!r}, {run_id}))"
    os.execv(sys.executable, [sys.executable, "-u", "-c", code])


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3] if len(sys.argv) > 3 else ENTRY)
