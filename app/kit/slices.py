"""Choosing a file of slices, and the slices of an evaluation."""

import streamlit as st

from app.kit import words
from app.kit.address import remember
from app.kit.frame import show_mistake
from engine.errors import UserError
from engine.evaluation.metrics import Ints
from engine.evaluation.slices import SLICES, Slices, slices_of
from engine.store import Evaluation, Run

_HELP = ("A CSV file whose column sample names a test picture, by its path in the data set's folder or its number from "
         "0, and whose other columns divide them: sample,value. Empty: the file {0} beside the data, if there is one.")


def choose_slices(run: Run, evaluation: Evaluation, ids: Ints) -> Slices:
    """Choose a file of slices; return how the pictures are divided, with notes below the field."""
    remember("slices", "slices_file", "")
    file = st.text_input("Slices of your own", key="slices_file", placeholder=SLICES, help=_HELP.format(SLICES),
                         width=360, persist_state="session")
    try:
        found = slices_of(run, evaluation, ids, file.strip())
    except UserError as error:
        show_mistake(words.told(error))
        return Slices(())
    if found.note:
        st.caption(words.plain(found.note))
    return found
