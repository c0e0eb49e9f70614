"""Study: a question declared before anything runs, its runs as one, and what they say."""

from __future__ import annotations

import streamlit as st

from app.frame import heading
from app.study.beginning import beginning
from app.study.choosing import choose_study
from app.study.importing import told
from app.study.views import choose_view, style
from app.words import plain

style()
with st.container(horizontal=True, vertical_alignment="bottom", horizontal_alignment="distribute"):
    heading("Study")
    study = choose_study()
if study is None:
    beginning()
    st.stop()
told()
if study.question:
    st.markdown(plain(study.question))
choose_view(study)
