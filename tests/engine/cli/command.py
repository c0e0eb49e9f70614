"""Calling ``python -m engine`` as a user does."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

from engine.home import ROOT

TINY = ("--dataset", "Digits", "--batch-size", "256", "--device", "cpu")


def engine(*words: str, timeout: float = 240) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "engine", *words], cwd=ROOT, capture_output=True, text=True,
                          timeout=timeout, stdin=subprocess.DEVNULL, check=False)


def document(*words: str) -> Any:
    """The one JSON document a command prints."""
    done = engine(*words, "--json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)
