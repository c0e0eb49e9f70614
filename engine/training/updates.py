"""What one batch does to the weights."""

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
    """Optimizer steps of a :class:`Setup`: forward and backward in parts, clipping, step, moving average."""

    def __init__(self, setup: Setup) -> None:
        self._setup, self._clip = setup, setup.config.grad_clip
        self._at_once = math.ceil(setup.config.batch_size / setup.config.accumulate)
        self._second_order = optimizer_row(setup.config.optimizer).second_order
        self._learning = [parameter for group in setup.optimizer.param_groups for parameter in group["params"]]

    def step(self, images: Any, targets: Any, meter: Meter, number: int) -> dict[str, Tensor]:
        """Learn from a batch, and count it.

        Args:
            images, targets: as the task's batches yield them, on the model's device.
            number: how many optimizer steps there will have been, from 1.

        Returns:
            The batch's mean ``loss`` and its terms, detached scalars.
        """
        setup, scaler = self._setup, self._setup.precision.scaler
        setup.optimizer.zero_grad(set_to_none=True)
        losses = reduce(_added, [self._backward(*part, len(images), meter) for part in self._in_parts(images, targets)])
        if self._clip:
            scaler.unscale_(setup.optimizer)
            nn.utils.clip_grad_norm_(self._learning, self._clip)
        scaler.step(setup.optimizer)
        scaler.update()
        if setup.average is not None:
            setup.average.update(setup.model, number)
        return losses

    def _backward(self, images: Any, targets: Any, batch: int, meter: Meter) -> dict[str, Tensor]:
        """Add a part's gradients, weighted so that those of all parts together are the batch's."""
        setup = self._setup
        with setup.precision.autocast():
            learnt = setup.objective.learn(setup.forward, images, targets)
        shares = {name: loss * (len(images) / batch) for name, loss in learnt.losses.items()}
        setup.precision.scaler.scale(shares["loss"]).backward(create_graph=self._second_order)
        learnt.count(meter)
        return {name: share.detach() for name, share in shares.items()}

    def _in_parts(self, images: Any, targets: Any) -> Iterator[tuple[Any, Any]]:
        """Parts of one size but for the last, also of a short batch.

        A single picture that is left joins the part before it, as batch norm cannot learn from one.
        """
        count = len(images)
        starts = list(range(0, count, self._at_once))
        if self._at_once > 1 and count - starts[-1] == 1:
            starts = starts[:-1] or [0]
        for start, end in pairwise([*starts, count]):
            part = slice(start, end)
            yield images[part], targets[part]


def _added(one: dict[str, Tensor], other: dict[str, Tensor]) -> dict[str, Tensor]:
    return {name: loss + other[name] for name, loss in one.items()}
