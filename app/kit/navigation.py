"""The pages, and the ways from one to another."""

from collections.abc import Iterable
from functools import lru_cache
from typing import NoReturn

import streamlit as st

from engine.home import ROOT

_PAGES = (
    ("launch", "Launch", ":material/play_circle:"),
    ("data", "Data", ":material/photo_library:"),
    ("fit", "Fit", ":material/memory:"),
    ("live", "Live", ":material/monitoring:"),
    ("runs", "Runs", ":material/table_rows:"),
    ("compare", "Compare", ":material/stacked_line_chart:"),
    ("study", "Study", ":material/science:"),
    ("results", "Results", ":material/grid_on:"),
    ("try_image", "Try", ":material/image_search:"),
)
_LONGEST_ID = 18


@lru_cache(maxsize=1)
def pages() -> dict[str, st.Page]:
    """Each page by its file's name, in the order of the menu; the first opens at the root."""
    return {name: st.Page(ROOT / "pages" / f"{name}.py", title=title, icon=icon, default=name == "launch")
            for name, title, icon in _PAGES}


def go(page: str, runs: Iterable[int] = (), **params: str) -> NoReturn:
    """Leave for another page, with these runs chosen there."""
    st.switch_page(pages()[page], query_params=query(runs) | params)


def query(runs: Iterable[int]) -> dict[str, str]:
    """The address that carries runs: ``{"run": "3,5"}``."""
    listed = ",".join(str(run) for run in runs)
    return {"run": listed} if listed else {}


def asked_runs() -> list[int]:
    """The runs in the address; what is not a run's number is ignored."""
    return run_ids(st.query_params.get("run", ""))


def take_clone() -> str:
    """The run that the address asks to clone, or nothing; a question answered once, so it leaves the address."""
    asked = st.query_params.get("clone", "")
    if asked:
        del st.query_params["clone"]
    return asked


def run_ids(text: str) -> list[int]:
    """The runs' numbers in a comma list; nothing longer than the longest that a database can hold."""
    parts = [part.strip() for part in text.split(",")]
    return [int(part) for part in parts if part.isdecimal() and len(part) <= _LONGEST_ID]
