"""Studies and their versions: a version once saved is never changed."""

from __future__ import annotations

import builtins
import json
import sqlite3
import time
from dataclasses import dataclass

from pydantic import ValidationError

from engine.errors import UserError, nearest
from engine.store.connect import Connections
from engine.study.study import Study

_LATEST = """SELECT studies.name, declared, number, study_versions.created_at FROM studies
JOIN study_versions ON study_id = studies.id"""


@dataclass(frozen=True)
class StudyVersion:
    """What was declared, and when (unix seconds); numbers begin at 1."""

    number: int
    study: Study
    created_at: float


class Studies:
    """The studies of one store, by name."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections

    def save(self, study: Study) -> StudyVersion:
        """Keep the study; a new version if it differs from the latest."""
        declared = json.dumps(study.model_dump(mode="json"), ensure_ascii=False)
        now = time.time()
        with self._connections.writing() as connection:
            rows = connection.execute(f"{_LATEST} WHERE name = ? ORDER BY number DESC LIMIT 1",
                                      (study.name,)).fetchall()
            if rows and json.loads(rows[0]["declared"]) == json.loads(declared):
                return StudyVersion(rows[0]["number"], study, rows[0]["created_at"])
            number = rows[0]["number"] + 1 if rows else 1
            connection.execute("INSERT OR IGNORE INTO studies (name, created_at) VALUES (?, ?)", (study.name, now))
            connection.execute("INSERT INTO study_versions (study_id, number, declared, created_at) "
                               "SELECT id, ?, ?, ? FROM studies WHERE name = ?", (number, declared, now, study.name))
        return StudyVersion(number, study, now)

    def get(self, name: str) -> Study:
        """The latest version.

        Raises:
            UserError: there is no study of that name; the nearest names are given.
        """
        return self.versions(name)[-1].study

    def list(self) -> builtins.list[Study]:
        """The latest version of every study, the one that was changed last first.

        Raises:
            UserError: one was declared by a version of Darkroom whose studies differ.
        """
        with self._connections.reading() as connection:
            rows = connection.execute(f"{_LATEST} ORDER BY study_versions.created_at DESC, studies.id DESC, "
                                      "number DESC").fetchall()
        latest: dict[str, sqlite3.Row] = {}
        for row in rows:
            latest.setdefault(row["name"], row)
        return [_version(row).study for row in latest.values()]

    def versions(self, name: str) -> builtins.list[StudyVersion]:
        """Everything that was declared under this name, oldest first.

        Raises:
            UserError: as :meth:`get`.
        """
        with self._connections.reading() as connection:
            rows = connection.execute(f"{_LATEST} WHERE name = ? ORDER BY number", (name,)).fetchall()
        if not rows:
            raise self._unknown(name)
        return [_version(row) for row in rows]

    def delete(self, name: str) -> None:
        """Forget a study and its versions; its runs stay.

        Raises:
            UserError: as :meth:`get`.
        """
        with self._connections.writing() as connection:
            gone = connection.execute("DELETE FROM studies WHERE name = ?", (name,)).rowcount
        if not gone:
            raise self._unknown(name)

    def _unknown(self, name: str) -> UserError:
        with self._connections.reading() as connection:
            names = [row[0] for row in connection.execute("SELECT name FROM studies").fetchall()]
        close = nearest(name, names)
        return UserError(f"study: no study {name!r}" + (f"; nearest: {', '.join(close)}" if close else ""))


def _version(row: sqlite3.Row) -> StudyVersion:
    try:
        study = Study.model_validate_json(row["declared"])
    except ValidationError as error:
        raise UserError(f"study: {row['name']} cannot be read by this version of Darkroom: "
                        f"{error.errors()[0]['msg']}") from None
    return StudyVersion(row["number"], study, row["created_at"])
