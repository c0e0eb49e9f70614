"""Functions that misbehave as a decoder can, called in confined processes."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
from pathlib import Path
from typing import Any

from engine.confined.marks import decoding, opened
from engine.errors import ConfigError, UserError


def echo(request: dict[str, Any]) -> dict[str, Any]:
    return {**request, "pid": os.getpid(), "home": os.environ["DARKROOM_HOME"], "folder": str(Path.cwd())}


def crash(request: dict[str, Any]) -> None:
    opened(Path("listing.json"))
    with decoding(Path("fine.png")):
        pass
    with decoding(Path("bad.png")):
        os.kill(os.getpid(), getattr(signal, request["signal"]))


def follow_a_wild_pointer(_: dict[str, Any]) -> None:
    with decoding(Path("bad.png")):
        ctypes.string_at(1)


def exhaust_the_stack(_: dict[str, Any]) -> None:
    """As C code does that recurses for each level of a file."""
    with decoding(Path("bad.png")):
        callback = ctypes.CFUNCTYPE(ctypes.c_int)(lambda: callback())
        sys.setrecursionlimit(10**9)
        callback()


def fill(_: dict[str, Any]) -> None:
    opened(Path("bomb.gz"))
    try:
        bytearray(1 << 32)
    except MemoryError as error:
        raise UserError("bomb.gz: cannot be read") from error


def hang(_: dict[str, Any]) -> None:
    opened(Path("endless.png"))
    signal.pause()


def refuse(_: dict[str, Any]) -> None:
    raise ConfigError("data_path", "\ud800/pictures", "a folder")


def full(_: dict[str, Any]) -> None:
    raise OSError(28, "No space left on device", "/data")


def fail(_: dict[str, Any]) -> None:
    raise ZeroDivisionError("division by zero")
