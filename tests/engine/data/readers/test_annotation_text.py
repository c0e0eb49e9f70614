"""Words for yes, numbers and encodings of annotation files."""

from __future__ import annotations

import pytest

from engine.data.readers.annotation_text import coordinate, pixels, xml_text, yes_or_no


@pytest.mark.parametrize("said, meant", [
    *((said, True) for said in ("1", "True", "TRUE", "yes", "Y", "t", "on", " 1 ", "1.0", 1, True, 1.0)),
    *((said, False) for said in ("0", "False", "no", "N", "f", "off", "", "0.0", 0, False, None, "none",
                               "Unspecified")),
])
def test_every_spelling_of_yes_and_no(said: object, meant: bool) -> None:
    assert yes_or_no(said) is meant


@pytest.mark.parametrize("said", ["2", "-1", "maybe", "nan", "inf", "10", [1], {}])
def test_what_is_neither_is_refused(said: object) -> None:
    with pytest.raises(ValueError, match="neither yes nor no"):
        yes_or_no(said)


@pytest.mark.parametrize("text, encoding, declared", [
    ("蝴蝶", "gb2312", "gb2312"), ("镕", "gbk", "GB2312"), ("蝶", "big5", "Big5"), ("蝶", "shift_jis", "Shift_JIS"),
    ("나비", "euc_kr", "EUC-KR"), ("ñ", "cp1252", "windows-1252"), ("ñ", "latin-1", "ISO-8859-1"),
    ("蝶", "utf-16", "utf-16"), ("蝶", "utf-16-le", "utf-16"), ("蝶", "utf-16-be", ""), ("蝶", "utf-8", "utf-16"),
    ("蝶", "utf-8-sig", "gb2312"), ("蝶", "utf-8", ""), ("蝶", "utf-32", ""), ("ж", "koi8-r", "koi8-r"),
])
def test_xml_is_read_in_its_encoding(text: str, encoding: str, declared: str) -> None:
    first = f'<?xml version="1.0" encoding="{declared}"?>' if declared else ""
    assert xml_text(f"{first}<a>{text}</a>".encode(encoding)).endswith(f"<a>{text}</a>")


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 10**400, 1e12, "", "x", None, [1]])
def test_numbers_that_are_no_pixels_are_refused(value: object) -> None:
    with pytest.raises((ValueError, TypeError)):
        coordinate(value)
    assert pixels(value) == 0
