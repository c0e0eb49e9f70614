"""Columns of a metric (``steps`` int64, ``values`` float64) stored as compact blobs."""

import sqlite3
import zlib
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Steps = NDArray[np.int64]
Values = NDArray[np.float64]
Column = tuple[Steps, Values]

LIVE_POINTS = 512
SEALED_POINTS = 65_536
_CHUNK = 'first_step, last_step, count, steps, coding, "values"'


def empty() -> Column:
    return np.empty(0, np.int64), np.empty(0, np.float64)


def merge(old: Column, new: Column) -> Column:
    """Merge two columns by ascending step; new values replace old ones."""
    steps = np.concatenate([old[0], new[0]])
    values = np.concatenate([old[1], new[1]])
    if np.all(np.diff(steps) > 0):
        return steps, values
    order = np.argsort(steps, kind="stable")
    steps, values = steps[order], values[order]
    last_of_step = np.append(np.diff(steps) > 0, True)
    return steps[last_of_step], values[last_of_step]


def read(connection: sqlite3.Connection, run_id: int, name: str, after_step: int = -1) -> Column:
    """Return the points of a metric after ``after_step``."""
    rows = connection.execute(f"SELECT {_CHUNK} FROM metric_chunks WHERE run_id = ? AND name = ? AND last_step > ? "
                              "ORDER BY last_step", (run_id, name, after_step)).fetchall()
    if not rows:
        return empty()
    parts = [_decode(row) for row in rows]
    steps = np.concatenate([part[0] for part in parts])
    values = np.concatenate([part[1] for part in parts])
    start = int(np.searchsorted(steps, after_step, side="right"))
    return steps[start:], values[start:]


def append(connection: sqlite3.Connection, run_id: int, name: str, new: Column) -> None:
    """Add points in ascending steps, replacing existing steps."""
    tail = connection.execute("SELECT first_step, last_step, count FROM metric_chunks WHERE run_id = ? AND name = ? "
                              "ORDER BY last_step DESC LIMIT 1", (run_id, name)).fetchall()
    if tail:
        first, last, count = tail[0]
        if count < LIVE_POINTS:
            new = merge(_take(connection, run_id, name, min(first, int(new[0][0]))), new)
        elif last >= new[0][0]:
            new = merge(_take(connection, run_id, name, int(new[0][0])), new)
    _insert(connection, run_id, name, new, LIVE_POINTS, compress=False)


def drop_after(connection: sqlite3.Connection, run_id: int, name: str, step: int) -> None:
    """Remove every point whose step is greater than ``step``."""
    steps, values = _take(connection, run_id, name, step + 1)
    kept = steps <= step
    if kept.any():
        _insert(connection, run_id, name, (steps[kept], values[kept]), LIVE_POINTS, compress=False)


def rewrite(connection: sqlite3.Connection, run_id: int, name: str,
            change: Callable[[Column], Column] = lambda column: column) -> None:
    """Rewrite a finished metric, changed by ``change``, as few compressed chunks."""
    _insert(connection, run_id, name, change(_take(connection, run_id, name, -1)), SEALED_POINTS, compress=True)


def drop_undecodable(connection: sqlite3.Connection, run_id: int, name: str) -> None:
    """Remove damaged chunks."""
    rows = connection.execute(f"SELECT {_CHUNK}, id FROM metric_chunks WHERE run_id = ? AND name = ?",
                              (run_id, name)).fetchall()
    for *chunk, key in rows:
        try:
            steps, values = _decode(chunk)
            valid = len(steps) == len(values) == chunk[2]
        except (ValueError, zlib.error):
            valid = False
        if not valid:
            connection.execute("DELETE FROM metric_chunks WHERE id = ?", (key,))


def _take(connection: sqlite3.Connection, run_id: int, name: str, step: int) -> Column:
    """Delete the chunks that reach ``step`` or beyond, and return their points."""
    rows = connection.execute("DELETE FROM metric_chunks WHERE run_id = ? AND name = ? AND last_step >= ? "
                              f"RETURNING {_CHUNK}", (run_id, name, step)).fetchall()
    if not rows:
        return empty()
    parts = [_decode(row) for row in sorted(rows, key=lambda row: int(row["last_step"]))]
    return np.concatenate([part[0] for part in parts]), np.concatenate([part[1] for part in parts])


def _insert(connection: sqlite3.Connection, run_id: int, name: str, column: Column, size: int, *,
            compress: bool) -> None:
    steps, values = column
    pieces = ((steps[start:start + size], values[start:start + size]) for start in range(0, len(steps), size))
    connection.executemany(
        f"INSERT INTO metric_chunks (run_id, name, {_CHUNK}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        [(run_id, name, int(part[0][0]), int(part[0][-1]), len(part[0]), _steps_blob(part[0]),
          *_values_blob(part[1], compress)) for part in pieces])


def _steps_blob(steps: Steps) -> bytes | None:
    """Encode steps; None if they are evenly spaced, because first, last and count define them."""
    return None if np.all(np.diff(steps, 2) == 0) else steps.astype("<i8").tobytes()


def _values_blob(values: Values, compress: bool) -> tuple[str, bytes]:
    """Encode values, without loss as 32-bit floats if possible; return the coding and the bytes."""
    with np.errstate(over="ignore"):
        single = values.astype("<f4")
    exact = np.array_equal(single.astype(np.float64), values, equal_nan=True)
    coding, raw = ("f4", single.tobytes()) if exact else ("f8", values.astype("<f8").tobytes())
    packed = zlib.compress(raw, 1) if compress else raw
    return (f"{coding}z", packed) if len(packed) < 0.7 * len(raw) else (coding, raw)


def _decode(row: Sequence[Any]) -> Column:
    first, last, count, steps_blob, coding, blob = row
    raw = zlib.decompress(blob) if coding.endswith("z") else blob
    values = np.frombuffer(raw, f"<{coding[:2]}").astype(np.float64)
    if steps_blob is not None:
        return np.frombuffer(steps_blob, "<i8").astype(np.int64), values
    stride = (last - first) // (count - 1) if count > 1 else 1
    return np.arange(first, first + count * stride, stride, dtype=np.int64), values
