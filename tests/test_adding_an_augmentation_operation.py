"""An operation is one class, and an augmentation that uses it one row: nothing else knows either."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from app.form.fields import fields, value_help
from engine.catalog.augmentations import AUGMENTATIONS, Augmentation
from engine.config import parse_config
from engine.data.augmenting.recipe import Canvas, Operation
from engine.errors import ConfigError
from engine.runner.preview import FILE, preview
from tests.engine.training.runs import Notebook, setup, train


class Fog(Operation):
    """White, mixed into each picture."""

    def __init__(self, most: float) -> None:
        self.most = most

    def draw(self, count: int, canvas: Canvas, random: torch.Generator) -> Tensor:
        return self.most * torch.rand(count, generator=random)

    def apply(self, pictures: Tensor, drawn: Tensor) -> Tensor:
        share = drawn.to(pictures.device)[:, None, None, None]
        return (pictures * (1 - share) + 255 * share).round().byte()


@pytest.fixture
def foggy(home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    row = Augmentation("As weak, then fog.", crop_padding=4, flip=True, operations=(Fog.row(most=0.5),))
    monkeypatch.setitem(AUGMENTATIONS, "foggy", row)
    return home


def test_a_run_learns_with_it_and_resumes_bit_for_bit(foggy: Path) -> None:
    learnt, stopped, resumed = Notebook(), Notebook(stop_at=3), Notebook()
    expected = train(foggy / "run", learnt, setup(epochs=1, augmentation="foggy"))
    assert learnt.epochs[1]["train_loss"] > 0
    train(foggy / "stopped", stopped, setup(epochs=1, augmentation="foggy"))
    found = train(foggy / "stopped", resumed, setup(epochs=1, augmentation="foggy"))
    assert all(torch.equal(found[name], expected[name]) for name in expected)
    plain = train(foggy / "plain", Notebook(), setup(epochs=1))
    assert not all(torch.equal(plain[name], expected[name]) for name in expected)


def test_the_form_and_the_preview_show_it(foggy: Path) -> None:
    (field,) = [field for field in fields() if field.name == "augmentation"]
    assert "foggy" in field.choices and "foggy" in field.offered(["classification"])
    assert "foggy" not in field.offered(["detection"])
    assert value_help("augmentation", "foggy", "classification") == "As weak, then fog."
    brightness = {}
    for name in ("weak", "foggy"):
        preview({"config": {"dataset": "Digits", "augmentation": name}, "epoch": 0, "folder": str(foggy)})
        with np.load(foggy / FILE) as arrays:
            brightness[name] = arrays["seen"].mean()
    assert brightness["foggy"] > brightness["weak"] + 20


def test_without_its_row_it_is_unknown(home: Path) -> None:
    with pytest.raises(ConfigError, match="augmentation"):
        parse_config({"augmentation": "foggy"})
