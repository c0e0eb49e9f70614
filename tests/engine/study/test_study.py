"""A study is declared in few words, and means the same however it was typed."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from engine.study.study import Study

ROBUSTNESS = {
    "name": "robustness", "metric": "top1_error",
    "factors": {"dataset": ["CIFAR10", "CIFAR100"], "model": {"ResNet50": "resnet50", "ViT": "vit_small_patch16_224"},
                "weights": ["scratch", "pretrained"], "train_fraction": [1.0, 0.5, 0.2, 0.1]},
    "leave_out": [{"dataset": "CIFAR100", "train_fraction": [0.5, 0.2, 0.1]}],
}


def test_levels_are_short_to_type_and_kept_in_full() -> None:
    study = Study.model_validate(ROBUSTNESS)
    assert study.factors["model"]["ViT"] == {"model": "vit_small_patch16_224"}
    assert study.factor("train_fraction").labels == ("1.0", "0.5", "0.2", "0.1")
    assert [level.number for level in study.factor("train_fraction").levels] == [1.0, 0.5, 0.2, 0.1]
    assert study.factor("model").level("ViT").number is None
    assert Study.model_validate(study.model_dump(mode="json")) == study


def test_cells_are_all_combinations_but_those_left_out() -> None:
    study = Study.model_validate(ROBUSTNESS)
    assert len(study.cells) == 20
    assert ("CIFAR100", "ViT", "scratch", "1.0") in study.cells
    assert ("CIFAR100", "ViT", "scratch", "0.1") not in study.cells
    few = Study.model_validate({**ROBUSTNESS, "only": [{"model": "ViT", "weights": "pretrained"}]})
    assert len(few.cells) == 5


@pytest.mark.parametrize(("hypothesis", "message"), [
    ({"kind": "contrast"}, "not one of difference"),
    ({"kind": "difference"}, "between: is missing"),
    ({"kind": "difference", "between": {"weights": ["pretrained", "scratch"]}, "over": "x"}, "over: has no effect"),
    ({"kind": "best", "best": {"model": "ViT"}, "expect": "bigger"}, "not one of higher"),
])
def test_a_hypothesis_has_what_its_kind_needs_and_no_more(hypothesis: dict[str, object], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        Study.model_validate({**ROBUSTNESS, "hypotheses": [{"name": "H1", **hypothesis}]})
