"""The states of a run."""

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
