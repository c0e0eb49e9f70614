"""Study: a question declared before anything runs, its runs, and its verdicts."""

import streamlit as st

from app.kit.frame import heading
from app.kit.words import plain
from app.study.choice import choose_study
from app.study.sources import import_notes, sources
from app.study.views import choose_view, style

style()
with st.container(horizontal=True, vertical_alignment="bottom", horizontal_alignment="distribute"):
    heading("Study")
    study = choose_study()
if study is None:
    sources()
    st.stop()
import_notes()
if study.question:
    st.markdown(plain(study.question))
choose_view(study)
