"""Will it fit? A predicted need of memory against what there is, and what runs needed before."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from engine.catalog.datasets import DATASETS
from engine.config import RunConfig
from engine.config.steps import picture_size
from engine.costs.keys import MEMORY_OPTIONS, SAVED, Cost, Memory
from engine.costs.pace import Pace, is_on, pace
from engine.costs.pictures import held
from engine.files import absolute
from engine.store import Run, Store

# Beyond Python and its libraries: what a trainer measures, reads and compiles before its first step.
_CPU_START = 60 * 2**20
# malloc's heap holds this much for each byte of tensors: freed pieces between those in use are not all used again.
_CPU_HEAP = 1.4
# CUDA's context, cuDNN's and cuBLAS's workspaces; the caching allocator's fragments are in the margin.
_CUDA_START = 700 * 2**20
_ROUGH = 0.15


@dataclass(frozen=True)
class Device:
    """How tensors become a need of memory on a kind of device.

    Attributes:
        margin: the fraction by which the prediction may be off; on the CPU as measured, else as is stated.
        note: what is counted besides tensors.
    """

    margin: float
    note: str


DEVICES = {
    "cpu": Device(0.2, "plus the process and malloc's gaps"),
    "cuda": Device(0.25, "plus CUDA's context and workspaces; not verified on this GPU"),
    "mps": Device(0.3, "not verified on Apple's GPUs"),
}


class Fit(StrEnum):
    """What is said of a need and a capacity."""

    FITS = "fits"
    TIGHT = "may not fit"
    TOO_LARGE = "does not fit"


@dataclass(frozen=True)
class Need:
    """Predicted peak ``bytes`` of a whole training process; ``margin``: it may be off by that fraction of them."""

    bytes: int
    margin: float
    source: str

    def verdict(self, available: int) -> Fit:
        """Whether ``available`` bytes are enough, surely or perhaps."""
        if self.bytes * (1 + self.margin) <= available:
            return Fit.FITS
        return Fit.TOO_LARGE if self.bytes * (1 - self.margin) > available else Fit.TIGHT


@dataclass(frozen=True)
class Cell:
    """A model at a batch and picture size: measured by a run, or predicted.

    Attributes:
        memory: bytes at the peak; of a measured cell that does not fit, the most that was reached.
        speed: pictures a second; ``accuracy``: the best on validation pictures, a fraction.
        fit: None where neither a run nor a prediction tells.
        run: the run that was measured, or None; ``ran_out``: it ended for want of memory.
        source: where the figures come from, in words.
    """

    config: RunConfig
    size: int
    memory: int | None = None
    margin: float = 0.0
    speed: float | None = None
    accuracy: float | None = None
    fit: Fit | None = None
    run: int | None = None
    source: str = ""
    ran_out: bool = False

    @property
    def measured(self) -> bool:
        return self.run is not None


def need(config: RunConfig, memory: Memory, kind: str) -> Need:
    """What a training process needs on a kind of device, from its tensors as predicted."""
    tensors = max(memory["training"], memory["evaluation"])
    device = DEVICES.get(kind, DEVICES["cuda"])
    pictures = held(config)
    if kind == "cpu":
        # What was freed when the pictures were ready is used again by the tensors.
        total = memory["process"] + _CPU_START + max(pictures.making, pictures.kept + _CPU_HEAP * tensors)
    else:
        total = tensors + pictures.on_device + (_CUDA_START if kind == "cuda" else 0)
    margin = device.margin + (_ROUGH if memory["source"] == SAVED else 0)
    return Need(round(total), margin, f"predicted: tensors {memory['source']}, {device.note}")


def cells(store: Store, configs: Sequence[RunConfig], costs: Sequence[Cost | None], memories: Sequence[Memory | None],
          kind: str, available: int | None) -> list[Cell]:
    """A cell for each config: what its runs measured, else what is predicted.

    Args:
        costs, memories: of each config, or None while it is being found.
        available: bytes there are, or None when unknown.
    """
    past = [run for run in store.runs.list() if (run.is_ended or run.epoch) and not run.is_imported]
    return [_measured(config, past, kind, available) or _predicted(store, config, cost, memory, kind, available)
            for config, cost, memory in zip(configs, costs, memories, strict=True)]


def _measured(config: RunConfig, past: Sequence[Run], kind: str, available: int | None) -> Cell | None:
    """From the runs that train the same way: the most memory, the latest speed, the best accuracy.

    That a run ran out of less memory than is available now says nothing.
    """
    size, key = picture_size(config), _memory_options(config.model_dump())
    runs = [run for run in past if is_on(run, kind) and run.resolved.get("image_size", size) == size
            and _same_data(run, config) and _memory_options(run.config) == key
            and run.memory_reached is not None and not _ran_out_of_less(run, available)]
    if not runs:
        return None
    latest = runs[0]
    memory = round(max(run.memory_reached or 0 for run in runs))
    fit = Fit.TOO_LARGE if latest.does_not_fit or (available is not None and memory > available) else Fit.FITS
    return Cell(config, size, memory, 0.0, latest.images_per_second, _best(runs), fit, latest.id,
                f"measured by {len(runs)} run{'s' * (len(runs) > 1)}, last #{latest.id}", latest.does_not_fit)


def _predicted(store: Store, config: RunConfig, cost: Cost | None, memory: Memory | None, kind: str,
               available: int | None) -> Cell:
    size = picture_size(config)
    if memory is None or "error" in memory:
        return Cell(config, size, source="" if memory is None else memory["error"])
    found = need(config, memory, kind)
    speed: Pace = pace(store, config, cost, kind)
    fit = found.verdict(available) if available is not None else None
    return Cell(config, size, found.bytes, found.margin, speed.speed, None, fit, None, found.source)


def _ran_out_of_less(run: Run, available: int | None) -> bool:
    had = run.resolved.get("out_of_memory", {}).get("available")
    return run.does_not_fit and had is not None and available is not None and available > had


def _same_data(run: Run, config: RunConfig) -> bool:
    """The same set; of those that users bring, which are all called alike, from the same place."""
    return run.config["dataset"] == config.dataset and (
        not DATASETS[config.dataset].brought or absolute(run.config["data_path"]) == absolute(config.data_path))


def _best(runs: Iterable[Run]) -> float | None:
    return max((run.best_val_accuracy for run in runs if run.best_val_accuracy is not None), default=None)


def _memory_options(config: dict[str, Any]) -> dict[str, Any]:
    """The options that decide memory, of a run whatever version stored it."""
    return {name: config.get(name, RunConfig.model_fields[name].default) for name in MEMORY_OPTIONS}
