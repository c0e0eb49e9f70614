"""The optimizers a run can name; timm builds them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class OptimizerRow:
    """``timm``: the name `timm.optim.create_optimizer_v2` knows; ``options``: config fields passed on to it."""

    timm: str
    help: str
    options: tuple[str, ...] = ()


OPTIMIZERS: dict[str, OptimizerRow] = {
    "SGD": OptimizerRow("sgd", "Stochastic gradient descent with Nesterov momentum.", ("momentum",)),
    "Adam": OptimizerRow("adam", "Adam (Kingma and Ba, 2015)."),
    "AdamW": OptimizerRow("adamw", "Adam with decoupled weight decay (Loshchilov and Hutter, 2019)."),
}


def optimizer_names() -> tuple[str, ...]:
    return tuple(OPTIMIZERS)
