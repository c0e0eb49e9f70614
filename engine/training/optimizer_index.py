"""The list of timm's optimizers, kept in a file so that nobody has to import timm to read it."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path

from engine.files import write_atomically
from engine.home import ROOT, artifacts_dir

OptimizerIndex = dict[str, tuple[str, bool]]


@lru_cache(maxsize=1)
def timm_optimizers() -> OptimizerIndex:
    """Each timm optimizer's (description, whether it is of second order), read from the cache or made by a subprocess.

    Those that need a package or device that is not here are left out. A folder that cannot be written only means
    asking timm again.
    """
    path = _cache_path()
    try:
        index = path.read_text()
    except OSError:
        index = _ask_timm()
        with contextlib.suppress(OSError):
            write_atomically(path, index.encode())
    return {name: (description, second_order) for name, (description, second_order) in json.loads(index).items()}


def _cache_path() -> Path:
    return artifacts_dir() / "cache" / f"timm-{version('timm')}-optimizers.json"


def _ask_timm() -> str:
    """A process of its own, so that the caller never imports torch."""
    command = [sys.executable, "-m", "engine.training.optimizer_index"]
    return subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout


def _describe_timm() -> OptimizerIndex:
    from timm.optim import get_optimizer_info, list_optimizers

    infos = {name: get_optimizer_info(name) for name in list_optimizers() if _can_be_made(name)}
    return {name: (info.description, info.second_order) for name, info in infos.items()}


def _can_be_made(name: str) -> bool:
    import torch
    from timm.optim import create_optimizer_v2

    try:
        create_optimizer_v2([torch.nn.Parameter(torch.zeros(2, 2))], opt=name, lr=0.1)
    except (AssertionError, ImportError, RuntimeError):
        return False
    return True


if __name__ == "__main__":
    print(json.dumps(_describe_timm()))
