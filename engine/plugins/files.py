"""Which files are plug-ins: those in the home's own folder, and those that the user named. No other is imported."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from pathlib import Path

from engine.errors import PLUGINS, UserError
from engine.files import write_atomically
from engine.home import artifacts_dir, home

_named: dict[str, Path] = {}


@dataclass(frozen=True)
class PluginFile:
    """A plug-in as it lies on the disk; ``sha256`` is of its content."""

    path: Path
    sha256: str

    @staticmethod
    def at(path: Path) -> PluginFile:
        """The file at that place.

        Raises:
            OSError: it is not there, or cannot be read.
        """
        status = path.stat()
        return PluginFile(path, _sha256(path, status.st_mtime_ns, status.st_size))

    @property
    def module(self) -> str:
        """The name it is imported under."""
        return f"{PLUGINS}.{re.sub(r'^(?=[0-9])|[^A-Za-z0-9_]', '_', self.path.stem)}"

    @property
    def key(self) -> str:
        """How a run names it: by its name in the home's folder, so that a home can be moved, else by its whole path."""
        return self.path.name if self.path.parent == plugins_dir() else str(self.path)


def plugins_dir() -> Path:
    return home() / "plugins"


def plugin_files() -> tuple[PluginFile, ...]:
    """The home's files in the order of their names, then those that were named for this process or for earlier runs."""
    inside = sorted(path for path in plugins_dir().glob("*.py") if not path.name.startswith(("_", ".")))
    named = {path.name: path for path in _remembered()} | _named
    found = []
    for path in dict.fromkeys((*inside, *named.values())):
        with suppress(OSError):
            found.append(PluginFile.at(path))
    return tuple(found)


def name_files(paths: Iterable[str]) -> list[Path]:
    """Let this process use these files, too; returns where they are.

    Raises:
        UserError: one is no Python file that can be read.
    """
    found = [Path(text).expanduser().resolve() for text in paths]
    for path in found:
        if path.suffix != ".py" or not path.is_file():
            raise UserError(f"plugin: {path} is not a Python file that is there")
        _named[path.name] = path
    return found


def named_files() -> list[str]:
    """What :func:`name_files` was given."""
    return [str(path) for path in _named.values()]


def remember(keys: Iterable[str]) -> None:
    """Let every process of this home know of the files outside of it that a run uses, so that pages show the run."""
    outside = {Path(key).name: key for key in keys if Path(key).is_absolute()}
    known = {path.name: str(path) for path in _remembered()}
    if outside.items() - known.items():
        write_atomically(_memory(), json.dumps(sorted((known | outside).values())).encode())


def changes(kept: Mapping[str, str]) -> list[str]:
    """A line for each file that is not as it was when a run was made.

    Args:
        kept: SHA-256 by :attr:`PluginFile.key`, as the run keeps them.

    Raises:
        UserError: one is not there.
    """
    lines = []
    for key, before in kept.items():
        path = plugins_dir() / key
        if not path.is_file():
            raise UserError(f"plug-in {path} is missing, which this run was made with (SHA-256 {before[:12]}…)")
        now = PluginFile.at(path).sha256
        if now != before:
            lines.append(f"plug-in {path.name} changed since this run was made (SHA-256 {before[:12]}… then, "
                         f"{now[:12]}… now)")
    return lines


def _remembered() -> list[Path]:
    try:
        status = _memory().stat()
    except OSError:
        return []
    return _read(_memory(), status.st_mtime_ns)


def _memory() -> Path:
    return artifacts_dir() / "plugins.json"


@lru_cache(maxsize=4)
def _read(memory: Path, _written: int) -> list[Path]:
    try:
        return [Path(path) for path in json.loads(memory.read_text())]
    except (OSError, ValueError):
        return []


@lru_cache(maxsize=64)
def _sha256(path: Path, _written: int, _size: int) -> str:
    return sha256(path.read_bytes()).hexdigest()
