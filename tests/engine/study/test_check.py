"""A study that means something else than it says is refused in one line that says why."""

from __future__ import annotations

from typing import Any

import pytest

from engine.errors import UserError
from engine.study.check import check_study
from engine.study.study import Study

SOUND: dict[str, Any] = {
    "name": "sound", "seeds": [0, 1, 2],
    "factors": {"augmentation": ["default", "weak", "vgg"], "model": {"A": "tinyvgg_a", "B": "tinyvgg_b"}},
    "adjust": [{"when": {"augmentation": "vgg"}, "set": {"train_scale": "40"}}],
    "hypotheses": [{"name": "H1", "kind": "difference", "between": {"augmentation": ["weak", "default"]},
                    "each": ["model"]}],
    "tables": [{"rows": ["model"], "columns": ["augmentation"], "delta": {"augmentation": ["weak", "default"]}}],
}


def test_a_sound_study_is_accepted() -> None:
    check_study(Study.model_validate(SOUND))


@pytest.mark.parametrize(("changes", "message"), [
    ({"factors": {}}, "factors: is empty"),
    ({"factors": {"lr": []}}, "factors: lr: has no levels"),
    ({"factors": {"modl": ["a", "b"]}}, "factors: modl: modl: no such option; nearest: model"),
    ({"factors": {"speed": {"slow": {"lr": 0.1}, "fast": {}}}}, "factors: speed: level fast sets no option"),
    ({"factors": {"seed": [0, 1]}}, "factors: seed: seed: cannot be set here"),
    ({"factors": {"notes": ["a", "b"]}}, "factors: notes: varies no option that affects training"),
    ({"settings": {"exp-name": "x"}}, "settings: exp-name: cannot be set here: each run is named"),
    ({"settings": {"epochs": 0}}, "default · A: epochs: 0 is not at least 1"),
    ({"factors": SOUND["factors"] | {"lr": {"good": 0.1, "odd": "quick"}}}, "default · A · odd: lr: 'quick' is not"),
    ({"leave_out": [{"modle": "A"}]}, "leave_out: no factor 'modle'; nearest: model"),
    ({"only": [{"model": ["A", "C"]}]}, "only: model: no level 'C'; there are A, B"),
    ({"leave_out": [{"model": ["A", "B"]}]}, "no cell is left"),
    ({"adjust": [{"when": {"model": "D"}, "set": {}}]}, "adjust: model: no level 'D'"),
    ({"seeds": []}, "seeds: is empty"),
    ({"seeds": [1, 2, 1]}, "seeds: 1 is listed twice"),
    ({"seeds": [0, -1]}, "seed: -1 is not at least 0"),
    ({"metric": "top2"}, "metric: no metric 'top2'; nearest: top"),
    ({"hypotheses": [{**SOUND["hypotheses"][0], "metric": "f2"}]}, "hypotheses: H1: no metric 'f2'"),
    ({"hypotheses": [*SOUND["hypotheses"], *SOUND["hypotheses"]]}, "hypotheses: two have the name H1"),
    ({"hypotheses": [{**SOUND["hypotheses"][0], "between": {"augmentation": ["weak", "strong"]}}]}, "strong"),
    ({"only": [{"augmentation": "default"}], "tables": []}, "H1: compares cells that do not exist"),
    ({"tables": [{"rows": ["models"]}]}, "tables: 1: no factor 'models'"),
    ({"tables": [{"title": "Best", "at": {"model": "Z"}}]}, "tables: Best: model: no level 'Z'"),
    ({"tables": [{"title": "Best", "options": ["modl"]}]}, "tables: Best: modl: no such option"),
    ({"factors": {**SOUND["factors"], "train_scale": [36, 40]}, "adjust": []},
     "default · A · 36 and default · A · 40 are the same run, as train_scale has no effect there; leave one"),
])
def test_what_is_not_sound_is_told_in_one_line(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(UserError, match=message) as caught:
        check_study(Study.model_validate(SOUND | changes))
    assert "\n" not in str(caught.value)
