"""What the Try page asks for and shows, by the run's task."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from app.detected.trying import choose_brought, show_found
from app.try_parts import choose_picture, show_answer
from engine.store import Run


@dataclass(frozen=True)
class TryView:
    """One task's part of the page.

    Attributes:
        choose: asks for a picture; None until there is one.
        show: the answer, of a checkpoint, the folder that it stands for, and what was chosen.
    """

    choose: Callable[[Run], Any]
    show: Callable[[Run, str, str, Any], None]


VIEWS: dict[str, TryView] = {
    "classification": TryView(choose_picture, show_answer),
    "detection": TryView(choose_brought, show_found),
}
