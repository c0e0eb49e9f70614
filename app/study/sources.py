"""Sources of a new study: a template, a blank study, a YAML file, imported results."""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from app.kit.address import remember
from app.kit.guard import guarded
from app.kit.store import runs, store
from app.kit.words import counted, duration, plain
from app.kit.writing import write_button
from app.study.choice import free_name, leave_new, open_view
from engine.home import expanded
from engine.imports import AUTO, KINDS, Choices, Imported, import_results
from engine.imports.cells import DECIMALS
from engine.launch.jobs import job_folder
from engine.study.document import parse_study, study_of
from engine.study.plan import RoughPlan, rough_plan
from engine.study.study import Study
from engine.study.templates import TEMPLATES, template
from engine.study.versions import Studies

_NOTES = "study_import_notes"
_STEPS = 100  # of the bar that shows how far an import has come
_SCALED = "For this machine"
_SIZES = {
    _SCALED: "The same factors and hypotheses, with data, models and epochs that fit two cores without a GPU.",
    "As published": "The authors' settings; most need a GPU, and data sets that you provide.",
}
_BLANK = {"factors": {"augmentation": ["default", "weak"]}, "settings": {"dataset": "Digits", "epochs": 10}}


def sources() -> None:
    """Draw all sources."""
    with st.container(horizontal=True, vertical_alignment="bottom", horizontal_alignment="distribute"):
        st.markdown("Declare your question **before** anything runs: what varies, what is compared, and what would "
                    "count as an answer. Darkroom launches the runs and judges the hypotheses.", width=760)
        if st.query_params.get("new") and Studies(store()).list() \
                and st.button("Back", icon=":material/arrow_back:", key="study_back"):
            leave_new()
    _other_sources()
    _templates()


def _templates() -> None:
    """Draw a card for each template, as published or scaled to this machine."""
    with st.container(horizontal=True, vertical_alignment="bottom", horizontal_alignment="distribute"):
        st.subheader("Templates", anchor=False, width="content")
        remember("size", "study_size", _SCALED, _SIZES)
        size = st.segmented_control("Size", list(_SIZES), required=True, key="study_size",
                                    label_visibility="collapsed", persist_state="session")
    st.caption(_SIZES[str(size)])
    costs = {}
    with st.grid(3, min_column_width=280, key="study_templates"):
        for name, question in TEMPLATES.items():
            with st.container(border=True, height="stretch", key=f"template_{name}"):
                st.markdown(f"**{name}**  \n{question}")
                costs[name] = st.empty()
                if st.button("Use", key=f"use_{name}", icon=":material/arrow_forward:"):
                    with guarded():
                        _open(template(name, scaled=size == _SCALED))
    ended = sum(run.is_ended for run in runs())
    for name, place in costs.items():
        place.caption(_cost(str(store().path), ended, name, scaled=size == _SCALED))


@st.cache_data(show_spinner=False, max_entries=64)
def _cost(path: str, ended: int, name: str, *, scaled: bool) -> str:
    """Say how many runs a template has and how long they take, by the ``ended`` runs here."""
    return cost_text(rough_plan(store(), template(name, scaled=scaled)))


def cost_text(found: RoughPlan) -> str:
    """``18 runs, at least 2 h``; a lower bound where the speed of some runs is unknown."""
    if not found.runs:
        return "Every run of it has finished here."
    if found.untimed == found.runs:
        return f"{counted(found.runs, 'run')}; no comparable run here yet tells how long"
    return f"{counted(found.runs, 'run')}, {'at least' if found.untimed else 'about'} {duration(found.wall_seconds)}"


def _other_sources() -> None:
    """Draw the sources other than templates."""
    with st.container(horizontal=True, gap="small"):
        if st.button("Blank study", icon=":material/add:", key="study_blank"):
            with guarded():
                _open(study_of({"name": "my-study", **_BLANK}))
        with st.popover("From a YAML file", icon=":material/upload_file:", key="study_upload"):
            file = st.file_uploader("A study's YAML", ["yaml", "yml"], key="study_file")
            if file is not None and st.button("Open", type="primary", key="study_file_open"):
                with guarded():
                    _open(parse_study(file.getvalue().decode(errors="replace")))
        with st.popover("Import results", icon=":material/move_to_inbox:", key="study_import"):
            import_panel()


def _open(study: Study) -> None:
    """Save the study under a free name and open its declaration."""
    study = study_of({**study.model_dump(), "name": free_name(study.name)})
    Studies(store()).save(study)
    open_view(study, "Declare")


def import_panel() -> None:
    """Draw the form that imports results, into the study of that name or a new one, declared from the file."""
    key = "study_import_"
    st.caption("A table of results, curves from W&B or MLflow, a run's log with its settings (Keras, Lightning, "
               "fastai, timm, Ultralytics, Hugging Face), or TensorBoard's files.")
    files = st.file_uploader("Files", key=f"{key}_files", accept_multiple_files=True)
    folder = st.text_input("or a path on this machine", key=f"{key}_path", placeholder="~/results.csv")
    name = st.text_input("Name of the study", key=f"{key}_name", placeholder="as the file")
    with st.expander("Where the plan is not what you mean"):
        kind, choices = _overruled(key)
    there = bool(files or folder.strip())
    make = partial(import_files, files, folder.strip(), name.strip(), kind, choices)
    planned = there and _show_plan(make)
    if write_button("Import", type="primary", key=f"{key}_go", disabled=not there) and planned:
        with guarded():
            bar = st.progress(0.0)
            found = make(stored=lambda done, of: bar.progress(done / of, f"{done:,} of {of:,} runs stored")
                         if done % max(of // _STEPS, 1) == 0 else None)
            st.session_state[_NOTES] = found.notes
            open_view(found.study, "Matrix")


def _overruled(key: str) -> tuple[str, tuple[Sequence[str], str, str]]:
    """Draw what overrules the plan; return the kind, and what :meth:`engine.imports.Choices.of` takes."""
    kind = st.selectbox("Kind", [AUTO, *KINDS], key=f"{key}_kind", format_func=lambda name: "Detect from the file"
                        if name == AUTO else name.capitalize(), help=" ".join(KINDS.values()))
    columns = st.text_input("What columns hold (--column)", key=f"{key}_columns",
                            placeholder="accuracy=test:top1, notes=skip",
                            help="Whose part and which metric; with :percent or :share for the scale, :h or :GB for "
                                 "the unit.")
    decimal = st.segmented_control("Decimals (--decimal)", DECIMALS, key=f"{key}_decimal",
                                   help="By default decided by the file.")
    encoding = st.text_input("Encoding (--encoding)", key=f"{key}_encoding",
                             placeholder="UTF-8, or what the file decides",
                             help="Of texts that are not UTF-8: cp1250, cp1252, gb18030, shift_jis, euc_kr.")
    return str(kind), (columns.split(","), decimal or "", encoding)


def _show_plan(make: Callable[..., Imported]) -> bool:
    """Show what would be imported; return whether it can be."""
    notes: tuple[str, ...] = ()
    with guarded():
        notes = make(dry_run=True).notes
        with st.container(height=240):
            st.caption("  \n".join(map(plain, notes)))
    return bool(notes)


def import_notes() -> None:
    """Show the notes of the last import, once."""
    notes = st.session_state.pop(_NOTES, ())
    if notes:
        st.info("  \n".join(plain(note) for note in notes), icon=":material/move_to_inbox:")


def import_files(files: list[UploadedFile], path: str, name: str, kind: str,
                 chosen: tuple[Sequence[str], str, str] = ((), "", ""), **options: Any) -> Imported:
    """Import uploaded files as one folder, or what lies at a path.

    Args:
        chosen: what :meth:`engine.imports.Choices.of` takes.
        options: ``dry_run`` and ``stored`` of :func:`engine.imports.import_results`.

    Raises:
        UserError: a file is missing, cannot be read, or matches no cell.
    """
    choices = Choices.of(*chosen)
    if not files:
        return import_results(store(), expanded(path), name or Path(path).stem, kind, choices, **options)
    with job_folder() as temporary:
        name = name or Path(files[0].name).stem
        folder = temporary / Path(name).name
        # Uploads carry no folder. Event files, and several of one name, are each of another run.
        for file in files:
            bare = Path(file.name).name
            places = (folder, *(folder / f"file {place}" for place in range(1, len(files) + 1)))
            into = next(place for place in places["tfevents" in bare:] if not (place / bare).exists() and not (
                "tfevents" in bare and place.exists()))
            into.mkdir(parents=True, exist_ok=True)
            (into / bare).write_bytes(file.getvalue())
        return import_results(store(), into / bare if len(files) == 1 else folder, name, kind, choices, **options)
