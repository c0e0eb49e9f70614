"""Two detectors on the same pictures: how their mAP differs, over all and by size, class and slice."""

from collections.abc import Sequence

import streamlit as st

from app.compare.changes import changes_table
from app.compare.pair import pair_head, show_refusal, tested_pair
from app.kit import words
from app.kit.slices import choose_slices
from app.kit.store import store
from engine.analysis.box_pairs import BoxComparison, compare_boxes
from engine.analysis.checkpoint_pairs import evidence_sentence
from engine.analysis.slices import corrected, slice_changes
from engine.boxes.metrics import DetectionOutcome
from engine.errors import UserError
from engine.evaluation.box_results import DetectionResults, load_detection_results, measured
from engine.store import Run


def compare_boxes_section(runs: Sequence[Run]) -> None:
    """Draw the section if exactly two detectors are selected."""
    runs = tested_pair(runs, "Detectors compared")
    if not runs:
        return
    try:
        results, outcomes, compared = _compare(str(store().path), tuple((run.id, run.revision) for run in runs))
    except UserError as error:
        show_refusal(error)
        return
    pair_head(runs, [each.evaluation for each in results])
    _figures(compared)
    slices = choose_slices(runs[1], results[1].evaluation, results[1].predictions.ids)
    changes = corrected([*compared.parts, *slice_changes(outcomes[0], outcomes[1], "map", slices.found)])
    changes_table(changes, "map", "The change over its standard error by a paired bootstrap over pictures (sizes and "
                                  "classes of objects) or by the jackknife (slices of pictures)")


@st.cache_resource(show_spinner="Resampling pictures", max_entries=8)
def _compare(_path: str, runs: tuple[tuple[int, int], ...]) -> tuple[
        list[DetectionResults], list[DetectionOutcome], BoxComparison]:
    """Compare two runs, cached until one of them changes."""
    both = [store().runs.get(run_id) for run_id, _ in runs]
    results = [load_detection_results(store(), run) for run in both]
    return results, [measured(run, each.predictions) for run, each in zip(both, results, strict=True)], \
        compare_boxes(both, results)


def _figures(compared: BoxComparison) -> None:
    with st.grid(2, min_column_width=150, gap="small", key="boxes_figures"):
        for change in (compared.map, compared.map50):
            st.metric(f"{change.group}, difference", words.points(change.change),
                      f"{words.percent(change.before)} → {words.percent(change.after)}", delta_color="off",
                      delta_arrow="off", help=f"95 % confidence interval {words.points(change.low)} to "
                                              f"{words.points(change.high)}, p {words.p_value(change.p)}.")
    told = evidence_sentence(compared.gain, compared.pictures, "t test of mAP", compared.map.p)
    st.caption(f"**These two checkpoints** {told}")
