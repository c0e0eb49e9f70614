"""The fields of the launch form, derived from ``RunConfig``."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from engine.config import Option, RunConfig, Section, option_label, option_of
from engine.store import Run
from engine.tasks import augmentations_for

YES_NO = ("yes", "no")


@dataclass(frozen=True)
class Field:
    """A form field: the option it edits, and its default as text."""

    name: str
    option: Option
    default: str

    @property
    def label(self) -> str:
        return option_label(self.name)

    @property
    def choices(self) -> Sequence[str]:
        if self.default in YES_NO:
            return YES_NO
        return tuple(self.option.choices()) if self.option.choices else ()

    def offered(self, tasks: Collection[str]) -> Sequence[str]:
        """Return the choices that suit all these tasks; all choices if none does."""
        suits = self.option.offered
        fitting = [set(suits(task)) for task in tasks] if suits else []
        return [choice for choice in self.choices if all(choice in names for names in fitting)] or self.choices


@lru_cache(maxsize=1)
def fields() -> tuple[Field, ...]:
    """Return every field of ``RunConfig``, in order."""
    return tuple(Field(name, option_of(name), text_of(info.default)) for name, info in RunConfig.model_fields.items())


def sections() -> dict[Section, list[Field]]:
    """Return the fields by section in display order, basic options first."""
    return {section: sorted((field for field in fields() if field.option.section is section),
                            key=lambda field: field.option.advanced) for section in Section}


def value_help(field: str, text: str, task: str) -> str:
    """Return the catalog's help for the chosen value; empty if the field has no catalog or the value is a list."""
    choices = option_of(field).choices
    row: Any = (augmentations_for(task) if field == "augmentation" else choices() if choices else {}).get(text, "")
    if isinstance(row, str):
        return row
    return str(row.help) or f"timm’s {row.family} family, made for {row.size} × {row.size} px pictures."


def text_of(value: Any) -> str:
    """Format an option's value as the form shows and parses it."""
    if isinstance(value, bool):
        return YES_NO[not value]
    if isinstance(value, (tuple, list)):
        return ", ".join(str(item) for item in value)
    return str(value).removesuffix(".0") if isinstance(value, float) else str(value)


def option_text(run: Run, field: str, value: Any) -> str | None:
    """Format ``value`` as the form does, but 0 as what it means, as in ``auto (192)``; None: the option is unknown."""
    if value is None:
        return None
    if field == "image_size" and not value and (found := run.resolved.get(field)):
        return f"auto ({found})"
    return (_of_nothing(field) if value == 0 and not isinstance(value, bool) else "") or text_of(value)


def _of_nothing(field: str) -> str:
    """Return what 0 means by the option's explanation: its word, ``auto`` for several; empty if 0 is just a number."""
    found = re.search(r"\b0: ([^.;,]+)", option_of(field).help)
    return "" if found is None else "auto" if " " in found[1] else found[1]
