"""Tables of a study, and its report as one document."""

from collections.abc import Collection, Sequence
from functools import partial

import streamlit as st

from app.kit.address import remember
from app.kit.guard import guarded
from app.kit.store import store
from app.kit.words import title_of
from engine.analysis.phrases import LANGUAGES
from engine.analysis.tables import Table, table, to_csv, to_html, to_latex, to_markdown
from engine.analysis.tables.wording import factor_title
from engine.catalog.metrics import study_metrics
from engine.study.outcomes import Outcome, with_metrics
from engine.study.study import Study, TableSpec

_OWN = "Arrange …"
_PREVIEW = 720
_FORMATS = (("Markdown", to_markdown, "md", "text/markdown"), ("LaTeX", to_latex, "tex", "application/x-tex"),
            ("CSV", to_csv, "csv", "text/csv"))
_MIME = {"html": "text/html", "zip": "application/zip", "tex": "text/x-tex"}


def tables(study: Study, outcomes: Sequence[Outcome], kept_out: Collection[int]) -> None:
    """Draw the chosen table with its downloads."""
    declared = {spec.title or f"Table {number}": spec for number, spec in enumerate(study.tables, 1)}
    with st.container(horizontal=True, vertical_alignment="bottom", horizontal_alignment="distribute"):
        title = _choose_table(study, [*declared, _OWN]) if declared else _OWN
        downloads = st.container(horizontal=True, width="content", gap="small")
    spec = declared[title] if title in declared else _arrange(study)
    made = table(study, spec, with_metrics(store(), outcomes, spec.metrics), kept_out)
    with st.container(key="study_table"):
        st.html(to_html(made))
    figures = ", ".join(title_of(metric) for metric in spec.metrics or (study.metric,))
    st.caption(f"{figures}. **Bold**: significantly better than every value it is compared with, which needs several "
               "seeds.")
    with downloads:
        _offer(made, f"{study.name}-{title}" if title in declared else study.name)


def _choose_table(study: Study, titles: Sequence[str]) -> str:
    key = f"study_table_{study.name}"
    remember("table", key, titles[0], titles)
    return str(st.selectbox("Table", titles, key=key, width=420, label_visibility="collapsed", persist_state="session"))


def _arrange(study: Study) -> TableSpec:
    """Compose a table; factors that are neither rows nor columns are averaged over."""
    factors, key = list(study.factors), f"study_pivot_{study.name}"
    remember("rows", f"{key}_rows", tuple(factors[:-1] or factors), factors)
    remember("figures", f"{key}_metrics", (study.metric,), study_metrics())
    grid = st.grid(4, min_column_width=180, gap="small")
    with grid.cell():
        rows = st.multiselect("Down", factors, key=f"{key}_rows", format_func=factor_title, persist_state="session")
    with grid.cell():
        others = [name for name in factors if name not in rows]
        remember("columns", f"{key}_columns", tuple(name for name in factors[-1:] if name in others), others)
        columns = st.multiselect("Across", others, key=f"{key}_columns", format_func=factor_title,
                                 persist_state="session")
    with grid.cell():
        metrics = st.multiselect("Figures", list(study_metrics()), key=f"{key}_metrics", format_func=title_of,
                                 persist_state="session")
    with grid.cell():
        name, pair = _choose_difference(study, [factor for factor in factors if factor not in rows], f"{key}_delta")
    return TableSpec(rows=tuple(rows), columns=tuple(column for column in columns if column != name),
                     metrics=tuple(metrics), delta={name: pair} if name else {}, relative=bool(name), digits=None)


def _choose_difference(study: Study, factors: Sequence[str], key: str) -> tuple[str, tuple[str, str]]:
    """Choose two levels of one of the factors; return its name, which is empty if none are chosen, and the levels."""
    pairs = {f"{a} − {b}": (name, (a, b)) for name in factors
             for a in study.factors[name] for b in study.factors[name] if a != b}
    remember("difference", key, None, pairs or ("",))
    asked = st.selectbox("Difference", list(pairs), None, key=key, placeholder="None", persist_state="session",
                         disabled=not pairs, help="Adds a column: one level minus another, in points and in %.")
    return pairs.get(asked or "", ("", ("", "")))


def _offer(made: Table, name: str) -> None:
    for title, write, ending, kind in _FORMATS:
        st.download_button(title, write(made), f"{name}.{ending}", kind, icon=":material/download:",
                           key=f"study_table_{ending}", on_click="ignore")


def report(study: Study) -> None:
    """Draw a download button for each format; the report is rendered on request."""
    st.caption("Question, matrix, verdicts, tables, curves, misclassified pictures and environment in one file. It is "
               "rendered from the store for each download.")
    remember("language", "study_language", "en", LANGUAGES)
    language = st.segmented_control("Language", list(LANGUAGES), required=True, key="study_language",
                                    format_func=lambda code: LANGUAGES[code], persist_state="session")
    with st.container(horizontal=True, gap="small"):
        for title, ending in (("HTML", "html"), ("Markdown", "zip"), ("LaTeX", "tex")):
            st.download_button(title, partial(_render, study, str(language), ending),
                               f"{study.name}.{ending}", _MIME[ending], icon=":material/download:",
                               key=f"study_report_{ending}", on_click="ignore",
                               type="primary" if ending == "html" else "secondary")
    remember("preview", "study_preview", default=False)
    if st.toggle("Preview", key="study_preview", persist_state="session"):
        with guarded(), st.spinner("Rendering …"):
            st.iframe(_render(study, str(language), "html").decode(), height=_PREVIEW)


def _render(study: Study, language: str, ending: str) -> bytes:
    # Plotting libraries take a second to import, so pages without plots do not import them.
    from engine.report.document import report_of
    from engine.report.render import to_archive, to_html_page, to_latex_page

    made = report_of(store(), study.name, language)
    if ending == "zip":
        return to_archive(made)
    return (to_html_page if ending == "html" else to_latex_page)(made).encode()
