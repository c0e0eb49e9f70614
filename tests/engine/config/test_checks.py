"""What an option that matters to no run waits for."""

from engine.config import expand_grid
from engine.config.checks import ignored_options


def test_an_option_that_matters_to_no_run_is_told_with_what_it_waits_for() -> None:
    given = {"weights_path": "own.safetensors", "equal_steps": "yes", "momentum": "0.5", "optimizer": "SGD,Adam"}
    assert ignored_options(given, expand_grid(given)) == [
        "weights_path has no effect here: it applies when weights is file",
        "equal_steps has no effect here: it applies unless train_fraction is 1.0",
    ]
