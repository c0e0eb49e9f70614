"""Two runs on the same pictures with any number of classes: how their metrics differ, over all and by class."""

from collections.abc import Sequence

import streamlit as st

from app.compare.changes import changes_table
from app.compare.pair import pair_head, tested_pair
from app.kit import words
from app.kit.slices import choose_slices
from app.kit.store import store
from engine.analysis.checkpoint_pairs import evidence_sentence
from engine.analysis.label_pairs import COMPARED, LabelComparison, compare_labels
from engine.analysis.slices import corrected, slice_changes
from engine.errors import UserError
from engine.evaluation.label_results import LabelResults, load_label_results
from engine.store import Run


def compare_labels_section(runs: Sequence[Run]) -> None:
    """Draw the section if exactly two runs are selected."""
    runs = tested_pair(runs, "Labels compared")
    if not runs:
        return
    try:
        (a, b), compared = _compare(str(store().path), tuple((run.id, run.revision) for run in runs))
    except UserError as error:
        st.caption(f":orange[:material/warning: {words.plain(str(error).partition(': ')[2])}]")
        return
    pair_head(runs, (a.evaluation, b.evaluation))
    _figures(compared)
    slices = choose_slices(runs[1], b.evaluation, b.predictions.ids)
    changes = corrected([*compared.classes,
                         *slice_changes(a.predictions, b.predictions, COMPARED[0], slices.found)])
    changes_table(changes, COMPARED[0], "Paired t test of the pictures' values by the jackknife: average precision of "
                                        "a class, mAP of a slice")


@st.cache_resource(show_spinner=False, max_entries=8)
def _compare(_path: str, runs: tuple[tuple[int, int], ...]) -> tuple[list[LabelResults], LabelComparison]:
    """Compare two runs, cached until one of them changes."""
    results = [load_label_results(store(), store().runs.get(run_id)) for run_id, _ in runs]
    return results, compare_labels(results[0], results[1])


def _figures(compared: LabelComparison) -> None:
    with st.grid(4, min_column_width=150, gap="small", key="labels_figures"):
        for change in compared.whole:
            st.metric(f"{change.group}, difference", words.points(change.change),
                      f"{words.percent(change.before)} → {words.percent(change.after)}", delta_color="off",
                      delta_arrow="off", help=f"95 % confidence interval {words.points(change.low)} to "
                                              f"{words.points(change.high)}, p {words.p_value(change.p)}.")
    told = evidence_sentence(compared.gain, compared.pictures, "t test of mAP", compared.whole[0].p)
    st.caption(f"Pairs of a picture and a class: {compared.fixed:,} errors fixed, {compared.broken:,} made. "
               f"**These two checkpoints** {told}")
