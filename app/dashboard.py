"""The script that runs for every visit: the frame, the menu, and the chosen page."""

import contextlib

import streamlit as st

from app.kit.frame import frame, notices
from app.kit.guard import guarded
from app.kit.navigation import pages
from app.kit.store import look_after_runs
from engine.errors import UserError
from engine.launch.plugins import look_at_plugins

frame()
with guarded():
    look_at_plugins()
page = st.navigation(list(pages().values()), position="top")
# A store that cannot be used is told once, by the page, in its own place.
with guarded(), contextlib.suppress(UserError):
    notices()
    look_after_runs()
with guarded():
    page.run()
