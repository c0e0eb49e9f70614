"""The launch form, drawn from ``RunConfig`` alone."""

from app.form.draft import Draft, confirm_grid, current, fill, reset
from app.form.widgets import form

__all__ = ["Draft", "confirm_grid", "current", "fill", "form", "reset"]
