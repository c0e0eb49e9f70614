"""How a run's status looks."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

from app.colours import colour
from engine.store import Run, Status


@dataclass(frozen=True)
class Look:
    """``colour`` is one of the theme's colour names; ``hex`` a close colour where only that can be given."""

    colour: str
    hex: str


LOOKS: dict[Status, Look] = {
    Status.QUEUED: Look("gray", "#8a8178"),
    Status.STARTING: Look("blue", "#4a7fc1"),
    Status.RUNNING: Look("blue", "#4a7fc1"),
    Status.EVALUATING: Look("violet", "#8d6cc0"),
    Status.PAUSED: Look("yellow", "#b08a2e"),
    Status.FINISHED: Look("green", "#4f9277"),
    Status.STOPPED: Look("gray", "#8a8178"),
    Status.FAILED: Look("red", "#c4525c"),
    Status.LOST: Look("red", "#c4525c"),
}


def badge(status: Status, requested: str = "run") -> str:
    """The status as HTML; a live run that was asked to stop or pause says so."""
    asked = {"stop": "stopping", "pause": "pausing"}.get(requested)
    word = asked if asked and status in (Status.STARTING, Status.RUNNING) else status.value
    return f'<span class="dr-badge dr-{LOOKS[status].colour} dr-is-{status.value}">{word}</span>'


def title(run: Run) -> str:
    """A run's colour, number and name as HTML."""
    return (f'<span class="dr-dot" style="background:{colour(run.id)}"></span>'
            f'<span class="dr-name">{escape(run.name)}</span><span class="dr-id">#{run.id}</span>')
