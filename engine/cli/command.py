"""The command line equivalent to a config."""

import shlex
from typing import Any

from engine.config import RunConfig, applies
from engine.tasks import task_of


def train_command(config: RunConfig, *, detach: bool = False) -> str:
    """Return ``python -m engine train …`` for a shell, with every option that differs from its task's default."""
    words = ["python", "-m", "engine", "train"]
    defaults = task_of(config.dataset).defaults
    for field, info in RunConfig.model_fields.items():
        value = getattr(config, field)
        if value != defaults.get(field, info.default) and applies(field, config):
            text = _text(value)
            flag = f"--{field.replace('_', '-')}"
            words += [f"{flag}={text}"] if text.startswith("-") else [flag, text]
    return shlex.join([*words, "--detach"] if detach else words)


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ",".join(value) if isinstance(value, tuple) else str(value)
