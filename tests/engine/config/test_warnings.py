"""Each warning fires on what it names, and a plain config has none."""

import pytest

from engine.config import expand_grid, parse_config
from engine.config.warnings import WARNINGS, config_warnings, without_effect

CASES = [
    ({"optimizer": "Adam", "lr": 0.1}, "Adam at learning rate 0.1"),
    ({"optimizer": "SGD", "lr": 2}, "SGD at learning rate 2"),
    ({"optimizer": "SGD", "lr": 0.0005}, "SGD at learning rate 0.0005 learns slowly"),
    ({"batch_size": 400}, "fewer than ten optimizer steps"),
    ({"model": "resnet18", "batch_size": 4}, "batch norm is noisy"),
    ({"model": "resnet18", "accumulate": 16}, "64 pictures are computed in 16 parts"),
    ({"augmentation": "weak"}, "Digits is not mirrored"),
    ({"image_size": 64}, "enlarged more than four times"),
    ({"model": "resnet18", "fine_tune": "head"}, "only the classifier of resnet18 would learn"),
    ({"schedule": "cosine", "epochs": 3, "warmup_epochs": 3}, "warm-up of 3 epochs"),
]


@pytest.mark.parametrize(("values", "words"), CASES)
def test_a_warning_fires_on_what_it_names(values: dict[str, object], words: str) -> None:
    assert any(words in line for line in config_warnings(parse_config(values)))


def test_every_warning_is_tried_and_a_plain_config_has_none() -> None:
    assert len(CASES) == len(WARNINGS)
    assert config_warnings(parse_config({})) == []


def test_an_option_that_matters_to_no_run_is_told_with_what_it_waits_for() -> None:
    given = {"weights_path": "own.safetensors", "equal_steps": "yes", "momentum": "0.5", "optimizer": "SGD,Adam"}
    assert without_effect(given, expand_grid(given)) == [
        "weights_path has no effect here: it matters when weights is file",
        "equal_steps has no effect here: it matters unless train_fraction is 1.0",
    ]
