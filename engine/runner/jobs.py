"""Jobs that each task implements; their requests and answers are JSON."""

from typing import Any

from engine.config import parse_config
from engine.store import Store
from engine.tasks import TASKS, task_of


def try_picture(request: dict[str, Any]) -> dict[str, Any]:
    """Apply the model of ``run``, an id, to pictures; the task defines the other keys."""
    run = Store.open().runs.get(int(request["run"]))
    answer: dict[str, Any] = TASKS[run.task].try_picture(request)
    return answer


def preview(request: dict[str, Any]) -> dict[str, Any]:
    """Return a training batch of ``config``, options by name, as the model's input; the task defines the other keys."""
    batch: dict[str, Any] = task_of(parse_config(request["config"]).dataset).preview(request)
    return batch
