"""What one batch does to the weights."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import pairwise

from torch import Tensor, nn

from engine.data.mixing import Mixed
from engine.training.optimizers import optimizer_row
from engine.training.setup import Setup
from engine.training.tasks import Meter, Targets


class Updates:
    """Optimizer steps of a :class:`Setup`: forward and backward in parts, clipping, step, moving average."""

    def __init__(self, setup: Setup) -> None:
        self._setup, self._clip = setup, setup.config.grad_clip
        self._at_once = math.ceil(setup.config.batch_size / setup.config.accumulate)
        self._second_order = optimizer_row(setup.config.optimizer).second_order
        self._learning = [parameter for group in setup.optimizer.param_groups for parameter in group["params"]]

    def step(self, images: Tensor, targets: Targets, meter: Meter, number: int) -> Tensor:
        """Learn from a batch, and count it.

        Args:
            images: float32 [B, C, H, W] on the model's device.
            targets: int64 [B], or mixed.
            number: how many optimizer steps there will have been, from 1.

        Returns:
            The batch's mean loss, a detached scalar.
        """
        setup, scaler = self._setup, self._setup.precision.scaler
        setup.optimizer.zero_grad(set_to_none=True)
        loss = sum((self._backward(*part, len(images), meter) for part in self._in_parts(images, targets)),
                   start=images.new_zeros(()))
        if self._clip:
            scaler.unscale_(setup.optimizer)
            nn.utils.clip_grad_norm_(self._learning, self._clip)
        scaler.step(setup.optimizer)
        scaler.update()
        if setup.average is not None:
            setup.average.update(setup.model, number)
        return loss

    def _backward(self, images: Tensor, targets: Targets, batch: int, meter: Meter) -> Tensor:
        """Add a part's gradients, weighted so that those of all parts together are the batch's."""
        setup = self._setup
        with setup.precision.autocast():
            logits = setup.forward(images)
            loss = setup.task.loss(logits, targets)
        share = loss * (len(images) / batch)
        setup.precision.scaler.scale(share).backward(create_graph=self._second_order)
        setup.task.count(meter, loss, logits, targets)
        return share.detach()

    def _in_parts(self, images: Tensor, targets: Targets) -> Iterator[tuple[Tensor, Targets]]:
        """Parts of one size but for the last, also of a short batch.

        A single picture that is left joins the part before it, as batch norm cannot learn from one.
        """
        count = len(images)
        starts = list(range(0, count, self._at_once))
        if self._at_once > 1 and count - starts[-1] == 1:
            starts = starts[:-1] or [0]
        for start, end in pairwise([*starts, count]):
            part = slice(start, end)
            yield images[part], _part_of(targets, part)


def _part_of(targets: Targets, part: slice) -> Targets:
    if isinstance(targets, Tensor):
        return targets[part]
    return Mixed(targets.first[part], targets.second[part], targets.share[part])
