"""What is wrong in results printed elsewhere is found without being told."""

from __future__ import annotations

import numpy as np

from engine.analysis.doctor import Finding, examine_study
from engine.analysis.doctor.design import find_unlike_factors
from engine.imports import import_results
from engine.store import Store
from engine.study.outcomes import Outcome, outcomes
from engine.study.study import Study
from tests import published


def findings(name: str) -> dict[tuple[str, str], Finding]:
    """By rule and the cell's labels."""
    store = Store.open()
    study = import_results(store, published.FOLDER / f"{name}.csv", f"printed {name}").study
    done = outcomes(store, study)
    cells = {outcome.run: " ".join(outcome.cell) for outcome in done}
    return {(finding.rule, cells[finding.run or 0]): finding for finding in examine_study(store, study, done)}


def test_the_mixing_study(home: object) -> None:
    found = findings("mix-augmentation")
    serious = {place: finding.message for place, finding in found.items() if finding.serious}
    assert {rule for rule, _ in serious} == {"lopsided", "recall-unlike-top1"} and len(serious) == 2
    broken = next(message for (rule, cell), message in serious.items()
                  if rule == "lopsided" and {"TinyImagenet", "resnet50", "mixup", "yes"} <= set(cell.split()))
    assert "precision 34.43 % is 2.4 times recall 14.25 %" in broken
    typo = next(message for (rule, _), message in serious.items() if rule == "recall-unlike-top1")
    assert "recall 52.28 and top-1 52.78" in typo
    fallen = {cell for rule, cell in found if rule == "unlike-its-factors"}
    assert len(fallen) == 2 and all({"TinyImagenet", "resnet50", "mixup"} <= set(cell.split()) for cell in fallen)


def test_pretrained_weights_that_did_not_help(home: object) -> None:
    found = findings("npy-ten-class")
    assert [cell for rule, cell in found if rule == "like-scratch"] == ["resnet50 yes"]
    assert not any(finding.serious for finding in found.values())


def test_sound_tables_have_no_serious_finding(home: object) -> None:
    for name in ("pretraining-robustness", "tiny-vgg"):
        assert findings(name) == {}, name


def test_noise_and_effects_that_add_up_are_not_unlike_their_factors() -> None:
    study = Study.model_validate({"name": "s", "factors": {"a": [1, 2], "b": [1, 2, 3], "c": [1, 2], "d": [1, 2]}})
    called = 0
    for seed in range(50):
        random = np.random.default_rng(seed)
        effects = [{label: float(random.normal(0, 1)) for label in factor.labels} for factor in study.varied]
        done = []
        for run, cell in enumerate(study.cells):
            odds = sum(effect[label] for effect, label in zip(effects, cell, strict=True)) + random.normal(0, 0.15)
            done.append(Outcome(cell, 0, run, {"top1": float(1 / (1 + np.exp(-odds)))}))
        called += len(find_unlike_factors(study, done))
    assert called == 0
