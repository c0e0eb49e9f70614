"""The migrations of ``runs.db``. Imported only when needed: sqlite-utils takes long to import."""

import time

from sqlite_utils import Database, Migrations

from engine.store.schema import (
    ARCHIVE_AND_TRASH,
    EVALUATIONS_OF_ANY_CHECKPOINT,
    HANDLES,
    MIGRATION_NAMES,
    MIGRATION_SET,
    RUNS_AND_METRICS,
    SEALS,
    STUDIES,
)

MIGRATIONS = Migrations(MIGRATION_SET)


@MIGRATIONS(name=MIGRATION_NAMES[0])
def _runs_and_metrics(db: Database) -> None:
    for statement in RUNS_AND_METRICS:
        db.execute(statement)
    # Start at the current time, so that a replaced file never repeats an earlier version number.
    db.execute("INSERT INTO counter VALUES (1, ?)", [int(time.time()) << 20])


@MIGRATIONS(name=MIGRATION_NAMES[1])
def _evaluations_of_any_checkpoint(db: Database) -> None:
    for statement in EVALUATIONS_OF_ANY_CHECKPOINT:
        db.execute(statement)


@MIGRATIONS(name=MIGRATION_NAMES[2])
def _studies(db: Database) -> None:
    for statement in STUDIES:
        db.execute(statement)


@MIGRATIONS(name=MIGRATION_NAMES[3])
def _handles(db: Database) -> None:
    for statement in HANDLES:
        db.execute(statement)


@MIGRATIONS(name=MIGRATION_NAMES[4])
def _seals(db: Database) -> None:
    for statement in SEALS:
        db.execute(statement)


@MIGRATIONS(name=MIGRATION_NAMES[5])
def _archive_and_trash(db: Database) -> None:
    for statement in ARCHIVE_AND_TRASH:
        db.execute(statement)
