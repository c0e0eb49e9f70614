"""Columns of one metric as compact blobs: ``steps`` int64 and ``values`` float64 in, the same out."""

import sqlite3
import zlib
from collections.abc import Sequence
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


def merged(old: Column, new: Column) -> Column:
    """Both columns by ascending step; where they share a step the newer value counts."""
    steps = np.concatenate([old[0], new[0]])
    values = np.concatenate([old[1], new[1]])
    if np.all(np.diff(steps) > 0):
        return steps, values
    order = np.argsort(steps, kind="stable")
    steps, values = steps[order], values[order]
    last_of_step = np.append(np.diff(steps) > 0, True)
    return steps[last_of_step], values[last_of_step]


def read(connection: sqlite3.Connection, run_id: int, name: str, after_step: int = -1) -> Column:
    """The points of a metric whose step is greater than ``after_step``."""
    rows = connection.execute(f"SELECT {_CHUNK} FROM metric_chunks WHERE run_id = ? AND name = ? AND last_step > ? "
                              "ORDER BY last_step", (run_id, name, after_step)).fetchall()
    if not rows:
        return empty()
    parts = [_decoded(row) for row in rows]
    steps = np.concatenate([part[0] for part in parts])
    values = np.concatenate([part[1] for part in parts])
    start = int(np.searchsorted(steps, after_step, side="right"))
    return steps[start:], values[start:]


def append(connection: sqlite3.Connection, run_id: int, name: str, new: Column) -> None:
    """Add points (ascending steps); a step that is there already is replaced."""
    tail = connection.execute("SELECT first_step, last_step, count FROM metric_chunks WHERE run_id = ? AND name = ? "
                              "ORDER BY last_step DESC LIMIT 1", (run_id, name)).fetchall()
    if tail:
        first, last, count = tail[0]
        if count < LIVE_POINTS:
            new = merged(_taken(connection, run_id, name, min(first, int(new[0][0]))), new)
        elif last >= new[0][0]:
            new = merged(_taken(connection, run_id, name, int(new[0][0])), new)
    _insert(connection, run_id, name, new, LIVE_POINTS, compress=False)


def drop_after(connection: sqlite3.Connection, run_id: int, name: str, step: int) -> None:
    """Remove every point whose step is greater than ``step``."""
    steps, values = _taken(connection, run_id, name, step + 1)
    kept = steps <= step
    if kept.any():
        _insert(connection, run_id, name, (steps[kept], values[kept]), LIVE_POINTS, compress=False)


def rewrite(connection: sqlite3.Connection, run_id: int, name: str) -> None:
    """Pack a metric that no longer grows into few, compressed chunks."""
    _insert(connection, run_id, name, _taken(connection, run_id, name, -1), SEALED_POINTS, compress=True)


def drop_undecodable(connection: sqlite3.Connection, run_id: int, name: str) -> None:
    """Remove chunks whose bytes were damaged."""
    rows = connection.execute(f"SELECT {_CHUNK}, id FROM metric_chunks WHERE run_id = ? AND name = ?",
                              (run_id, name)).fetchall()
    for *chunk, key in rows:
        try:
            steps, values = _decoded(chunk)
            sound = len(steps) == len(values) == chunk[2]
        except (ValueError, zlib.error):
            sound = False
        if not sound:
            connection.execute("DELETE FROM metric_chunks WHERE id = ?", (key,))


def _taken(connection: sqlite3.Connection, run_id: int, name: str, step: int) -> Column:
    """The chunks that reach ``step`` or beyond, whole, taken out of the table."""
    rows = connection.execute("DELETE FROM metric_chunks WHERE run_id = ? AND name = ? AND last_step >= ? "
                              f"RETURNING {_CHUNK}", (run_id, name, step)).fetchall()
    if not rows:
        return empty()
    parts = [_decoded(row) for row in sorted(rows, key=lambda row: int(row["last_step"]))]
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
    """None when the steps are evenly spaced, as they nearly always are: first, last and count say it all."""
    return None if np.all(np.diff(steps, 2) == 0) else steps.astype("<i8").tobytes()


def _values_blob(values: Values, compress: bool) -> tuple[str, bytes]:
    """How the values were coded, and the bytes; half the size, without loss, when all are 32-bit floats."""
    with np.errstate(over="ignore"):
        single = values.astype("<f4")
    exact = np.array_equal(single.astype(np.float64), values, equal_nan=True)
    coding, raw = ("f4", single.tobytes()) if exact else ("f8", values.astype("<f8").tobytes())
    packed = zlib.compress(raw, 1) if compress else raw
    return (f"{coding}z", packed) if len(packed) < 0.7 * len(raw) else (coding, raw)


def _decoded(row: Sequence[Any]) -> Column:
    first, last, count, steps_blob, coding, blob = row
    raw = zlib.decompress(blob) if coding.endswith("z") else blob
    values = np.frombuffer(raw, f"<{coding[:2]}").astype(np.float64)
    if steps_blob is not None:
        return np.frombuffer(steps_blob, "<i8").astype(np.int64), values
    stride = (last - first) // (count - 1) if count > 1 else 1
    return np.arange(first, first + count * stride, stride, dtype=np.int64), values
