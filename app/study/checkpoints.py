"""What stored predictions say of a study's trained models: evidence on them alone, apart from all verdicts."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import pandas as pd
import streamlit as st

from app.kit.navigation import go
from engine.analysis.checkpoint_pairs import CheckpointPair
from engine.analysis.judging.numbers import bare, probability
from engine.catalog.metrics import METRICS

_ACCURACY = METRICS["top1"]
_KEPT_OUT = "†"
_RIGHT = st.column_config.TextColumn(alignment="right")


def checkpoints(pairs: Sequence[CheckpointPair], kept_out: Collection[int]) -> None:
    """A row for each pair of runs; a chosen one leads to their errors."""
    st.caption("**These checkpoints**, not their recipes: two trained models of one seed on the same test pictures. "
               "Exact McNemar test and a 95 % interval by paired bootstrap, each pair on its own and uncorrected. "
               "Another seed of either may do otherwise, which is what **Verdicts** is about.")
    if not pairs:
        st.caption("Nothing to compare yet: it takes two finished runs of one seed, with stored predictions, of cells "
                   "that a hypothesis subtracts from each other.")
        return
    aligned = dict.fromkeys(("Difference, points", "95 % interval", "p (McNemar)"), _RIGHT)
    chosen = st.dataframe(_rows(pairs, kept_out), hide_index=True, key="study_checkpoints", on_select="rerun",
                          selection_mode="single-row", column_config=aligned)
    if any({pair.before.id, pair.after.id} & set(kept_out) for pair in pairs):
        st.caption(f"{_KEPT_OUT} Kept out of verdicts by a serious finding, see **Matrix**.")
    picked = chosen["selection"]["rows"]
    if not picked:
        st.caption("Choose a row to see which pictures were fixed and which were broken.")
        return
    pair = pairs[picked[0]]
    if st.button("Compare their errors", icon=":material/stacked_line_chart:", key="study_errors"):
        go("compare", [pair.before.id, pair.after.id])


def _rows(pairs: Sequence[CheckpointPair], kept_out: Collection[int]) -> pd.DataFrame:
    return pd.DataFrame([{
        "Checkpoints": pair.title, "Seed": pair.seed,
        "Runs": " − ".join(f"#{run.id}{_KEPT_OUT * (run.id in kept_out)}" for run in (pair.after, pair.before)),
        "Difference, points": _points(pair.found.gain.value),
        "95 % interval": f"{_points(pair.found.gain.low)} to {_points(pair.found.gain.high)}",
        "Fixed": pair.found.fixed, "Broken": pair.found.broken, "Both wrong": pair.found.both_wrong,
        "p (McNemar)": probability(pair.found.p).removeprefix("= "), "Pictures": pair.found.pictures,
    } for pair in pairs])


def _points(value: float) -> str:
    return bare(value, _ACCURACY, 2)
