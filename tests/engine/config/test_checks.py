"""Options in combination: those that matter to no run, and those that cannot be."""

from __future__ import annotations

import pytest

from engine.config import expand_grid, parse_config
from engine.config.checks import ignored_options
from engine.config.steps import sides_by_epoch
from engine.errors import ConfigError


def test_an_option_that_matters_to_no_run_is_told_with_what_it_waits_for() -> None:
    given = {"weights_path": "own.safetensors", "equal_steps": "yes", "momentum": "0.5", "optimizer": "SGD,Adam"}
    assert ignored_options(given, expand_grid(given)) == [
        "weights_path has no effect here: it applies when weights is file",
        "equal_steps has no effect here: it applies unless train_fraction is 1.0",
    ]


@pytest.mark.parametrize(("epochs", "sides"), [
    (8, (16, 16, 32, 32, 48, 48, 64, 64)), (5, (16, 16, 32, 48, 64)), (2, (16, 64)), (1, ())])
def test_pictures_grow_in_four_stages_and_end_with_their_own_size(epochs: int, sides: tuple[int, ...]) -> None:
    options = {"model": "resnet18", "image_size": 64, "epochs": epochs}
    assert sides_by_epoch(parse_config({**options, "start_size": 16})) == sides
    assert sides_by_epoch(parse_config(options)) == ()


@pytest.mark.parametrize(("options", "words"), [
    ({"model": "tinyvgg_a", "start_size": 16}, "is not 0 for tinyvgg_a, which takes pictures of one size"),
    ({"model": "vit_tiny_patch16_224", "image_size": 32, "start_size": 16}, "is not 0 for vit_tiny_patch16_224"),
    ({"model": "resnet18", "image_size": 32, "start_size": 32}, "is not below 32, the side of the pictures"),
])
def test_pictures_that_cannot_grow_are_refused(options: dict[str, object], words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        parse_config(options)
