"""What an empty home begins with: three ways to a first result."""

from collections.abc import Callable

import streamlit as st

from app.form.shared import fill_texts
from app.kit.navigation import pages
from app.kit.store import runs
from app.kit.writing import write_button

FIRST = {"dataset": "Digits", "lr": "0.003", "schedule": "onecycle", "epochs": "10", "name": "first"}
"""A run that ends above 95 % on the test set within half a minute of one processor core."""


def first_steps(launch: Callable[[], None]) -> None:
    """Draw a card for each way while there is no run; ``launch`` starts the runs of the form."""
    if runs():
        return

    def train() -> None:
        fill_texts(FIRST)
        launch()

    with st.grid(3, min_column_width=250, key="first_steps"):
        with _card("Train on Digits", "1,797 handwritten digits, ten epochs, no download: watch the curves, then see "
                                      "what was mistaken for what."):
            write_button("Train", icon=":material/play_arrow:", key="first_train", on_click=train)
        with _card("Look at your own pictures", "A folder with a subfolder for each class, or pictures with boxes: "
                                                "their parts, duplicates and what the network would see."):
            st.page_link(pages()["data"], label="Open Data", icon=":material/photo_library:",
                         query_params={"dataset": "folder"})
        with _card("Import what you have", "Tables, W&B, MLflow, TensorBoard or logs of other programs: compared and "
                                           "judged like runs made here."):
            st.page_link(pages()["study"], label="Open Study", icon=":material/move_to_inbox:")


def _card(title: str, text: str) -> st.delta_generator.DeltaGenerator:
    card = st.container(border=True, height="stretch")
    card.markdown(f"**{title}**  \n{text}")
    return card
