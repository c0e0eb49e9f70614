"""Jobs: short computations that need torch, each in a separate process, requested by processes without torch.

They run on this machine, whichever launcher trains the runs.
"""

import contextlib
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from engine.errors import UserError
from engine.home import home, read_only
from engine.launch.launchers.local.process import Identity
from engine.launch.launchers.local.wakeup import ensure_dispatcher
from engine.launch.launchers.local.worker_client import (
    Worker,
    await_warm,
    read_live_record,
    start_worker,
    starts_at_once,
)
from engine.launch.places import jobs_dir
from engine.plugins.files import added_files

JOBS: dict[str, str] = {
    "describe": "engine.costs.answers:compute_cost",
    "memory": "engine.costs.answers:compute_memories",
    "try": "engine.runner.jobs:try_picture",
    "export": "engine.export.model_file:export_request",
    "evaluate": "engine.evaluation.evaluate:evaluate_request",
    "preview": "engine.runner.jobs:preview",
    "notify": "engine.notify.telling:tell_request",
    "plugins": "engine.plugins.listing:list_request",
}
"""``module:function`` by name, called with the request and returning the answer, both JSON dicts."""

_LONGEST_START = 12 * 3600.0
_STALE_SECONDS = 24 * 3600.0

Answer = dict[str, Any]


class RunningJob(NamedTuple):
    """A job started by :func:`start_job` for ``run``; ``started`` is in unix seconds."""

    name: str
    run: int | None
    started: float


def run_job(name: str, request: dict[str, Any], *, seconds: float = 120) -> Answer:
    """Run a row of :data:`JOBS` in a low-priority process, and return its answer.

    The process is forked from the warm process (tens of milliseconds), else started cold (seconds), and killed if the
    caller stops waiting.

    Raises:
        UserError: one line: the job's error, that it took longer than ``seconds``, or how it died.
    """
    await_warm()
    worker = _start_worker(name, {"request": request, "seconds": seconds})
    began = time.monotonic()
    try:
        return _result(name, worker, seconds, began)
    finally:
        worker.end()


def start_job(name: str, request: dict[str, Any], *, run: int | None = None,
              seconds: float = _LONGEST_START) -> None:
    """Start a row of :data:`JOBS` and return at once.

    Args:
        run: the run it works for; a failure becomes an event of this run.
        seconds: time limit.
    """
    _start_worker(name, {"request": request, "seconds": seconds, "left": {"run": run}}).leave()


def can_ask() -> bool:
    """Return whether a job would start at once; if not, start the dispatcher, whose warm process makes jobs fast."""
    if read_only() or starts_at_once():
        return True
    ensure_dispatcher()
    return False


def running_jobs(name: str, run: int | None = None) -> list[RunningJob]:
    """Return the running jobs of a name that :func:`start_job` started, optionally of one run."""
    found = [RunningJob(record["name"], record["run"], record["started"]) for record in _records(name)]
    return [job for job in found if run is None or job.run == run]


def cancel_jobs(name: str, run: int) -> None:
    """Kill the running jobs of a name that :func:`start_job` started for a run; what they have stored remains."""
    for record in _records(name):
        if record["run"] == run:
            Identity(**record["identity"]).kill_group()


@contextlib.contextmanager
def job_folder() -> Iterator[Path]:
    """Make a temporary folder for data too large for a request or an answer, such as pictures."""
    _sweep()
    home().mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(dir=jobs_dir(), prefix="files-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _records(name: str) -> list[dict[str, Any]]:
    return [record for path in sorted(jobs_dir().glob(f"{name}-*.json")) if (record := read_live_record(path))]


def _start_worker(name: str, message: dict[str, Any]) -> Worker:
    return start_worker({"name": name, "entry": JOBS[name], "plugins": added_files(), **message})


def _result(name: str, worker: Worker, seconds: float, began: float) -> Answer:
    answer = worker.answer(seconds)
    if answer is not None and "result" in answer:
        return dict(answer["result"])
    if answer is not None:
        raise UserError(str(answer["error"]))
    if time.monotonic() - began >= seconds:
        raise UserError(f"{name}: took longer than {seconds:.0f} s")
    raise UserError(f"{name}: {worker.death()}")


def _sweep() -> None:
    """Remove stale folders of processes that died."""
    for folder in jobs_dir().glob("files-*"):
        with contextlib.suppress(OSError):
            if time.time() - folder.stat().st_mtime > _STALE_SECONDS:
                shutil.rmtree(folder, ignore_errors=True)
