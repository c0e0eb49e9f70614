"""What a run needs to find on this machine, looked for before it is queued."""

from __future__ import annotations

from pathlib import Path

from engine.config import RunConfig
from engine.data import check_available
from engine.errors import ConfigError


def check_needs(config: RunConfig) -> None:
    """Look for a config's data set and weights file without reading them.

    Raises:
        UserError: one is not there; says which, and how to get it.
    """
    check_available(config.dataset, config.data_path)
    if config.weights == "file" and not Path(config.weights_path).expanduser().is_file():
        raise ConfigError("weights_path", config.weights_path, "a file that is there")
