"""What plug-ins declare, kept by their content, so that a process can know it without importing them."""

import sys
import sysconfig
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from engine.errors import UserError
from engine.files import write_atomically
from engine.home import artifacts_dir
from engine.plugins.files import PluginFile, plugin_files
from engine.plugins.importing import allow_imports, imported_rows
from engine.plugins.rows import Rows


@dataclass
class Kept:
    """What importing a file gave: its rows, or one line on why it could not be imported."""

    rows: Rows = field(default_factory=Rows)
    error: str = ""


def kept(file: PluginFile) -> Kept | None:
    """What was kept of the file as it is now; None: it is new, or changed."""
    try:
        return _format().validate_json(_path(file).read_bytes())
    except (OSError, ValueError):
        return None


def keep(file: PluginFile, found: Kept) -> None:
    """Keep it in place of what was kept of the file as it was before."""
    path = _path(file)
    with suppress(OSError):
        for earlier in path.parent.glob(f"{file.path.stem}-*.json"):
            earlier.unlink(missing_ok=True)
        write_atomically(path, _format().dump_json(found, indent=1))


def list_here(files: Iterable[PluginFile]) -> bool:
    """Import files in this process and keep what they declare; False, as nothing of it is still going on."""
    allow_imports()
    for file in files:
        # True until it is replaced: nobody else can tell of a file whose import ends or blocks the process.
        keep(file, Kept(error=f"plug-in {file.path.name}: its import did not end: it took too long, or ended Python"))
        try:
            keep(file, Kept(imported_rows(file)))
        except UserError as error:
            keep(file, Kept(error=str(error)))
    return False


def list_request(request: dict[str, Any]) -> dict[str, Any]:
    """The job ``plugins``: import those of the home's plug-ins whose paths are in ``files``."""
    list_here(file for file in plugin_files() if str(file.path) in request["files"])
    return {}


def _path(file: PluginFile) -> Path:
    """Another Python, or other packages, may give other rows, or none, of the same file."""
    packages = Path(sysconfig.get_path("purelib"))
    parts = (file.path, file.sha256, sys.version, packages.stat().st_mtime_ns)
    key = sha256(repr(parts).encode()).hexdigest()[:16]
    return artifacts_dir() / "cache" / "plugins" / f"{file.path.stem}-{key}.json"


@lru_cache(maxsize=1)
def _format() -> TypeAdapter[Kept]:
    return TypeAdapter(Kept)
