"""Short computations that need torch, asked for by processes that have none: each in a process of its own.

They run on this machine, whatever trains the runs: somebody here waits for the answer.
"""

import contextlib
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from engine.errors import UserError
from engine.launch.launchers.local.bell import ensure_dispatcher
from engine.launch.launchers.local.worker_client import Worker, await_warm, living, starts_at_once, worker_of
from engine.launch.places import jobs_dir
from engine.plugins.files import added_files

JOBS: dict[str, str] = {
    "describe": "engine.costs.answers:compute_cost",
    "memory": "engine.costs.answers:compute_memories",
    "try": "engine.runner.jobs:try_picture",
    "export": "engine.export.model_file:export_request",
    "evaluate": "engine.evaluation.evaluate:evaluate_request",
    "preview": "engine.runner.jobs:preview",
    "plugins": "engine.plugins.listing:list_request",
}
"""What can be asked: ``module:function`` by name, called with the request, a dict, and returning one, both JSON."""

_LONGEST_START = 12 * 3600.0
_STALE_SECONDS = 24 * 3600.0

Answer = dict[str, Any]


class RunningJob(NamedTuple):
    """A job started by :func:`start_job`; ``run`` is the run it works for, ``started`` in unix seconds."""

    name: str
    run: int | None
    started: float


def run_job(name: str, request: dict[str, Any], *, seconds: float = 120) -> Answer:
    """The answer of a row of :data:`JOBS`, computed in a niced process of its own that ends with it.

    The process is forked by the warm one where that listens (tens of milliseconds), else started cold (seconds). It is
    ended when nobody waits for it any more.

    Raises:
        UserError: one line: what the job said, that it took longer than ``seconds``, or how it died.
    """
    await_warm()
    worker = _asked(name, {"request": request, "seconds": seconds})
    began = time.monotonic()
    try:
        return _result(name, worker, seconds, began)
    finally:
        worker.end()


def start_job(name: str, request: dict[str, Any], *, run: int | None = None,
              seconds: float = _LONGEST_START) -> None:
    """Start a row of :data:`JOBS` and return at once; nobody waits for its answer.

    Args:
        run: the run it works for, whose events tell why it failed, if it did.
        seconds: it is ended after that long.
    """
    _asked(name, {"request": request, "seconds": seconds, "left": {"run": run}}).leave()


def can_ask() -> bool:
    """Whether a job starts at once; if not, what makes jobs start fast is being started."""
    if starts_at_once():
        return True
    ensure_dispatcher()
    return False


def running_jobs(name: str, run: int | None = None) -> list[RunningJob]:
    """The jobs of that name that :func:`start_job` started and that still work, for that run if one is given."""
    records = [record for path in sorted(jobs_dir().glob(f"{name}-*.json")) if (record := living(path)) is not None]
    found = [RunningJob(record["name"], record["run"], record["started"]) for record in records]
    return [job for job in found if run is None or job.run == run]


@contextlib.contextmanager
def job_folder() -> Iterator[Path]:
    """A folder for what is too large for a request or an answer, such as pictures; gone with the ``with``."""
    _sweep()
    folder = Path(tempfile.mkdtemp(dir=jobs_dir(), prefix="files-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _asked(name: str, message: dict[str, Any]) -> Worker:
    return worker_of({"name": name, "entry": JOBS[name], "plugins": added_files(), **message})


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
    """Remove the files of those who died before they could."""
    for folder in jobs_dir().glob("files-*"):
        with contextlib.suppress(OSError):
            if time.time() - folder.stat().st_mtime > _STALE_SECONDS:
                shutil.rmtree(folder, ignore_errors=True)
