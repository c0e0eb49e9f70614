"""The list of timm's models, stored in a file so that reading it does not import timm.

``python -m engine.catalog.timm_models`` generates ``timm_models.csv`` by building every model on the meta device, which
takes minutes. For another timm version only the names are listed again, in seconds; a model missing from the file is
described by its name and published settings.
"""

import sys
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from engine.catalog.patches import patch_size
from engine.catalog.timm_lists import print_list, read_list, timm_rows

SHIPPED = Path(__file__).with_name("timm_models.csv")
NAMES_ONLY = "--names-only"


class TimmEntry(NamedTuple):
    """Properties of a timm model that are known before it is built.

    Attributes:
        family: its module's name.
        size: side of the pictures it was designed for, in pixels.
        fixed: it accepts only that size, unless built for another.
        patch: patch size in pixels; 0: none.
        other_patches: it can be built with another patch size.
        parameters: parameter count with the published classifier; None: unknown.
        crop_pct: the share of a test picture's side that it was designed to see.
    """

    family: str
    size: int
    fixed: bool
    patch: int
    other_patches: bool
    parameters: int | None = None
    crop_pct: float = 0.875


TimmIndex = dict[str, TimmEntry]


@lru_cache(maxsize=1)
def timm_index() -> TimmIndex:
    """Return every model of the installed timm by name, without importing torch."""
    shipped = entries(read_list(SHIPPED.read_text())[1])
    names = entries(timm_rows(SHIPPED, "engine.catalog.timm_models", NAMES_ONLY))
    return {name: shipped.get(name, entry) for name, entry in names.items()}


def entries(rows: Iterable[Sequence[str]]) -> TimmIndex:
    # A list for another timm that an earlier version of Darkroom kept has no crop.
    return {name: TimmEntry(family, int(size), bool(fixed), int(patch), bool(other), int(count) if count else None,
                            *map(float, crop))
            for name, family, size, fixed, patch, other, count, *crop in rows}


def _list_models(build: bool) -> Iterator[tuple[str | float, ...]]:
    import timm

    for name in timm.list_models():
        config = timm.get_pretrained_cfg(name)
        fixed = config is not None and config.fixed_input_size
        family = timm.models.model_entrypoint(name).__module__.rpartition(".")[2]
        size = config.input_size[-1] if config is not None else 224
        facts = _facts_from_model if build else _facts_from_name
        crop = config.crop_pct if config is not None else 0.875
        yield name, family, size, "fixed" if fixed else "", *facts(name, fixed), crop


def _facts_from_name(name: str, fixed: bool) -> tuple[int, str, str]:
    """Return patch size, whether it can change, and parameters, as far as the name shows them."""
    patch = patch_size(name)
    return patch, "other" if patch and fixed else "", ""


def _facts_from_model(name: str, fixed: bool) -> tuple[int, str, int]:
    """Return patch size, whether it can change, and parameters, from the built model."""
    import timm
    import torch

    with torch.device("meta"):
        model = timm.create_model(name)
        patch = _patch(model) or patch_size(name)
        other = patch > 0 and _takes_other_patches(name)
    parameters = sum(int(parameter.numel()) for parameter in model.parameters())
    return patch if fixed or other else 0, "other" if other else "", parameters


def _takes_other_patches(name: str) -> bool:
    import timm
    import torch

    try:
        timm.create_model(name, img_size=32, patch_size=4)(torch.empty(2, 3, 32, 32))
    except Exception:  # a model may raise anything for an unsupported size
        return False
    return True


def _patch(model: Any) -> int:
    """Return a model's patch size; 0 if patches overlap or are single pixels of a feature map."""
    embedding = next((part for name, part in model.named_children() if name in ("patch_embed", "embeds", "stem")), None)
    side = getattr(embedding, "patch_size", 0)
    side = side[0] if isinstance(side, tuple) else side
    stride = getattr(getattr(embedding, "proj", None), "stride", (side,))
    return int(side) if stride[0] == side > 1 else 0


if __name__ == "__main__":
    print_list(("name", "family", "size", "fixed", "patch", "other_patches", "parameters", "crop_pct"),
               _list_models(build=NAMES_ONLY not in sys.argv))
