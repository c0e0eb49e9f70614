"""The list of timm's models, kept in a file so that nobody has to import timm to read it.

``timm_models.csv`` beside this module was written by ``python -m engine.catalog.timm_models`` into it, which builds
every model on the meta device: minutes. With another version of timm the names are asked anew (seconds); of a
model that the file does not know only what its name and published settings tell is known.
"""

import sys
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from engine.catalog.patches import patch_of
from engine.catalog.timm_lists import print_list, read_list, timm_rows

SHIPPED = Path(__file__).with_name("timm_models.csv")
NAMES_ONLY = "--names-only"


class TimmEntry(NamedTuple):
    """What is known of a timm model before it is built.

    Attributes:
        family: its module's name.
        size: side of the pictures it was made for, in pixels.
        fixed: it takes that size only, unless built for another.
        patch: side of the patches it cuts pictures into, in pixels; 0: none.
        other_patches: it can be built with patches of another side.
        parameters: with the published classifier; None where nobody counted them.
    """

    family: str
    size: int
    fixed: bool
    patch: int
    other_patches: bool
    parameters: int | None = None


TimmIndex = dict[str, TimmEntry]


@lru_cache(maxsize=1)
def timm_index() -> TimmIndex:
    """Every model of the installed timm by name; no torch is imported."""
    shipped = entries(read_list(SHIPPED.read_text())[1])
    names = entries(timm_rows(SHIPPED, "engine.catalog.timm_models", NAMES_ONLY))
    return {name: shipped.get(name, entry) for name, entry in names.items()}


def entries(rows: Iterable[Sequence[str]]) -> TimmIndex:
    """The rows of a list, typed."""
    return {name: TimmEntry(family, int(size), bool(fixed), int(patch), bool(other), int(count) if count else None)
            for name, family, size, fixed, patch, other, count in rows}


def _described(build: bool) -> Iterator[tuple[str | int, ...]]:
    import timm

    for name in timm.list_models():
        config = timm.get_pretrained_cfg(name)
        fixed = config is not None and config.fixed_input_size
        family = timm.models.model_entrypoint(name).__module__.rpartition(".")[2]
        size = config.input_size[-1] if config is not None else 224
        yield name, family, size, "fixed" if fixed else "", *(_built(name, fixed) if build else _told(name, fixed))


def _told(name: str, fixed: bool) -> tuple[int, str, str]:
    """What a model's name tells of the same."""
    patch = patch_of(name)
    return patch, "other" if patch and fixed else "", ""


def _built(name: str, fixed: bool) -> tuple[int, str, int]:
    """A model's patch, whether it takes another, and its parameters."""
    import timm
    import torch

    with torch.device("meta"):
        model = timm.create_model(name)
        patch = _patch(model) or patch_of(name)
        other = patch > 0 and _takes_other_patches(name)
    parameters = sum(int(parameter.numel()) for parameter in model.parameters())
    return patch if fixed or other else 0, "other" if other else "", parameters


def _takes_other_patches(name: str) -> bool:
    import timm
    import torch

    try:
        timm.create_model(name, img_size=32, patch_size=4)(torch.empty(2, 3, 32, 32))
    except Exception:  # a model's own code may stumble in any way over what it was not made for
        return False
    return True


def _patch(model: Any) -> int:
    """The side of a model's patches; 0 when they overlap, or are single pixels of a convolution's maps."""
    embedding = next((part for name, part in model.named_children() if name in ("patch_embed", "embeds", "stem")), None)
    side = getattr(embedding, "patch_size", 0)
    side = side[0] if isinstance(side, tuple) else side
    stride = getattr(getattr(embedding, "proj", None), "stride", (side,))
    return int(side) if stride[0] == side > 1 else 0


if __name__ == "__main__":
    print_list(("name", "family", "size", "fixed", "patch", "other_patches", "parameters"),
               _described(build=NAMES_ONLY not in sys.argv))
