"""Studies and their versions as JSON documents; :mod:`engine.study` interprets them."""

import json
import sqlite3
import time
from dataclasses import dataclass
from typing import Any

from engine.errors import UserError, nearest
from engine.store.connect import Connections
from engine.store.mirror import keep_home

_LATEST = """SELECT studies.name, declared, number, study_versions.created_at, seal FROM studies
JOIN study_versions ON study_id = studies.id"""


@dataclass(frozen=True)
class StudyDocument:
    """A version of a study's declaration, with its creation time (unix seconds) and its seal, if it has one.

    Numbers start at 1.
    """

    name: str
    number: int
    declared: dict[str, Any]
    created_at: float
    seal: dict[str, Any]


class StudyDocuments:
    """The documents of one store, by the study's name; a saved version is never changed, only sealed."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections

    def save(self, name: str, declared: dict[str, Any]) -> StudyDocument:
        """Save a document, as a new version if it differs from the latest."""
        text = json.dumps(declared, ensure_ascii=False)
        now = time.time()
        with self._connections.writing() as connection:
            rows = connection.execute(f"{_LATEST} WHERE name = ? ORDER BY number DESC LIMIT 1", (name,)).fetchall()
            if rows and json.loads(rows[0]["declared"]) == json.loads(text):
                return _document(rows[0])
            number = rows[0]["number"] + 1 if rows else 1
            connection.execute("INSERT OR IGNORE INTO studies (name, created_at) VALUES (?, ?)", (name, now))
            connection.execute("INSERT INTO study_versions (study_id, number, declared, created_at) "
                               "SELECT id, ?, ?, ? FROM studies WHERE name = ?", (number, text, now, name))
        keep_home(self._connections)
        return StudyDocument(name, number, declared, now, {})

    def seal(self, name: str, number: int, seal: dict[str, Any]) -> None:
        """Seal a version, unless one of this study is sealed."""
        with self._connections.writing() as connection:
            connection.execute(
                "UPDATE study_versions SET seal = ? WHERE number = ? AND study_id = (SELECT id FROM studies WHERE "
                "name = ?) AND NOT EXISTS (SELECT 1 FROM study_versions AS other WHERE seal <> '{}' AND "
                "other.study_id = study_versions.study_id)", (json.dumps(seal), number, name))
        keep_home(self._connections)

    def names(self) -> list[str]:
        """Return the names of all studies."""
        with self._connections.reading() as connection:
            return [row[0] for row in connection.execute("SELECT name FROM studies ORDER BY id").fetchall()]

    def latest(self) -> list[StudyDocument]:
        """Return the latest version of every study, last changed first."""
        with self._connections.reading() as connection:
            rows = connection.execute(f"{_LATEST} ORDER BY study_versions.created_at DESC, studies.id DESC, "
                                      "number DESC").fetchall()
        latest: dict[str, sqlite3.Row] = {}
        for row in rows:
            latest.setdefault(row["name"], row)
        return [_document(row) for row in latest.values()]

    def versions(self, name: str) -> list[StudyDocument]:
        """Return all versions with this name, oldest first.

        Raises:
            UserError: there is no study with that name; lists the nearest names.
        """
        with self._connections.reading() as connection:
            rows = connection.execute(f"{_LATEST} WHERE name = ? ORDER BY number", (name,)).fetchall()
        if not rows:
            raise self._unknown(name)
        return [_document(row) for row in rows]

    def delete(self, name: str) -> None:
        """Delete a study and its versions, but not its runs.

        Raises:
            UserError: as :meth:`versions`.
        """
        with self._connections.writing() as connection:
            gone = connection.execute("DELETE FROM studies WHERE name = ?", (name,)).rowcount
        if not gone:
            raise self._unknown(name)
        keep_home(self._connections)

    def _unknown(self, name: str) -> UserError:
        close = nearest(name, self.names())
        return UserError(f"study: no study {name!r}" + (f"; nearest: {', '.join(close)}" if close else ""))


def _document(row: sqlite3.Row) -> StudyDocument:
    return StudyDocument(row["name"], row["number"], json.loads(row["declared"]), row["created_at"],
                         json.loads(row["seal"]))
