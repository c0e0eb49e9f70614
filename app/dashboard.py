"""The script that runs for every visit: the frame, the menu, and the chosen page."""

from __future__ import annotations

import streamlit as st

from app.frame import frame
from app.guard import guarded
from app.navigation import pages

frame()
page = st.navigation(list(pages().values()), position="top")
with guarded():
    page.run()
