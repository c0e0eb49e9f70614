"""Calling ``python -m engine`` as a user does, and the same in the test's own process, which costs no start."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from typing import Any
from unittest.mock import patch

from engine.cli.main import main
from engine.home import ROOT

TINY = ("--dataset", "Digits", "--batch-size", "256", "--device", "cpu")
Done = subprocess.CompletedProcess[str]


def engine(*words: str) -> Done:
    """The command in this process: for all that is not about processes."""
    with redirect_stdout(io.StringIO()) as out, redirect_stderr(io.StringIO()) as errors, \
            patch("sys.stdin", io.StringIO()):
        code = main(words)
    return subprocess.CompletedProcess(words, code, out.getvalue(), errors.getvalue())


def engine_process(*words: str, timeout: float = 240) -> Done:
    return subprocess.run([sys.executable, "-m", "engine", *words], cwd=ROOT, capture_output=True, text=True,
                          timeout=timeout, stdin=subprocess.DEVNULL, check=False)


def document(*words: str) -> Any:
    """The one JSON document a command prints."""
    return _document(engine(*words, "--json"))


def process_document(*words: str) -> Any:
    """The same of a process."""
    return _document(engine_process(*words, "--json"))


def _document(done: Done) -> Any:
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)
