"""Why a trainer died, in one sentence: what its launcher knows, else what its log says."""

from __future__ import annotations

from engine.launch.launcher import Ended
from engine.launch.log import last_error, log_file, log_tail
from engine.out_of_memory import memory_sentence, tells_of_memory
from engine.store import Run


def cause_of_death(run: Run, ended: Ended) -> str:
    """One sentence on why a run's trainer is gone although the run was not over."""
    if ended.how:
        return ended.how
    error = _logged(run)
    if error is None:
        return f"exited with code {ended.exit_code} before the run was over"
    return memory_sentence(error, run.config["batch_size"]) if tells_of_memory(error) else error


def died_of_memory(run: Run, ended: Ended) -> bool:
    """Whether memory ran out: the run does not fit, which is a result."""
    return ended.out_of_memory or (not ended.how and tells_of_memory(_logged(run) or ""))


def _logged(run: Run) -> str | None:
    return last_error(log_tail(log_file(run.id), run.attempt))
