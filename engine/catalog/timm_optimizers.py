"""The list of timm's optimizers, kept in a file so that nobody has to import timm to read it.

``timm_optimizers.csv`` beside this module was written by ``python -m engine.catalog.timm_optimizers`` into it. With
another version of timm the names are asked anew (seconds).
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from engine.catalog.timm_lists import print_list, timm_rows

SHIPPED = Path(__file__).with_name("timm_optimizers.csv")


class OptimizerEntry(NamedTuple):
    """What timm says of an optimizer; one of second order differentiates the gradient once more."""

    help: str
    second_order: bool


OptimizerIndex = dict[str, OptimizerEntry]


@lru_cache(maxsize=1)
def timm_optimizers() -> OptimizerIndex:
    """Every optimizer of the installed timm by name; no torch is imported."""
    rows = timm_rows(SHIPPED, "engine.catalog.timm_optimizers")
    return {name: OptimizerEntry(help, order == "2") for name, order, help in rows}


def _described() -> list[tuple[str, int, str]]:
    from timm.optim import get_optimizer_info, list_optimizers

    infos = {name: get_optimizer_info(name) for name in list_optimizers()}
    return [(name, 2 if info.second_order else 1, info.description) for name, info in infos.items()]


if __name__ == "__main__":
    print_list(("name", "order", "help"), _described())
