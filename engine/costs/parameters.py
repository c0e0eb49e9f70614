"""Parameters and multiply-adds of a model, computed on the meta device."""

from collections.abc import Callable
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

from engine.catalog.models import model_row
from engine.errors import UserError
from engine.models.build import build_model, check_size
from engine.models.detectors import shapes_of
from engine.models.ready_detector import detector_of
from engine.tasks import TASKS

Forward = Callable[[Tensor], Any]


def describe(request: dict[str, Any]) -> dict[str, Any]:
    """Return the cost of ``{model, stem, patch_size, classes, channels, size}``; for a detector, of a square picture.

    Returns:
        ``parameters`` (trainable numbers) and ``macs`` (multiply-adds of one picture's forward pass, half of what
        ``torch.utils.flop_counter`` counts), or ``error``: one line on why the model cannot be built.
    """
    channels, size = int(request["channels"]), int(request["size"])
    try:
        network, forward = TASKS[model_row(request["model"]).task].model_on_shapes(request)
        with torch.device("meta"), FlopCounterMode(display=False) as counter, torch.no_grad():
            forward(torch.empty(1, channels, size, size))
    except UserError as error:
        return {"error": str(error)}
    parameters = sum(parameter.numel() for parameter in network.parameters())
    return {"parameters": parameters, "macs": counter.get_total_flops() // 2}


def classifier_on_shapes(request: dict[str, Any]) -> tuple[nn.Module, Forward]:
    """Return a classifier on the meta device, and a function that runs it on pictures [B, C, H, W]."""
    options = dict(request)
    model, classes = options.pop("model"), options.pop("classes")
    check_size(model, **options)
    with torch.device("meta"):
        network = build_model(model, classes=classes, **options).eval()
    return network, network


def detector_on_shapes(request: dict[str, Any]) -> tuple[nn.Module, Forward]:
    """Return a detector on the meta device, and a function that runs its dense part."""
    with torch.device("meta"):
        network = detector_of(request["model"], request["classes"]).eval()
    return network, partial(shapes_of, network)
