"""Sentences carry the judgement's numbers, in both languages, with no digit that was not measured."""

from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.analysis.judging import details, judge, need_text, note_text, sentence, words
from engine.analysis.judging.judgement import Need, Note
from engine.analysis.judging.numbers import difference, digits_of, probability, ratio
from engine.analysis.judging.sentences import LONGEST
from engine.analysis.phrases import LANGUAGES
from tests.engine.analysis.judging.made import GAIN, one_factor, outcomes, study

TWO = {"weights": ["scratch", "pretrained"]}
LOW, HIGH = (0.60, 0.61, 0.59, 0.605), (0.70, 0.72, 0.69, 0.705)


def test_a_tested_contrast_is_told_with_interval_test_and_ratio() -> None:
    [judgement] = judge(study(GAIN, factors=TWO), outcomes(one_factor(scratch=LOW, pretrained=HIGH)))
    assert sentence(judgement) == (
        "H1 is supported: Top-1, weights pretrained is 10.25 points above scratch (95 % interval +9.45 to +11.05; "
        "p < 0.001, below 0.04). Paired t over 4 seeds, on these test pictures; Holm's correction over 1 test.")
    assert details(judgement) == ["As a ratio: ×1.17 (95 % interval ×1.16 to ×1.18), supported."]
    assert sentence(judgement, "ko") == (
        "H1 지지됨: Top-1, weights pretrained: scratch보다 10.25 %p 높다 (95 % 구간 +9.45 ~ +11.05; "
        "p < 0.001, 기준 미만: 0.04). 시드 4개(이 테스트 이미지에 한함)의 대응표본 t 검정, "
        "검정 1건에 대한 Holm 보정.")
    assert details(judgement, "ko") == ["비율: ×1.17(95 % 구간 ×1.16 ~ ×1.18), 지지됨."]


def test_the_least_favourable_contrast_speaks_for_an_ordering() -> None:
    made = study({"kind": "best", "best": {"model": "a"}}, factors={"model": ["a", "b", "c"]})
    [judgement] = judge(made, outcomes(one_factor(a=[0.9], b=[0.91], c=[0.5])))
    assert "Least favourable of 2: Top-1, model a is 1.00 points below b" in sentence(judgement)


def test_every_row_of_words_is_there_in_both_languages_with_the_same_numbers() -> None:
    rows = [row for name in ("VERDICTS", "OBSERVED", "FIGURES", "TESTED", "UNTESTED", "NEEDS", "VARIANTS",
                                  "COUNTS", "NOTES", "PHRASES")
            for row in getattr(words, name).values()]
    assert len(rows) > 40
    for row in rows:
        english, korean = row
        assert set(re.findall(r"{(\w+)}", english)) == set(re.findall(r"{(\w+)}", korean))


def test_needs_and_notes_are_sentences() -> None:
    assert need_text(Need((("a",),), 1, "three")) == "Needs 1 more seed in one cell, to have three in each."
    assert need_text(Need((("a",), ("b",)), None, "too many")).startswith("Needs more than a thousand seeds in each")
    assert need_text(Need((("a",), ("b",)), 4, "power"), "ko").startswith("2개 칸 각각에 시드 4개가 더 필요하다.")
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


def test_what_decided_is_what_is_printed() -> None:
    """A refuted ordering prints the step that refutes it and both corrections, not the least value."""
    made = study({"kind": "ordering", "order": {"model": ["a", "b", "c"]}}, factors={"model": ["a", "b", "c"]})
    figures = one_factor(a=(0.80, 0.802, 0.801), b=(0.85, 0.851, 0.852), c=(0.95, 0.90, 1.0))
    [judgement] = judge(made, outcomes(figures))
    [part] = judgement.parts
    assert part.contrasts[1].absolute and part.contrasts[0].absolute
    assert part.contrasts[1].absolute.value < part.contrasts[0].absolute.value
    text = sentence(judgement)
    assert "model a is 5.00 points below b" in text and "H1 is refuted" in text
    assert "Bonferroni's over 2 comparisons, Holm's correction over 1 test" in text
    assert part.p_holm is not None and f"p {probability(part.p_holm)}, below 0.04" in text


def test_equivalence_is_told_by_its_own_interval_and_probability() -> None:
    near = (0.6010, 0.6095, 0.5905, 0.6050)
    made = study({**GAIN, "expect": "none", "margin": 0.005}, factors=TWO)
    [judgement] = judge(made, outcomes(one_factor(scratch=LOW, pretrained=near)))
    text = sentence(judgement)
    assert "90 % interval" in text and "by two one-sided tests, below 0.04" in text
    assert "within ±0.50 points with probability > 99 %" in text
    assert any("no verdict, because ratios have no margin" in line for line in details(judgement))


@given(st.integers(0, 10_000), st.sampled_from(["difference", "interaction", "ordering", "best"]),
       st.integers(1, 60), st.booleans())
@settings(max_examples=60, deadline=None, derandomize=True)
def test_sentences_are_short_whatever_names_levels_have(seed: int, kind: str, length: int, each: bool) -> None:
    random = np.random.default_rng(seed)
    models, weights = [f"{name}{'x' * length}" for name in "abc"], [f"{name}{'y' * length}" for name in "de"]
    claim = {"difference": {"between": {"model": models[:2]}}, "ordering": {"order": {"model": models}},
             "best": {"best": {"model": models[0]}},
             "interaction": {"between": {"model": models[:2]}, "change": {"weights": weights}}}[kind]
    made = study({"kind": kind, **claim, "margin": 0.01, **({"each": ["weights"]} if each and "change" not in claim
                                                            else {})}, factors={"model": models, "weights": weights})
    repeats = int(random.integers(1, 4))
    rows = outcomes({cell: random.normal(0.7, 0.05, repeats) for cell in made.cells})
    [judgement] = judge(made, rows)
    for language in LANGUAGES:
        assert len(sentence(judgement, language)) <= LONGEST
        if any(part.p_holm is not None for part in judgement.parts):
            scope = {"en": "on these test pictures", "ko": "이 테스트 이미지에 한함"}[language]
            assert scope in sentence(judgement, language).lower() or "Not tested" in sentence(judgement)
        assert all(line and line[-1] in ".…" for line in details(judgement, language))
