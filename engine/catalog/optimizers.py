"""The optimizers a run can name: Darkroom's own rows and all of timm's. Imports no torch."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from engine.catalog.timm_lists import print_list, timm_rows
from engine.errors import nearest

SHIPPED = Path(__file__).with_name("timm_optimizers.csv")


class OptimizerEntry(NamedTuple):
    """What timm says of an optimizer; one of second order differentiates the gradient once more."""

    help: str
    second_order: bool


OptimizerIndex = dict[str, OptimizerEntry]


@lru_cache(maxsize=1)
def timm_optimizers() -> OptimizerIndex:
    """Every optimizer of the installed timm by name; no torch is imported."""
    rows = timm_rows(SHIPPED, "engine.catalog.optimizers")
    return {name: OptimizerEntry(help, order == "2") for name, order, help in rows}


def _described() -> list[tuple[str, int, str]]:
    from timm.optim import get_optimizer_info, list_optimizers

    infos = {name: get_optimizer_info(name) for name in list_optimizers()}
    return [(name, 2 if info.second_order else 1, info.description) for name, info in infos.items()]


def _nothing(config: Any) -> dict[str, Any]:
    return {}


@dataclass(frozen=True)
class OptimizerRow:
    """How an optimizer is made.

    Attributes:
        timm: the name `timm.optim.create_optimizer_v2` knows.
        help: one sentence for a person.
        options: from a config to what is passed on besides learning rate and weight decay.
        fused: torch has a kernel for the whole step.
        second_order: it differentiates the gradient once more.
    """

    timm: str
    help: str
    options: Callable[[Any], dict[str, Any]] = _nothing
    fused: bool = False
    second_order: bool = False


def _of_sgd(config: Any) -> dict[str, Any]:
    return {"momentum": config.momentum, "nesterov": config.nesterov and config.momentum > 0}


def _of_adam(config: Any) -> dict[str, Any]:
    return {"betas": (config.beta1, config.beta2), "eps": config.eps}


OPTIMIZERS: dict[str, OptimizerRow] = {
    "SGD": OptimizerRow("sgd", "Stochastic gradient descent with momentum.", _of_sgd, fused=True),
    "Adam": OptimizerRow("adam", "Adam (Kingma and Ba, 2015).", _of_adam, fused=True),
    "AdamW": OptimizerRow("adamw", "Adam with decoupled weight decay (Loshchilov and Hutter, 2019).", _of_adam,
                          fused=True),
}


@lru_cache(maxsize=1)
def optimizers() -> dict[str, OptimizerRow]:
    """Every optimizer by name, Darkroom's own first, then timm's in alphabetical order, with their own defaults."""
    own = {row.timm for row in OPTIMIZERS.values()}
    return OPTIMIZERS | {name: OptimizerRow(name, entry.help, second_order=entry.second_order)
                         for name, entry in timm_optimizers().items() if name not in own}


def optimizer_names() -> tuple[str, ...]:
    return tuple(optimizers())


def optimizer_row(name: str) -> OptimizerRow:
    """The row of an optimizer that :func:`check_optimizer` accepted."""
    return OPTIMIZERS[name] if name in OPTIMIZERS else optimizers()[name]


def check_optimizer(name: str) -> str:
    """The name as the catalog spells it.

    Raises:
        ValueError: unknown, with the nearest names.
    """
    lowered = name.lower()
    own = {known.lower(): known for known in OPTIMIZERS}
    if lowered in own:
        return own[lowered]
    if lowered in optimizers():
        return lowered
    close = nearest(name, optimizers(), 4)
    raise ValueError("a known optimizer" + (f"; nearest: {', '.join(close)}" if close else ""))


if __name__ == "__main__":
    print_list(("name", "order", "help"), _described())
