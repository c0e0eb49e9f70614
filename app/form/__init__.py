"""The launch form, drawn from ``RunConfig`` alone."""

from app.form.draft import LOOKING, Draft, confirm_grid, current, fill, reset
from app.form.widgets import form

__all__ = ["LOOKING", "Draft", "confirm_grid", "current", "fill", "form", "reset"]
