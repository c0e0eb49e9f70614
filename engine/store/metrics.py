"""Recorded metrics: read by step, thin for charts, summarised, or imported."""

import contextlib
import sqlite3
from collections.abc import Collection, Mapping
from pathlib import Path

import numpy as np
from tsdownsample import MinMaxLTTBDownsampler

from engine.home import run_dir
from engine.store import chunks, points, summaries
from engine.store.chunks import Column
from engine.store.connect import Connections
from engine.store.journal import journals
from engine.store.replay import replay, unread
from engine.store.schema import LIVE
from engine.store.summaries import Summary

_DOWNSAMPLER = MinMaxLTTBDownsampler()  # type: ignore[no-untyped-call]


def thin(column: Column, points: int) -> Column:
    """Downsample a column to at most ``points`` by MinMaxLTTB (Van Der Donckt et al., 2023), which keeps extremes.

    The first NaN of each gap is kept, so that a line breaks there.
    """
    steps, values = column
    if len(steps) <= points:
        return column
    gaps = np.isnan(values)
    starts = np.flatnonzero(gaps & ~np.append(False, gaps[:-1]))[: points // 4]
    solid = np.flatnonzero(~gaps)
    room = max(points - len(starts), 3)
    chosen = solid
    if len(solid) > room:
        finite = np.where(np.isfinite(values[solid]), values[solid], np.float64(0))
        chosen = solid[_DOWNSAMPLER.downsample(steps[solid], finite, n_out=room)]
    kept = np.union1d(chosen, starts)
    return steps[kept], values[kept]


def thin_curves(file: Path, points: int) -> None:
    """Downsample every curve of a database that nobody else uses to at most ``points``, and shrink its file."""
    with contextlib.closing(sqlite3.connect(file)) as connection:
        connection.row_factory = sqlite3.Row
        for run_id, name in connection.execute("SELECT DISTINCT run_id, name FROM metric_chunks").fetchall():
            chunks.rewrite(connection, run_id, name, lambda column: thin(column, points))
        connection.commit()
        connection.execute("VACUUM")


class Metrics:
    """The metrics of one store. Steps are int64 and ascending, values float64 and possibly NaN."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections

    def since(self, run_id: int, name: str, after_step: int) -> Column:
        """Return (steps, values) of all points after ``after_step``."""
        self.catch_up([run_id])
        with self._connections.reading() as connection:
            return chunks.read(connection, run_id, name, after_step)

    def curve(self, run_id: int, name: str, points: int = 1000) -> Column:
        """Return the curve thin to at most ``points`` (steps, values); NaN stay as gaps."""
        return self.curves([run_id], name, points)[run_id]

    def curves(self, run_ids: Collection[int], name: str, points: int = 1000) -> dict[int, Column]:
        """Return :meth:`curve` of several runs by id; empty for a run without this metric."""
        return {run_id: thin(column, points) for run_id, column in self.columns(run_ids, name).items()}

    def columns(self, run_ids: Collection[int], name: str) -> dict[int, Column]:
        """Return (steps, values) of all points of several runs by id; empty for a run without this metric."""
        self.catch_up(run_ids)
        with self._connections.reading() as connection:
            return {run_id: chunks.read(connection, run_id, name) for run_id in run_ids}

    def summary(self, run_id: int) -> dict[str, Summary]:
        """Return the :class:`Summary` of each recorded metric, by name in alphabetical order."""
        self.catch_up([run_id])
        with self._connections.reading() as connection:
            return summaries.read(connection, run_id)

    def add(self, run_id: int, columns: Mapping[str, Column]) -> None:
        """Add imported (steps, values) by metric in ascending steps, replacing existing steps."""
        with self._connections.writing() as connection:
            points.add(connection, run_id, columns)
            connection.execute("UPDATE runs SET revision = revision + 1 WHERE id = ?", (run_id,))

    def seal(self, run_id: int, last: int | None = None) -> None:
        """Compress the metrics of an ended run, and remove its journals, once a second file has the metrics.

        Args:
            last: the attempt with which it ended; journals of later ones stay.
        """
        self.compress(run_id)
        for attempt, path in journals(run_dir(run_id)):
            if last is None or attempt <= last:
                path.unlink(missing_ok=True)

    def compress(self, run_id: int) -> None:
        """Compress the metrics of an ended run."""
        replay(self._connections, run_id)
        with self._connections.writing() as connection:
            for name in points.names(connection, run_id):
                chunks.rewrite(connection, run_id, name)
        self._connections.checkpoint()

    def catch_up(self, run_ids: Collection[int]) -> None:
        """Replay the journals of runs without a live trainer."""
        if self._connections.read_only:
            return
        marks = ", ".join("?" * len(run_ids))
        with self._connections.reading() as connection:
            rows = connection.execute(f"SELECT id, status, journal_attempt, journal_offset FROM runs "
                                      f"WHERE id IN ({marks})", list(run_ids)).fetchall()
        for run_id, status, attempt, offset in rows:
            if status not in LIVE and unread(run_id, attempt, offset):
                replay(self._connections, run_id)
