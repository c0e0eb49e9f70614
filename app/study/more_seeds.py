"""What a hypothesis still needs to be decided, and a button that launches it."""

from __future__ import annotations

import streamlit as st

from app.guard import guarded
from app.navigation import go
from app.stored import store
from app.study.draft import discard
from engine.analysis.judging import Judgement
from engine.study.launching import launch
from engine.study.study import Study

_MOST = 50


def more_seeds(study: Study, judgement: Judgement) -> None:
    """The button, where seeds are missing and another few would do."""
    needed = max((need.seeds or 0 for need in judgement.needs), default=0)
    if not 0 < needed <= _MOST or not study.seeds:
        return
    wider = with_more_seeds(study, needed)
    added = wider.seeds[len(study.seeds):]
    runs = len(added) * len(study.cells)
    name = f"seed {added[0]}" if len(added) == 1 else f"seeds {added[0]} to {added[-1]}"
    if st.button(f"Add {name}: {runs} runs", icon=":material/add:", key=f"study_seeds_{judgement.hypothesis.name}",
                 help="Every cell is trained with these too, so that all are compared on the same seeds."):
        with guarded():
            launch(store(), wider)
            discard()
            go("study", study=study.name, view="Matrix")


def with_more_seeds(study: Study, more: int) -> Study:
    """The study with so many further seeds, the next whole numbers."""
    start = max(study.seeds) + 1
    return Study.model_validate({**study.model_dump(), "seeds": (*study.seeds, *range(start, start + more))})
