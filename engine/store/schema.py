"""The tables of ``runs.db``, the names of their migrations, and the states of a run."""

from collections.abc import Iterable
from enum import StrEnum


class Status(StrEnum):
    """``queued → starting → running → evaluating → finished | stopped | failed | lost``, and ``paused``."""

    QUEUED = "queued"
    STARTING = "starting"
    RUNNING = "running"
    EVALUATING = "evaluating"
    PAUSED = "paused"
    FINISHED = "finished"
    STOPPED = "stopped"
    FAILED = "failed"
    LOST = "lost"


LIVE = frozenset({Status.STARTING, Status.RUNNING, Status.EVALUATING})
ENDED = frozenset({Status.FINISHED, Status.STOPPED, Status.FAILED, Status.LOST})
REQUESTS = ("run", "stop", "pause")

MIGRATION_SET = "darkroom"
MIGRATION_NAMES = ("0001_runs_and_metrics", "0002_evaluations_of_any_checkpoint", "0003_studies", "0004_handles",
                   "0005_seals", "0006_archive_and_trash")


def _one_of(values: Iterable[str]) -> str:
    return ", ".join(f"'{value}'" for value in values)


RUNS_AND_METRICS = (
    "CREATE TABLE counter (id INTEGER PRIMARY KEY CHECK (id = 1), value INTEGER NOT NULL) STRICT",
    f"""CREATE TABLE runs (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        name TEXT NOT NULL,
        status TEXT NOT NULL CHECK (status IN ({_one_of(Status)})),
        requested TEXT NOT NULL DEFAULT 'run' CHECK (requested IN ({_one_of(REQUESTS)})),
        config TEXT NOT NULL CHECK (json_valid(config)),
        config_hash TEXT NOT NULL,
        attempt INTEGER NOT NULL DEFAULT 1,
        priority INTEGER NOT NULL DEFAULT 0,
        created_at REAL NOT NULL,
        started_at REAL, ended_at REAL, heartbeat_at REAL,
        epoch INTEGER NOT NULL DEFAULT 0,
        step INTEGER NOT NULL DEFAULT 0,
        total_steps INTEGER NOT NULL DEFAULT 0,
        steps_per_epoch INTEGER NOT NULL DEFAULT 0,
        trained_seconds REAL NOT NULL DEFAULT 0,
        device TEXT, slot TEXT, host TEXT, boot_id TEXT,
        pid INTEGER, pid_started REAL, exit_code INTEGER,
        error TEXT,
        git_commit TEXT, git_dirty INTEGER NOT NULL DEFAULT 0 CHECK (git_dirty IN (0, 1)),
        environment TEXT NOT NULL DEFAULT '{{}}' CHECK (json_valid(environment)),
        resolved TEXT NOT NULL DEFAULT '{{}}' CHECK (json_valid(resolved)),
        parameters INTEGER,
        dataset_fingerprint TEXT,
        tags TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(tags)),
        notes TEXT NOT NULL DEFAULT '',
        revision INTEGER NOT NULL DEFAULT 0,
        journal_attempt INTEGER NOT NULL DEFAULT 0,
        journal_offset INTEGER NOT NULL DEFAULT 0
    ) STRICT""",
    "CREATE INDEX runs_by_status ON runs (status, priority DESC, id)",
    "CREATE INDEX runs_by_name ON runs (name)",
    """CREATE TABLE metric_chunks (
        id INTEGER PRIMARY KEY,
        run_id INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
        name TEXT NOT NULL,
        first_step INTEGER NOT NULL,
        last_step INTEGER NOT NULL,
        count INTEGER NOT NULL CHECK (count > 0),
        steps BLOB,
        coding TEXT NOT NULL,
        "values" BLOB NOT NULL,
        UNIQUE (run_id, name, last_step)
    ) STRICT""",
    """CREATE TABLE metric_summary (
        run_id INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
        name TEXT NOT NULL,
        last REAL, last_step INTEGER NOT NULL,
        min REAL, min_step INTEGER, max REAL, max_step INTEGER,
        count INTEGER NOT NULL, nonfinite INTEGER NOT NULL,
        PRIMARY KEY (run_id, name)
    ) STRICT, WITHOUT ROWID""",
    """CREATE TABLE evaluations (
        id INTEGER PRIMARY KEY,
        run_id INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
        checkpoint TEXT NOT NULL,
        split TEXT NOT NULL,
        metrics TEXT NOT NULL CHECK (json_valid(metrics)),
        predictions TEXT NOT NULL,
        sha256 TEXT NOT NULL,
        created_at REAL NOT NULL,
        UNIQUE (run_id, checkpoint, split)
    ) STRICT""",
    """CREATE TABLE events (
        id INTEGER PRIMARY KEY,
        run_id INTEGER REFERENCES runs (id) ON DELETE CASCADE,
        kind TEXT NOT NULL,
        message TEXT NOT NULL,
        created_at REAL NOT NULL
    ) STRICT""",
    "CREATE INDEX events_by_run ON events (run_id, id)",
    "CREATE TABLE settings (key TEXT PRIMARY KEY, value TEXT NOT NULL CHECK (json_valid(value))) STRICT, WITHOUT ROWID",
    "CREATE TABLE costs (key TEXT PRIMARY KEY, value TEXT NOT NULL CHECK (json_valid(value))) STRICT, WITHOUT ROWID",
)

# A table's UNIQUE cannot be altered, so the table is recreated. All existing rows are requested tests.
EVALUATIONS_OF_ANY_CHECKPOINT = (
    """CREATE TABLE evaluations_anew (
        id INTEGER PRIMARY KEY,
        run_id INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
        checkpoint TEXT NOT NULL,
        split TEXT NOT NULL,
        tta TEXT NOT NULL DEFAULT 'none',
        scales TEXT NOT NULL DEFAULT '',
        dataset TEXT NOT NULL DEFAULT '',
        data_path TEXT NOT NULL DEFAULT '',
        weights TEXT NOT NULL DEFAULT '',
        asked INTEGER NOT NULL DEFAULT 1 CHECK (asked IN (0, 1)),
        metrics TEXT NOT NULL CHECK (json_valid(metrics)),
        predictions TEXT NOT NULL,
        sha256 TEXT NOT NULL,
        created_at REAL NOT NULL,
        UNIQUE (run_id, checkpoint, split, tta, scales, dataset, data_path)
    ) STRICT""",
    """INSERT INTO evaluations_anew (id, run_id, checkpoint, split, metrics, predictions, sha256, created_at)
        SELECT id, run_id, checkpoint, split, metrics, predictions, sha256, created_at FROM evaluations""",
    "DROP TABLE evaluations",
    "ALTER TABLE evaluations_anew RENAME TO evaluations",
)

# All versions of a study are kept, to know what was declared before the first result.
STUDIES = (
    """CREATE TABLE studies (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        name TEXT NOT NULL UNIQUE,
        created_at REAL NOT NULL
    ) STRICT""",
    """CREATE TABLE study_versions (
        study_id INTEGER NOT NULL REFERENCES studies (id) ON DELETE CASCADE,
        number INTEGER NOT NULL,
        declared TEXT NOT NULL CHECK (json_valid(declared)),
        created_at REAL NOT NULL,
        PRIMARY KEY (study_id, number)
    ) STRICT, WITHOUT ROWID""",
    """CREATE TABLE acknowledged (
        run_id INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
        finding TEXT NOT NULL,
        note TEXT NOT NULL DEFAULT '',
        created_at REAL NOT NULL,
        PRIMARY KEY (run_id, finding)
    ) STRICT, WITHOUT ROWID""",
    "ALTER TABLE runs ADD COLUMN origin TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(origin))",
)

# Handles replace the columns of the process, which stay for trainers and dispatchers of the previous version that may
# still be running; nothing else reads them.
HANDLES = (
    "ALTER TABLE runs ADD COLUMN handle TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(handle))",
    "UPDATE runs SET handle = json_object('launcher', 'local', 'job', id || ':' || attempt) WHERE pid IS NOT NULL",
)

# The version that a study was first launched with has a seal; see :mod:`engine.study.seal`.
SEALS = (
    "ALTER TABLE study_versions ADD COLUMN seal TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(seal))",
)

# ``running_since`` is when the attempt that now trains began; ``trained_seconds`` counts up to there.
ARCHIVE_AND_TRASH = (
    "ALTER TABLE runs ADD COLUMN archived_at REAL",
    "ALTER TABLE runs ADD COLUMN trashed_at REAL",
    "ALTER TABLE runs ADD COLUMN running_since REAL",
    "ALTER TABLE runs ADD COLUMN parent INTEGER",
    "CREATE INDEX runs_in_trash ON runs (trashed_at) WHERE trashed_at IS NOT NULL",
)
