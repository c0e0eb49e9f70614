"""Stored predictions come back as they were, or say that they cannot."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pytest

from engine.errors import UserError
from engine.evaluation.predictions import load_predictions, save_predictions
from tests.engine.evaluation.test_metrics import predictions


def test_they_come_back_bit_for_bit_with_their_hash(tmp_path: Path) -> None:
    stored, path = predictions(0), tmp_path / "deep" / "predictions.npz"
    assert save_predictions(path, stored) == hashlib.sha256(path.read_bytes()).hexdigest()
    found = load_predictions(path)
    assert found.logits.dtype == np.float32
    assert all((getattr(found, name) == getattr(stored, name)).all() for name in ("ids", "targets", "logits"))


@pytest.mark.parametrize("damage", ["gone", "cut", "noise"])
def test_a_damaged_file_is_one_line(damage: str, tmp_path: Path) -> None:
    path = tmp_path / "predictions.npz"
    save_predictions(path, predictions(0))
    if damage == "gone":
        path.unlink()
    else:
        path.write_bytes(path.read_bytes()[:900] if damage == "cut" else b"noise")
    with pytest.raises(UserError, match=r"predictions\.npz"):
        load_predictions(path)
