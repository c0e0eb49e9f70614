"""Every phrase of a report is there in every language, with the same places to fill."""

from __future__ import annotations

import string

import pytest

from engine.analysis.phrases import LANGUAGES
from engine.report.words import WORDS, word


def test_all_languages_fill_the_same_places() -> None:
    for key, phrases in WORDS.items():
        assert len(phrases) == len(LANGUAGES), key
        places = [{name for _, name, _, _ in string.Formatter().parse(phrase) if name} for phrase in phrases]
        assert all(found == places[0] for found in places), key


def test_a_phrase_is_filled_and_an_unknown_one_raises() -> None:
    assert word("runs_told", "en", done=3, planned=4) == "3 of 4 runs are finished."
    assert word("run", "ko") == "실행"
    with pytest.raises(KeyError):
        word("no such phrase", "en")
