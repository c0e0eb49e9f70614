"""What plug-ins declare, cached by content, so that a process need not import them."""

import sys
import sysconfig
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.errors import UserError
from engine.files import write_atomically
from engine.home import artifacts_dir
from engine.plugins.declaration import Rows
from engine.plugins.files import PluginFile, plugin_files
from engine.plugins.importing import allow_imports, import_rows

if TYPE_CHECKING:
    from pydantic import TypeAdapter


@dataclass
class PluginListing:
    """The result of importing a file: its rows, or a one-line error."""

    rows: Rows = field(default_factory=Rows)
    error: str = ""


def load_listing(file: PluginFile) -> PluginListing | None:
    """Load the listing of the file's current content; None: the file is new or changed."""
    try:
        return _format().validate_json(_path(file).read_bytes())
    except (OSError, ValueError):
        return None


def save_listing(file: PluginFile, found: PluginListing) -> None:
    """Save a listing, replacing that of earlier contents."""
    path = _path(file)
    with suppress(OSError):
        for earlier in path.parent.glob(f"{file.path.stem}-*.json"):
            earlier.unlink(missing_ok=True)
        write_atomically(path, _format().dump_json(found, indent=1))


def import_and_list(files: Iterable[PluginFile]) -> bool:
    """Import files in this process and save their listings; returns False, as nothing is still running."""
    allow_imports()
    for file in files:
        # Stays if the import ends or blocks the process, which nothing else could report.
        save_listing(file, PluginListing(error=f"plug-in {file.path.name}: its import did not finish: it took too "
                                               "long, or exited Python"))
        try:
            save_listing(file, PluginListing(import_rows(file)))
        except UserError as error:
            save_listing(file, PluginListing(error=str(error)))
    return False


def list_request(request: dict[str, Any]) -> dict[str, Any]:
    """The job ``plugins``: import the home's plug-ins whose paths are in ``files``."""
    import_and_list(file for file in plugin_files() if str(file.path) in request["files"])
    return {}


def _path(file: PluginFile) -> Path:
    """Return the listing's path, which depends on Python and the installed packages, as these may change the rows."""
    packages = Path(sysconfig.get_path("purelib"))
    parts = (file.path, file.sha256, sys.version, packages.stat().st_mtime_ns)
    key = sha256(repr(parts).encode()).hexdigest()[:16]
    return artifacts_dir() / "cache" / "plugins" / f"{file.path.stem}-{key}.json"


@lru_cache(maxsize=1)
def _format() -> "TypeAdapter[PluginListing]":
    from pydantic import TypeAdapter

    return TypeAdapter(PluginListing)
