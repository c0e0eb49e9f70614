"""Models that see patches are built for other picture sizes by rule, and it is said how."""

from __future__ import annotations

import pytest

from engine.catalog.models import check_model, input_size, model_row, size_note, size_options
from engine.config import parse_config
from engine.config.checks import check_combination
from engine.errors import ConfigError
from engine.models.build import build_model, check_size


@pytest.mark.parametrize(("name", "size", "options"), [
    ("vit_small_patch16_224", 224, {}),
    ("vit_small_patch16_224", 32, {"img_size": 32, "patch_size": 4}),
    ("vit_small_patch16_224", 48, {"img_size": 48, "patch_size": 6}),
    ("vit_small_patch16_224", 64, {"img_size": 64}),
    ("vit_small_patch32_32", 32, {"img_size": 32, "patch_size": 4}),
    ("vit_small_patch4_32", 32, {"img_size": 32, "patch_size": 4}),
    ("vit_small_patch8_32", 32, {"img_size": 32}),
    ("vit_tiny_patch16_224.augreg_in21k", 32, {"img_size": 32, "patch_size": 4}),
    ("vit_so400m_patch14_siglip_384", 384, {}),
    ("swin_tiny_patch4_window7_224", 32, {"img_size": 32, "patch_size": 2, "window_size": 4}),
    ("swin_tiny_patch4_window7_224", 64, {"img_size": 64, "window_size": 4}),
    ("swin_tiny_patch4_window7_224", 448, {"img_size": 448, "window_size": 7}),
    ("naflexvit_base_patch16_gap", 384, {}),
    ("naflexvit_base_patch16_gap", 224, {"img_size": 224}),
    ("mixer_b16_224", 32, {"img_size": 32}),
    ("convnext_base", 32, {}), ("resnet18", 32, {}),
])
def test_options_follow_from_name_and_size(name: str, size: int, options: dict[str, int]) -> None:
    assert size_options(name, size) == options


@pytest.mark.parametrize(("name", "size", "patch", "options"), [
    ("vit_small_patch16_224", 32, 16, {"img_size": 32}),
    ("vit_small_patch16_224", 32, 8, {"img_size": 32, "patch_size": 8}),
    ("vit_small_patch16_224", 224, 16, {}),
    ("vit_small_patch16_224", 224, 32, {"img_size": 224, "patch_size": 32}),
    ("vit_small_patch32_32", 32, 32, {"img_size": 32, "patch_size": 32}),
    ("swin_tiny_patch4_window7_224", 64, 2, {"img_size": 64, "patch_size": 2, "window_size": 4}),
])
def test_patches_that_are_asked_for_are_kept_however_few(name: str, size: int, patch: int,
                                                         options: dict[str, int]) -> None:
    found = size_options(name, size, patch)
    assert found == options
    if size < 100:
        check_size(name, channels=3, size=size, patch_size=patch)


@pytest.mark.parametrize(("name", "size", "patch", "words"), [
    ("vit_small_patch16_224", 32, 64, "patch_size: 64 is not at most 32"),
    ("vit_small_patch16_224", 32, 12, "image_size: 32 is not a multiple of 12"),
    ("resnet18", 32, 4, "patch_size: 4 is not an option of resnet18"),
    ("tinyvgg_a", 32, 4, "patch_size: 4 is not an option of tinyvgg_a"),
    ("mixer_b16_224", 224, 8, "patch_size: 8 is not supported by mixer_b16_224"),
])
def test_patches_that_a_model_cannot_have_are_refused(name: str, size: int, patch: int, words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        size_options(name, size, patch)


def test_a_run_with_two_by_two_patches_is_built_so_and_says_so() -> None:
    config = parse_config({"model": "vit_tiny_patch16_224", "image_size": 32, "patch_size": 16, "dataset": "Digits"})
    check_combination(config)
    model = build_model(config.model, classes=10, channels=1, size=32, patch_size=config.patch_size)
    assert model.get_submodule("patch_embed").num_patches == 4
    assert size_note(config.model, 32, 16) == ""
    assert "8×8 patches of 4 px" in size_note(config.model, 32)


@pytest.mark.parametrize("name", ["vit_small_patch32_32", "vit_tiny_patch16_224", "swin_tiny_patch4_window7_224",
                                  "naflexvit_base_patch16_gap.e300_s576_in1k", "convnext_base", "test_efficientnet"])
def test_models_of_every_kind_take_32_px(name: str) -> None:
    check_size(name, channels=3, size=32)


@pytest.mark.parametrize(("name", "size", "patch"), [
    ("vit_small_patch16_224", 100, 16), ("vit_small_patch16_224", 44, 5), ("vit_small_patch4_32", 30, 4),
    ("swin_tiny_patch4_window7_224", 66, 4), ("naflexvit_base_patch16_gap", 100, 16)])
def test_a_size_that_is_no_multiple_of_the_patch_is_refused_naming_both(name: str, size: int, patch: int) -> None:
    with pytest.raises(ConfigError, match=rf"image_size: {size} is not a multiple of {patch}, .*{name}"):
        parse_config({"model": name, "image_size": size})


@pytest.mark.parametrize(("name", "timm"), [
    ("vit_small_patch32_32", "vit_small_patch16_224"), ("vit_small_patch8_32", "vit_small_patch8_224"),
    ("ViT_tiny_patch4_32", "vit_tiny_patch16_224"), ("swinv2_cr_tiny_64", "swinv2_cr_tiny_224"),
    ("swin_tiny_patch4_window7_64", "swin_tiny_patch4_window7_224")])
def test_a_name_with_another_size_is_the_model_that_timm_has_built_for_that_size(name: str, timm: str) -> None:
    known = check_model(name)
    row = model_row(known)
    assert known == name.lower() and row.timm == timm and timm in size_note(known, row.size)
    assert input_size(known, 28, 0)[0] == row.size == int(name.rpartition("_")[2])


@pytest.mark.parametrize("name", ["vit_small_patch16_242", "vit_small_patch32_4", "resnet_18", "resnet18_32",
                                  "vit_small_patch32_99999"])
def test_other_names_with_a_number_stay_unknown(name: str) -> None:
    with pytest.raises(ValueError, match="nearest"):
        check_model(name)


def test_the_note_says_which_patches_are_seen_and_why() -> None:
    assert size_note("vit_small_patch32_32", 32) == (
        "vit_small_patch32_32 is timm's vit_small_patch16_224 built for 32 px pictures, with 8×8 patches of 4 px "
        "instead of 1×1 patches of 32 px")
    assert size_note("vit_small_patch16_224", 64) == size_note("resnet18", 32) == ""


def test_a_vit_at_32_px_has_64_patches_and_the_parameters_that_follow() -> None:
    published = build_model("vit_tiny_patch16_224", classes=10, channels=3, size=224)
    small = build_model("vit_tiny_patch16_224", classes=10, channels=3, size=32)
    assert small.get_parameter("pos_embed").shape == (1, 8 * 8 + 1, 192)
    assert small.get_parameter("patch_embed.proj.weight").shape == (192, 3, 4, 4)
    less = (14 * 14 - 8 * 8) * 192 + 192 * 3 * (16 * 16 - 4 * 4)
    counts = [sum(value.numel() for value in model.parameters()) for model in (published, small)]
    assert counts[0] - counts[1] == less
