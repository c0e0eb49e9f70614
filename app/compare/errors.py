"""The errors of two runs: which pictures the second one fixes and breaks, which classes change, and the pictures."""

from collections.abc import Sequence
from html import escape
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from app.charts import chart
from app.charts.chart import Figure
from app.charts.confusion import outline
from app.compare.changes import changes_table
from app.compare.pair import pair_head, show_refusal, tested_pair
from app.kit import words
from app.kit.address import remember, remember_cell
from app.kit.gallery import PAGE, picture, pictures_of, results_of, tiled
from app.kit.pictures import page_at, turn_pages
from app.kit.slices import choose_slices
from app.kit.store import store
from engine.analysis.checkpoint_pairs import CheckpointComparison, compare_checkpoints, evidence_sentence
from engine.analysis.errors import GROUPS, ErrorsCompared, compare_errors
from engine.errors import UserError
from engine.evaluation.results import Results, sort_by_precedence
from engine.store import Run

_TITLES = {"fixed": "Fixed", "broken": "Broken", "both_wrong": "Both wrong"}
_LABELLED, _SHORT = 25, 4
# Diverging from fewer to more, perceptually even on either side.
_SCALES = {"light": ["#2b62a3", "#8fb2d9", "#fdfcfa", "#e3a673", "#9d4d17"],
           "dark": ["#7fb2ec", "#2c5482", "#171513", "#864b24", "#f0a36a"]}


def compare_errors_section(runs: Sequence[Run]) -> None:
    """Draw the section if exactly two runs of one task are selected."""
    runs = tested_pair(runs, "Errors compared")
    if not runs:
        return
    try:
        compared, evidence = _compare(str(store().path), tuple((run.id, run.revision) for run in runs))
    except UserError as error:
        show_refusal(error)
        return
    pair_head(runs, (compared.a.evaluation, compared.b.evaluation))
    _figures(compared, evidence)
    cell = _confusion_and_classes(runs, compared)
    _pictures(runs, compared, cell)


@st.cache_resource(show_spinner=False, max_entries=8)
def _compare(path: str, runs: tuple[tuple[int, int], ...]) -> tuple[ErrorsCompared, CheckpointComparison]:
    """Compare two runs, cached until one of them changes."""
    a, b = (results_of(path, run_id, revision, sort_by_precedence(store().evaluations.of(run_id))[0].conditions)
            for run_id, revision in runs)
    return compare_errors(a, b), compare_checkpoints(a.predictions, b.predictions)


def _figures(compared: ErrorsCompared, evidence: CheckpointComparison) -> None:
    gain, same = evidence.gain, compared.same_mistake
    with st.grid(4, min_column_width=150, gap="small", key="errors_figures"):
        st.metric("Fixed", f"{evidence.fixed:,}", help=GROUPS["fixed"])
        st.metric("Broken", f"{evidence.broken:,}", help=GROUPS["broken"])
        st.metric("Both wrong", f"{evidence.both_wrong:,}", f"{same:,} with the same class" if same else None,
                  delta_color="off", delta_arrow="off", help=GROUPS["both_wrong"])
        st.metric("Difference", words.points(gain.value), help="Top-1 of the second minus that of the first.")
    told = evidence_sentence(gain, evidence.pictures, "exact McNemar test", evidence.p)
    st.caption(f"**These two checkpoints** {told}")


def _confusion_and_classes(runs: Sequence[Run], compared: ErrorsCompared) -> tuple[int, int] | None:
    """Draw the difference of the confusion matrices and the changes by slice; return the selected cell."""
    key = _key("errors_cell", runs)
    with st.container(key="split_errors"):
        left, right = st.columns([3, 2], gap="large")
    with left:
        st.markdown("**Confusion, difference** &nbsp; :gray[:small[more or fewer pictures; click a cell]]")
        chosen = remember_cell(key, len(compared.classes))
        clicked = chart(difference(compared, chosen), key=f"{key}_chart")
        if clicked:
            st.session_state[key] = (clicked.row, clicked.column)
            st.rerun()
    with right:
        st.markdown("**Changed slices** &nbsp; :gray[:small[top-1 before and after]]")
        slices = choose_slices(runs[1], compared.b.evaluation, compared.b.ids)
        changes_table(compared.changes(slices.found), "top1", "Exact McNemar test on the slice's pictures")
    return chosen


def _pictures(runs: Sequence[Run], compared: ErrorsCompared, cell: tuple[int, int] | None) -> None:
    if cell is None:
        counts = {group: len(getattr(compared, group)) for group in GROUPS}
        remember("pictures", "errors_group", next(iter(GROUPS)), GROUPS)
        group = st.segmented_control("Pictures", list(GROUPS), required=True, key="errors_group",
                                     format_func=lambda name: f"{_TITLES[name]} · {counts[name]:,}",
                                     label_visibility="collapsed", persist_state="session")
        rows = getattr(compared, str(group))
    else:
        rows = compared.cell(*cell)
        true, predicted = (compared.classes[place] for place in cell)
        with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
            what = f"{true} classified correctly" if true == predicted else f"{true} classified as {predicted}"
            st.markdown(f"**{words.plain(what[0].upper() + what[1:])} by one of the two · {len(rows)}**",
                        width="content")
            st.button("All pictures", icon=":material/close:", key="errors_all",
                      on_click=lambda: st.session_state.pop(_key("errors_cell", runs), None))
    _sheet(runs, compared, rows, _key(f"errors_page_{cell or group}", runs))


def _sheet(runs: Sequence[Run], compared: ErrorsCompared, rows: NDArray[np.int64], key: str) -> None:
    if not len(rows):
        st.caption("No pictures here.")
        return
    shown = rows[page_at(key, len(rows), PAGE)]
    try:
        images = pictures_of(runs[1], compared.b.evaluation.conditions, compared.b.ids[shown])
    except UserError as error:
        st.caption(words.plain(str(error)))
        return
    tiled([_tile(image, runs, compared, int(row)) for image, row in zip(images, shown, strict=True)])
    turn_pages(key, len(rows), PAGE)


def _tile(image: NDArray[np.uint8], runs: Sequence[Run], compared: ErrorsCompared, row: int) -> str:
    name = compared.classes[int(compared.b.targets[row])]
    lines = "".join(_prediction(run, results, row) for run, results in zip(runs, (compared.a, compared.b), strict=True))
    return (f'<figure class="dr-compared" title="picture {compared.b.ids[row]}">{picture(image, name)}'
            f"<figcaption><b>{escape(name)}</b>{lines}</figcaption></figure>")


def _prediction(run: Run, results: Results, row: int) -> str:
    verdict = "right" if results.predicted[row] == results.targets[row] else "wrong"
    name = escape(results.classes[int(results.predicted[row])])
    confidence = words.percent(float(results.confidence[row]), 1)
    return f'<i class="dr-{verdict}">#{run.id} → {name}</i><span>confidence {confidence}</span>'


def _key(what: str, runs: Sequence[Run]) -> str:
    return f"{what}_{'_'.join(str(run.id) for run in runs)}"


def difference(compared: ErrorsCompared, chosen: tuple[int, int] | None) -> Figure:
    """Draw each cell with more (orange) or fewer (blue) pictures; a click returns row and column."""
    change, names = compared.confusion_difference, compared.classes
    few = len(names) <= _LABELLED
    colours = _SCALES["dark" if st.context.theme.type == "dark" else "light"]
    shown = np.sign(change) * np.sqrt(np.abs(change))
    most = max(float(np.abs(shown).max()), 1.0)
    trace: dict[str, Any] = {
        "type": "heatmap", "uid": "difference", "z": shown, "zmin": -most, "zmax": most, "showscale": False,
        "xgap": 1, "ygap": 1, "colorscale": [[at / (len(colours) - 1), colour] for at, colour in enumerate(colours)],
        "text": [[f"{value:+d}".replace("-", "−") if value else "" for value in row] for row in change.tolist()]
        if few else None,
        "texttemplate": "%{text}" if few else None, "textfont": {"size": 11},
        "hovertext": [[f"true {true}<br>predicted {predicted}<br>{compared.a.confusion[i, j]:,} → "
                       f"{words.counted(int(compared.b.confusion[i, j]), 'picture')}"
                        for j, predicted in enumerate(names)]
                      for i, true in enumerate(names)],
        "hoverinfo": "text",
    }
    ticks = {"tickmode": "array", "tickvals": list(range(len(names))), "ticktext": list(names), "showgrid": False,
             "showticklabels": few, "fixedrange": few}
    layout = {
        "uirevision": "kept", "margin": {"l": 40, "r": 8, "t": 8, "b": 40}, "shapes": outline(chosen),
        "xaxis": {**ticks, "title": {"text": "predicted"}, "tickangle": 0 if len(names[0]) < _SHORT else -40},
        "yaxis": {**ticks, "title": {"text": "true"}, "autorange": "reversed"}}
    return Figure([trace], layout, 440, stamp=str(chosen or ""))
