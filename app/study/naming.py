"""Names that are free."""

from __future__ import annotations

from itertools import count

from app.stored import store
from engine.study.versions import Studies


def free_name(name: str) -> str:
    """The name, with a number after it if there is a study called that."""
    taken = {study.name for study in Studies(store()).list()}
    return name if name not in taken else next(other for number in count(2)
                                               if (other := f"{name}-{number}") not in taken)
