from __future__ import annotations

from pathlib import Path

import pytest

from engine.config import parse_config
from engine.errors import UserError
from engine.evaluation.requests import parse_request
from engine.store import Store


@pytest.mark.parametrize("views", [{"tta": "flip"}, {"scales": "200+240"}])
def test_a_detector_is_not_asked_to_average(home: Path, views: dict[str, str]) -> None:
    config = parse_config({"dataset": "Scenes", "name": "boxes"})
    run = Store.open().runs.create(config, environment={}, git_commit=None, git_dirty=False)
    with pytest.raises(UserError, match="boxes: detection is evaluated without test-time augmentation"):
        parse_request(run, views)
