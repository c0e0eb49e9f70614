"""Where a database lies: on a network, where SQLite's write-ahead log is not safe, or where nobody may write."""

import shutil
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory

from engine.home import real

_MOUNTS = Path("/proc/self/mountinfo")
_NETWORK = frozenset({"9p", "afs", "beegfs", "ceph", "cifs", "fuse.glusterfs", "fuse.s3fs", "fuse.sshfs", "glusterfs",
                      "gpfs", "lustre", "ncpfs", "nfs", "nfs4", "smb3", "smbfs"})


def network_file_system(path: Path) -> str | None:
    """Return the type of the network file system of ``path``, such as ``nfs4``; None for local disks or if unknown."""
    try:
        mounts = _MOUNTS.read_text()
    except OSError:
        return None
    kind = _type_of(real(path), mounts)
    return kind if kind in _NETWORK else None


@lru_cache(maxsize=1)
def private_copy(path: Path, wal: Path, _written: tuple[int, ...]) -> "TemporaryDirectory[str]":
    """Copy a database with its log to a folder that lasts as long as both stay as they were written.

    This process must have no other handle on them: closing this one drops all its locks.
    """
    folder = TemporaryDirectory(prefix="darkroom-")
    for file in (path, wal):
        shutil.copyfile(file, Path(folder.name) / file.name)
    return folder


def _type_of(path: Path, mounts: str) -> str:
    """Return the type of the innermost mount of ``path``; a later mount hides an earlier one at the same place."""
    best, kind = -1, ""
    for line in mounts.splitlines():
        left, _, right = line.partition(" - ")
        place = Path(left.split(" ")[4].encode().decode("unicode_escape"))
        if path.is_relative_to(place) and len(place.parts) >= best:
            best, kind = len(place.parts), right.split(" ")[0]
    return kind
