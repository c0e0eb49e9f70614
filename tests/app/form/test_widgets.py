"""The model field's labels are what a search in it looks through."""

from app.form.widgets import _model_label


def test_a_models_label_tells_family_and_parameters() -> None:
    assert _model_label("resnet18") == "resnet18 · resnet · 12 M"
    assert _model_label("tinyvgg_a") == "tinyvgg_a · Darkroom · 150 k"
    assert _model_label("vit_small_patch32_32") == "vit_small_patch32_32"
