"""The study as a document to read, print and send."""

from __future__ import annotations

from functools import partial

import streamlit as st

from app.stored import store
from engine.report.words import LANGUAGES
from engine.study.study import Study

_MIME = {"html": "text/html", "zip": "application/zip", "tex": "text/x-tex"}


def report(study: Study) -> None:
    """A download for each form a report can have; it is made when it is asked for."""
    st.caption("Question, matrix, verdicts, tables, curves, error pictures and environment in one file; every number "
               "in it is read from the store. It is made anew for each download.")
    language = st.segmented_control("Language", list(LANGUAGES), default="en", required=True, key="study_language",
                                    format_func=lambda code: LANGUAGES[code], persist_state="session")
    with st.container(horizontal=True, gap="small"):
        for title, ending in (("HTML", "html"), ("Markdown", "zip"), ("LaTeX", "tex")):
            st.download_button(title, partial(_made, study, str(language), ending),
                               f"{study.name}.{ending}", _MIME[ending], icon=":material/download:",
                               key=f"study_report_{ending}", on_click="ignore",
                               type="primary" if ending == "html" else "secondary")


def _made(study: Study, language: str, ending: str) -> bytes:
    # Plots take a second to import, which no page waits for that draws none.
    from engine.report.document import report_of
    from engine.report.render import to_archive, to_html_page, to_latex_page

    made = report_of(store(), study.name, language)
    if ending == "zip":
        return to_archive(made)
    return (to_html_page if ending == "html" else to_latex_page)(made).encode()
