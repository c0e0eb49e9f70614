"""What decoded pictures take on the disk, and how to remove what no run has used for long."""

import time

import streamlit as st

from app.kit import words
from engine.data.photographs.keeping import Kept, kept_stores, remove_stores
from engine.home import read_only
from engine.words import counted, size

_AGES = {"a day": 1, "a week": 7, "a month": 30}
_DAY = 86_400


def show_stores() -> None:
    """Draw the stores of decoded pictures, if there are any; they are made again when a run needs them."""
    stores = kept_stores()
    if not stores:
        return
    taken = size(sum(each.bytes for each in stores))
    with st.expander(f"Decoded photographs: {taken} in {counted(len(stores), 'store')}", icon=":material/hard_drive:"):
        st.caption("Runs keep the pictures that they decode from files, so that later epochs and runs need not decode "
                   "them again. What is removed is made again by the next run that needs it.")
        st.dataframe([_row(each) for each in stores], hide_index=True)
        with st.container(horizontal=True, vertical_alignment="bottom"):
            age = st.selectbox("Not used for", list(_AGES), index=1, width=160, key="stores_age")
            old = [each for each in stores if time.time() - each.used >= _AGES[str(age)] * _DAY]
            st.button(f"Remove {counted(len(old), 'store')}, {size(sum(each.bytes for each in old))}",
                      disabled=not old or bool(read_only()), help=read_only() or None, key="stores_remove",
                      icon=":material/delete:", on_click=_remove, args=(_AGES[str(age)],))


def _row(each: Kept) -> dict[str, str]:
    return {"store": each.folder.name, "pictures": words.count(each.pictures), "size": size(each.bytes),
            "last used": time.strftime("%Y-%m-%d %H:%M", time.localtime(each.used))}


def _remove(days: int) -> None:
    removed = remove_stores(days)
    st.toast(f"Removed {counted(len(removed), 'store')}, {size(sum(each.bytes for each in removed))}")
