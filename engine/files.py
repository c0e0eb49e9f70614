"""Paths, which of them may be read, and atomic file writes: a reader sees the old content or the new, never a part."""

import codecs
import contextlib
import ctypes
import errno
import fcntl
import glob
import hashlib
import json
import os
import re
import shutil
import stat
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO

from engine.confined import marks
from engine.errors import UserError
from engine.home import ROOT, expanded, home, real


def absolute(text: str) -> str:
    """Return an absolute path with ``~`` expanded; empty text stays empty."""
    return str(real(text)) if text else ""


def open_regular(path: Path) -> BinaryIO:
    """A file open for reading. A pipe or device is refused before it can block.

    Raises:
        OSError: it is not there, cannot be read, is no regular file, or is outside the allowed folders.
    """
    check_allowed(path)
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError(errno.EINVAL, "it is not a regular file", str(path))
    marks.opened(path)
    return open(descriptor, "rb")


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a regular file, in hex."""
    with open_regular(path) as file:
        return hashlib.file_digest(file, "sha256").hexdigest()  # type: ignore[arg-type]


def read_regular(path: Path, most: int = 1 << 30) -> bytes:
    """A regular file's content.

    Raises:
        OSError: as :func:`open_regular`, or it is larger than ``most`` bytes.
    """
    with open_regular(path) as file:
        # As much as there is: reading takes a buffer of the size that it is asked for.
        content = file.read(min(os.fstat(file.fileno()).st_size, most) + 1)
    if len(content) > most:
        raise OSError(errno.EOVERFLOW, f"it is larger than {most >> 20:,} MiB", str(path))
    return content


def read_text(path: Path, encoding: str = "") -> str:
    """A regular text file's content, decoded by :func:`decoded`.

    Raises:
        UserError: it is no text, or in an encoding that would have to be guessed.
        OSError: as :func:`read_regular`.
    """
    try:
        return decoded(read_regular(path), encoding)[0]
    except ValueError as error:
        raise UserError(f"{path}: {error}; save it as UTF-8") from None


def decoded(content: bytes, encoding: str = "") -> tuple[str, str]:
    """A text, and the encoding that it is read in: the given one, else UTF-8, or UTF-16 with its mark.

    Windows-1252 and Windows-1250 are read where only one of them gives letters of one language.

    Raises:
        ValueError: it is no text, or in an encoding that would have to be guessed; LookupError if there is no such.
    """
    marked = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    sure = encoding or ("utf-16" if marked else "utf-8-sig")
    found: dict[str, str] = {}
    for name, alphabets in {sure: "", **({} if encoding or marked or b"\0" in content else _ALPHABETS)}.items():
        with contextlib.suppress(UnicodeDecodeError):
            text = content.decode(name)
            if name == sure and "\0" not in text:
                return text, name
            if alphabets and _is_written(text, alphabets.split()):
                found.setdefault(text, name)
    if len(found) == 1:
        return next(iter(found.items()))
    words = [set(re.findall(r"\w*[^\x00-\x7f]\w*", text)) for text in found]
    readings = [f"{min(own - set.intersection(*words), default='')!r} in {name}"
                for own, name in zip(words, found.values(), strict=True)]
    raise ValueError(f"is {' or '.join(readings)}" if found else f"is not text in {encoding or 'UTF-8'}")


# By encoding, the letters of the languages that it is used for, besides those which all of them share.
_SHARED = set("áâäçéëíîóôöšúüýžßµ")
_ALPHABETS = {"cp1252": "àæèêïœùûÿ ñ àãêõ àèìòù åæø æðþ àèïò åõ", "cp1250": "čďěľňřťů ąćęłńśźż őű čćđ ăşţ"}
# One letter or sign, or a few letters beside an ASCII letter, with at most one sign.
_LETTER = r"(?:(?![\x00-\x7f])[^\W\d_])"
_WRITTEN = re.compile(rf"((?<=[A-Za-z]){_LETTER}{{1,3}}[±°–‘’”…]?|[‘“’]?{_LETTER}{{1,3}}(?=[A-Za-z])"
                      rf"|(?<=[\w.!?])”|{_LETTER}|[±°µ²³×·–—‘’“…€£§©®½])(?![^\x00-\x7f])")


def _is_written(text: str, alphabets: Sequence[str]) -> bool:
    """Whether a decoded text reads like one of these alphabets.

    Bytes of East Asian, Cyrillic or Greek encodings rarely do, and would be read as other letters without an error.
    """
    runs = list(re.finditer(r"[^\x00-\x7f]+", text))
    letters = {letter for run in runs for letter in run[0].lower() if letter.isalpha()} - _SHARED
    return any(letters <= set(alphabet) for alphabet in alphabets) and all(
        _WRITTEN.match(text, run.start()) for run in runs)


def read_json(path: Path) -> dict[str, Any]:
    """A JSON file's object.

    Raises:
        OSError: as :func:`read_regular`.
        ValueError: it is no JSON, is nested too deep, or is not an object.
    """
    try:
        content = json.loads(read_regular(path))
    except RecursionError:
        raise ValueError("it is nested too deep") from None
    if not isinstance(content, dict):
        raise ValueError("it does not hold a JSON object")
    return content


_TEMPORARY = re.compile(r"\.(.+)[.-]([a-z0-9_]{8}|\d+)(-wal|-shm|-journal)?")


def output_file(text: str, *, overwrite: bool) -> Path:
    """Return the path of a file that the user asks to be written.

    Raises:
        UserError: it is no name of a regular file, or it exists and may not be overwritten.
    """
    path = expanded(text)
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        return path
    except (OSError, ValueError) as error:
        raise UserError(f"{text!r} cannot be written: {getattr(error, 'strerror', error)}") from None
    if not stat.S_ISREG(mode):
        kind = "folder" if stat.S_ISDIR(mode) else "device or pipe"
        raise UserError(f"{text!r} is not a file but a {kind}; name a file")
    if not overwrite:
        raise UserError(f"{path} exists already; name another file, or overwrite it with --yes")
    return path


@contextlib.contextmanager
def replace_file(path: Path, *, durable: bool = True) -> Iterator[Path]:
    """Yield a temporary path beside ``path``; on leaving without an error it is synced and renamed to ``path``.

    Temporaries that a killed writer of ``path`` left are removed.

    Args:
        durable: sync the file and its folder; without, a crash of the machine may leave an empty file.

    Raises:
        OSError: the folder cannot be written or the disk is full; ``path`` keeps its content.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    sweep(path.parent, path.name)
    with temporary_beside(path) as temporary:
        yield temporary
        if durable:
            sync_file(temporary)
        temporary.replace(path)
        if durable:
            sync_file(path.parent)


@contextlib.contextmanager
def temporary_beside(path: Path) -> Iterator[Path]:
    """Yield a new temporary file beside ``path``, removed on leaving if it is still there."""
    while True:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        with held(handle):
            if os.fstat(handle).st_nlink:  # else it was swept before it was held
                try:
                    yield Path(name)
                finally:
                    Path(name).unlink(missing_ok=True)
                return


@contextlib.contextmanager
def held(handle: int) -> Iterator[None]:
    """Mark an open temporary file or folder as in use for as long as its writer lives; closes the handle."""
    try:
        with contextlib.suppress(OSError):  # file systems without locks; nothing is swept there either
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def sweep(folder: Path, name: str = "") -> None:
    """Remove temporaries of atomic writes whose writer is gone.

    Args:
        name: only those of this file, as for a folder that holds more than Darkroom's files.
    """
    for path in folder.glob(f".{glob.escape(name)}*"):
        found = _TEMPORARY.fullmatch(path.name)
        if found and found[1] == (name or found[1]):
            with contextlib.suppress(OSError):
                handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
                try:
                    fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    shutil.rmtree(path) if path.is_dir() else path.unlink()
                finally:
                    os.close(handle)


def write_atomically(path: Path, content: bytes, *, durable: bool = True) -> None:
    """Replace a file's content, or keep the old one; raises as :func:`replace_file`."""
    with replace_file(path, durable=durable) as temporary:
        temporary.write_bytes(content)


def write_all_atomically(contents: Mapping[Path, bytes]) -> None:
    """Replace the content of each file, or keep the old one. Many are flushed to the disk by one sync, before the first
    is replaced; raises as :func:`replace_file`."""
    if len(contents) == 1:
        return write_atomically(*next(iter(contents.items())))
    with contextlib.ExitStack() as replaced:
        for path, content in contents.items():
            replaced.enter_context(replace_file(path, durable=False)).write_bytes(content)
        if contents:
            sync_file_system(next(iter(contents)).parent)
    return None


def sync_file_system(path: Path) -> None:
    """Flush all that was written to a path's file system."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        ctypes.CDLL(None).syncfs(descriptor)
    except AttributeError:  # Linux alone has it
        os.sync()
    finally:
        os.close(descriptor)


def sync_file(path: Path) -> None:
    """Flush a file, or a folder's renames, to the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


ROOTS_VARIABLE = "DARKROOM_ROOTS"


def check_allowed(path: Path) -> None:
    """Refuse a file or folder outside the allowed ones, links followed. The home and what is installed are allowed.

    Raises:
        PermissionError: it is outside.
        OSError, RuntimeError, ValueError: it is no path.
    """
    named = [root for root in os.environ.get(ROOTS_VARIABLE, "").split(os.pathsep) if root]
    if not named:
        return
    place = real(path)
    allowed = (home(), ROOT, Path(sys.prefix), *map(expanded, named))
    if not any(place.is_relative_to(real(root)) for root in allowed):
        raise PermissionError(errno.EACCES, f"it is outside the folders that {ROOTS_VARIABLE} allows", str(path))
