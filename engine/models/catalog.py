"""The models a run can name: Darkroom's own rows and all of timm. Imports no torch."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from engine.errors import nearest
from engine.models.index import timm_index


@dataclass(frozen=True)
class ModelRow:
    """What is known of a model before it is built.

    Attributes:
        family: the group it belongs to, for searching (timm: its module's name).
        size: side of the pictures it was made for, in pixels.
        fixed_size: it takes that size only, unless built for another.
        smallest: side of the smallest picture it can take, in pixels; 0: not known before building.
        builder: ``module:function`` that builds it, called with (num_classes, in_chans); empty: timm's.
        help: one sentence for a person.
    """

    family: str
    size: int
    fixed_size: bool = False
    smallest: int = 0
    builder: str = ""
    help: str = ""


OWN_MODELS: dict[str, ModelRow] = {
    "tinyvgg_a": ModelRow("tinyvgg", 32, smallest=32, builder="engine.models.tinyvgg:tinyvgg_a",
                          help="VGG configuration A with an eighth of the channels, for 32×32 pictures."),
}


@lru_cache(maxsize=1)
def models() -> dict[str, ModelRow]:
    """Every model by name, Darkroom's own first, then timm's in alphabetical order."""
    found = dict(OWN_MODELS)
    for name, (family, size, fixed) in timm_index().items():
        found.setdefault(name, ModelRow(family, size, fixed))
    return found


def model_names() -> tuple[str, ...]:
    return tuple(models())


def check_model(name: str) -> str:
    """The name as the catalog spells it.

    Raises:
        ValueError: unknown, with the nearest names. timm is only asked (0.5–4 s, once) for names that are not ours.
    """
    lowered = name.lower()
    if lowered in OWN_MODELS:
        return lowered
    base, _, tag = name.partition(".")
    if name in models() or (tag and base in models()):
        return name
    by_lower = {known.lower(): known for known in models()}
    if lowered in by_lower:
        return by_lower[lowered]
    close = nearest(name, models(), 4)
    raise ValueError("a known model" + (f"; nearest: {', '.join(close)}" if close else ""))


def model_row(name: str) -> ModelRow:
    """The row of a model that :func:`check_model` accepted; a pretrained tag (``name.tag``) is ignored."""
    if name in OWN_MODELS:
        return OWN_MODELS[name]
    rows = models()
    return rows[name] if name in rows else rows[name.partition(".")[0]]


def input_size(model: str, dataset_size: int, asked: int) -> tuple[int, str]:
    """Side of the square pictures a model is given, in pixels, and a note when they are resized.

    The size asked for wins; else a model of a fixed size gets that, and any other the data's own size, but not less
    than the 32 px that five halvings need.
    """
    row = model_row(model)
    size = asked or (row.size if row.fixed_size else max(dataset_size, row.smallest or 32))
    if size == dataset_size:
        return size, ""
    return size, f"pictures are resized from {dataset_size} to {size} px for {model}"
