"""The launch form, drawn from ``RunConfig`` alone."""

from app.form.draft import Draft, current, fill, reset
from app.form.widgets import form

__all__ = ["Draft", "current", "fill", "form", "reset"]
