"""Recipes over several sets, and the study's seal, on the study page."""

from __future__ import annotations

import pytest

from engine.store import Store
from engine.study.configs import cell_config
from engine.study.document import study_of
from engine.study.study import Study
from engine.study.versions import Studies
from tests.app_tests import assert_calm, open_page, shown

MODELS = ("tinyvgg_a", "tinyvgg_b", "tinyvgg_c")


@pytest.fixture
def study(store: Store) -> Study:
    made = study_of({"name": "sets", "seeds": [0], "settings": {"epochs": 2}, "factors": {
        "part": {str(share): {"train_fraction": share} for share in (0.1, 0.2, 0.4, 0.6, 0.8, 1.0)},
        "model": [*MODELS]}, "across": "part"})
    Studies(store).launched(made)
    for cell in made.cells:
        run = store.runs.create(cell_config(made, cell, 0), status="finished", environment={}, git_commit=None,
                                git_dirty=False)
        top1 = 0.9 - 0.05 * MODELS.index(cell[1])
        store.evaluations.add(run.id, "best", "test", {"top1": top1, "loss": 1 - top1}, run.folder / "none.npz", "")
    return made


def test_the_ranking_stands_below_the_verdicts_with_diagram_and_ranks(study: Study) -> None:
    page = open_page("study", {"view": "Verdicts"}, study=study.name)
    assert_calm(page)
    text = shown(page)
    assert "On these 6 sets only" in text and "tinyvgg" in text and "data:image/svg+xml;base64," in text
    table = page.dataframe[-1].value
    assert list(table["Mean rank"]) == ["1.00", "2.00", "3.00"]


def test_the_seal_is_a_line_that_names_what_was_changed(study: Study, store: Store) -> None:
    page = open_page("study", {"view": "Verdicts"}, study=study.name)
    assert "nothing was changed since" in shown(page)
    changed = study.model_copy(update={"margin": 0.02})
    Studies(store).save(changed)
    text = shown(open_page("study", {"view": "Verdicts"}, study=study.name))
    assert "changed since:" in text and "margin 0.0 → 0.02" in text


def test_the_sets_can_be_chosen_in_the_form(study: Study, store: Store) -> None:
    page = open_page("study", {"view": "Declare"}, study=study.name)
    assert_calm(page)
    chosen = next(box for box in page.selectbox if box.label == "Rank recipes over")
    assert chosen.value == "part"
    chosen.set_value("model").run()
    assert_calm(page)
    page.button(key="study_save").click().run()
    assert Studies(store).get("sets").across == "model"
