"""The dashboard's entry: `streamlit run app/streamlit_app.py`."""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

import streamlit as st  # noqa: E402
from starlette.routing import Route  # noqa: E402

from app.kit.framework import put_static_files  # noqa: E402
from app.kit.guard import show  # noqa: E402
from app.kit.pulse import CHANGES_URL, wait_for_change  # noqa: E402

put_static_files()
app = st.App(ROOT / "app" / "dashboard.py", routes=[Route(f"/{CHANGES_URL}", wait_for_change)], on_script_error=show)
