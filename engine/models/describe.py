"""What a model costs, found on shapes alone: parameters and multiply-adds."""

from __future__ import annotations

from typing import Any

import torch
from torch.utils.flop_counter import FlopCounterMode

from engine.errors import UserError
from engine.models.build import build_model, check_size


def describe(request: dict[str, Any]) -> dict[str, Any]:
    """The cost of ``{model, stem, classes, channels, size}``.

    Returns:
        ``parameters`` (all trainable numbers) and ``macs`` (multiply-adds of one picture's forward pass, half of what
        ``torch.utils.flop_counter`` counts), or ``error``: one line on why the model cannot be built so.
    """
    model, stem = str(request["model"]), str(request["stem"])
    channels, size = int(request["channels"]), int(request["size"])
    try:
        check_size(model, channels=channels, size=size, stem=stem)
        with torch.device("meta"):
            network = build_model(model, classes=int(request["classes"]), channels=channels, size=size,
                                  stem=stem).eval()
            with FlopCounterMode(display=False) as counter, torch.no_grad():
                network(torch.empty(1, channels, size, size))
    except UserError as error:
        return {"error": str(error)}
    parameters = sum(parameter.numel() for parameter in network.parameters())
    return {"parameters": parameters, "macs": counter.get_total_flops() // 2}
