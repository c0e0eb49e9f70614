"""A study read from the store: outcomes, what is kept out, verdicts, tables, and what came before what."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from engine.analysis.judging import Verdict, note_text, sentence
from engine.analysis.reading import Reading, read_study
from engine.store import Run, Store
from engine.study.configs import cell_config
from engine.study.factors import CellKey
from engine.study.study import Study
from engine.study.versions import Studies

DECLARED: dict[str, Any] = {
    "name": "reading", "seeds": [0, 1, 2], "settings": {"dataset": "FashionMNIST", "epochs": 2, "device": "cpu"},
    "factors": {"augmentation": ["default", "weak"]},
    "hypotheses": [{"name": "H1", "kind": "difference", "between": {"augmentation": ["weak", "default"]}}],
}
STUDY = Study.model_validate(DECLARED)
FIGURES = {"default": (0.90, 0.91, 0.905), "weak": (0.94, 0.952, 0.946)}


@pytest.fixture
def store(home: Path) -> Store:
    return Store.open()


def add_tested(store: Store, cell: CellKey, seed: int, accuracy: float) -> Run:
    run = store.runs.create(cell_config(STUDY, cell, seed), status="finished", environment={}, git_commit=None,
                            git_dirty=False)
    store.evaluations.add(run.id, "best", "test", {"top1": accuracy, "loss": 1 - accuracy}, run.folder / "none.npz", "")
    return run


def run_all(store: Store, figures: dict[str, Sequence[float]] | None = None) -> list[Run]:
    return [add_tested(store, (label,), seed, value) for label, values in (figures or FIGURES).items()
            for seed, value in enumerate(values)]


def keys(reading: Reading) -> list[str]:
    return [note.key for note in reading.notes]


def test_a_study_declared_before_it_ran(store: Store) -> None:
    Studies(store).save(STUDY)
    assert read_study(store, STUDY).judgements[0].verdict is Verdict.WITHHELD
    run_all(store)
    reading = read_study(store, STUDY)
    assert len(reading.outcomes) == 6 and not reading.kept_out and not reading.notes
    assert reading.judgements[0].verdict is Verdict.SUPPORTED and reading.judgements[0].tested == 1
    assert len(reading.tables) == 1 and reading.study == STUDY


def test_a_run_at_chance_is_kept_out_until_somebody_lets_it_stand(store: Store) -> None:
    Studies(store).save(STUDY)
    runs = run_all(store, {**FIGURES, "weak": (0.94, 0.952, 0.10)})
    reading = read_study(store, STUDY)
    assert reading.kept_out == {runs[-1].id}
    assert reading.judgements[0].parts[0].contrasts[0].runs == {("default",): 3, ("weak",): 2}
    for finding in reading.findings:
        if finding.run == runs[-1].id:
            store.acknowledged.put(runs[-1].id, finding.rule, "as it is")
    again = read_study(store, STUDY)
    assert not again.kept_out and again.acknowledged
    assert again.judgements[0].parts[0].contrasts[0].runs == {("default",): 3, ("weak",): 3}


def test_a_hypothesis_made_of_the_results_is_told(store: Store) -> None:
    Studies(store).save(STUDY)
    run_all(store)
    turned = Study.model_validate({**DECLARED, "hypotheses": [
        *DECLARED["hypotheses"], {**DECLARED["hypotheses"][0], "name": "H2", "expect": "lower"}]})
    Studies(store).save(turned)
    reading = read_study(store, turned)
    assert keys(reading) == ["declared late"]
    assert "launched: H2." in note_text(reading.notes[0]) and "가설: H2." in note_text(reading.notes[0], "ko")


def test_the_same_hypothesis_in_better_words_is_not_late(store: Store) -> None:
    Studies(store).save(STUDY)
    run_all(store)
    worded = Study.model_validate({**DECLARED, "hypotheses": [{**DECLARED["hypotheses"][0], "claim": "Weak helps."}]})
    Studies(store).save(worded)
    assert keys(read_study(store, worded)) == []


def test_a_margin_that_came_later_makes_another_hypothesis(store: Store) -> None:
    Studies(store).save(STUDY)
    run_all(store)
    assert keys(read_study(store, STUDY.model_copy(update={"margin": 0.01}))) == ["declared late"]


def test_seeds_added_after_looking_are_another_look(store: Store) -> None:
    Studies(store).save(STUDY)
    run_all(store)
    longer = Study.model_validate({**DECLARED, "seeds": [0, 1, 2, 3]})
    Studies(store).save(longer)
    reading = read_study(store, longer)
    assert keys(reading) == ["seeds changed"] and "look 2" in note_text(reading.notes[0])
    [judgement] = reading.judgements
    assert judgement.alpha == 0.005 and judgement.verdict is Verdict.WITHHELD
    assert "3 of 4 planned seeds are in" in sentence(judgement) and "provisional" in sentence(judgement)
    assert all(each.absolute and each.absolute.p is None for each in judgement.parts[0].contrasts)


def test_seeds_added_before_any_result_are_no_look(store: Store) -> None:
    Studies(store).save(STUDY)
    longer = Study.model_validate({**DECLARED, "seeds": [0, 1, 2, 3]})
    Studies(store).save(longer)
    run_all(store, {label: (*values, values[0]) for label, values in FIGURES.items()})
    reading = read_study(store, longer)
    assert not keys(reading) and reading.judgements[0].alpha == 0.04


def test_seeds_left_out_after_results_are_another_look(store: Store) -> None:
    Studies(store).save(STUDY)
    run_all(store)
    fewer = Study.model_validate({**DECLARED, "seeds": [0, 1]})
    assert "seeds changed" in keys(read_study(store, fewer)), "also before it is saved"


def test_runs_that_were_there_first_are_counted_and_accuse_nobody(store: Store) -> None:
    run_all(store)
    Studies(store).save(STUDY)
    reading = read_study(store, STUDY)
    assert keys(reading) == ["older runs"] and "older than the study: 6 of 6" in note_text(reading.notes[0])
    assert "older runs" in keys(read_study(store, STUDY.model_copy(update={"name": "never kept"})))


def test_a_reused_run_makes_no_hypothesis_late_but_a_change_after_own_runs_does(store: Store) -> None:
    add_tested(store, ("weak",), 0, 0.94)
    draft = Study.model_validate({**DECLARED, "hypotheses": []})
    Studies(store).save(draft)
    Studies(store).save(STUDY)
    for label, seed in (("weak", 1), ("weak", 2), ("default", 0), ("default", 1), ("default", 2)):
        add_tested(store, (label,), seed, FIGURES[label][seed])
    reading = read_study(store, STUDY)
    assert keys(reading) == ["older runs"] and "1 of 6" in note_text(reading.notes[0])
    later = Study.model_validate({**DECLARED, "margin": 0.01})
    Studies(store).save(later)
    assert keys(read_study(store, later)) == ["declared late", "older runs"]


def test_a_copy_tells_that_its_results_were_looked_at_elsewhere(store: Store) -> None:
    Studies(store).save(STUDY)
    run_all(store)
    copy = STUDY.model_copy(update={"name": "again"})
    Studies(store).save(copy)
    reading = read_study(store, copy)
    assert keys(reading) == ["older runs", "shared"]
    assert "those of reading: 6." in note_text(reading.notes[1]) and "(reading)" in note_text(reading.notes[1], "ko")
    Studies(store).delete("reading")
    assert keys(read_study(store, copy)) == ["older runs"]


def test_a_study_of_data_sets_is_ranked(store: Store) -> None:
    assert read_study(store, STUDY).ranking is None
    sets = Study.model_validate({**DECLARED, "name": "sets", "hypotheses": [], "settings": {"epochs": 2}, "factors": {
        "dataset": ["Digits", "FashionMNIST"], **DECLARED["factors"]}})
    ranking = read_study(store, sets).ranking
    assert ranking is not None and ranking.factor == "dataset" and ranking.awaited == 12


def test_results_from_elsewhere_are_told(store: Store) -> None:
    config = cell_config(STUDY, ("weak",), 0)
    Studies(store).save(STUDY)
    run = store.runs.create(config, status="finished", environment={}, git_commit=None, git_dirty=False,
                            origin={"study": "reading", "levels": {"augmentation": "weak"}})
    store.evaluations.add(run.id, "best", "test", {"top1": 0.9}, run.folder / "none.npz", "")
    assert keys(read_study(store, STUDY)) == ["imported"]
    add_tested(store, ("weak",), 0, 0.94)
    longer = Study.model_validate({**DECLARED, "seeds": [0, 1, 2, 3]})
    Studies(store).save(longer)
    assert keys(read_study(store, longer)) == ["imported", "seeds changed"]
