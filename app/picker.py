"""A sheet of pictures of which one is picked with a click."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from app.framework import component

_HERE = Path(__file__).parent


def picker(pictures: Sequence[str], titles: Sequence[str], chosen: int | None, key: str) -> int | None:
    """The place of the picture that was just clicked, once, else None.

    Args:
        pictures: data URIs.
        titles: what each shows when pointed at.
        chosen: place of the one that is marked.
    """
    mount = component("darkroom_picker", html='<div class="picker"></div>', css=(_HERE / "picker.css").read_text(),
                      js=(_HERE / "picker.js").read_text())
    result = mount(data={"pictures": list(pictures), "titles": list(titles), "chosen": chosen}, key=key,
                   on_pick_change=lambda: None)
    picked = result.get("pick")
    return None if picked is None else int(picked)
