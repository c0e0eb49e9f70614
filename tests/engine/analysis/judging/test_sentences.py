"""Sentences carry the judgement's numbers, in both languages, with no digit that was not measured."""

from __future__ import annotations

import re

import pytest

from engine.analysis.judging import judge, need_text, note_text, sentence, words
from engine.analysis.judging.judgement import Need, Note
from engine.analysis.judging.numbers import difference, digits_of, probability, ratio
from tests.engine.analysis.judging.made import GAIN, one_factor, outcomes, study

TWO = {"weights": ["scratch", "pretrained"]}
LOW, HIGH = (0.60, 0.61, 0.59, 0.605), (0.70, 0.72, 0.69, 0.705)


def test_a_tested_contrast_is_told_with_interval_test_and_ratio() -> None:
    [judgement] = judge(study(GAIN, factors=TWO), outcomes(one_factor(scratch=LOW, pretrained=HIGH)))
    assert sentence(judgement) == (
        "H1 is supported. Top-1, weights pretrained − scratch: +10.25 points (95 % confidence interval +9.45 to "
        "+11.05; paired t over 4 seeds, on these test pictures, p < 0.001 after Holm's correction over 1 test); as a "
        "ratio ×1.17 (×1.16 to ×1.18), supported.")
    assert sentence(judgement, "ko") == (
        "H1: 지지된다. Top-1, weights pretrained − scratch: +10.25 %p(95 % 구간 +9.45 ~ +11.05, "
        "시드 4개(이 테스트 사진에 한함)의 대응표본 t 검정, "
        "검정 1건에 대한 Holm 보정 후 p < 0.001); 비율로는 ×1.17(×1.16 ~ ×1.18), 지지된다.")


def test_the_least_favourable_contrast_speaks_for_an_ordering() -> None:
    made = study({"kind": "best", "best": {"model": "a"}}, factors={"model": ["a", "b", "c"]})
    [judgement] = judge(made, outcomes(one_factor(a=[0.9], b=[0.91], c=[0.5])))
    assert "least favourable of 2: model a − b: −1.00 points" in sentence(judgement)


def test_every_row_of_words_is_there_in_both_languages_with_the_same_numbers() -> None:
    rows = [row for name in ("VERDICTS", "OBSERVED", "TESTED", "UNTESTED", "NEEDS", "COUNTS", "NOTES", "PHRASES")
            for row in getattr(words, name).values()]
    assert len(rows) > 40
    for row in rows:
        assert set(row) == set(words.LANGUAGES)
        assert set(re.findall(r"{(\w+)}", row["en"])) == set(re.findall(r"{(\w+)}", row["ko"]))


def test_needs_and_notes_are_sentences() -> None:
    assert need_text(Need((("a",),), 1, "three")) == "Needs 1 more seed in one cell, to have three in each."
    assert need_text(Need((("a",), ("b",)), None, "too many")).startswith("Needs more than fifty seeds in each of 2")
    assert need_text(Need((("a",), ("b",)), 4, "power"), "ko").endswith("2개 칸 각각에 시드 4개가 더 필요하다.")
    assert note_text(Note("kept out", {"count": 2})) == "Runs excluded from the comparison: 2."


@pytest.mark.parametrize(("metric", "rounding", "digits"), [
    ("top1", 0.0, 2), ("top1", 0.00005, 2), ("top1", 0.0005, 1), ("top1", 0.005, 0), ("top1", 0.0000005, 2),
    ("loss", 0.005, 2), ("loss", 0.0, 4)])
def test_no_more_digits_than_the_inputs_carry(metric: str, rounding: float, digits: int) -> None:
    assert digits_of(metric, rounding) == digits


def test_numbers_are_told_by_their_unit() -> None:
    assert difference(-0.0123, "top1", 1) == "−1.2 points" and difference(-0.0123, "top1", 1, "ko") == "−1.2 %p"
    assert difference(-0.0001, "top1", 1) == "0.0 points"
    assert difference(1234.5, "seconds", 1) == "+1,234.5 s" and difference(1.5, "loss", 2) == "+1.50 nats"
    assert ratio(0.5) == "×0.50" and ratio(0.00123) == "×0.00123" and ratio(float("inf")) == "×∞"
    assert probability(0.0004) == "< 0.001" and probability(0.0421) == "= 0.042"
