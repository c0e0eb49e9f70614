"""Launching, pausing, resuming and retrying the runs of a study."""

import time
from collections.abc import Callable

from engine.errors import UserError
from engine.launch import reap, request_pause, submit
from engine.launch import resume as resume_run
from engine.launch.places import launch_dir
from engine.store import Run, Store
from engine.store.locking import locked
from engine.study.check import cell_title, check_study
from engine.study.configs import cell_config
from engine.study.matrix import Matrix, State, matrix
from engine.study.plan import problems_of
from engine.study.study import Study
from engine.study.versions import Studies


def launch(store: Store, study: Study) -> list[Run]:
    """Save and seal the study, and queue every missing run; existing runs are left alone, whatever their state.

    All cells are queued with the first seed before the second, so that the matrix fills evenly.

    Returns:
        The queued runs.

    Raises:
        UserError: the study is invalid, or some cells cannot run on this machine; nothing is queued.
    """
    check_study(study)
    # Two concurrent launches must not queue the same run twice.
    with locked(launch_dir() / "study.lock"):
        reap(store)
        missing = [entry for entry in matrix(store, study).entries if entry.state is State.MISSING]
        configs = {(entry.cell, entry.seed): cell_config(study, entry.cell, entry.seed) for entry in missing
                   if entry.seed is not None}
        problems = problems_of({cell: config for (cell, _), config in configs.items()})
        if problems:
            cells, more = problems[0].cells, len(problems) - 1
            raise UserError(f"{cell_title(cells[0])}{f' and {len(cells) - 1} more cells' if cells[1:] else ''}: "
                            f"{problems[0].message}{f' ({more} more problems)' if more else ''}")
        Studies(store).launched(study)
        by_seed = sorted(configs, key=lambda place: study.seeds.index(place[1]))
        return [submit(store, configs[place]) for place in by_seed]


def pause(store: Store, study: Study) -> list[Run]:
    """Pause queued runs at once and running ones at their next step; return them."""
    reap(store)
    return [run for run in _local_runs(store, study, State.RUNNING, State.QUEUED) if _try_pause(store, run)]


def resume(store: Store, study: Study) -> list[Run]:
    """Queue paused runs again, from their last checkpoint."""
    return [resume_run(store, run) for run in _local_runs(store, study, State.PAUSED)]


def put_next(store: Store, study: Study) -> list[Run]:
    """Let queued runs start before those of others, in their own order; return them."""
    runs = sorted(_local_runs(store, study, State.QUEUED), key=lambda run: (-run.priority, run.id))
    return [run for run in reversed(runs) if store.runs.put_next(run.id)][::-1]


def retry_failed(store: Store, study: Study) -> list[Run]:
    """Queue failed, lost and stopped runs again, from their last checkpoint if there is one."""
    reap(store)
    return [resume_run(store, run) for run in _local_runs(store, study, State.FAILED)]


def train_longer(store: Store, study: Study, more: int) -> Study:
    """Declare ``more`` further epochs for all cells, and queue the ended runs to train them.

    A single run with more epochs would be another recipe, and no longer belong to the study.

    Returns:
        The changed study.

    Raises:
        UserError: epochs vary between cells, or some runs have not ended; nothing is queued.
    """
    reap(store)
    if _local_runs(store, study, State.RUNNING, State.QUEUED, State.PAUSED):
        raise UserError(f"epochs: runs of study {study.name} have not ended; wait for them or stop them first")
    first, *others = (cell_config(study, cell, study.seeds[0]).epochs for cell in study.cells)
    longer = Study.model_validate({**study.model_dump(), "settings": {**study.settings, "epochs": first + more}})
    if set(others) - {first} or any(cell_config(longer, cell, study.seeds[0]).epochs != first + more
                                    for cell in study.cells):
        raise UserError(f"epochs: vary between the cells of study {study.name}; change them in its declaration")
    ended = _local_runs(store, study, State.DONE, State.FAILED)
    Studies(store).save(longer)
    for run in ended:
        resume_run(store, run, first + more)
    return longer


def _local_runs(store: Store, study: Study, *states: State) -> list[Run]:
    """Return the runs in these states, without imported ones."""
    return [run for run in matrix(store, study).runs(*states) if not run.is_imported]


def _try_pause(store: Store, run: Run) -> bool:
    """Request a pause; return False if the run has ended in the meantime."""
    try:
        request_pause(store, run)
    except UserError:
        return False
    return True


_POLL_SECONDS = 0.5


def wait_until_over(store: Store, study: Study, on_change: Callable[[Matrix], None]) -> Matrix:
    """Wait until no run of the study is queued or running.

    Args:
        on_change: called at the start, and whenever a run's state has changed.
    """
    last: dict[State, int] | None = None
    version = -1
    while True:
        if store.version() != version:
            version = store.version()
            found = matrix(store, study)
            if found.counts != last:
                last = found.counts
                on_change(found)
            if not found.counts[State.RUNNING] and not found.counts[State.QUEUED]:
                return found
        time.sleep(_POLL_SECONDS)
        reap(store)
