"""timm's models by file: as timm itself describes them, and asked anew when timm is another."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import timm
import torch

from engine.catalog import timm_lists
from engine.catalog.timm_lists import list_with_timm, read_list
from engine.catalog.timm_models import NAMES_ONLY, SHIPPED, entries, timm_index


@pytest.fixture
def forgotten() -> Iterator[None]:
    timm_index.cache_clear()
    yield
    timm_index.cache_clear()


def test_the_shipped_list_is_what_the_installed_timm_says() -> None:
    made_with, rows = read_list(SHIPPED.read_text())
    shipped = entries(rows)
    assert made_with == timm.__version__, "run: python -m engine.catalog.timm_models > engine/models/timm_models.csv"
    assert list(shipped) == timm.list_models()
    for name, entry in shipped.items():
        config = timm.get_pretrained_cfg(name)
        assert config is None or (entry.size, entry.fixed) == (config.input_size[-1], bool(config.fixed_input_size))
    assert all(entry.parameters for entry in shipped.values())


@pytest.mark.parametrize(("name", "family", "patch", "other"), [
    ("resnet18", "resnet", 0, False), ("convnext_atto", "convnext", 0, False),
    ("mixer_b16_224", "mlp_mixer", 16, False),
    ("test_vit", "vision_transformer", 16, True), ("swin_tiny_patch4_window7_224", "swin_transformer", 4, True),
    ("naflexvit_base_patch16_gap", "naflexvit", 16, True),
    ("vit_base_r50_s16_224", "vision_transformer_hybrid", 0, False),
])
def test_what_was_measured_is_what_building_gives(name: str, family: str, patch: int, other: bool) -> None:
    entry = timm_index()[name]
    with torch.device("meta"):
        parameters = sum(parameter.numel() for parameter in timm.create_model(name).parameters())
    assert (entry.family, entry.patch, entry.other_patches, entry.parameters) == (family, patch, other, parameters)


def test_another_timm_is_asked_once_and_new_names_have_no_count(
    home: Path, forgotten: None, monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked = []

    def ask(*maker: str) -> str:
        asked.append(1)
        return ("name,family,size,fixed,patch,other_patches,parameters,9.9\nresnet18,resnet,224,,0,,\n"
                "vit_new_patch8_64,vit,64,fixed,8,,\n")

    monkeypatch.setattr(timm_lists, "version", lambda _: "9.9")
    monkeypatch.setattr(timm_lists, "list_with_timm", ask)
    for _ in range(2):
        timm_index.cache_clear()
        found = timm_index()
        assert list(found) == ["resnet18", "vit_new_patch8_64"] and found["resnet18"].parameters == 11_689_512
        new = found["vit_new_patch8_64"]
        assert (new.size, new.fixed, new.patch, new.other_patches, new.parameters) == (64, True, 8, False, None)
    assert asked == [1] and (home / "artifacts" / "cache" / "timm_models-9.9.csv").exists()


@pytest.mark.slow
def test_names_alone_are_quickly_asked() -> None:
    names = entries(read_list(list_with_timm("engine.catalog.timm_models", NAMES_ONLY))[1])
    shipped = entries(read_list(SHIPPED.read_text())[1])
    assert {name: entry[:3] for name, entry in names.items()} == {name: entry[:3] for name, entry in shipped.items()}
    assert names["vit_small_patch16_224"].patch == 16 and names["resnet18"].parameters is None
