"""The models a run can name: Darkroom's own and all of timm's. Imports no torch."""

import re
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

from engine.catalog.patches import PatchLayout, derived_name, window_size
from engine.catalog.timm_models import timm_index
from engine.errors import ConfigError, hint
from engine.home import weights_dir


@dataclass(frozen=True)
class ModelRow:
    """Properties of a model that are known before it is built.

    Attributes:
        family: its group, for searching; for timm the module's name.
        size: side of the pictures it was designed for, in pixels.
        fixed_size: it accepts only that size, unless built for another.
        parameters: parameter count with the published classifier, 10 classes for Darkroom's own; None: unknown.
        patch: side of its published patches in pixels; 0: it has none.
        other_patches: it can be built with another patch size.
        smallest: side of the smallest picture it accepts, in pixels; 0: unknown until built.
        largest: longer side to which larger pictures are reduced by default; 0: they are not.
        builder: ``module:function`` that builds it from (num_classes, in_chans); empty: timm builds it.
        timm: its name in timm, if different; ``requested_patch`` is then the patch size in its own name.
        help: one sentence for the user.
        task: name of the task it is designed for.
        published: source of published weights for a model with a ``builder``: ``torchvision``, or the timm model that
        is its backbone; empty: none.
        anchored: it uses anchors, whose sizes and ratios can be chosen.
        crop_pct: the share of a test picture's side that it was designed to see, if its centre is cropped.
    """

    family: str
    size: int
    fixed_size: bool = False
    parameters: int | None = None
    patch: int = 0
    other_patches: bool = False
    smallest: int = 0
    largest: int = 0
    builder: str = ""
    timm: str = ""
    requested_patch: int = 0
    help: str = ""
    task: str = "classification"
    published: str = ""
    anchored: bool = False
    crop_pct: float = 0.875


def _tiny_vgg(letter: str, parameters: int, help: str) -> ModelRow:
    return ModelRow("tinyvgg", 32, parameters=parameters, smallest=32,
                    builder=f"engine.models.tinyvgg:tinyvgg_{letter}", help=help)


CLASSIFIERS: dict[str, ModelRow] = {
    "tinyvgg_a": _tiny_vgg("a", 153_530, "VGG configuration A with an eighth of the channels, for 32×32 pictures."),
    "tinyvgg_b": _tiny_vgg("b", 156_434, "Configuration B: two convolutions in each of the five blocks."),
    "tinyvgg_c": _tiny_vgg("c", 165_810, "Configuration C: B with a 1×1 convolution more in the last three blocks."),
    "tinyvgg_d": _tiny_vgg("d", 239_538, "Configuration D: three 3×3 convolutions in the last three blocks."),
    "tinyvgg_e": _tiny_vgg("e", 322_642, "Configuration E: four 3×3 convolutions in the last three blocks."),
    "tinyvgg_a_bn": _tiny_vgg("a_bn", 154_218, "Configuration A with batch norm after each convolution."),
    "tinyvgg_b_bn": _tiny_vgg("b_bn", 157_170, "Configuration B with batch norm after each convolution."),
    "tinyvgg_c_bn": _tiny_vgg("c_bn", 166_866, "Configuration C with batch norm after each convolution."),
    "tinyvgg_d_bn": _tiny_vgg("d_bn", 240_594, "Configuration D with batch norm after each convolution."),
    "tinyvgg_e_bn": _tiny_vgg("e_bn", 324_018, "Configuration E with batch norm after each convolution."),
    "tinyvgg_v4": _tiny_vgg("v4", 1_314_906, "Five blocks with batch norm, 16 to 256 "
                            "channels, dropout ½ before the classifier."),
}


def _detector(family: str, size: int, parameters: int, builder: str, help: str, published: str = "torchvision",
              anchored: bool = True) -> ModelRow:
    return ModelRow(family, size, parameters=parameters, smallest=64, largest=size,
                    builder=f"engine.models.detectors:{builder}", help=help,
                    task="detection", published=published, anchored=anchored)


DETECTORS: dict[str, ModelRow] = {
    "fcos_resnet10t_fpn": _detector(
        "fcos", 512, 5_469_767, "fcos_resnet10t_fpn", "FCOS on a small ResNet and a pyramid of 64 channels, for small "
        "machines and first steps.", published="resnet10t", anchored=False),
    "fasterrcnn_resnet50_fpn": _detector(
        "fasterrcnn", 800, 41_398_406, "fasterrcnn_resnet50_fpn", "Faster R-CNN on a ResNet-50 with a feature "
        "pyramid."),
    "retinanet_resnet50_fpn": _detector(
        "retinanet", 800, 32_387_774, "retinanet_resnet50_fpn", "RetinaNet on a ResNet-50 with a feature pyramid."),
    "fasterrcnn_mobilenet_v3_large_fpn": _detector(
        "fasterrcnn", 800, 19_000_754, "fasterrcnn_mobilenet", "Faster R-CNN on a MobileNetV3, for small machines."),
    "fasterrcnn_mobilenet_v3_large_320_fpn": _detector(
        "fasterrcnn", 320, 19_000_754, "fasterrcnn_mobilenet_320", "Faster R-CNN on a MobileNetV3 that looks at few "
        "regions of small pictures: fast."),
}

SHORT_NAMES = {"fasterrcnn": "fasterrcnn_resnet50_fpn", "retinanet": "retinanet_resnet50_fpn",
               "fcos": "fcos_resnet10t_fpn"}
"""Common short names."""

DECLARED_MODELS = CLASSIFIERS | DETECTORS
"""Every model that has a row: Darkroom's own and those of the current plug-ins. timm's have none."""


@lru_cache(maxsize=1)
def models() -> dict[str, ModelRow]:
    """Return every model by name: Darkroom's own, those of plug-ins, then timm's in alphabetical order."""
    found = dict(DECLARED_MODELS)
    for name, timm in timm_index().items():
        found.setdefault(name, ModelRow(
            timm.family, timm.size, timm.fixed, timm.parameters, timm.patch, timm.other_patches,
            crop_pct=timm.crop_pct))
    return found


def clear_caches() -> None:
    """Drop the cached rows after plug-in models were added or removed."""
    models.cache_clear()
    _derived_row.cache_clear()


def anchored_models() -> tuple[str, ...]:
    """Return the names of models whose anchors can be chosen."""
    return tuple(name for name, row in DECLARED_MODELS.items() if row.anchored)


def search_models(text: str) -> dict[str, ModelRow]:
    """Return the models whose name or family contains every word of a text."""
    words = text.lower().split()
    return {name: row for name, row in models().items()
            if all(word in f"{name} {row.family}".lower() for word in words)}


def check_model(name: str) -> str:
    """Return the name in the catalog's spelling.

    Raises:
        ValueError: unknown, with the nearest names. timm is queried (0.5–4 s, once) only for other models than
        Darkroom's.
    """
    lowered = SHORT_NAMES.get(name.lower(), name.lower())
    if lowered in DECLARED_MODELS:
        return lowered
    base, _, tag = name.partition(".")
    if name in models() or (tag and base in models()):
        return name
    by_lower = {known.lower(): known for known in models()}
    if lowered in by_lower:
        return by_lower[lowered]
    if _derived_row(lowered):
        return lowered
    raise ValueError("a known model" + hint(name, models(), 4))


def find_model(name: str) -> str:
    """Return the model that a name refers to, in any spelling; empty: none."""
    try:
        return check_model(name)
    except ValueError:
        return ""


def model_row(name: str) -> ModelRow:
    """Return the row of a model that :func:`check_model` accepted; a pretrained tag (``name.tag``) is ignored."""
    if name in DECLARED_MODELS:
        return DECLARED_MODELS[name]
    rows = models()
    return rows.get(name) or rows.get(name.partition(".")[0]) or _derived_row(name) or rows[name]


def timm_name(name: str) -> str:
    """Return timm's name of a model, including its tag."""
    return model_row(name).timm or name


def input_size(model: str, dataset_size: int, requested: int) -> tuple[int, str]:
    """Return the side in pixels of a model's square input, or its longer side if not square, and a note if it resizes.

    A requested size takes precedence. A model of a fixed size or with patches uses its own size. Any other uses the
    data's size, at least the 32 px that five halvings need and at most the usual size of a detector.
    """
    row = model_row(model)
    usual = max(min(dataset_size, row.largest or dataset_size), row.smallest or 32)
    size = requested or (row.size if row.fixed_size or row.patch else usual)
    if size == dataset_size:
        return size, ""
    return size, f"pictures are resized from {dataset_size} to {size} px for {model}"


def size_options(name: str, size: int, patch_size: int = 0) -> dict[str, int]:
    """Return the options with which timm builds a model for this picture size; none for its own size.

    Args:
        patch_size: side of the patches in pixels; 0: by :class:`engine.catalog.patches.PatchLayout`.

    Raises:
        ConfigError: the size is too small for the model, or not a multiple of its patch size; or the model cannot have
            such patches.
    """
    row = model_row(name)
    if row.smallest > size:
        raise ConfigError("image_size", size, f"at least {row.smallest} for {name}")
    if patch_size and (row.builder or not row.patch):
        raise ConfigError("patch_size", patch_size, f"an option of {name}, which has no patches: leave it at 0")
    as_published = size == row.size and not row.timm and patch_size in (0, row.patch)
    if row.builder or not (row.fixed_size or row.patch) or as_published:
        return {}
    return _patch_layout(name, row, patch_size).built_for(size)


def size_note(name: str, size: int, patch_size: int = 0) -> str:
    """Explain a model that is built under another name or with other patches; empty: built as published."""
    row, options = model_row(name), size_options(name, size, patch_size)
    if not row.timm and "patch_size" not in options:
        return ""
    what = f"{name} is timm's {row.timm}" if row.timm else f"{name} is"
    patch, named = options.get("patch_size", row.patch), row.requested_patch or row.patch
    instead = f" instead of {size // named}×{size // named} patches of {named} px" if patch != named else ""
    cut = f", with {size // patch}×{size // patch} patches of {patch} px{instead}" if patch else ""
    return f"{what} built for {size} px pictures{cut}"


@lru_cache(maxsize=256)
def _derived_row(name: str) -> ModelRow | None:
    """Return the row of a name that timm has only for another picture size, such as ``vit_small_patch32_32``. Prefers a
    timm model with the same patches, then one with 16 px patches, then the smallest."""
    wanted = derived_name(name)
    if wanted is None or not 8 <= wanted.size <= 1024:
        return None
    built: dict[str, ModelRow] = {}
    rank: dict[str, tuple[bool, int, int, str]] = {}
    for known, row in models().items():
        other = derived_name(known)
        if row.fixed_size and other and other.bare == wanted.bare:
            row = replace(row, timm=known, requested_patch=wanted.patch, size=wanted.size)
            with suppress(ConfigError):
                patch = _patch_layout(name, row).built_for(wanted.size).get("patch_size", row.patch)
                built[known] = row
                rank[known] = (patch != row.patch, abs(row.patch - 16), models()[known].size, known)
    return built[min(rank, key=rank.__getitem__)] if built else None


def _patch_layout(name: str, row: ModelRow, exact: int = 0) -> PatchLayout:
    return PatchLayout(name, window_size(row.timm or name, row.family), row.patch, row.requested_patch or row.patch,
                       row.other_patches, exact)


_FAMILIES_WITHOUT = frozenset({
    "beit", "cait", "coat", "convit", "convnext", "crossvit", "csatv2", "davit", "deepseek_vit", "deit", "edgenext",
    "eva", "focalnet", "gcvit", "hiera", "hieradet_sam2", "mambaout", "metaformer", "mlp_mixer", "mobilenetv5",
    "mvitv2", "naflexvit", "nest", "nfnet", "pit", "pvt_v2", "qwen3_vit", "rdnet", "sequencer", "swin_transformer",
    "swin_transformer_v2", "swin_transformer_v2_cr", "tnt", "twins", "vision_transformer",
    "vision_transformer_relpos", "vision_transformer_sam", "vitamin"})
_OWN_WITH = re.compile(r"tinyvgg_(v4|\w_bn)")
# Exceptions in families with batch norm: group, filter-response and evolving norms, plain VGGs, hybrids with BiT.
_WITHOUT = re.compile(r".*_(s?gn|evos|frn|ln|bit)|vgg\d+|coatnext.*|maxxvit.*|vit_[a-z]+_r(\d\d)?_s.*")


def has_batch_norm(name: str, family: str) -> bool:
    """Whether a model uses batch norm, judged by its name (a pretrained tag is ignored) and family."""
    if family == "tinyvgg":
        return _OWN_WITH.fullmatch(name) is not None
    return family not in _FAMILIES_WITHOUT and not _WITHOUT.fullmatch(name.partition(".")[0])


_SUFFIXES = (".safetensors", ".pth", ".pt", ".bin")


def imported_file(name: str) -> Path | None:
    """Return a model's weight file, named with or without the pretrained tag; None: not imported."""
    names = dict.fromkeys(known for full in (name, timm_name(name)) for known in (full, full.partition(".")[0]))
    files = (weights_dir() / f"{known}{suffix}" for known in names for suffix in _SUFFIXES)
    return next((file for file in files if file.is_file()), None)


def imported_files() -> list[Path]:
    """Return all weight files in the folder, sorted by name."""
    if not weights_dir().is_dir():
        return []
    return sorted(file for file in weights_dir().iterdir() if file.suffix in _SUFFIXES)
