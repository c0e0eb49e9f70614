"""How pages present a run: its colour, name, status and progress."""

import time
from dataclasses import dataclass
from html import escape

import streamlit as st

from app.kit import words
from engine.store import Run, Status

PALETTE = ("#3a7bd0", "#d2691e", "#2c9a72", "#a855a0", "#b8900f", "#2f9fb3",
           "#cf4a5c", "#7565c7", "#7a942d", "#94705a", "#5b7c95", "#dd7299")


OPENS = "A click opens the run’s page."
# A pinned cell is drawn paler than its colour.
_LINKS = {"light": "#0f3f80", "dark": "#9cc4ff"}


def link_colour() -> str:
    """Return the colour of a run's name that leads to its page, in a pinned cell of a table."""
    return _LINKS["dark" if st.context.theme.type == "dark" else "light"]


def colour(run_id: int) -> str:
    """Return the run's colour, one of twelve that are legible on light and dark."""
    return PALETTE[(run_id - 1) % len(PALETTE)]


@dataclass(frozen=True)
class StatusColour:
    """The colour of a status: a name of the theme's colours, and a similar hex colour for widgets without names."""

    colour: str
    hex: str


STATUS_COLOURS: dict[Status, StatusColour] = {
    Status.QUEUED: StatusColour("gray", "#8a8178"),
    Status.STARTING: StatusColour("blue", "#4a7fc1"),
    Status.RUNNING: StatusColour("blue", "#4a7fc1"),
    Status.EVALUATING: StatusColour("violet", "#8d6cc0"),
    Status.PAUSED: StatusColour("yellow", "#b08a2e"),
    Status.FINISHED: StatusColour("green", "#4f9277"),
    Status.STOPPED: StatusColour("gray", "#8a8178"),
    Status.FAILED: StatusColour("red", "#c4525c"),
    Status.LOST: StatusColour("red", "#c4525c"),
}


def label(run: Run) -> str:
    """Return the run's name and number as text."""
    return f"{run.name} #{run.id}"


def badge(status: Status, requested: str = "run") -> str:
    """Return the status as HTML; ``stopping`` or ``pausing`` while such a request is pending."""
    pending = {"stop": "stopping", "pause": "pausing"}.get(requested)
    word = pending if pending and status in (Status.STARTING, Status.RUNNING) else status.value
    return f'<span class="dr-badge dr-{STATUS_COLOURS[status].colour} dr-is-{status.value}">{word}</span>'


def title(run: Run) -> str:
    """Return a run's colour, number and name as HTML."""
    return (f'<span class="dr-dot" style="background:{colour(run.id)}"></span>'
            f'<span class="dr-name">{escape(run.name)}</span><span class="dr-id">#{run.id}</span>')


def share(run: Run) -> float:
    """Return the fraction of all steps that is done, 0–1."""
    return min(1.0, run.step / run.total_steps) if run.total_steps else 0.0


def speed(run: Run) -> float | None:
    """Return images per second, of the last epoch or, before the first has ended, of the steps so far."""
    if run.images_per_second or not (run.is_live and run.step and run.started_at) or run.attempt > 1:
        return run.images_per_second
    return run.step * float(run.config["batch_size"]) / max(time.time() - run.started_at, 0.1)


def seconds_left(run: Run) -> float | None:
    """Return the seconds until the last step of a live run; None if its speed is unknown."""
    images_per_second = speed(run)
    if not run.is_live or not images_per_second:
        return None
    return max(0, run.total_steps - run.step) * float(run.config["batch_size"]) / images_per_second


def card(run: Run) -> str:
    """Return a run's title, progress bar and figures as HTML."""
    bar = f'<i style="width:{100 * share(run):.2f}%;background:{colour(run.id)}"></i>'
    parts = [f'<span>{name} <b>{value}</b></span>' for name, value in _figures(run)]
    error = f'<div class="dr-error">{escape(run.remark)}</div>' if run.remark else ""
    moving = " dr-moving" if run.is_live else ""
    return (f'<div class="dr-run"><div class="dr-head">{title(run)}{badge(run.status, run.requested)}</div>'
            f'<div class="dr-bar{moving}">{bar}</div>'
            f'<div class="dr-figures">{"".join(parts)}</div>{error}</div>')


def _figures(run: Run) -> list[tuple[str, str]]:
    figures = []
    if run.status is Status.QUEUED and not run.step:
        return [("queued", words.ago(run.created_at)), ("epochs", words.count(run.config["epochs"]))]
    if run.is_imported:
        figures.append(("imported from", escape(str(run.origin.get("file", "elsewhere")))))
    if run.knows("epochs"):
        figures.append(("epoch", f"{run.epoch} / {run.config['epochs']}"))
    if run.total_steps:
        figures.append(("step", f"{run.step:,} / {run.total_steps:,}"))
    if (left := seconds_left(run)) is not None:
        figures.append(("left", words.duration(left)))
    elif run.seconds:
        figures.append(("trained", words.duration(run.seconds)))
    if (images := speed(run)) is not None:
        figures.append(("images/s", words.count(images)))
    if run.best_val_score is not None:
        figures.append((f"best val {run.score_name}", words.percent(run.best_val_score)))
    if run.test_score is not None:
        figures.append((f"test {run.score_name}", words.percent(run.test_score)))
    figures += [("on", escape(run.device))] if run.device else []
    figures += [("memory", words.size(run.peak_memory))] if run.peak_memory else []
    return figures
