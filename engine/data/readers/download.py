"""Downloads with progress, retries and checksums, which never leave partial files."""

import contextlib
import hashlib
import http.client
import shutil
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from engine.data.folders import replace_folder
from engine.errors import UserError

Progress = Callable[[str, int, int], None]
"""Called with (file name, bytes so far, total bytes or 0 if unknown)."""

ATTEMPTS = 3
PAUSE_SECONDS = 1.0
_SILENCE_SECONDS = 30.0
_CHUNK = 1 << 16


def fetch(urls: Sequence[str], target: Path, md5: str, progress: Progress) -> None:
    """Download one file from the first working address; each is tried up to ``ATTEMPTS`` times.

    Raises:
        OSError: all failed; contains the last error.
    """
    trouble: Exception | None = None
    for attempt in range(ATTEMPTS):
        if attempt:
            time.sleep(PAUSE_SECONDS * 2 ** (attempt - 1))
        for url in urls:
            try:
                _fetch_once(url, target, md5, progress)
                return
            except (OSError, http.client.HTTPException) as error:
                trouble = error
    raise OSError(f"{target.name}: {trouble}") from trouble


def fetch_folder(url: str, md5: str, target: Path, progress: Progress) -> None:
    """Download and unpack an archive with one folder, named like ``target``, to ``target``.

    Raises:
        OSError: as :func:`fetch`, or it cannot be unpacked.
        UserError: ``target`` contains other files.
    """
    with new_folder(target) as folder:
        archive = folder / Path(url).name
        fetch([url], archive, md5, progress)
        if archive.suffix == ".zip":
            shutil.unpack_archive(archive, folder)
        else:
            shutil.unpack_archive(archive, folder, filter="data")
        for file in (folder / target.name).iterdir():
            file.rename(folder / file.name)
        (folder / target.name).rmdir()
        archive.unlink()


@contextlib.contextmanager
def new_folder(target: Path) -> Iterator[Path]:
    """Yield a folder for a download, which becomes ``target`` when complete.

    Raises:
        UserError: ``target`` contains other files.
    """
    if target.is_dir() and any(target.iterdir()):
        raise UserError(f"{target}: holds other files; move them away to download here")
    target.parent.mkdir(parents=True, exist_ok=True)
    with replace_folder(target) as folder:
        yield folder


@contextlib.contextmanager
def console_progress(progress: Progress | None) -> Iterator[Progress]:
    """Yield ``progress``, or a function that shows bars on stderr."""
    if progress:
        yield progress
        return
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, TextColumn, TimeRemainingColumn, TransferSpeedColumn
    from rich.progress import Progress as Bars

    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn(),
               TimeRemainingColumn())
    with Bars(*columns, console=Console(stderr=True)) as bars:
        tasks: dict[str, Any] = {}

        def show(file: str, done: int, total: int) -> None:
            if file not in tasks:
                tasks[file] = bars.add_task(file, total=total or None)
            bars.update(tasks[file], completed=done)

        yield show


def _fetch_once(url: str, target: Path, md5: str, progress: Progress) -> None:
    digest = hashlib.md5(usedforsecurity=False)
    request = urllib.request.Request(url, headers={"User-Agent": "darkroom"})
    with urllib.request.urlopen(request, timeout=_SILENCE_SECONDS) as answer, target.open("wb") as file:
        total = int(answer.headers.get("Content-Length") or 0)
        done = 0
        while chunk := answer.read(_CHUNK):
            file.write(chunk)
            digest.update(chunk)
            done += len(chunk)
            progress(target.name, done, total)
    if done < total:
        raise OSError(f"the connection ended after {done:,} of {total:,} bytes")
    if digest.hexdigest() != md5:
        raise OSError(f"{url} has the MD5 checksum {digest.hexdigest()}, expected {md5}")
