"""A study's runs as one: launched, paused, resumed, tried again."""

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
    """Declare the study and queue every run that is missing; those there are, in whatever state, are left alone.

    All cells get a run with the first seed before any gets one with the second, so that the matrix fills evenly.

    Returns:
        The runs that were queued.

    Raises:
        UserError: the study is not sound, or some of its cells cannot be run on this machine; nothing is queued.
    """
    check_study(study)
    # Two who launch at once must not both find the same run missing.
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
        Studies(store).save(study)
        by_seed = sorted(configs, key=lambda place: study.seeds.index(place[1]))
        return [submit(store, configs[place]) for place in by_seed]


def pause(store: Store, study: Study) -> list[Run]:
    """Pause what runs or waits: a waiting run at once, a running one at its next step; returns those asked."""
    reap(store)
    return [run for run in _own(store, study, State.RUNNING, State.QUEUED) if _asked_to_pause(store, run)]


def resume(store: Store, study: Study) -> list[Run]:
    """Queue what was paused, to go on from where it stood."""
    return [resume_run(store, run) for run in _own(store, study, State.PAUSED)]


def retry_failed(store: Store, study: Study) -> list[Run]:
    """Queue what failed, was lost or stopped for another attempt, from its last checkpoint if it has one."""
    reap(store)
    return [resume_run(store, run) for run in _own(store, study, State.FAILED)]


def train_longer(store: Store, study: Study, more: int) -> Study:
    """Declare so many more epochs for all cells, and queue the runs that have ended to go on to them.

    One run alone would be another recipe than the rest of its study, and no longer a run of it.

    Returns:
        The study as it is declared now.

    Raises:
        UserError: epochs vary between its cells, or some of its runs have not ended; nothing is queued.
    """
    reap(store)
    if _own(store, study, State.RUNNING, State.QUEUED, State.PAUSED):
        raise UserError(f"epochs: runs of study {study.name} are still to end; let them, or stop them, first")
    first, *others = (cell_config(study, cell, study.seeds[0]).epochs for cell in study.cells)
    longer = Study.model_validate({**study.model_dump(), "settings": {**study.settings, "epochs": first + more}})
    if set(others) - {first} or any(cell_config(longer, cell, study.seeds[0]).epochs != first + more
                                    for cell in study.cells):
        raise UserError(f"epochs: vary between the cells of study {study.name}; change them in its declaration")
    ended = _own(store, study, State.DONE, State.FAILED)
    Studies(store).save(longer)
    for run in ended:
        resume_run(store, run, first + more)
    return longer


def _own(store: Store, study: Study, *states: State) -> list[Run]:
    """Runs in these states that are trained here."""
    return [run for run in matrix(store, study).runs(*states) if not run.is_imported]


def _asked_to_pause(store: Store, run: Run) -> bool:
    """False where the run has just come to its end by itself."""
    try:
        request_pause(store, run)
    except UserError:
        return False
    return True


_LOOK_EVERY = 0.5


def wait_until_over(store: Store, study: Study, told: Callable[[Matrix], None]) -> Matrix:
    """Return when none of a study's runs waits or trains any more.

    Args:
        told: called at the beginning and whenever a run's state has changed.
    """
    last: dict[State, int] | None = None
    version = -1
    while True:
        if store.version() != version:
            version = store.version()
            found = matrix(store, study)
            if found.counts != last:
                last = found.counts
                told(found)
            if not found.counts[State.RUNNING] and not found.counts[State.QUEUED]:
                return found
        time.sleep(_LOOK_EVERY)
        reap(store)
