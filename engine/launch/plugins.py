"""Loading plug-ins: imports them in a separate job, and adds their rows to the catalogs."""

from collections.abc import Iterable, Sequence

from engine.errors import UserError
from engine.launch.jobs import run_job, running_jobs, start_job
from engine.plugins.catalogs import problems, refresh
from engine.plugins.files import PluginFile, add_files
from engine.plugins.listing import PluginListing, save_listing

_JOB = "plugins"
_SECONDS = 120.0


def load_plugins(named: Iterable[str] = ()) -> list[str]:
    """Load the rows of all plug-ins, waiting for new or changed ones; return problems, one line each.

    Args:
        named: files besides those of the home.

    Raises:
        UserError: one of the named files has a problem.
    """
    paths = add_files(named)
    refresh(_wait)
    for line in problems(paths):
        raise UserError(line)
    return problems()


def refresh_plugins() -> None:
    """Load the cached rows of plug-ins, and start a job for new or changed ones, whose rows follow later."""
    refresh(_start)


def _wait(unlisted: Sequence[PluginFile]) -> bool:
    for file in unlisted:
        try:
            run_job(_JOB, {"files": [str(file.path)]}, seconds=_SECONDS)
        except UserError as error:
            save_listing(file, PluginListing(error=f"plug-in {file.path.name}: import failed: {error}"))
    return False


def _start(unlisted: Sequence[PluginFile]) -> bool:
    works = bool(running_jobs(_JOB))
    if unlisted and not works:
        start_job(_JOB, {"files": [str(file.path) for file in unlisted]}, seconds=_SECONDS)
    return works or bool(unlisted)
