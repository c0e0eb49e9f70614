"""The list of timm's models, kept in a file so that nobody has to import timm to read it."""

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

TimmIndex = dict[str, tuple[str, int, bool]]


@lru_cache(maxsize=1)
def timm_index() -> TimmIndex:
    """Each timm model's (family, input side in pixels, fixed size), read from the cache or made by a subprocess.

    A folder that cannot be written only means asking timm again.
    """
    path = _cache_path()
    try:
        index = path.read_text()
    except OSError:
        index = _ask_timm()
        with contextlib.suppress(OSError):
            write_atomically(path, index.encode())
    return {name: (family, size, fixed) for name, (family, size, fixed) in json.loads(index).items()}


def _cache_path() -> Path:
    return artifacts_dir() / "cache" / f"timm-{version('timm')}.json"


def _ask_timm() -> str:
    """A process of its own, so that the caller never imports torch."""
    command = [sys.executable, "-m", "engine.models.index"]
    return subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout


def _describe_timm() -> TimmIndex:
    import timm

    index: TimmIndex = {}
    for name in timm.list_models():
        config = timm.get_pretrained_cfg(name)
        size = config.input_size[-1] if config is not None else 224
        family = timm.models.model_entrypoint(name).__module__.rpartition(".")[2]
        index[name] = (family, size, bool(config is not None and config.fixed_input_size))
    return index


if __name__ == "__main__":
    print(json.dumps(_describe_timm()))
