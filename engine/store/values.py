"""Python values in statements of SQL."""

import json
from collections.abc import Collection, Iterable, Sequence
from typing import Any


def marks(values: Collection[str]) -> str:
    return ", ".join("?" * len(values))


def to_sql(values: Iterable[Any]) -> Sequence[Any]:
    """Convert values for SQLite: containers to JSON, numpy numbers to Python's, which would be stored as bytes."""
    return [json.dumps(value) if isinstance(value, (dict, list, tuple)) else
            value.item() if hasattr(value, "item") else value for value in values]
