"""The folder of imported published weights. Imports no torch."""

from pathlib import Path

from engine.catalog.models import timm_name
from engine.home import weights_dir

_SUFFIXES = (".safetensors", ".pth", ".pt", ".bin")


def imported_file(name: str) -> Path | None:
    """Return a model's weight file, named with or without the pretrained tag; None: not imported."""
    names = dict.fromkeys(known for full in (name, timm_name(name)) for known in (full, full.partition(".")[0]))
    files = (weights_dir() / f"{known}{suffix}" for known in names for suffix in _SUFFIXES)
    return next((file for file in files if file.is_file()), None)


def imported_files() -> list[Path]:
    """Return all weight files in the folder, sorted by name."""
    if not weights_dir().is_dir():
        return []
    return sorted(file for file in weights_dir().iterdir() if file.suffix in _SUFFIXES)
