"""The only module that depends on Streamlit's internals: static files and components."""

import base64
import filecmp
import hashlib
import os
import re
import shutil
from functools import cache
from importlib.metadata import version
from importlib.resources import files

import streamlit as st
from streamlit.components.v2.types import ComponentRenderer

from engine.home import ROOT

STATIC = ROOT / "app" / "static"
PLOTLY_URL = f"app/static/plotly.min.js?v={version('plotly')}"


def put_static_files() -> None:
    """Copy Plotly's JavaScript from the installed package to the folder that is served, unless it is there."""
    source = str(files("plotly") / "package_data" / "plotly.min.js")
    target = STATIC / "plotly.min.js"
    if target.exists() and filecmp.cmp(source, target, shallow=True):
        return
    STATIC.mkdir(exist_ok=True)
    temporary = target.with_suffix(f".{os.getpid()}")
    shutil.copy2(source, temporary)
    temporary.replace(target)


def bound_to() -> tuple[str | None, int]:
    """Address and port of the server; None: every interface."""
    return st.get_option("server.address"), int(st.get_option("server.port"))


def inline_script_hashes() -> list[str]:
    """Of the scripts inside the page, Streamlit's and :func:`early_script`, as a policy names them: ``'sha256-…'``."""
    page = (files("streamlit") / "static" / "index.html").read_text()
    scripts = [*re.findall(r"<script(?![^>]*\bsrc=)[^>]*>(.*?)</script>", page, re.DOTALL), early_script()]
    return [f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'" for script in scripts]


def early_script() -> str:
    """Return the script that must run before Streamlit's: it makes the chosen theme known."""
    return (ROOT / "app" / "kit" / "theme.js").read_text()


@cache
def component(name: str, *, html: str, css: str, js: str) -> ComponentRenderer:
    """Return a custom component, registered once per server."""
    return st.components.v2.component(name, html=html, css=css, js=js, isolate_styles=False)
