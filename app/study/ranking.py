"""Recipes over several sets: a sentence, the critical-difference diagram and the ranks; and the study's seal."""

import base64
from html import escape

import pandas as pd
import streamlit as st

from app.kit import words
from app.kit.store import store
from engine.analysis.ranking import WIDTH, Ranking, diagram, header, rows, sentences, title
from engine.analysis.reading import verify_study
from engine.analysis.sealed import seal_line
from engine.study.matrix import Matrix

_DIGITS = 12
_INK = {"light": "#26211d", "dark": "#ece7e1"}


def ranking(found: Ranking | None) -> None:
    """Draw the ranking, if the study has several sets."""
    if found is None:
        return
    with st.container(border=True, key="study_ranking", gap="small"):
        st.markdown(f"**{title()}**")
        first, *details = sentences(found)
        st.markdown(words.plain(first))
        _diagram(found, first)
        for detail in details:
            st.caption(words.plain(detail))
        if found.recipes:
            with st.expander("Ranks and scores"):
                st.dataframe(pd.DataFrame(rows(found), columns=header(found)), hide_index=True)


def _diagram(found: Ranking, finding: str) -> None:
    """Draw the diagram as a picture, because Streamlit removes SVG from HTML."""
    if drawn := diagram(found, ink=_INK["dark" if st.context.theme.type == "dark" else "light"]):
        source = f"data:image/svg+xml;base64,{base64.b64encode(drawn.encode()).decode()}"
        st.html(f'<img src="{source}" alt="{escape(finding)}" style="width:100%;max-width:{WIDTH}px">')


def seal(shown: Matrix) -> None:
    """Draw a line on the study's seal, and what was changed since."""
    line = seal_line(verify_study(store(), shown), digits=_DIGITS)
    st.caption(f":material/verified_user: {words.plain(line)}")
