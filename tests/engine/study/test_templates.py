"""Every template is sound as its authors meant it and scaled, and says the same in both."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.errors import UserError
from engine.study import templates
from engine.study.check import check_study
from engine.study.configs import cell_config
from engine.study.document import dump_study, parse_study
from engine.study.plan import problems_of
from engine.study.study import Study
from engine.study.templates import TEMPLATES, template


def test_every_file_is_a_template_and_the_other_way_round() -> None:
    assert {path.stem for path in Path(templates.__file__).parent.glob("*.yaml")} == set(TEMPLATES)


@pytest.mark.parametrize("scaled", [False, True])
@pytest.mark.parametrize("name", TEMPLATES)
def test_it_is_sound_and_can_be_written(name: str, scaled: bool) -> None:
    study = template(name, scaled=scaled, name_as="mine")
    check_study(study)
    assert study.name == "mine" and study.question and study.hypotheses and study.tables
    assert len(study.seeds) >= 3 and len(study.cells) * len(study.seeds) <= 80
    if study.settings.get("data_path") == "":
        study = study.model_copy(update={"settings": {**study.settings, "data_path": "/arrays"}})
    assert parse_study(dump_study(study, commented=True)) == study


@pytest.mark.parametrize("name", [name for name in TEMPLATES if name != "diatom"])
def test_scaled_it_has_the_same_factors_and_claims_and_less_to_do(name: str) -> None:
    full, scaled = template(name), template(name, scaled=True)
    assert list(full.factors) == list(scaled.factors) and len(full.cells) == len(scaled.cells)
    assert _claims(full) == _claims(scaled)
    assert [table.title for table in full.tables] == [table.title for table in scaled.tables]
    assert all(cell_config(scaled, after, 0).epochs <= cell_config(full, before, 0).epochs
               for before, after in zip(full.cells, scaled.cells, strict=True))


def _claims(study: Study) -> list[tuple[str, str, str]]:
    return [(one.name, one.claim, one.kind) for one in study.hypotheses]


def test_the_detectors_are_one_when_scaled_and_claims_that_compare_them_are_gone() -> None:
    full, scaled = template("diatom"), template("diatom", scaled=True)
    assert full.cells == (("Faster R-CNN", "head"), ("Faster R-CNN", "full"),
                          ("RetinaNet", "head"), ("RetinaNet", "full"), ("RetinaNet", "split"))
    assert scaled.cells == (("FCOS", "head"), ("FCOS", "full"), ("FCOS", "split"))
    assert full.factors["mode"] == scaled.factors["mode"] and full.tables == scaled.tables
    assert _claims(scaled) == _claims(full)[:2] and len(full.hypotheses) == 3


@pytest.mark.parametrize("name", TEMPLATES)
def test_scaled_it_can_run_with_what_is_offline(name: str, home: Path) -> None:
    study = template(name, scaled=True)
    problems = problems_of({cell: cell_config(study, cell, 0) for cell in study.cells})
    assert [problem.message for problem in problems if "dataset-fashion-mnist" not in problem.message] == []


def test_the_authors_settings_are_kept() -> None:
    study = template("pretraining-robustness")
    config = cell_config(study, ("CIFAR10", "ViT-S/16", "pretrained", "0.1"), 0)
    assert (config.model, config.weights, config.train_fraction) == ("vit_small_patch16_224", "pretrained", 0.1)
    assert (config.image_size, config.epochs, config.batch_size, config.lr) == (224, 20, 64, 0.001)
    assert (config.optimizer, config.weight_decay, config.schedule) == ("Adam", 0.0001, "cosine")
    survey = template("low-res-survey")
    batches = {cell: cell_config(survey, cell, 0).batch_size for cell in survey.cells}
    assert len(batches) == 14 and sum(batch == 64 for batch in batches.values()) == 8
    assert batches["CIFAR100", "ResNet-18", "weak", "Adam"] == 128
    diatom = template("diatom")
    split, full = (cell_config(diatom, ("RetinaNet", mode), 0) for mode in ("split", "full"))
    assert split.model == full.model == "retinanet_resnet50_fpn" and split.fine_tune == "split"
    assert (split.backbone_lr, split.lr, full.fine_tune, full.lr) == (0.0001, 0.01, "all", 0.005)
    assert (full.weights, full.epochs, diatom.metric) == ("pretrained", 20, "map")


def test_a_template_that_there_is_not_is_answered_with_those_there_are() -> None:
    with pytest.raises(UserError, match=r"'mix' is not one of .*mix-augmentation"):
        template("mix")
