"""Will it fit? Compares predicted memory with available memory and with what earlier runs used."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from engine.catalog.datasets import DATASETS
from engine.config import RunConfig
from engine.config.steps import picture_size
from engine.costs.keys import MEMORY_OPTIONS, SAVED, Cost, Memory
from engine.costs.pace import Pace, is_on, pace
from engine.costs.pictures import picture_memory
from engine.files import absolute
from engine.store import Run, Store
from engine.words import counted

# What a trainer measures, reads and compiles before its first step, besides Python and its libraries.
_CPU_START = 60 * 2**20
# malloc's heap per byte of tensors: fragmentation leaves some freed memory unused.
_CPU_HEAP = 1.4
# CUDA's context, cuDNN's and cuBLAS's workspaces; the margin covers the allocator's fragmentation.
_CUDA_START = 700 * 2**20
_ROUGH = 0.15


@dataclass(frozen=True)
class Device:
    """How a device's total memory follows from the tensors.

    Attributes:
        margin: relative error of the prediction; measured on the CPU, assumed elsewhere.
        note: what is added to the tensors.
    """

    margin: float
    note: str


DEVICES = {
    "cpu": Device(0.2, "plus the process and malloc's gaps"),
    "cuda": Device(0.25, "plus CUDA's context and workspaces; not verified on this GPU"),
    "mps": Device(0.3, "not verified on Apple's GPUs"),
}


class Fit(StrEnum):
    """Verdict on needed and available memory."""

    FITS = "fits"
    TIGHT = "may not fit"
    TOO_LARGE = "does not fit"


@dataclass(frozen=True)
class Need:
    """Predicted peak memory of a training process, in ``bytes``, with its relative error ``margin``."""

    bytes: int
    margin: float
    source: str

    def verdict(self, available: int) -> Fit:
        """Whether ``available`` bytes are enough."""
        if self.bytes * (1 + self.margin) <= available:
            return Fit.FITS
        return Fit.TOO_LARGE if self.bytes * (1 - self.margin) > available else Fit.TIGHT


@dataclass(frozen=True)
class Cell:
    """A model at a batch and picture size: measured by a run, or predicted.

    Attributes:
        memory: peak bytes; if a measured run did not fit, the most it reached.
        speed: pictures per second.
        score: best validation score of the task, a fraction.
        fit: None: unknown.
        run: the run that was measured, or None.
        ran_out: the run failed because memory ran out.
        source: where the values come from.
    """

    config: RunConfig
    size: int
    memory: int | None = None
    margin: float = 0.0
    speed: float | None = None
    score: float | None = None
    fit: Fit | None = None
    run: int | None = None
    source: str = ""
    ran_out: bool = False

    @property
    def measured(self) -> bool:
        return self.run is not None


def predict_need(config: RunConfig, memory: Memory, kind: str) -> Need:
    """Predict the memory of a training process on a kind of device from its tensors."""
    tensors = max(memory["training"], memory["evaluation"])
    device = DEVICES.get(kind, DEVICES["cuda"])
    pictures = picture_memory(config)
    if kind == "cpu":
        # The tensors reuse the memory that was freed after loading the pictures.
        total = memory["process"] + _CPU_START + max(pictures.making, pictures.kept + _CPU_HEAP * tensors)
    else:
        total = tensors + pictures.on_device + (_CUDA_START if kind == "cuda" else 0)
    margin = device.margin + (_ROUGH if memory["source"] == SAVED else 0)
    return Need(round(total), margin, f"predicted: tensors {memory['source']}, {device.note}")


def fit_cells(store: Store, configs: Sequence[RunConfig], costs: Sequence[Cost | None],
              memories: Sequence[Memory | None], kind: str, available: int | None) -> list[Cell]:
    """Return a cell for each config: measured by its runs, else predicted.

    Args:
        costs, memories: for each config, or None while being computed.
        available: available bytes, or None if unknown.
    """
    past = [run for run in store.runs.list() if (run.is_ended or run.epoch) and not run.is_imported]
    return [_measured(config, past, kind, available) or _predicted(store, config, cost, memory, kind, available)
            for config, cost, memory in zip(configs, costs, memories, strict=True)]


def _measured(config: RunConfig, past: Sequence[Run], kind: str, available: int | None) -> Cell | None:
    """Summarise the runs that train the same way: peak memory, latest speed, best accuracy. A run that ran out of less
    memory than is available now is ignored."""
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
                f"measured by {counted(len(runs), 'run')}, last #{latest.id}", latest.does_not_fit)


def _predicted(store: Store, config: RunConfig, cost: Cost | None, memory: Memory | None, kind: str,
               available: int | None) -> Cell:
    size = picture_size(config)
    if memory is None or "error" in memory:
        return Cell(config, size, source="" if memory is None else memory["error"])
    found = predict_need(config, memory, kind)
    speed: Pace = pace(store, config, cost, kind)
    fit = found.verdict(available) if available is not None else None
    return Cell(config, size, found.bytes, found.margin, speed.speed, None, fit, None, found.source)


def _ran_out_of_less(run: Run, available: int | None) -> bool:
    had = run.resolved.get("out_of_memory", {}).get("available")
    return run.does_not_fit and had is not None and available is not None and available > had


def _same_data(run: Run, config: RunConfig) -> bool:
    """Whether both use the same data set; for user-provided data, from the same path."""
    return run.config["dataset"] == config.dataset and (
        not DATASETS[config.dataset].user_provided or absolute(run.config["data_path"]) == absolute(config.data_path))


def _best(runs: Iterable[Run]) -> float | None:
    return max((run.best_val_score for run in runs if run.best_val_score is not None), default=None)


def _memory_options(config: dict[str, Any]) -> dict[str, Any]:
    """Return the options that determine memory, for a run of any version."""
    return {name: config.get(name, RunConfig.model_fields[name].default) for name in MEMORY_OPTIONS}
