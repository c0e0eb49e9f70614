"""Points and summaries of a run, changed in one transaction."""

import sqlite3
from collections.abc import Mapping

from engine.store import chunks, summaries
from engine.store.chunks import Column


def names(connection: sqlite3.Connection, run_id: int) -> list[str]:
    rows = connection.execute("SELECT name FROM metric_summary WHERE run_id = ? ORDER BY name", (run_id,)).fetchall()
    return [row[0] for row in rows]


def add(connection: sqlite3.Connection, run_id: int, columns: Mapping[str, Column]) -> None:
    """Add points of several metrics, replacing existing steps."""
    known = summaries.read(connection, run_id)
    for name, column in columns.items():
        old = known.get(name)
        chunks.append(connection, run_id, name, column)
        if old is None:
            summary = summaries.summary_of(column)
        elif old.last_step < column[0][0]:
            summary = summaries.combine(old, summaries.summary_of(column))
        else:
            summary = summaries.summary_of(chunks.read(connection, run_id, name))
        summaries.write(connection, run_id, name, summary)


def drop_after(connection: sqlite3.Connection, run_id: int, step: int) -> None:
    """Remove everything recorded after ``step``."""
    for name, summary in summaries.read(connection, run_id).items():
        if summary.last_step <= step:
            continue
        chunks.drop_after(connection, run_id, name, step)
        left = chunks.read(connection, run_id, name)
        if len(left[0]):
            summaries.write(connection, run_id, name, summaries.summary_of(left))
        else:
            summaries.remove(connection, run_id, name)
