"""Downloads from the addresses their authors and torchvision name: shown, retried, checked, and never half there."""

from __future__ import annotations

import contextlib
import hashlib
import http.client
import tarfile
import time
import urllib.request
import zipfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from engine.data.folders import replacing_folder
from engine.errors import UserError

Progress = Callable[[str, int, int], None]
"""Called with (file name, bytes so far, bytes in all or 0 when unknown)."""

ATTEMPTS = 3
PAUSE_SECONDS = 1.0
TINY_IMAGENET = ("http://cs231n.stanford.edu/tiny-imagenet-200.zip", "90528d7ca1a48142e341f4ef8d21d0de")
"""Address and MD5 checksum."""

_SILENCE_SECONDS = 30.0
_CHUNK = 1 << 16


def fashion_mnist(root: Path, progress: Progress) -> None:
    """The four gzipped IDX files into ``root/FashionMNIST/raw``.

    Raises:
        OSError: no address delivered a whole file with the right checksum.
        UserError: something else is in the way.
    """
    from torchvision.datasets import FashionMNIST

    with _new_folder(root / "FashionMNIST" / "raw") as folder:
        for name, md5 in FashionMNIST.resources:
            fetch([f"{mirror}{name}" for mirror in FashionMNIST.mirrors], folder / name, md5, progress)


def cifar10(root: Path, progress: Progress) -> None:
    """``root/cifar-10-batches-py``; raises as :func:`fashion_mnist`."""
    from torchvision.datasets import CIFAR10

    _cifar(CIFAR10, root, progress)


def cifar100(root: Path, progress: Progress) -> None:
    """``root/cifar-100-python``; raises as :func:`fashion_mnist`."""
    from torchvision.datasets import CIFAR100

    _cifar(CIFAR100, root, progress)


def svhn(root: Path, progress: Progress) -> None:
    """The two MATLAB files into ``root/SVHN``; raises as :func:`fashion_mnist`."""
    from torchvision.datasets import SVHN

    with _new_folder(root / "SVHN") as folder:
        for split in ("train", "test"):
            url, name, md5 = SVHN.split_list[split]
            fetch([url], folder / name, md5, progress)


def tiny_imagenet(root: Path, progress: Progress) -> None:
    """``root/tiny-imagenet-200``; raises as :func:`fashion_mnist`."""
    url, md5 = TINY_IMAGENET
    with _new_folder(root / Path(url).stem) as folder:
        archive = folder / Path(url).name
        fetch([url], archive, md5, progress)
        try:
            with zipfile.ZipFile(archive) as content:
                content.extractall(folder)
        except zipfile.BadZipFile as error:
            raise OSError(f"{archive.name}: {error}") from error
        _lift(folder / Path(url).stem)
        archive.unlink()


def fetch(urls: Sequence[str], target: Path, md5: str, progress: Progress) -> None:
    """Download one file from the first address that delivers it whole; every address is tried ``ATTEMPTS`` times.

    Raises:
        OSError: none did; says what the last one answered.
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


@contextlib.contextmanager
def console_progress(progress: Progress | None) -> Iterator[Progress]:
    """``progress`` itself, or bars on stderr that appear with the first bytes."""
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
        raise OSError(f"{url} delivered something else than expected (checksum {digest.hexdigest()})")


def _cifar(source: Any, root: Path, progress: Progress) -> None:
    with _new_folder(root / source.base_folder) as folder:
        archive = folder / source.filename
        fetch([source.url], archive, source.tgz_md5, progress)
        try:
            with tarfile.open(archive) as tar:
                tar.extractall(folder, filter="data")
        except tarfile.TarError as error:
            raise OSError(f"{archive.name}: {error}") from error
        _lift(folder / source.base_folder)
        archive.unlink()


def _lift(folder: Path) -> None:
    """Move what an archive's one folder holds to where the folder is."""
    for file in folder.iterdir():
        file.rename(folder.parent / file.name)
    folder.rmdir()


@contextlib.contextmanager
def _new_folder(target: Path) -> Iterator[Path]:
    if target.is_dir() and any(target.iterdir()):
        raise UserError(f"{target}: holds other files; move them away to download here")
    target.parent.mkdir(parents=True, exist_ok=True)
    with replacing_folder(target) as folder:
        yield folder
