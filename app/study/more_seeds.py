"""What a hypothesis still needs to be decided, and a button that launches it."""

from __future__ import annotations

import streamlit as st

from app.guard import guarded
from app.study.starting import start
from engine.analysis.judging import Judgement
from engine.study.matrix import Matrix, State
from engine.study.study import Study

_MOST = 50


def more_seeds(shown: Matrix, judgement: Judgement) -> None:
    """The button, where more seeds are needed than the study has still to run, and another few would do."""
    study, lacking = shown.study, seeds_lacking(shown, judgement)
    if any(need.reason == "kept out" for need in judgement.needs):
        st.caption(":red[:material/error:] Look at what was found in the runs that are kept out, under **Matrix**: "
                   "what is meant to be so can be acknowledged there.")
    if not 0 < lacking <= _MOST or not study.seeds:
        return
    wider = with_more_seeds(study, lacking)
    added = wider.seeds[len(study.seeds):]
    runs = len(added) * len(study.cells)
    name = f"seed {added[0]}" if len(added) == 1 else f"seeds {added[0]} to {added[-1]}"
    if st.button(f"Add {name}: {runs} runs", icon=":material/add:", key=f"study_seeds_{judgement.hypothesis.name}",
                 help="Every cell is trained with these too, so that all are compared on the same seeds."):
        with guarded():
            start(wider)


def seeds_lacking(shown: Matrix, judgement: Judgement) -> int:
    """How many seeds a hypothesis needs beyond those that the study declares and has not finished.

    Where all runs of a cell are kept out, more like them would be too: somebody has to look at them first.
    """
    return max((need.seeds - min(_unfinished(shown, cell) for cell in need.cells)
                for need in judgement.needs if need.seeds and need.cells and need.reason != "kept out"), default=0)


def with_more_seeds(study: Study, more: int) -> Study:
    """The study with so many further seeds, the next whole numbers."""
    start_at = max(study.seeds) + 1
    return Study.model_validate({**study.model_dump(), "seeds": (*study.seeds, *range(start_at, start_at + more))})


def _unfinished(shown: Matrix, cell: tuple[str, ...]) -> int:
    return sum(entry.state is not State.DONE for entry in shown.by_cell[cell])
