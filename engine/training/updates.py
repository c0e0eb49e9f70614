"""Optimizer steps."""

import math
from collections.abc import Iterator
from functools import reduce
from itertools import pairwise
from typing import Any

from torch import Tensor, nn

from engine.catalog.optimizers import optimizer_row
from engine.training.objective import Meter
from engine.training.setup import Setup


class Updates:
    """Optimizer steps of a :class:`Setup`: forward and backward by micro-batches, clipping, step, moving average."""

    def __init__(self, setup: Setup) -> None:
        self._setup, self._clip = setup, setup.config.grad_clip
        self._at_once = math.ceil(setup.config.batch_size / setup.config.accumulate)
        self._second_order = optimizer_row(setup.config.optimizer).second_order
        self._learning = [parameter for group in setup.optimizer.param_groups for parameter in group["params"]]

    def step(self, images: Any, targets: Any, meter: Meter, number: int) -> dict[str, Tensor]:
        """Train on a batch and add it to the meter.

        Args:
            images, targets: from the task's batches, on the model's device.
            number: the number of this optimizer step, from 1.

        Returns:
            The batch's mean ``loss`` and its terms, detached scalars.
        """
        setup, scaler = self._setup, self._setup.precision.scaler
        setup.optimizer.zero_grad(set_to_none=True)
        parts = self._in_parts(images, targets)
        losses = reduce(_sum_losses, [self._backward(*part, len(images), meter) for part in parts])
        if self._clip:
            scaler.unscale_(setup.optimizer)
            nn.utils.clip_grad_norm_(self._learning, self._clip)
        scaler.step(setup.optimizer)
        scaler.update()
        if setup.average is not None:
            setup.average.update(setup.model, number)
        return losses

    def _backward(self, images: Any, targets: Any, batch: int, meter: Meter) -> dict[str, Tensor]:
        """Add the gradients of a micro-batch, weighted by its share of the batch."""
        setup = self._setup
        with setup.precision.autocast():
            learnt = setup.objective.learn(setup.forward, images, targets)
        shares = {name: loss * (len(images) / batch) for name, loss in learnt.losses.items()}
        setup.precision.scaler.scale(shares["loss"]).backward(create_graph=self._second_order)
        learnt.count(meter)
        return {name: share.detach() for name, share in shares.items()}

    def _in_parts(self, images: Any, targets: Any) -> Iterator[tuple[Any, Any]]:
        """Yield equally large micro-batches, except for the last. A single remaining picture joins the previous one, as
        batch norm needs two."""
        count = len(images)
        starts = list(range(0, count, self._at_once))
        if self._at_once > 1 and count - starts[-1] == 1:
            starts = starts[:-1] or [0]
        for start, end in pairwise([*starts, count]):
            part = slice(start, end)
            yield images[part], targets[part]


def _sum_losses(one: dict[str, Tensor], other: dict[str, Tensor]) -> dict[str, Tensor]:
    return {name: loss + other[name] for name, loss in one.items()}
