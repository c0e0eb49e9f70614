"""The matrix of a study: every cell and seed with its run and state."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

from engine.errors import UserError
from engine.store import Run, Status, Store
from engine.study.configs import cell_config
from engine.study.factors import CellKey
from engine.study.study import Study


class State(StrEnum):
    """The state of a cell's run for one seed, most advanced first."""

    DONE = "done"
    RUNNING = "running"
    QUEUED = "queued"
    PAUSED = "paused"
    FAILED = "failed"
    MISSING = "missing"


STATES: dict[Status, State] = {
    Status.FINISHED: State.DONE, Status.STARTING: State.RUNNING, Status.RUNNING: State.RUNNING,
    Status.EVALUATING: State.RUNNING, Status.QUEUED: State.QUEUED, Status.PAUSED: State.PAUSED,
    Status.STOPPED: State.FAILED, Status.FAILED: State.FAILED, Status.LOST: State.FAILED,
}


@dataclass(frozen=True)
class Entry:
    """A cell and a seed with its run; None if missing. ``seed`` is None for imported results without one."""

    cell: CellKey
    seed: int | None
    state: State
    run: Run | None = None


@dataclass(frozen=True)
class Matrix:
    """All entries of a study: by cell, then by seed, then imported results."""

    study: Study
    entries: tuple[Entry, ...]

    @cached_property
    def by_cell(self) -> dict[CellKey, tuple[Entry, ...]]:
        found: dict[CellKey, list[Entry]] = {cell: [] for cell in self.study.cells}
        for entry in self.entries:
            found[entry.cell].append(entry)
        return {cell: tuple(entries) for cell, entries in found.items()}

    @cached_property
    def counts(self) -> dict[State, int]:
        """Number of entries in each state, including zeros."""
        counted = Counter(entry.state for entry in self.entries)
        return {state: counted[state] for state in State}

    def runs(self, *states: State) -> list[Run]:
        """Return the runs in one of these states, in order."""
        return [entry.run for entry in self.entries if entry.run is not None and entry.state in states]


def matrix(store: Store, study: Study) -> Matrix:
    """Find the run of every cell and seed: any run with the same config hash.

    Among several such runs the most advanced counts; among finished ones the first, so that a result cannot be
    replaced by rerunning until it pleases. Imported results are found by their ``origin``.
    """
    hashes = hashes_of(study)
    runs = store.runs.of_study(set(hashes.values()), study.name)
    by_hash, imported = _by_hash(runs), _by_cell(study, runs)
    entries: list[Entry] = []
    for cell in study.cells:
        for seed in study.seeds:
            run = by_hash.get(hashes.get((cell, seed), ""))
            entries.append(Entry(cell, seed, STATES[run.status] if run else State.MISSING, run))
        entries += [Entry(cell, run.origin.get("seed"), STATES[run.status], run) for run in imported[cell]]
    return Matrix(study, tuple(entries))


def hashes_of(study: Study) -> dict[tuple[CellKey, int], str]:
    """Return the config hash of each cell and seed that can run, without hashes shared by cells."""
    found: dict[tuple[CellKey, int], str] = {}
    for cell in study.cells if study.seeds else ():
        try:
            config = cell_config(study, cell, study.seeds[0])
        except UserError:
            continue  # in a study declared from imported results, levels may be mere names
        found |= {(cell, seed): config.model_copy(update={"seed": seed}).hash() for seed in study.seeds}
    shared = Counter(found.values())
    return {place: value for place, value in found.items() if shared[value] == 1}


def _by_hash(runs: Sequence[Run]) -> Mapping[str, Run]:
    """Return the run that counts for each config hash, among runs trained here, oldest first."""
    found: dict[str, Run] = {}
    for run in runs:
        known = found.get(run.config_hash)
        if not run.is_imported and (known is None or _takes_precedence(STATES[run.status], STATES[known.status])):
            found[run.config_hash] = run
    return found


def _takes_precedence(newer: State, older: State) -> bool:
    order = list(State)
    return order.index(newer) < order.index(older) or newer is older is not State.DONE


def _by_cell(study: Study, runs: Sequence[Run]) -> Mapping[CellKey, list[Run]]:
    """Return the imported results of this study by cell."""
    found: dict[CellKey, list[Run]] = defaultdict(list)
    for run in runs:
        if run.origin.get("study") == study.name:
            levels = run.origin.get("levels", {})
            found[tuple(str(levels.get(factor)) for factor in study.factors)].append(run)
    return found
