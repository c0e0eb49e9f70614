"""Labels of levels as people type them: ``0.1``, ``yes`` and ``resnet18`` are all text in the end."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BeforeValidator


def label_of(value: object) -> str:
    """The label of a level with this value."""
    return ("no", "yes")[value] if isinstance(value, bool) else str(value)


def _one(value: object) -> object:
    return label_of(value) if isinstance(value, (bool, int, float)) else value


def _several(value: object) -> Any:
    if isinstance(value, list | tuple):
        return tuple(_one(each) for each in value)
    return (_one(value),)


Label = Annotated[str, BeforeValidator(_one)]
Labels = Annotated[tuple[str, ...], BeforeValidator(_several)]
"""One label stands for a list of it."""

Pair = Annotated[tuple[str, str], BeforeValidator(_several)]
