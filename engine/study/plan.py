"""The plan of a study before its launch: runs, time, memory, disk, and problems."""

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engine.config import RunConfig
from engine.config.checks import check_combination
from engine.config.steps import pictures_after_holdout, pictures_per_epoch
from engine.costs import describe, describe_blocking, memories, memories_blocking
from engine.costs.fit import Fit, Need, predict_need
from engine.costs.keys import Cost, Memory
from engine.costs.pace import micro_batch, pace, pace_options
from engine.data.facts import data_facts
from engine.errors import UserError
from engine.home import home
from engine.launch import Capacity, capacity, check_device, check_needs, cpu_slots, devices
from engine.launch.capacity import kind_of
from engine.store import Store
from engine.study.check import check_study
from engine.study.configs import cell_config
from engine.study.factors import CellKey
from engine.study.matrix import Matrix, State, matrix
from engine.study.study import Study

_LOGIT_BYTES = 4


@dataclass(frozen=True)
class Problem:
    """Why some cells cannot run on this machine, in one line."""

    message: str
    cells: tuple[CellKey, ...]


@dataclass(frozen=True)
class Plan:
    """A study before its launch. Costs are those of the missing runs.

    Attributes:
        problems: why cells cannot run here; with any problem nothing is launched.
        seconds: training time of all runs in sequence, without ``untimed`` runs of unknown time.
        slots: number of concurrent runs.
        memory: the largest memory need, that of the cell ``largest``; None if unknown.
        capacity: the available memory; None if unknown.
        disk: bytes of checkpoints and predictions; None if unknown. ``free``: bytes left on the disk.
        pending: some costs are still being measured; poll again.
    """

    matrix: Matrix
    problems: tuple[Problem, ...]
    seconds: float
    untimed: int
    slots: int
    memory: Need | None
    largest: CellKey | None
    capacity: Capacity | None
    disk: int | None
    free: int
    pending: bool

    @property
    def runs(self) -> int:
        """Number of all runs of the study, including existing ones."""
        return len(self.matrix.study.cells) * len(self.matrix.study.seeds)

    @property
    def reused(self) -> int:
        """Number of runs whose config has already finished."""
        return sum(entry.state is State.DONE and entry.seed is not None for entry in self.matrix.entries)

    @property
    def missing(self) -> int:
        """Number of runs that a launch would queue."""
        return self.matrix.counts[State.MISSING]

    @property
    def wall_seconds(self) -> float:
        """Time until all runs are done, using all slots."""
        return self.seconds / self.slots

    @property
    def fit(self) -> Fit | None:
        """Whether the largest run fits into memory."""
        return self.memory.verdict(self.capacity.bytes) if self.memory and self.capacity else None


@dataclass(frozen=True)
class RoughPlan:
    """What a study would cost by the runs on this machine alone: nothing is measured for it.

    Attributes:
        runs: number of runs that a launch would queue.
        wall_seconds: time of those whose speed is known, using all slots.
        untimed: number of runs of unknown speed.
    """

    runs: int
    wall_seconds: float
    untimed: int


@dataclass(frozen=True)
class _Cell:
    """A cell with missing runs: their config (of one seed) and their number."""

    key: CellKey
    config: RunConfig
    runs: int


def plan(store: Store, study: Study, *, wait: bool = False) -> Plan:
    """Plan a study, from earlier runs and the measured costs of its models.

    Args:
        wait: wait until all costs are measured, about a second per model; otherwise see ``pending``.

    Raises:
        UserError: as :func:`engine.study.check.check_study`.
    """
    check_study(study)
    found = matrix(store, study)
    missing = [cell for cell in _missing(study, found) if cell.runs]
    problems = problems_of({cell.key: cell.config for cell in missing})
    able = [cell for cell in missing if _is_plannable(cell.config)]
    configs = [cell.config for cell in able]
    costs = _costs(configs, wait)
    predicted: Sequence[Memory | None] = memories_blocking(configs) if wait else memories(configs)
    seconds = _seconds(store, able, costs)
    there = capacity(able[0].config.device) if able else None
    largest, most = _largest(able, predicted, kind_of(there))
    disks = [_disk(cell, memory) for cell, memory in zip(able, predicted, strict=True)]
    timed = sum(cell.runs for cell, each in zip(able, seconds, strict=True) if each is not None)
    return Plan(
        found, problems, seconds=sum(each or 0.0 for each in seconds),
        untimed=found.counts[State.MISSING] - timed, slots=_slots(store), memory=most, largest=largest, capacity=there,
        disk=None if None in disks or not disks else sum(each or 0 for each in disks),
        free=shutil.disk_usage(home()).free, pending=None in predicted or None in costs)


def rough_plan(store: Store, study: Study) -> RoughPlan:
    """Estimate a study's time from the speed of runs of the same models on this machine."""
    missing = [cell for cell in _missing(study, matrix(store, study)) if cell.runs]
    able = [cell for cell in missing if _is_plannable(cell.config)]
    seconds = _seconds(store, able, [None] * len(able))
    runs = sum(cell.runs for cell in missing)
    timed = sum(cell.runs for cell, each in zip(able, seconds, strict=True) if each is not None)
    return RoughPlan(runs, sum(each or 0.0 for each in seconds) / _slots(store), runs - timed)


def problems_of(configs: Mapping[CellKey, RunConfig]) -> tuple[Problem, ...]:
    """Return why cells cannot run on this machine: missing data, missing device, incompatible options."""
    there = devices()
    found: dict[str, list[CellKey]] = {}
    for cell, config in configs.items():
        try:
            check_combination(config)
            check_needs(config)
            check_device(config, there)
        except UserError as error:
            found.setdefault(str(error), []).append(cell)
    return tuple(Problem(message, tuple(cells)) for message, cells in found.items())


def _is_plannable(config: RunConfig) -> bool:
    """Return whether enough is known of the data to compute the cost."""
    try:
        check_combination(config)
    except UserError:
        return False
    return True


def _missing(study: Study, found: Matrix) -> list[_Cell]:
    return [_Cell(cell, cell_config(study, cell, study.seeds[0]),
                  sum(entry.state is State.MISSING for entry in entries)) for cell, entries in found.by_cell.items()]


def _costs(configs: Sequence[RunConfig], wait: bool) -> list[Cost | None]:
    return [describe_blocking(config) if wait else describe(config) for config in configs]


def _seconds(store: Store, cells: Sequence[_Cell], costs: Sequence[Cost | None]) -> list[float | None]:
    """Return the training time of each cell's runs; cells with the same speed share one lookup."""
    known: dict[Any, float | None] = {}
    found: list[float | None] = []
    kinds = {device: kind_of(capacity(device)) for device in {cell.config.device for cell in cells}}
    for cell, cost in zip(cells, costs, strict=True):
        config = cell.config
        key = (*pace_options(config), config.image_size, config.dataset, config.data_path, config.device,
               micro_batch(config.batch_size, config.accumulate))
        speed = known[key] if key in known else \
            known.setdefault(key, pace(store, config, cost, kinds[config.device]).speed)
        found.append(pictures_per_epoch(config) * config.epochs * cell.runs / speed if speed else None)
    return found


def _largest(cells: Sequence[_Cell], memories: Sequence[Memory | None],
             kind: str) -> tuple[CellKey | None, Need | None]:
    needs = [(cell.key, predict_need(cell.config, memory, kind)) for cell, memory in zip(cells, memories, strict=True)
             if memory and "error" not in memory]
    return max(needs, key=lambda pair: pair[1].bytes, default=(None, None))


def _disk(cell: _Cell, memory: Memory | None) -> int | None:
    """Return the bytes of checkpoints (weights and optimizer state) and predictions."""
    if not memory or "error" in memory:
        return None
    config, facts = cell.config, data_facts(cell.config.dataset, cell.config.data_path)
    state = int(memory["weights"]) * (2 if config.ema_decay else 1) + int(memory["optimizer"])
    kept = config.epochs if config.keep_checkpoints == "all" else min(2, config.epochs)
    looked_at = facts.test + facts.train - pictures_after_holdout(config)
    predictions = looked_at * (len(facts.classes) * _LOGIT_BYTES + 16)
    return cell.runs * (kept * state + predictions)


def _slots(store: Store) -> int:
    return sum(device != "cpu" for device in devices()) or cpu_slots(store)
