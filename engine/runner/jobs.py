"""Jobs that every task does in its own way; each takes and returns JSON."""

from typing import Any

from engine.config import parse_config
from engine.store import Store
from engine.tasks import TASKS, task_of


def try_picture(request: dict[str, Any]) -> dict[str, Any]:
    """What the model of ``run``, an id, says of pictures; the rest of the request is the task's."""
    run = Store.open().runs.get(int(request["run"]))
    answer: dict[str, Any] = TASKS[run.task].try_picture(request)
    return answer


def preview(request: dict[str, Any]) -> dict[str, Any]:
    """A training batch of ``config``, options by name, as the model sees it; the rest of the request is the task's."""
    batch: dict[str, Any] = task_of(parse_config(request["config"]).dataset).preview(request)
    return batch
