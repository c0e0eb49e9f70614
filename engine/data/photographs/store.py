"""``PictureStore``: pictures that were decoded once, kept on disk for every later epoch and run. Imports no torch.

A store is a folder, named by the content of its pictures and by how they are read, with all pixels one after the other
in ``pixels.bin``, whose place on the disk is taken before the first is written, and a byte for each picture in
``there.bin``, which is 1 once its pixels are safely on the disk. Whoever misses a picture decodes it and writes it to
its place, and two runs that do so at once write the same. So a store is filled by the first epoch while it trains, a
killed run loses some seconds of decoding, and nothing is ever wrong.
"""

import contextlib
import os
import sys
import threading
import time
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.data.dataset import Pictures
from engine.data.photographs.source import Photographs
from engine.disk_space import is_full

PIXELS, THERE = "pixels.bin", "there.bin"
_SECONDS = 5.0
"""Seconds of decoding after which what was written is made safe."""


class PictureStore(Photographs):
    """Photographs whose pixels are read from their store, and from their source only where they are not there yet.

    They are read by ``pread`` rather than through a memory map: only the rows that are needed are copied, the pages do
    not count as memory of the process, and a file that somebody cut short is no crash.

    Args:
        folder: the store's, with both files.

    Raises:
        OSError: they cannot be opened.
    """

    def __init__(self, source: Photographs, folder: Path) -> None:
        self._source, self._folder = source, folder
        self.sizes, self.channels = source.sizes, source.channels
        self._starts = picture_starts(source)
        self._files = [os.open(folder / name, os.O_RDWR | os.O_CLOEXEC) for name in (PIXELS, THERE)]
        self._there, self._full = np.zeros(len(source), np.uint8), False
        self._new: list[int] = []
        self._lock, self._safe_at = threading.Lock(), time.monotonic()
        self._update()

    @property
    def missing(self) -> int:
        """Number of pictures that are not there yet."""
        return int((self._there == 0).sum())

    def picture(self, place: int) -> Pictures:
        return self.rows(place, 0, int(self.sizes[place, 0]))

    def rows(self, place: int, top: int, height: int) -> Pictures:
        found = self._read(place, top, height) if self._there[place] else None
        if found is not None:
            return found
        picture = self._source.picture(place)
        self._keep(place, np.ascontiguousarray(picture))
        return picture[top:top + height]

    def flush(self) -> None:
        """Mark what was written, once it is on the disk, and learn what other processes have written."""
        with self._lock:
            new, self._new, self._safe_at = self._new, [], time.monotonic()
        if not new:
            return
        pixels, marks = self._files
        with contextlib.suppress(OSError):  # unmarked pictures are decoded again
            os.fdatasync(pixels)
            for place in new:
                os.pwrite(marks, b"\1", place)
            os.fdatasync(marks)
        self._update()

    def _read(self, place: int, top: int, height: int) -> Pictures | None:
        """Return rows from the disk; None: somebody cut the file short, so that nothing in it is read or written any
        more."""
        found = np.empty((height, int(self.sizes[place, 1]), self.channels), np.uint8)
        start = int(self._starts[place]) + top * found.strides[0]
        if os.preadv(self._files[0], [found.data], start) == found.nbytes:
            return found
        self._there, self._full, self._new = np.zeros_like(self._there), True, []
        return None

    def _keep(self, place: int, picture: Pictures) -> None:
        if self._full:
            return
        try:
            written = os.pwrite(self._files[0], picture.data, int(self._starts[place]))
        except OSError as error:
            self._full = True
            reason = "the disk is full" if is_full(error) else error.strerror
            print(f"{self._folder}: decoded pictures can no longer be kept ({reason}), so that each epoch decodes "
                  "those that are missing", file=sys.stderr)
            return
        if written == picture.nbytes:
            with self._lock:
                self._new.append(place)
            if time.monotonic() - self._safe_at > _SECONDS:
                self.flush()

    def _update(self) -> None:
        marks = np.frombuffer(os.pread(self._files[1], len(self._there), 0), np.uint8)
        self._there[:len(marks)] |= marks

    def __del__(self) -> None:
        for file in self.__dict__.get("_files", ()):
            os.close(file)


def picture_starts(photographs: Photographs) -> NDArray[np.int64]:
    """Return where the pixels of each picture begin, in bytes, and where the last ones end: int64 [N + 1]."""
    return np.concatenate(([0], np.cumsum(photographs.sizes.prod(axis=1) * photographs.channels)))
