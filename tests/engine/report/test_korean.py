"""Findings and tables are in Korean in a Korean report: every rule's own sentence is translated, with its numbers."""

from __future__ import annotations

import re

import pytest

from engine.analysis.doctor import examine
from engine.analysis.doctor.design import RULE
from engine.analysis.tables import table
from engine.home import ROOT
from engine.report.korean import in_korean
from engine.store import Store
from engine.study.changes import changes
from engine.study.study import Study, TableSpec
from tests.engine.analysis.doctor.test_pairs import PAIRS, Builder, store
from tests.engine.analysis.judging.made import outcomes

__all__ = ["store"]
_HANGUL = re.compile(r"[가-힣]")
_NUMBER = re.compile(r"\d[\d.,]*\d|\d")


@pytest.mark.parametrize(("rule", "fires"), [(rule, fires) for rule, fires, _ in PAIRS],
                         ids=[f"{rule} {place}" for place, (rule, *_) in enumerate(PAIRS)])
def test_every_finding_of_the_doctor_is_translated(rule: str, fires: Builder, store: Store) -> None:
    made = fires(store)
    run, group = made if isinstance(made, tuple) else (made, ())
    messages = [finding.message for finding in examine(store, run, group) if finding.rule == rule]
    assert messages
    for message in messages:
        korean = in_korean(message)
        assert _HANGUL.search(korean) and "{" not in korean, message
        assert sorted(_NUMBER.findall(korean)) == sorted(_NUMBER.findall(message))


def test_a_finding_about_the_study_is_translated() -> None:
    assert RULE == "unlike-its-factors"
    message = ("test accuracy 6.35 % is far below the 26.24 % that the other cells predict for its levels: either a "
               "broken run or an interaction of factors; run another seed to find out")
    assert in_korean(message).startswith("테스트 정확도 6.35 %")


def test_notes_and_headings_of_tables_are_translated() -> None:
    made = Study.model_validate({"name": "t", "factors": {"model": ["a", "b"], "weights": ["c", "d"]}})
    spec = TableSpec.model_validate({"rows": ["model"], "delta": {"weights": ["c", "d"]}, "relative": True})
    rows = outcomes({("a", "c"): [0.5, 0.6, 0.55], ("a", "d"): [0.9, 0.91, 0.92], ("b", "c"): [0.4]})
    for shown in (table(made, spec, rows, kept_out=(7,)), table(made, TableSpec(rows=("weights",)), rows[:1])):
        assert shown.notes and all(_HANGUL.search(in_korean(note)) for note in shown.notes), shown.notes
        assert not any("points" in in_korean(text) or "% of" in in_korean(text)
                       for column in shown.columns for text in column.headings)


def test_what_was_changed_in_a_study_is_translated() -> None:
    before = Study.model_validate({
        "name": "t", "factors": {"model": ["a", "b"], "lr": [1, 2]}, "seeds": [0, 1, 2], "question": "Why?",
        "only": [{"model": "a"}], "hypotheses": [
            {"name": "H1", "claim": "More.", "kind": "difference", "between": {"model": ["a", "b"]}},
            {"name": "H2", "kind": "difference", "between": {"model": ["a", "b"]}}]})
    after = Study.model_validate({
        "name": "t", "factors": {"model": ["a", "c"], "wd": [1, 2]}, "seeds": [0, 3], "question": "How?",
        "hypotheses": [
            {"name": "H1", "claim": "Less.", "kind": "difference", "between": {"model": ["a", "b"]}, "margin": 0.1},
            {"name": "H3", "kind": "difference", "between": {"model": ["a", "b"]}}]})
    told = [*changes(before, after), "code changed from abc to def"]
    assert len(told) > 10 and all(_HANGUL.search(in_korean(change)) for change in told), told


def test_a_text_of_the_user_stays_as_it_is() -> None:
    assert in_korean("Crops help each network.") == "Crops help each network."


_NOUNS = (
    "이미지", "산포", "시드", "모형", "설정", "측정", "체크포인트", "결과", "비교", "칸",
    "예측", "레시피", "한계", "실행", "연구", "클래스", "모델", "증강", "정확도", "오차",
    "손실", "학습", "검증", "테스트", "지표", "가설", "그룹", "재현율", "정밀도")
_AFTER_CONSONANT = {
    "을": True, "를": False, "은": True, "는": False, "이": True, "가": False, "과": True, "와": False}
_WITH_PARTICLE = re.compile(f"({'|'.join(_NOUNS)})([{''.join(_AFTER_CONSONANT)}])(?![가-힣])")


def test_particles_fit_the_last_letter_of_their_noun() -> None:
    """A syllable ends in a consonant unless its number in Unicode's block is a multiple of 28."""
    files = [file for file in (ROOT / "engine").rglob("*") if file.suffix in (".py", ".yaml")]
    found = [match for file in files for match in _WITH_PARTICLE.finditer(file.read_text())]
    assert len(found) > 50
    assert not [match[0] for match in found
                if ((ord(match[1][-1]) - ord("가")) % 28 != 0) is not _AFTER_CONSONANT[match[2]]]
