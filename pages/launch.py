"""Launch: fill in the form, see what it costs, start the runs."""

import streamlit as st

from app.form import LOOKING, confirm_grid, current, fill, form
from app.form.shared import follow_address, share, write_address
from app.kit.address import remember
from app.kit.frame import heading, show_mistake
from app.kit.guard import guarded
from app.kit.navigation import go, run_ids, take_clone
from app.kit.reading import reading
from app.kit.store import existing, store
from app.kit.words import plain, told
from app.kit.writing import write_button
from app.launch.panel import advice, facts, has_model_errors
from app.launch.start import first_steps
from engine.config import proposed_name
from engine.errors import ConfigError
from engine.launch import submit


def launch() -> None:
    """Queue the runs in the click's callback, before this page is drawn again."""
    with guarded():
        parent = st.session_state.pop("cloned_from", None)
        st.session_state["launched"] = [submit(store(), config, parent).id for config in current().configs]


if launched := st.session_state.pop("launched", None):
    go("live", launched)

cloned = take_clone()
original = existing(run_ids(cloned)[:1])
heading("Launch", "Choose what to train. A comma list in a field, such as `0.1, 0.01`, launches a run for each value.")
if cloned and not original:
    st.error(f"There is no run {plain(cloned[:20])} to clone.", icon=":material/error:")

first_steps(launch)
with st.container(key="split_launch"):
    right, left = st.columns([1, 2.4], gap="large")
with right:
    aside = st.container(key="launch_aside", border=True)
with aside, reading(LOOKING):
    follow_address()
    if original:
        fill(original[0].config)
        st.session_state["cloned_from"] = original[0].id
    draft = current()
write_address(draft)
runs = len(draft.configs)

with left:
    form(draft, proposed_name(draft.configs[0]) if draft.configs else "")
    with st.container(horizontal=True, vertical_alignment="center"):
        remember("all", "launch_everything", default=False)
        st.toggle("Show all options", key="launch_everything", persist_state="session")
        share(draft)

with aside:
    write_button(f"Launch {runs} runs" if runs > 1 else "Launch", type="primary", width="stretch",
              icon=":material/play_arrow:", disabled=not runs or has_model_errors(), on_click=launch,
              key="launch_button")
    if draft.error and not isinstance(draft.error, ConfigError):
        st.error(plain(str(draft.error)), icon=":material/error:")
        confirm_grid(draft)
    elif draft.error:
        show_mistake(told(draft.error))
    if shown := draft.configs or draft.repaired:
        facts(shown)
    advice(draft)
