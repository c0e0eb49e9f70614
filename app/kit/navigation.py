"""The pages, and links between them."""

from collections.abc import Collection, Iterable
from functools import lru_cache, partial
from typing import NoReturn

import streamlit as st

from app.kit.address import reopen
from engine.home import ROOT

_PAGES = (
    ("launch", "Launch", ":material/play_circle:"),
    ("data", "Data", ":material/photo_library:"),
    ("fit", "Fit", ":material/memory:"),
    ("live", "Live", ":material/monitoring:"),
    ("runs", "Runs", ":material/table_rows:"),
    ("run", "Run", ":material/article:"),
    ("compare", "Compare", ":material/stacked_line_chart:"),
    ("study", "Study", ":material/science:"),
    ("results", "Results", ":material/grid_on:"),
    ("try_image", "Try", ":material/image_search:"),
)
_HIDDEN = ("run",)
"""Pages that the menu leaves out: others lead there."""
_LONGEST_ID = 18


@lru_cache(maxsize=1)
def pages() -> dict[str, st.Page]:
    """Return each page by its file's name, in the order of the menu; the first is the start page."""
    return {name: st.Page(ROOT / "pages" / f"{name}.py", title=title, icon=icon, default=name == "launch",
                          visibility="hidden" if name in _HIDDEN else "visible")
            for name, title, icon in _PAGES}


@lru_cache(maxsize=1)
def aliases() -> list[st.Page]:
    """Return a hidden page for each title in lower case that is not its page's address, such as ``/try``."""
    return [st.Page(partial(_forward, name), title=title, url_path=title.lower(), visibility="hidden")
            for name, title, _ in _PAGES if title.lower() != name]


def _forward(name: str) -> NoReturn:
    reopen()
    st.switch_page(pages()[name], query_params=st.query_params.to_dict())


def go(page: str, runs: Iterable[int] = (), **params: str) -> NoReturn:
    """Switch to another page, with these runs selected there."""
    reopen()
    st.switch_page(pages()[page], query_params=query(runs) | params)


def query(runs: Iterable[int]) -> dict[str, str]:
    """Return the query parameters that name runs: ``{"run": "3,5"}``."""
    listed = ",".join(str(run) for run in runs)
    return {"run": listed} if listed else {}


def runs_in_address() -> list[int]:
    """Return the ids of the runs in the address; anything else in it is ignored."""
    return run_ids(st.query_params.get("run", ""))


def unknown_in_address(existing: Collection[int]) -> list[str]:
    """Return what the address names that is none of these runs."""
    parts = [part.strip() for part in st.query_params.get("run", "").split(",")]
    return [part for part in parts if part and not set(run_ids(part)) & set(existing)]


def take_clone() -> str:
    """Return the run to clone and remove it from the address, so that it is cloned once."""
    return str(st.query_params.pop("clone", ""))


def run_ids(text: str) -> list[int]:
    """Parse a comma list of run ids; ignore numbers too long for the database."""
    parts = [part.strip() for part in text.split(",")]
    return [int(part) for part in parts if part.isdecimal() and len(part) <= _LONGEST_ID]
