"""The script that runs for every visit: the frame, the menu, and the chosen page."""

import contextlib

import streamlit as st

from app.kit.address import drop_undrawn, note_page
from app.kit.frame import frame, notices
from app.kit.guard import guarded
from app.kit.navigation import aliases, pages
from app.kit.store import maintain_runs
from app.kit.tab import name_tab
from engine.errors import UserError
from engine.launch.plugins import refresh_plugins

frame()
with guarded():
    refresh_plugins()
page = st.navigation([*pages().values(), *aliases()], position="top")
# The page itself reports a store that cannot be read; do not report it twice.
with guarded(), contextlib.suppress(UserError):
    notices()
    maintain_runs()
note_page(page.title)
name_tab(page.title)
with guarded():
    page.run()
    drop_undrawn()
