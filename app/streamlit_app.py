"""The dashboard's entry: `streamlit run app/streamlit_app.py`."""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

import streamlit as st  # noqa: E402

from app.frame import frame  # noqa: E402
from app.framework import put_static_files  # noqa: E402
from app.guard import guarded  # noqa: E402
from app.navigation import pages  # noqa: E402

put_static_files()
frame()
page = st.navigation(list(pages().values()), position="top")
with guarded():
    page.run()
