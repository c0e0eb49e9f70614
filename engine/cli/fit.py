"""``fit``: will models, batch and picture sizes fit into memory, and how fast would they be?"""

import argparse
from typing import Any

from engine.cli.main import DONE, FAILED
from engine.cli.output import print_json, say, table
from engine.cli.parser import given_options
from engine.config import RunConfig, expand_grid
from engine.costs import describe_blocking, memories_blocking
from engine.costs.fit import Cell, fit_cells, predict_need
from engine.costs.keys import Memory
from engine.launch.capacity import Capacity, capacity, kind_of
from engine.store import Store
from engine.words import percent


def fit(arguments: argparse.Namespace) -> int:
    """A row for each combination of the options' comma lists: measured where it ran before, else predicted."""
    configs = expand_grid(given_options(arguments))
    there = capacity(configs[0].device, arguments.memory)
    kind = kind_of(there)
    memories = memories_blocking(configs)
    costs = [describe_blocking(config) for config in configs]
    found = fit_cells(Store.open(), configs, costs, memories, kind, there.bytes if there else None)
    if arguments.json:
        print_json([_document(cell, memory, cost, there)
                    for cell, memory, cost in zip(found, memories, costs, strict=True)])
    else:
        _say_capacity(there)
        table(("model", "batch", "size", "memory", "", "images/s", "val accuracy", "source"), [_row(c) for c in found])
    return FAILED if any(cell.fit is None and not cell.memory for cell in found) else DONE


def fit_document(config: RunConfig, memory: Memory) -> dict[str, Any]:
    """The predicted need of one run, and whether this machine has it, as JSON."""
    if "error" in memory:
        return {"error": memory["error"]}
    there = capacity(config.device)
    wanted = predict_need(config, memory, kind_of(there))
    return {"bytes": wanted.bytes, "margin": wanted.margin, "source": wanted.source,
            "available": there.bytes if there else None, "verdict": wanted.verdict(there.bytes) if there else None}


def fit_line(config: RunConfig, memory: Memory) -> str:
    """The same in words."""
    if "error" in memory:
        return str(memory["error"])
    there = capacity(config.device)
    wanted = predict_need(config, memory, kind_of(there))
    verdict = f", {wanted.verdict(there.bytes)} into the {gigabytes(there.bytes)} of {there.source}" if there else ""
    return f"about {gigabytes(wanted.bytes)} ± {100 * wanted.margin:.0f} %{verdict} ({wanted.source})"


def gigabytes(bytes_: float) -> str:
    """``512 MB``, ``1.4 GB``; both count by 1,024."""
    return f"{bytes_ / 2**30:.1f} GB" if bytes_ >= 2**30 else f"{bytes_ / 2**20:.0f} MB"


def _say_capacity(there: Capacity | None) -> None:
    if there is None:
        say("how much memory the device has could not be found out: name a size, such as --memory 8GB")
    else:
        say(f"{gigabytes(there.bytes)} on {there.kind} ({there.source})")


def _row(cell: Cell) -> tuple[str, ...]:
    reached = cell.ran_out
    memory = "–" if cell.memory is None else gigabytes(cell.memory) + (" reached" if reached else "")
    mark = "" if cell.measured or cell.memory is None else f"± {100 * cell.margin:.0f} %"
    speed = "–" if cell.speed is None else f"{cell.speed:,.0f}"
    return (cell.config.model, str(cell.config.batch_size), str(cell.size), f"{memory} {mark}".strip(),
            cell.fit or "", speed, percent(cell.accuracy), cell.source)


def _document(cell: Cell, memory: Memory, cost: dict[str, Any], there: Capacity | None) -> dict[str, Any]:
    return {"model": cell.config.model, "batch_size": cell.config.batch_size, "image_size": cell.size,
            "precision": cell.config.precision, "optimizer": cell.config.optimizer, "measured": cell.measured,
            "run": cell.run, "verdict": cell.fit, "bytes": cell.memory, "margin": cell.margin,
            "images_per_second": cell.speed, "best_val_accuracy": cell.accuracy, "source": cell.source,
            "available": there.bytes if there else None, "kind": there.kind if there else None,
            "parameters": cost.get("parameters"), "macs": cost.get("macs"), "tensors": memory}
