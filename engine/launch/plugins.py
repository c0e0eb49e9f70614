"""Has plug-ins imported where that harms nobody, in a job of their own, and puts their rows into the catalogs."""

from collections.abc import Iterable, Sequence

from engine.errors import UserError
from engine.launch.jobs import run_job, running_jobs, start_job
from engine.plugins.catalogs import problems, refresh
from engine.plugins.files import PluginFile, add_files
from engine.plugins.listing import PluginListing, save_listing

_JOB = "plugins"
_SECONDS = 120.0


def know_plugins(named: Iterable[str] = ()) -> list[str]:
    """Know the rows of all plug-ins, waiting for those that are new or changed; returns what is wrong, a line each.

    Args:
        named: files that the user named besides those of the home.

    Raises:
        UserError: something is wrong with one of the named files.
    """
    paths = add_files(named)
    refresh(_wait)
    for line in problems(paths):
        raise UserError(line)
    return problems()


def look_at_plugins() -> None:
    """Know the rows of all plug-ins, as far as they are kept; the others are asked for, and come a moment later."""
    refresh(_start)


def _wait(unlisted: Sequence[PluginFile]) -> bool:
    for file in unlisted:
        try:
            run_job(_JOB, {"files": [str(file.path)]}, seconds=_SECONDS)
        except UserError as error:
            save_listing(file, PluginListing(error=f"plug-in {file.path.name}: it could not be imported: {error}"))
    return False


def _start(unlisted: Sequence[PluginFile]) -> bool:
    works = bool(running_jobs(_JOB))
    if unlisted and not works:
        start_job(_JOB, {"files": [str(file.path) for file in unlisted]}, seconds=_SECONDS)
    return works or bool(unlisted)
