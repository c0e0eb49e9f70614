"""``RunConfig``: every option of a run, declared once."""

import hashlib
import json
import re
from typing import Any, Self

from pydantic import ConfigDict, field_validator, model_validator

from engine.catalog.choices import ALSO_CALLED
from engine.catalog.datasets import spelled
from engine.config.options import Option, Options
from engine.tasks import TASKS, task_of

_NAME = re.compile(r"[^/\\'\"`\x00-\x1f\x7f]{1,120}")


class RunConfig(Options):
    """A validated, frozen configuration of one training run.

    Raises:
        pydantic.ValidationError: for a bad value; :func:`engine.config.parse.parse_config` turns it into one line.
    """

    # YAML reads `train_scale: 36` as a number, where the option is a text that may also be 36-44.
    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=False, allow_inf_nan=False,
                              coerce_numbers_to_str=True)

    @field_validator("*")
    @classmethod
    def _spelled(cls, value: Any, info: Any) -> Any:
        """A name as its catalog spells it."""
        option = option_of(info.field_name)
        if option.spell is not None:
            return option.spell(value)
        if option.choices is None:
            return value
        by_lower = {name.lower(): name for name in option.choices()} | ALSO_CALLED.get(info.field_name, {})
        if value.lower() not in by_lower:
            raise ValueError(one_of(value, list(option.choices())))
        return by_lower[value.lower()]

    @field_validator("name")
    @classmethod
    def _plain_name(cls, value: str) -> str:
        value = value.strip()
        if value and (not _NAME.fullmatch(value) or value.isdigit() or value.startswith("-")):
            raise ValueError("a name of 1 to 120 characters with no slash, quote or line break, not only digits, "
                             "not starting with a dash")
        return value

    @field_validator("tags", mode="before")
    @classmethod
    def _split_tags(cls, value: object) -> object:
        parts = value.split(",") if isinstance(value, str) else value
        return tuple(dict.fromkeys(str(part).strip() for part in parts if str(part).strip())) \
            if isinstance(parts, (list, tuple)) else value

    @model_validator(mode="before")
    @classmethod
    def _begin_as_the_task_does(cls, values: Any) -> Any:
        """What is not given starts as the data set's task has it."""
        return {**task_of(spelled(str(values.get("dataset", "")))).defaults, **values} if isinstance(values, dict) \
            else values

    @model_validator(mode="after")
    def _reset_what_does_not_apply(self) -> Self:
        """Options without effect return to their defaults, so that equal runs compare equal."""
        for field, info in type(self).model_fields.items():
            if not applies(field, self):
                object.__setattr__(self, field, info.default)
        return self

    def identity(self) -> dict[str, Any]:
        """The options that decide what is computed and are not at their default, so that an option added later leaves
        the identity of earlier runs as it was; names, notes, device and what is kept are not among them."""
        defaults = {field: info.default for field, info in type(self).model_fields.items()}
        return {key: value for key, value in self.model_dump(mode="json").items()
                if option_of(key).identity and value != defaults[key]}

    def hash(self) -> str:
        """16 hex digits, equal for two configs exactly when their :meth:`identity` is equal."""
        canonical = json.dumps(self.identity(), sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(canonical.encode()).hexdigest()[:16]


def option_of(field: str) -> Option:
    """The :class:`Option` declared on a field of ``RunConfig``."""
    return next(item for item in RunConfig.model_fields[field].metadata if isinstance(item, Option))


def applies(field: str, values: RunConfig | dict[str, Any]) -> bool:
    """Whether an option matters, given the values of the others."""
    get = values.get if isinstance(values, dict) else lambda key: getattr(values, key)
    option = option_of(field)
    return field not in task_of(str(get("dataset"))).without \
        and all(get(other) in allowed for other, allowed in option.needs.items()) \
        and not any(get(other) in values for other, values in option.unless.items())


def one_of(value: str, choices: list[str]) -> str:
    """``one of …`` for an error message, or the nearest choices when there are too many to list."""
    from engine.errors import nearest

    close = nearest(value, choices)
    listed = f"one of {', '.join(choices)}" if len(choices) <= 12 else "a known name"
    return f"{listed}; nearest: {', '.join(close)}" if close else listed


def tasks_of(field: str) -> list[str]:
    """The tasks that an option matters to; empty: every task."""
    found = [name for name, task in TASKS.items() if field not in task.without]
    return found if len(found) < len(TASKS) else []
