"""The provenance of a run: commit, library versions and machine. Imports none of the libraries."""

import os
import platform
import sqlite3
import subprocess
import time
from functools import lru_cache
from typing import Any

import engine
from engine.home import ROOT

LIBRARIES = ("torch", "torchvision", "timm", "numpy", "scikit-learn", "safetensors")
_GIT_SECONDS = 5


@lru_cache(maxsize=1)
def environment() -> dict[str, Any]:
    """Return the versions of Python, Darkroom and relevant libraries, and the machine's name and system."""
    from importlib.metadata import PackageNotFoundError, version

    found = {"python": platform.python_version(), "darkroom": engine.__version__, "host": platform.node(),
             "platform": platform.platform(), "sqlite": sqlite3.sqlite_version}
    for library in LIBRARIES:
        try:
            found[library] = version(library)
        except PackageNotFoundError:
            continue
    return found


def git_state() -> tuple[str | None, bool]:
    """Return the commit, and whether tracked files differ from it; (None, False) outside a repository."""
    return _git_state(int(time.monotonic() / _GIT_SECONDS))


@lru_cache(maxsize=1)
def _git_state(_moment: int) -> tuple[str | None, bool]:
    """Run git, cached for a few seconds because a grid submits dozens of runs at once."""
    answer = _git("status", "--porcelain=v2", "--branch", "--untracked-files=no")
    lines = (answer or "").splitlines()
    commit = next((line.split()[-1] for line in lines if line.startswith("# branch.oid ")), None)
    if commit is None or commit == "(initial)":
        return None, False
    return commit, any(not line.startswith("#") for line in lines)


def _git(*words: str) -> str | None:
    if not (ROOT / ".git").exists():
        return None
    try:
        done = subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True, timeout=_GIT_SECONDS,
                               env={**os.environ, "GIT_OPTIONAL_LOCKS": "0"})
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout if done.returncode == 0 else None
