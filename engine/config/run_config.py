"""``RunConfig``: the validated options of a run, and its default name."""

import hashlib
import json
import re
from functools import cache
from typing import Any, Self

from pydantic import ConfigDict, field_validator, model_validator

from engine.catalog.choices import VALUE_ALIASES
from engine.catalog.datasets import canonical_name
from engine.config.option import Option
from engine.config.options import Options
from engine.data.facts import data_facts
from engine.errors import hint
from engine.tasks import TASKS, task_of

SUFFIXES = {"patch_size": "p{}", "stem": "{}-stem", "train_scale": "S{}", "mixing": "{}", "weights": "{}",
            "fine_tune": "{}", "train_fraction": "{}"}
"""Options that a default name includes if they are not at their default, with their format."""

NAMED_FIELDS = ("model", "image_size", "augmentation", "optimizer", *SUFFIXES)
"""The options that a default name includes."""

_NAME = re.compile(r"[^/\\'\"`\x00-\x1f\x7f]{1,120}")


class RunConfig(Options):
    """The validated, frozen configuration of one training run.

    Raises:
        pydantic.ValidationError: for an invalid value; :func:`engine.config.parse.parse_config` turns it into one line.
    """

    # YAML reads `train_scale: 36` as a number, but the option is a text, which may also be 36-44.
    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=False, allow_inf_nan=False,
                              coerce_numbers_to_str=True)

    @field_validator("*")
    @classmethod
    def _canonical_value(cls, value: Any, info: Any) -> Any:
        """Return a name in its catalog's spelling."""
        option = option_of(info.field_name)
        if option.spell is not None:
            return option.spell(value)
        if option.choices is None:
            return value
        by_lower = {name.lower(): name for name in option.choices()} | VALUE_ALIASES.get(info.field_name, {})
        if value.lower() not in by_lower:
            raise ValueError(expected_choice(value, list(option.choices())))
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
    def _apply_task_defaults(cls, values: Any) -> Any:
        """Fill missing options with the defaults of the data set's task."""
        if not isinstance(values, dict):
            return values
        return {**task_of(canonical_name(str(values.get("dataset", "")))).defaults, **values}

    @model_validator(mode="after")
    def _reset_inapplicable(self) -> Self:
        """Reset options that do not apply to their defaults, so that equal runs compare equal."""
        for field, info in type(self).model_fields.items():
            if not applies(field, self):
                object.__setattr__(self, field, info.default)
        return self

    def identity(self) -> dict[str, Any]:
        """Return the options that affect the result and are not at their default.

        Names, notes, device and stored checkpoints do not. Because defaults are left out, an option added later does
        not change the identity of earlier runs.
        """
        defaults = {field: info.default for field, info in type(self).model_fields.items()}
        return {key: value for key, value in self.model_dump(mode="json").items()
                if option_of(key).identity and value != defaults[key]}

    def hash(self) -> str:
        """Return 16 hex digits, equal for two configs if and only if their :meth:`identity` is equal."""
        canonical = json.dumps(self.identity(), sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(canonical.encode()).hexdigest()[:16]


@cache
def option_of(field: str) -> Option:
    """Return the :class:`Option` declared for a field of ``RunConfig``."""
    return next(item for item in RunConfig.model_fields[field].metadata if isinstance(item, Option))


def option_label(field: str) -> str:
    """Return what the form calls a field of ``RunConfig``."""
    return option_of(field).label or field.replace("_", " ").capitalize()


def applies(field: str, values: RunConfig | dict[str, Any]) -> bool:
    """Whether an option applies, given the values of the others."""
    get = values.get if isinstance(values, dict) else lambda key: getattr(values, key)
    option = option_of(field)
    return field not in task_of(str(get("dataset"))).without \
        and all(get(other) in allowed for other, allowed in option.needs.items()) \
        and not any(get(other) in values for other, values in option.unless.items())


def expected_choice(value: str, choices: list[str]) -> str:
    """Return ``one of …`` for an error message, or the nearest choices if there are too many to list."""
    listed = f"one of {', '.join(choices)}" if len(choices) <= 12 else "a known name"
    return listed + hint(value, choices)


def tasks_of(field: str) -> list[str]:
    """Return the tasks that an option applies to; empty: all tasks."""
    found = [name for name, task in TASKS.items() if field not in task.without]
    return found if len(found) < len(TASKS) else []


def proposed_name(config: RunConfig) -> str:
    """Return the default name, such as ``10_resnet18_32x32_weak_Adam_mixup``; the size only if it was set."""
    size = f"_{config.image_size}x{config.image_size}" if config.image_size else ""
    classes = len(data_facts(config.dataset, config.data_path).classes)
    suffixes = [text.format(getattr(config, field)) for field, text in SUFFIXES.items()
                if getattr(config, field) != RunConfig.model_fields[field].default]
    return "_".join([f"{classes}_{config.model}{size}_{config.augmentation}_{config.optimizer}", *suffixes])


def with_name(config: RunConfig) -> RunConfig:
    """Return the config with its own name, or else with the default name."""
    return config if config.name else config.model_copy(update={"name": proposed_name(config)})
