"""The optimizers a run can name: Darkroom's own rows and all of timm's. Imports no torch."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from engine.catalog.timm_lists import print_list, timm_rows
from engine.errors import hint

SHIPPED = Path(__file__).with_name("timm_optimizers.csv")


def _list_optimizers() -> list[tuple[str, int, str]]:
    from timm.optim import get_optimizer_info, list_optimizers

    infos = {name: get_optimizer_info(name) for name in list_optimizers()}
    return [(name, 2 if info.second_order else 1, info.description) for name, info in infos.items()]


def _no_options(config: Any) -> dict[str, Any]:
    return {}


@dataclass(frozen=True)
class OptimizerRow:
    """How to build an optimizer.

    Attributes:
        timm: its name for `timm.optim.create_optimizer_v2`.
        help: one sentence for the user.
        options: returns the arguments from a config, besides learning rate and weight decay.
        fused: torch has a fused kernel for it.
        second_order: it needs second derivatives.
    """

    timm: str
    help: str
    options: Callable[[Any], dict[str, Any]] = _no_options
    fused: bool = False
    second_order: bool = False


def _sgd_options(config: Any) -> dict[str, Any]:
    return {"momentum": config.momentum, "nesterov": config.nesterov and config.momentum > 0}


def _adam_options(config: Any) -> dict[str, Any]:
    return {"betas": (config.beta1, config.beta2), "eps": config.eps}


OPTIMIZERS: dict[str, OptimizerRow] = {
    "SGD": OptimizerRow("sgd", "Stochastic gradient descent with momentum.", _sgd_options, fused=True),
    "Adam": OptimizerRow("adam", "Adam (Kingma and Ba, 2015).", _adam_options, fused=True),
    "AdamW": OptimizerRow("adamw", "Adam with decoupled weight decay (Loshchilov and Hutter, 2019).", _adam_options,
                          fused=True),
}


@lru_cache(maxsize=1)
def optimizers() -> dict[str, OptimizerRow]:
    """Return every optimizer by name: Darkroom's own, then timm's in alphabetical order with timm's defaults."""
    own = {row.timm for row in OPTIMIZERS.values()}
    return OPTIMIZERS | {name: OptimizerRow(name, help, second_order=order == "2")
                         for name, order, help in timm_rows(SHIPPED, "engine.catalog.optimizers") if name not in own}


def optimizer_row(name: str) -> OptimizerRow:
    return OPTIMIZERS[name] if name in OPTIMIZERS else optimizers()[name]


def check_optimizer(name: str) -> str:
    """Return the name in the catalog's spelling.

    Raises:
        ValueError: unknown, with the nearest names.
    """
    lowered = name.lower()
    own = {known.lower(): known for known in OPTIMIZERS}
    if lowered in own:
        return own[lowered]
    if lowered in optimizers():
        return lowered
    raise ValueError("a known optimizer" + hint(name, optimizers(), 4))


if __name__ == "__main__":
    print_list(("name", "order", "help"), _list_optimizers())
