"""An option's value as tables of runs show it."""

from __future__ import annotations

from typing import Any

from app.form.fields import text_of
from engine.store import Run


def option_told(run: Run, field: str, value: Any) -> str | None:
    """``value`` as the form shows it; a size that was left open with what it came to, ``auto (192)``.

    None where the run does not tell the option.
    """
    if value is None:
        return None
    if field == "image_size" and not value:
        found = run.resolved.get(field)
        return f"auto ({found})" if found else "auto"
    return text_of(value)
