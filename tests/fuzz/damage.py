"""Damage to files: random, by a kind of file's own tricks, and by what is no regular file at all."""

from __future__ import annotations

import gzip
import io
import json
import os
import pickle
import random
import socket
import struct
import zipfile
import zlib
from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np

CANARY = "executed"
"""What is created in the working folder if anything in a file is executed."""

ODD = [b"\0", b"\xff\xfe", b"\xff", b'"', b"\n", b",", b";", b"1e400", b"-1", b"9" * 400, b"{", b"[" * 3000, b"%",
       b"\xef\xbb\xbf", b"nan", b"-Infinity", "é²٣".encode(), b"\\ud800", b"2001-13-45", b"&a [*a]", b"<",
       b"\xf0\x9f\x98\x80",
       b"\x1b[31m", b"../../../../etc/passwd", b"A" * 5000, b"\xed\xa0\x80", b"9" * 5000, b"{" * 3000,
       b"\xff\xff\xff\xff",
       b"\x7f\xff\xff\xff\xff\xff\xff\xff", b"\x00\x00\x00\x80"]


class _Call:
    def __reduce__(self) -> tuple[Callable[[str], int], tuple[str]]:
        return os.system, (f"touch {CANARY}",)


PICKLES = [pickle.dumps(_Call(), 0), pickle.dumps({b"data": _Call(), b"labels": [1]}, 2), pickle.dumps([_Call()], 4),
           f"cbuiltins\neval\n(S'open(\"{CANARY}\", \"w\")'\ntR.".encode(), b"\x80\x02" + b"(" * 100_000 + b".",
           b"\x80\x04\x8d\xff\xff\xff\xff\xff\xff\xff\x7f.", b"\x80\x02]" + b"2" * 50 + b"(" + b"e" * 40 + b"."]


def damaged(content: bytes, chance: random.Random) -> bytes:
    """Cut, overwrite, repeat, swap, lengthen, or insert something odd, once or a few times."""
    for _ in range(chance.choice((1, 1, 2, 5))):
        content = chance.choice(_WAYS)(content, chance)
    return content


def _span(content: bytes, chance: random.Random) -> tuple[int, int]:
    # Headers and ends decide the most.
    places = (chance.randrange(len(content) + 1), min(chance.randrange(64), len(content)),
              max(len(content) - chance.randrange(64), 0))
    first, last = sorted(chance.choice(places) for _ in range(2))
    return first, last


def _cut(content: bytes, chance: random.Random) -> bytes:
    return content[:_span(content, chance)[1]]


def _drop(content: bytes, chance: random.Random) -> bytes:
    first, last = _span(content, chance)
    return content[:first] + content[min(last, first + chance.choice((1, 4, 64, 10**9))):]


def _flip(content: bytes, chance: random.Random) -> bytes:
    changed = bytearray(content)
    for _ in range(chance.choice((1, 3, 20))):
        if changed:
            changed[min(chance.choice((chance.randrange(len(changed)), chance.randrange(64))), len(changed) - 1)] ^= \
                1 << chance.randrange(8)
    return bytes(changed)


def _insert(content: bytes, chance: random.Random) -> bytes:
    at, _ = _span(content, chance)
    return content[:at] + chance.choice((*ODD, *PICKLES, chance.randbytes(16))) + content[at:]


def _overwrite(content: bytes, chance: random.Random) -> bytes:
    at, _ = _span(content, chance)
    new = chance.choice((b"\xff" * 4, b"\xff" * 8, b"\0" * 8, b"\x7f" + b"\xff" * 7, chance.randbytes(8),
                         struct.pack("<Q", chance.choice((2**31, 2**40, 2**62, 10**9)))))
    return content[:at] + new + content[at + len(new):]


def _repeat(content: bytes, chance: random.Random) -> bytes:
    first, last = _span(content, chance)
    return content[:last] + content[first:last] * chance.choice((1, 2, 30)) + content[last:]


def _digits(content: bytes, chance: random.Random) -> bytes:
    """Another number where one stands."""
    places = [place for place, byte in enumerate(content[:100_000]) if 48 <= byte <= 57]
    if not places:
        return _flip(content, chance)
    at = chance.choice(places)
    return content[:at] + chance.choice((b"-1", b"99999999999999999999", b"nan", b"1e308", b"0", b"null", b"true",
                                         b"0.5", b'"x"', b"[]")) + content[at + 1:]


def _header(content: bytes, chance: random.Random) -> bytes:
    """The beginning of another kind of file."""
    return chance.choice(_MAGICS) + content[chance.choice((0, 4, 8)):]


_MAGICS = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff\xe0", b"GIF89a", b"BM", b"II*\0", b"MM\0*", b"RIFF\0\0\0\0WEBPVP8L",
           b"PK\3\4",
           b"\x1f\x8b\x08", b"\x93NUMPY\1\0", b"SQLite format 3\0", b"%PDF-", b"P5\n", b"P7\n", b"\x80\x02", b"{",
           b"<?xml", b"MATLAB 5.0",
           b"\0\0\0\x1cftypheic", b"%!PS-Adobe-3.0 EPSF-3.0\n", b"8BPS", b"\x01\xda", b"FLIF", b"\0\0\1\0", b"icns",
           b"P6\n9 9\n65535\n")
_WAYS = (_cut, _drop, _flip, _flip, _insert, _insert, _overwrite, _repeat, _digits, _digits, _header)


def png(width: int, height: int, rows: int = 100) -> bytes:
    """A picture that says it is this large; its data unpack to ``rows`` rows of zeros."""
    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    data = zlib.compress(bytes((3 * width + 1) * rows), 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)) + \
        chunk(b"IDAT", data) + chunk(b"IEND", b"")


def npy(shape: tuple[object, ...], kind: str = "|u1", content: bytes = b"") -> bytes:
    """An array file whose header says this."""
    header = f"{{'descr': {kind!r}, 'fortran_order': False, 'shape': {shape}, }}".encode().ljust(117) + b"\n"
    return b"\x93NUMPY\1\0" + struct.pack("<H", len(header)) + header + content


def zipped(members: dict[str, bytes]) -> bytes:
    """A compressed archive."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return target.getvalue()


def safetensors(header: object, content: bytes = b"", size: int | None = None) -> bytes:
    """A file whose header says this, and says it has ``size`` bytes."""
    text = json.dumps(header).encode()
    return struct.pack("<Q", len(text) if size is None else size) + text + content


@cache
def bombs() -> dict[str, list[bytes]]:
    """Hostile contents by the suffix of the files that they are for; ``""``: for any."""
    zeros = bytes(256 << 20)
    tensor = {"dtype": "F32", "shape": [2**31, 2**20], "data_offsets": [0, 2**53]}
    return {
        "": [b"", b"\0" * 4096, b"A" * 10**6, b"[" * 10**6, b'{"a":' * 10**5, *PICKLES, gzip.compress(zeros, 1),
             b"\x89PNG\r\n\x1a\n" * 99],
        "png": [png(60_000, 60_000), png(13_000, 13_000, 13_000), png(2**31 - 1, 1, 0), png(1, 1_000_000, 1_000_000),
                png(12, 0)],
        "gif": [b"GIF89a\xff\xff\xff\xff\x80\0\0" + bytes(6) + b",\0\0\0\0\xff\xff\xff\xff\0\x02\x02L\x01\0;"],
        "bmp": [b"BM" + struct.pack("<IIIIiiHHIIiiII", 99, 0, 54, 40, 2**30, 2**30, 1, 24, 0, 0, 0, 0, 0, 0)],
        "tiff": [b"II*\0\x08\0\0\0\x02\0\0\1\4\0\1\0\0\0\xff\xff\0\0\1\1\4\0\1\0\0\0\xff\xff\0\0\0\0\0\0"],
        "pgm": [b"P5\n99999 99999\n255\n", b"P5\n-1 -1\n255\n", b"P5\n" + b"9" * 5000 + b" 1\n255\n", b"P2\n9 9\n0\n1"],
        "npy": [npy((10**12,)), npy((2**63, 2)), npy((-1, 8, 8, 3)), npy((40, 16, 16, 3), "|O", pickle.dumps(_Call())),
                npy((1,), "<U999999999"), npy((0, 16, 16, 3)), npy((40,), "<f8", np.full(40, np.nan).tobytes()),
                npy((40,), "<i8", np.full(40, 2**62).tobytes()), b"\x93NUMPY\2\0\xff\xff\xff\x7f",
                npy(("x" * 90,)), npy((40,), "<M8[s]", bytes(320)), npy((40,), "<c16", bytes(640)), npy((), "<i8",
                                                                                                        bytes(8))],
        "npz": [zipped({"ids.npy": npy((len(zeros),), content=zeros)}), zipped({"ids.npy": npy((10**12,))}),
                zipped({"../../ids.npy": npy((1,), content=b"1")}), zipped({f"{n}.npy": b"" for n in range(3000)}),
                zipped({name: npy((3,), kind, bytes(24)) for name, kind in
                        (("ids.npy", "<i8"), ("targets.npy", "<f8"), ("logits.npy", "<c8"))})],
        "gz": [gzip.compress(struct.pack(">IIII", 0x803, 10**6, 28, 28) + zeros * 3, 1),
               gzip.compress(struct.pack(">IIII", 0x803, 5_000_000, 28, 28) + zeros, 1),
               gzip.compress(struct.pack(">II", 0x801, 2**32 - 1) + zeros, 1), gzip.compress(b""), b"\x1f\x8b"],
        "safetensors": [safetensors({}, size=2**63), safetensors({"a": tensor}),
                        safetensors({"a": tensor | {"shape": [-1]}}),
                        safetensors([]), safetensors({"a": tensor | {"dtype": "X"}}),
                        safetensors({"__metadata__": {"mean": "{"}}),
                        safetensors({"a": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]},
                                     "__metadata__": {"mean": "[[]]", "std": "1", "model": "x" * 9999}}, b"abcd")],
        "pth": [*(zipped({"archive/data.pkl": each, "archive/version": b"3"}) for each in (*PICKLES, zeros)),
                zipped({}),
                *PICKLES],
        "mat": [b"MATLAB 5.0 MAT-file".ljust(124) + b"\0\1IM" + struct.pack("<II", 15, 2**31) + zlib.compress(zeros),
                b"MATLAB 5.0 MAT-file".ljust(124) + b"\0\1IM" + struct.pack("<II", 14, 2**32 - 1)],
        "db": [b"SQLite format 3\0" + b"\0" * 4096, b"SQLite format 3\0" + b"\xff" * 8192],
    } | _hostile_texts()


def _hostile_texts() -> dict[str, list[bytes]]:
    return {
        "xml": [b'<!DOCTYPE a [<!ENTITY a "' + b"a" * 10**5 + b'"><!ENTITY b "' + b"&a;" * 10**5 + b'">]><a>&b;</a>',
                b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><annotation><filename>&x;</filename></annotation>',
                b'<?xml version="1.0" encoding="utf-7"?><a/>', b"<a>" * 10**5, b"<a " + b'b="c" ' * 10**5 + b"/>",
                b'<?xml version="1.0" encoding="rot13"?><a/>', b'<?xml version="1.0" encoding="zlib_codec"?><a/>'],
        "yaml": [b"a: &a [" + b"x, " * 50 + b"]\n" + b"".join(b"%c: &%c [" % (n, n) + b"*%c, " % (n - 1) * 50 + b"]\n"
                                                              for n in range(98, 110)),
                 b"!!python/object/apply:os.system ['touch executed']", b"- " * 5000, b"&a [*a]", b"? {? {}}",
                 b"!!binary x",
                 b"!!set {a, b}", b"!!timestamp x", b"names: 1\nnc: 1e400", b"a: !!float x", b"<<: 1", b"a: 1:2:3:4e9",
                 b"%YAML 9.9\n---\n", b"!!omap [1]"],
        "json": [b"[" * 10**5 + b"]" * 10**5, b"1" * 10**5, b'{"a": 1e999}', b'"\\ud800"', b"NaN", b'{"a":1,"a":2}',
                 b"null",
                 b'{"images": {}, "annotations": 1, "categories": null}', b"[]", b'{"": {}}'],
        "py": [b"raise SystemExit(3)", b"while False: pass\n1/0", b"\0", b"def f(:",
               b"import nothing_like_this",
               b"raise KeyboardInterrupt", b"x = '" + b"a" * 10**6, b"(" * 5000, b"# coding: nope\n", b"\xff"],
        "csv": [b"," * 10**5, b'"' * 10**5, b"step,val_acc\n" + b"1,0.5\n" * 10**4, b"a" * 10**6,
                b"epoch,val_acc\n1,1e400\n"],
    }


def replaced(path: Path, chance: random.Random) -> str:
    """Put something that is no regular file, or a link, in a file's place; returns what, in words."""
    name, make = chance.choice(list(_PLACES.items()))
    path.unlink()
    make(path)
    return name


def _socket(path: Path) -> None:
    here = Path.cwd()
    os.chdir(path.parent)  # a socket's path may have 107 bytes
    try:
        with socket.socket(socket.AF_UNIX) as made:
            made.bind(path.name[-100:])
            if path.name[-100:] != path.name:
                Path(path.name[-100:]).rename(path)
    finally:
        os.chdir(here)


def _sparse(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(1 << 40)


_PLACES: dict[str, Callable[[Path], object]] = {
    "a pipe": os.mkfifo, "a socket": _socket, "a folder": Path.mkdir, "a terabyte of nothing": _sparse,
    "a link to /dev/zero": lambda path: path.symlink_to("/dev/zero"),
    "a link to /dev/null": lambda path: path.symlink_to("/dev/null"),
    "a link to itself": lambda path: path.symlink_to(path.name),
    "a link to its folder": lambda path: path.symlink_to(path.parent, target_is_directory=True),
    "a link to nothing": lambda path: path.symlink_to(path.with_name("nowhere")),
    "a link to /proc/self/mem": lambda path: path.symlink_to("/proc/self/mem"),
    "nothing": lambda path: None,
}
