"""A study's seal in one line: its hash, when it was written, and what was changed since."""

import time

from engine.analysis.phrases import Words, phrase
from engine.study.changes import Change, Verification
from engine.words import listed

_SEALED: Words = {
    "intact": ("Sealed {date} as {sha256}; nothing was changed since.",
               "{date} 봉인({sha256}). 그 뒤로 바뀐 것이 없다."),
    "changed": ("Sealed {date} as {sha256}; changed since: {changes}.",
                "{date} 봉인({sha256}). 그 뒤의 변경: {changes}."),
    "broken": ("Sealed {date} as {sha256}, but the stored declaration gives {found}: it was altered outside Darkroom.",
               "{date} 봉인({sha256}). 그러나 저장된 선언의 해시는 {found}이다. Darkroom 밖에서 바뀌었다."),
    "unsealed": ("Not sealed: a study is sealed when it is first launched.",
                 "봉인되지 않음. 연구는 처음 실행할 때 봉인된다."),
}
_MOST = 4


def seal_line(found: Verification, language: str = "en", *, digits: int = 64) -> str:
    """Return the seal, and what was changed since, as a sentence.

    Args:
        digits: how many of the hash's hexadecimal digits are printed.
    """
    if found.seal is None:
        return phrase(_SEALED, "unsealed", language)
    key = "broken" if found.broken else "changed" if found.changes else "intact"
    return phrase(_SEALED, key, language, date=moment(found.seal.created_at), sha256=found.seal.sha256[:digits],
                  found=found.sha256[:digits], changes=listed([*map(change_text, found.changes)], _MOST, "; "))


def change_text(change: Change) -> str:
    """``2026-11-30 14:02 margin 0.01 → 0.02``."""
    return f"{moment(change[0])} {change[1]}"


def moment(seconds: float) -> str:
    """``2026-11-30 14:02``, in local time."""
    return time.strftime("%Y-%m-%d %H:%M", time.localtime(seconds))
