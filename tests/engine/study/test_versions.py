"""Studies are kept with every version, so that what was declared first can be told from what came later."""

from __future__ import annotations

import pytest

from engine.errors import UserError
from engine.store import Store
from engine.study.study import Study
from engine.study.versions import Studies

DECLARED = {"name": "rates", "factors": {"lr": [0.1, 0.01]}, "hypotheses": [
    {"name": "H1", "kind": "difference", "between": {"lr": [0.1, 0.01]}}]}


def test_a_study_that_did_not_change_makes_no_version(store: Store) -> None:
    study = Study.model_validate(DECLARED)
    first = Studies(store).save(study)
    again = Studies(store).save(Study.model_validate(DECLARED))
    assert (first.number, again.number) == (1, 1) and again.created_at == first.created_at
    changed = Studies(store).save(study.model_copy(update={"margin": 0.01}))
    assert changed.number == 2
    versions = Studies(store).versions("rates")
    assert [(version.number, version.study.margin) for version in versions] == [(1, 0), (2, .01)]
    assert Studies(store).get("rates") == changed.study
    assert Studies(store).save(study).number == 3


def test_a_study_that_was_saved_before_an_option_existed_has_not_changed(store: Store) -> None:
    study = Study.model_validate(DECLARED)
    Studies(store).save(study)
    with store.connections.writing() as connection:
        connection.execute("UPDATE study_versions SET declared = json_remove(declared, '$.across', '$.margin')")
    assert Studies(store).save(study).number == 1
    assert Studies(store).save(study.model_copy(update={"margin": 0.1})).number == 2


def test_the_one_that_changed_last_is_listed_first(store: Store) -> None:
    for name in ("one", "two", "three"):
        Studies(store).save(Study.model_validate({**DECLARED, "name": name}))
    Studies(store).save(Study.model_validate({**DECLARED, "name": "one", "seeds": [5]}))
    assert [study.name for study in Studies(store).list()] == ["one", "three", "two"]
    assert Studies(store).list()[0].seeds == (5,)


def test_a_deleted_study_is_gone_with_its_versions(store: Store) -> None:
    Studies(store).save(Study.model_validate(DECLARED))
    Studies(store).delete("rates")
    assert Studies(store).list() == []
    with pytest.raises(UserError, match="no study 'rates'"):
        Studies(store).get("rates")
    assert Studies(store).save(Study.model_validate(DECLARED)).number == 1


def test_a_name_that_is_not_there_is_answered_with_the_nearest(store: Store) -> None:
    Studies(store).save(Study.model_validate(DECLARED))
    for ask in (Studies(store).get, Studies(store).versions, Studies(store).delete):
        with pytest.raises(UserError, match="no study 'rate'; nearest: rates"):
            ask("rate")


def test_what_cannot_be_read_any_more_is_one_line(store: Store) -> None:
    Studies(store).save(Study.model_validate(DECLARED))
    with store.connections.writing() as connection:
        connection.execute("UPDATE study_versions SET declared = json_set(declared, '$.unheard_of', 1)")
    with pytest.raises(UserError, match="rates cannot be read by this version"):
        Studies(store).list()
