"""The models a run can name: Darkroom's own rows and all of timm. Imports no torch."""

import re
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import lru_cache

from engine.catalog.patches import Cut, derived_name, window_of
from engine.catalog.timm_models import timm_index
from engine.errors import ConfigError, nearest


@dataclass(frozen=True)
class ModelRow:
    """What is known of a model before it is built.

    Attributes:
        family: the group it belongs to, for searching (timm: its module's name).
        size: side of the pictures it was made for, in pixels.
        fixed_size: it takes that size only, unless built for another.
        parameters: all its numbers with the classifier it was published with, 10 classes for Darkroom's own; None
            where nobody counted them.
        patch: side in pixels of the patches it was made to cut pictures into; 0: none.
        other_patches: it can be built with patches of another side.
        smallest: side of the smallest picture it can take, in pixels; 0: not known before building.
        largest: longer side to which larger pictures are made smaller unless another is asked for; 0: they stay.
        builder: ``module:function`` that builds it, called with (num_classes, in_chans); empty: timm's.
        timm: timm's name of it where that is another; then ``asked_patch`` is the patch its own name asks for.
        help: one sentence for a person.
        task: what it is made for, a task by its name.
        published: whose published weights it begins with, of a model with a ``builder``: ``torchvision`` for its own,
            else the name of the timm model that is its backbone; empty: nobody published any.
        anchored: it looks for boxes around anchors, whose sizes and shapes can be chosen.
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
    asked_patch: int = 0
    help: str = ""
    task: str = "classification"
    published: str = ""
    anchored: bool = False


def _tiny_vgg(letter: str, parameters: int, help: str) -> ModelRow:
    return ModelRow("tinyvgg", 32, parameters=parameters, smallest=32,
                    builder=f"engine.models.tinyvgg:tinyvgg_{letter}", help=help)


OWN_MODELS: dict[str, ModelRow] = {
    "tinyvgg_a": _tiny_vgg("a", 153_530, "VGG configuration A with an eighth of the channels, for 32×32 pictures."),
    "tinyvgg_b": _tiny_vgg("b", 156_434, "Configuration B: two convolutions in each of the five blocks."),
    "tinyvgg_c": _tiny_vgg("c", 165_810, "Configuration C: B with a 1×1 convolution more in the last three blocks."),
    "tinyvgg_d": _tiny_vgg("d", 239_538, "Configuration D: three 3×3 convolutions in the last three blocks."),
    "tinyvgg_e": _tiny_vgg("e", 322_642, "Configuration E: four 3×3 convolutions in the last three blocks."),
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
"""What people call some of them."""

OURS = OWN_MODELS | DETECTORS
"""Darkroom's own; those of the home's plug-ins come and go."""


@lru_cache(maxsize=1)
def models() -> dict[str, ModelRow]:
    """Every model by name, Darkroom's own first, then those of plug-ins, then timm's in alphabetical order."""
    found = dict(OURS)
    for name, timm in timm_index().items():
        found.setdefault(name, ModelRow(
            timm.family, timm.size, timm.fixed, timm.parameters, timm.patch, timm.other_patches))
    return found


def look_again() -> None:
    """Forget what was derived from the rows, as some came or went."""
    models.cache_clear()
    _derived.cache_clear()


def model_names() -> tuple[str, ...]:
    return tuple(models())


def anchored_models() -> tuple[str, ...]:
    """The names of those whose anchors can be chosen."""
    return tuple(name for name, row in OURS.items() if row.anchored)


def found(text: str) -> dict[str, ModelRow]:
    """The models whose name or family holds each word of a text."""
    words = text.lower().split()
    return {name: row for name, row in models().items()
            if all(word in f"{name} {row.family}".lower() for word in words)}


def check_model(name: str) -> str:
    """The name as the catalog spells it.

    Raises:
        ValueError: unknown, with the nearest names. timm is only asked (0.5–4 s, once) for names that are not ours.
    """
    lowered = SHORT_NAMES.get(name.lower(), name.lower())
    if lowered in OURS:
        return lowered
    base, _, tag = name.partition(".")
    if name in models() or (tag and base in models()):
        return name
    by_lower = {known.lower(): known for known in models()}
    if lowered in by_lower:
        return by_lower[lowered]
    if _derived(lowered):
        return lowered
    close = nearest(name, models(), 4)
    raise ValueError("a known model" + (f"; nearest: {', '.join(close)}" if close else ""))


def known_as(name: str) -> str:
    """The model that a name means, which may be spelled otherwise; empty: none."""
    try:
        return check_model(name)
    except ValueError:
        return ""


def model_row(name: str) -> ModelRow:
    """The row of a model that :func:`check_model` accepted; a pretrained tag (``name.tag``) is ignored."""
    if name in OURS:
        return OURS[name]
    rows = models()
    return rows.get(name) or rows.get(name.partition(".")[0]) or _derived(name) or rows[name]


def timm_name(name: str) -> str:
    """What timm calls a model, its tag included."""
    return model_row(name).timm or name


def input_size(model: str, dataset_size: int, asked: int) -> tuple[int, str]:
    """Side of the square pictures a model is given, or their longer side where they are not square, in pixels, and a
    note when they are resized.

    The size asked for wins; else a model of a fixed size, or one that sees patches, gets its own, and any other the
    data's, but not less than the 32 px that five halvings need, and not more than is usual for a detector.
    """
    row = model_row(model)
    usual = max(min(dataset_size, row.largest or dataset_size), row.smallest or 32)
    size = asked or (row.size if row.fixed_size or row.patch else usual)
    if size == dataset_size:
        return size, ""
    return size, f"pictures are resized from {dataset_size} to {size} px for {model}"


def size_options(name: str, size: int) -> dict[str, int]:
    """The options timm builds a model with so that it takes pictures of that size; none for the size it was made for.

    Raises:
        ConfigError: the size is smaller than the model can take, or not a multiple of its patch.
    """
    row = model_row(name)
    if row.smallest > size:
        raise ConfigError("image_size", size, f"at least {row.smallest} for {name}")
    if row.builder or not (row.fixed_size or row.patch) or (size == row.size and not row.timm):
        return {}
    return _cut(name, row).built_for(size)


def size_note(name: str, size: int) -> str:
    """What a model is that goes by another name or sees other patches than published; empty: as published."""
    row, options = model_row(name), size_options(name, size)
    if not row.timm and "patch_size" not in options:
        return ""
    what = f"{name} is timm's {row.timm}" if row.timm else f"{name} is"
    patch, asked = options.get("patch_size", row.patch), row.asked_patch or row.patch
    instead = f", as there would be {size // asked}×{size // asked} of {asked} px" if patch != asked else ""
    cut = f", with {size // patch}×{size // patch} patches of {patch} px{instead}" if patch else ""
    return f"{what} built for {size} px pictures{cut}"


@lru_cache(maxsize=256)
def _derived(name: str) -> ModelRow | None:
    """The row of a name that timm does not have, but has for another picture size: ``vit_small_patch32_32``.

    Of several such models one with the same patches is taken, else one with 16 px patches; the smallest first.
    """
    said = derived_name(name)
    if said is None or not 8 <= said.size <= 1024:
        return None
    built: dict[str, ModelRow] = {}
    rank: dict[str, tuple[bool, int, int, str]] = {}
    for known, row in models().items():
        other = derived_name(known)
        if row.fixed_size and other and other.bare == said.bare:
            row = replace(row, timm=known, asked_patch=said.patch, size=said.size)
            with suppress(ConfigError):
                patch = _cut(name, row).built_for(said.size).get("patch_size", row.patch)
                built[known] = row
                rank[known] = (patch != row.patch, abs(row.patch - 16), models()[known].size, known)
    return built[min(rank, key=rank.__getitem__)] if built else None


def _cut(name: str, row: ModelRow) -> Cut:
    return Cut(name, window_of(row.timm or name, row.family), row.patch, row.asked_patch or row.patch,
               row.other_patches)


_FAMILIES_WITHOUT = frozenset({
    "beit", "cait", "coat", "convit", "convnext", "crossvit", "csatv2", "davit", "deepseek_vit", "deit", "edgenext",
    "eva", "focalnet", "gcvit", "hiera", "hieradet_sam2", "mambaout", "metaformer", "mlp_mixer", "mobilenetv5",
    "mvitv2", "naflexvit", "nest", "nfnet", "pit", "pvt_v2", "qwen3_vit", "rdnet", "sequencer", "swin_transformer",
    "swin_transformer_v2", "swin_transformer_v2_cr", "tnt", "twins", "vision_transformer",
    "vision_transformer_relpos", "vision_transformer_sam", "vitamin"})
_OWN_WITH = "tinyvgg_v4"
# Within families that have it: group, filter-response and evolving norms by name, plain VGGs, hybrids of BiT's ResNets.
_WITHOUT = re.compile(r".*_(s?gn|evos|frn|ln|bit)|vgg\d+|coatnext.*|maxxvit.*|vit_[a-z]+_r(\d\d)?_s.*")


def has_batch_norm(name: str, family: str) -> bool:
    """Whether a model has batch norm, told by its name (a pretrained tag is ignored) and its row's family."""
    if family == "tinyvgg":
        return name == _OWN_WITH
    return family not in _FAMILIES_WITHOUT and not _WITHOUT.fullmatch(name.partition(".")[0])
