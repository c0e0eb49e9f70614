"""A study is sealed when it is first launched, and its seal depends on everything that it declares."""

from __future__ import annotations

from typing import Any

import pytest

from engine.store import Store
from engine.study.launch import launch
from engine.study.seal import code_text, hash_of
from engine.study.study import Study
from engine.study.versions import Studies
from tests.engine.study.conftest import DECLARED

CODE = "abcdef0123"
CHANGES: list[dict[str, Any]] = [
    {"question": "Why?"}, {"factors": {"augmentation": ["default", "weak"], "batch_size": [64, 32]}},
    {"settings": {"epochs": 3}}, {"seeds": [0, 1, 2]}, {"metric": "f1"}, {"margin": 0.01}, {"hypotheses": []},
    {"across": "augmentation"}, {"leave_out": [{"batch_size": 64}]},
    {"hypotheses": [{**DECLARED["hypotheses"][0], "expect": "none"}]},
    {"hypotheses": [{**DECLARED["hypotheses"][0], "margin": 0.01}]}]


def test_every_part_of_the_declaration_and_the_code_change_the_hash(study: Study) -> None:
    changed = [hash_of(Study.model_validate(DECLARED | change), CODE) for change in CHANGES]
    assert len({hash_of(study, CODE), hash_of(study, "other"), *changed}) == len(CHANGES) + 2


def test_name_tables_and_short_forms_do_not(study: Study) -> None:
    same = Study.model_validate(DECLARED | {"name": "other", "tables": [{"rows": ["augmentation"]}], "margin": 0,
                                            "factors": {"augmentation": {"default": "default", "weak": "weak"},
                                                        "batch_size": [64, 128]}})
    assert hash_of(same, CODE) == hash_of(study, CODE)


def test_the_hash_stays_what_it_was(study: Study) -> None:
    """Seals that are stored must hold in every later version of Darkroom."""
    assert hash_of(study, CODE)[:16] == "eac7fe64a84d4d75"


@pytest.mark.parametrize(("commit", "dirty", "said"), [
    ("abcdef0123456", False, "abcdef0123"), ("abcdef0123456", True, "abcdef0123 with changed files"),
    (None, False, "Darkroom 0.1.0")])
def test_code_is_a_commit_or_a_version(commit: str | None, dirty: bool, said: str) -> None:
    assert code_text(commit, dirty, "0.1.0") == said


@pytest.mark.usefixtures("nobody")
def test_the_version_that_is_launched_first_is_sealed_and_no_other(store: Store, study: Study) -> None:
    Studies(store).save(study.model_copy(update={"seeds": (0,)}))
    assert [version.seal for version in Studies(store).versions("digits")] == [None]
    queued = launch(store, study)
    launch(store, study.model_copy(update={"seeds": (0, 1, 2)}))
    first, sealed, later = Studies(store).versions("digits")
    assert first.seal is None and later.seal is None and sealed.seal is not None
    assert sealed.seal.sha256 == hash_of(study, sealed.seal.code)
    assert sealed.created_at <= sealed.seal.created_at <= queued[0].created_at
