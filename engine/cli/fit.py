"""``fit``: memory and speed of models, batch and picture sizes."""

import argparse
from typing import Any

from engine.cli.main import DONE
from engine.cli.output import print_json, say, table
from engine.cli.parser import given_options
from engine.config import RunConfig, expand_grid
from engine.costs import describe_blocking, memories_blocking
from engine.costs.fit import Cell, fit_cells, predict_need
from engine.costs.keys import Memory
from engine.crash_log import FAILED
from engine.launch.capacity import Capacity, capacity, kind_of
from engine.store import Store
from engine.words import percent, size


def fit(arguments: argparse.Namespace) -> int:
    """Print a row for each combination of the options: measured by an earlier run, else predicted."""
    configs = expand_grid(given_options(arguments))
    device = capacity(configs[0].device, arguments.memory)
    kind = kind_of(device)
    memories = memories_blocking(configs)
    costs = [describe_blocking(config) for config in configs]
    found = fit_cells(Store.open(), configs, costs, memories, kind, device.bytes if device else None)
    if arguments.json:
        print_json([_document(cell, memory, cost, device)
                    for cell, memory, cost in zip(found, memories, costs, strict=True)])
    else:
        _print_capacity(device)
        table(("model", "batch", "size", "memory", "", "images/s", "best val", "source"), [_row(c) for c in found])
    return FAILED if any(cell.fit is None and not cell.memory for cell in found) else DONE


def fit_document(config: RunConfig, memory: Memory) -> dict[str, Any]:
    """Return the predicted memory of one run, and whether it fits, as JSON."""
    if "error" in memory:
        return {"error": memory["error"]}
    device = capacity(config.device)
    predicted = predict_need(config, memory, kind_of(device))
    return {"bytes": predicted.bytes, "margin": predicted.margin, "source": predicted.source,
            "available": device.bytes if device else None,
            "verdict": predicted.verdict(device.bytes) if device else None}


def fit_line(config: RunConfig, memory: Memory) -> str:
    """Return the predicted memory of one run, and whether it fits, as text."""
    if "error" in memory:
        return str(memory["error"])
    device = capacity(config.device)
    predicted = predict_need(config, memory, kind_of(device))
    verdict = f", {predicted.verdict(device.bytes)} into the {size(device.bytes)} of {device.source}" \
        if device else ""
    return f"about {size(predicted.bytes)} ± {100 * predicted.margin:.0f} %{verdict} ({predicted.source})"


def _print_capacity(device: Capacity | None) -> None:
    if device is None:
        say("the memory of the device is unknown: give a size, for example --memory 8GB")
    else:
        say(f"{size(device.bytes)} on {device.kind} ({device.source})")


def _row(cell: Cell) -> tuple[str, ...]:
    memory = "–" if cell.memory is None else size(cell.memory) + " reached" * cell.ran_out
    mark = "" if cell.measured or cell.memory is None else f"± {100 * cell.margin:.0f} %"
    speed = "–" if cell.speed is None else f"{cell.speed:,.0f}"
    return (cell.config.model, str(cell.config.batch_size), str(cell.size), f"{memory} {mark}".strip(),
            cell.fit or "", speed, percent(cell.score), cell.source)


def _document(cell: Cell, memory: Memory, cost: dict[str, Any], device: Capacity | None) -> dict[str, Any]:
    return {"model": cell.config.model, "batch_size": cell.config.batch_size, "image_size": cell.size,
            "precision": cell.config.precision, "optimizer": cell.config.optimizer, "measured": cell.measured,
            "run": cell.run, "verdict": cell.fit, "bytes": cell.memory, "margin": cell.margin,
            "images_per_second": cell.speed, "best_val_score": cell.score, "source": cell.source,
            "available": device.bytes if device else None, "kind": device.kind if device else None,
            "parameters": cost.get("parameters"), "macs": cost.get("macs"), "tensors": memory}
