"""Which files are plug-ins: those in the home's folder, and those that the user added. No other is imported."""

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
from engine.files import check_allowed, read_regular, write_atomically
from engine.home import artifacts_dir, home, real

_added: dict[str, Path] = {}
_LARGEST = 16 << 20


@dataclass(frozen=True)
class PluginFile:
    """A plug-in file; ``sha256`` is of its content."""

    path: Path
    sha256: str

    @staticmethod
    def at(path: Path) -> PluginFile:
        """Return the file at this path.

        Raises:
            OSError: it is missing, cannot be read, or is outside the allowed folders.
        """
        check_allowed(path)
        status = path.stat()
        return PluginFile(path, _sha256(path, status.st_mtime_ns, status.st_size))

    @property
    def module(self) -> str:
        """The name it is imported under."""
        return f"{PLUGINS}.{re.sub(r'^(?=[0-9])|[^A-Za-z0-9_]', '_', self.path.stem)}"

    @property
    def key(self) -> str:
        """How runs refer to it: by name if in the home's folder, so that the home can be moved, else by path."""
        return self.path.name if self.path.parent == plugins_dir() else str(self.path)


def plugins_dir() -> Path:
    return home() / "plugins"


def plugin_files() -> tuple[PluginFile, ...]:
    """Return the home's files by name, then those added for this process or for earlier runs."""
    inside = sorted(path for path in plugins_dir().glob("*.py") if not path.name.startswith(("_", ".")))
    named = {path.name: path for path in _remembered()} | _added
    found = []
    for path in dict.fromkeys((*inside, *named.values())):
        with suppress(OSError):
            found.append(PluginFile.at(path))
    return tuple(found)


def add_files(paths: Iterable[str]) -> list[Path]:
    """Use these files in this process too; returns their paths.

    Raises:
        UserError: one is not a readable Python file.
    """
    found = [real(text) for text in paths]
    for path in found:
        if path.suffix != ".py" or not path.is_file():
            raise UserError(f"plugin: {path} is not an existing Python file")
        try:
            PluginFile.at(path)
        except OSError as error:
            raise UserError(f"plugin: {path}: {error.strerror}") from None
        _added[path.name] = path
    return found


def added_files() -> list[str]:
    """Return the paths given to :func:`add_files`."""
    return [str(path) for path in _added.values()]


def remember(keys: Iterable[str]) -> None:
    """Record the files outside the home that a run uses, so that every process of this home knows them."""
    outside = {Path(key).name: key for key in keys if Path(key).is_absolute()}
    known = {path.name: str(path) for path in _remembered()}
    if outside.items() - known.items():
        write_atomically(_memory_file(), json.dumps(sorted((known | outside).values())).encode())


def changes(kept: Mapping[str, str]) -> list[str]:
    """Return a line for each file that changed since a run was created.

    Args:
        kept: SHA-256 by :attr:`PluginFile.key`, as stored in the run.

    Raises:
        UserError: a file is missing.
    """
    lines = []
    for key, before in kept.items():
        path = plugins_dir() / key
        if not path.is_file():
            raise UserError(f"plug-in {path} is missing; this run was created with it (SHA-256 {before[:12]}…)")
        now = PluginFile.at(path).sha256
        if now != before:
            lines.append(f"plug-in {path.name} changed since this run was created (SHA-256 {before[:12]}… then, "
                         f"{now[:12]}… now)")
    return lines


def _remembered() -> list[Path]:
    try:
        status = _memory_file().stat()
    except OSError:
        return []
    return _read(_memory_file(), status.st_mtime_ns)


def _memory_file() -> Path:
    return artifacts_dir() / "plugins.json"


@lru_cache(maxsize=4)
def _read(memory: Path, _written: int) -> list[Path]:
    try:
        return [Path(path) for path in json.loads(memory.read_text())]
    except (OSError, ValueError):
        return []


@lru_cache(maxsize=64)
def _sha256(path: Path, _written: int, _size: int) -> str:
    return sha256(read_regular(path, _LARGEST)).hexdigest()
