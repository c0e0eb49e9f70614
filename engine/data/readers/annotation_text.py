"""What annotation files hold as text: in any encoding, and every spelling of yes and no."""

import codecs
import math
import re

_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF32_LE, "utf-32"), (codecs.BOM_UTF32_BE, "utf-32"),
          (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"),
          (b"<\0", "utf-16-le"), (b"\0<", "utf-16-be"))
"""Beginnings of files by encoding; XML without a mark begins with ``<``."""
_DECLARED = re.compile(rb"""<\?xml[^>]*\sencoding\s*=\s*["']([\w.:-]+)["']""")
_LARGER = {"gb2312": "gb18030", "gbk": "gb18030", "shift_jis": "cp932", "euc_kr": "cp949", "big5": "cp950"}
"""Encodings that contain the declared one: programs declare the small and write the large."""
_NUMBER = re.compile(r"[01](\.0*)?")
_LARGEST = 1e6
_LONGEST = 60
_YES = frozenset({"true", "yes", "y", "t", "on"})
_NO = frozenset({"false", "no", "n", "f", "off", "", "none", "null", "unspecified"})
"""makesense.ai writes ``Unspecified`` for what nobody has said, as PASCAL VOC does for poses."""


def xml_text(content: bytes) -> str:
    """Return an XML file's text, in the encoding of its mark or its declaration, else in UTF-8.

    Raises:
        LookupError: Python knows no encoding of the declared name.
        UnicodeDecodeError: it has another encoding.
    """
    marked = next((encoding for mark, encoding in _MARKS if content.startswith(mark)), "")
    declared = _DECLARED.match(content)
    encoding = marked or _known(declared[1].decode() if declared else "utf-8")
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError:
        if encoding not in _LARGER:
            raise
        text = content.decode(_LARGER[encoding])
    return text.removeprefix("\ufeff")


def _known(declared: str) -> str:
    """Return the encoding to read a file in whose declaration was readable as ASCII."""
    name = codecs.lookup(declared).name
    return "utf-8" if name.startswith(("utf-16", "utf-32")) else name


def yes_or_no(value: object) -> bool:
    """Return whether a word or number means yes.

    Raises:
        ValueError: it means neither.
    """
    word = "" if value is None else str(value).strip().lower()
    if word in _YES or word in _NO:
        return word in _YES
    if not _NUMBER.fullmatch(word):
        raise ValueError(f"{brief(value)} is neither yes nor no")
    return float(word) == 1


def coordinate(value: object) -> float:
    """Return a number of pixels, or a share.

    Raises:
        ValueError, TypeError: it is none, not finite, or so large that it is a mistake.
    """
    try:
        number = float(value)  # type: ignore[arg-type]  # which is checked by trying
    except OverflowError:
        number = math.inf
    except ValueError:
        raise ValueError(f"{brief(value)!r} is not a number") from None
    if not abs(number) <= _LARGEST:
        raise ValueError(f"{brief(value)} is no number of pixels")
    return number


def pixels(value: object) -> int:
    """Return the side of a picture as an annotation states it; 0: it states none."""
    try:
        return max(0, int(coordinate(value)))
    except (TypeError, ValueError):
        return 0


def brief(value: object) -> str:
    """Return a value as short text in one line."""
    text = value if isinstance(value, str) else repr(value)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
