"""Which studies count on a run."""

from collections.abc import Collection, Mapping

from engine.store import Run, Store
from engine.study.matrix import matrix
from engine.study.versions import Studies


def studies_counting(store: Store, runs: Collection[Run]) -> Mapping[str, list[Run]]:
    """Return by name the studies that count on some of these runs: they would lack their results."""
    ids = {run.id for run in runs}
    found = {study.name: [entry.run for entry in matrix(store, study).entries if entry.run and entry.run.id in ids]
             for study in Studies(store).list()}
    return {name: counted for name, counted in found.items() if counted}
