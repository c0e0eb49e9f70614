"""What the runs of a study were made with: data, code, libraries, machine, time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from engine.report.words import word
from engine.store import Run

_HIDDEN = ("platform", "host")


def environment(runs: Sequence[Run], language: str) -> list[tuple[str, str]]:
    """(what, with which values) of all runs together; several values where runs differ."""
    here = [run for run in runs if not run.is_imported]
    if not here:
        return []
    commits = _distinct(_commit(run, language) for run in here if run.git_commit)
    data = _distinct(f"{run.config['dataset']} ({word('fingerprint', language)} {run.dataset_fingerprint})"
                     for run in here if run.dataset_fingerprint)
    names = _distinct(name for run in here for name in run.environment if name not in _HIDDEN).split(", ")
    rows = [(word("data", language), data), (word("commit", language), commits),
            *((name, _distinct(_version(run.environment.get(name, "")) for run in here)) for name in names if name),
            (word("time", language), _hours(sum(run.seconds for run in here)))]
    return [(title, value) for title, value in rows if value]


def _commit(run: Run, language: str) -> str:
    changed = f" ({word('changed_files', language)})" if run.git_dirty else ""
    return f"{str(run.git_commit)[:10]}{changed}"


def _version(value: str | dict[str, str]) -> str:
    """A library's version as it is, of plug-ins the beginning of their hashes."""
    return value if isinstance(value, str) else ", ".join(f"{name} {sha256[:12]}" for name, sha256 in value.items())


def _distinct(values: Iterable[str]) -> str:
    return ", ".join(dict.fromkeys(value for value in values if value))


def _hours(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02d} min" if hours else f"{minutes} min {rest:02d} s"
