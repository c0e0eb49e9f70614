"""Foreground work in a new process: interrupts are forwarded, and it is killed if nobody waits for it."""

import contextlib
import multiprocessing
import signal
import sys
from collections.abc import Callable, Iterator
from multiprocessing.connection import Connection

from engine.errors import UserError

# Forking with torch is unsafe on macOS. On Linux this process has imported torch but computes nothing with it.
_CONTEXT = multiprocessing.get_context("fork") if sys.platform.startswith("linux") \
    else multiprocessing.get_context("spawn")

OnStart = Callable[[int], None]


@contextlib.contextmanager
def stop_on_signals(tell: Callable[[], None]) -> Iterator[None]:
    """Let SIGTERM and Ctrl-C call ``tell``, which requests a stop; a second Ctrl-C interrupts at once."""
    def handle_signal(_number: int, _frame: object) -> None:
        tell()
        signal.signal(signal.SIGINT, signal.default_int_handler)

    before = {number: signal.signal(number, handle_signal) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def run_in_process(work: Callable[[OnStart], None]) -> tuple[int | None, int]:
    """Call ``work`` in a new process and wait for it.

    Args:
        work: picklable; it is called with a function that it calls with the run's id before training.

    Returns:
        The run's id, None if the process ended before, and the exit code.

    Raises:
        UserError, OSError: raised by ``work``.
        KeyboardInterrupt: the process was interrupted before training.
    """
    ours, theirs = _CONTEXT.Pipe(duplex=False)
    child = _CONTEXT.Process(target=_in_child, args=(work, theirs))
    child.start()
    theirs.close()
    try:
        with stop_on_signals(child.terminate):
            run_id = _receive_id(ours)
            child.join()
    finally:
        child.kill()
    if child.exitcode in (-signal.SIGTERM, -signal.SIGINT):
        raise KeyboardInterrupt
    return run_id, child.exitcode or 0


def _in_child(work: Callable[[OnStart], None], answer: Connection) -> None:
    try:
        work(answer.send)
    except (UserError, OSError) as error:
        answer.send(UserError(str(error)) if isinstance(error, UserError) else error)
    except KeyboardInterrupt:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        signal.raise_signal(signal.SIGINT)


def _receive_id(answer: Connection) -> int | None:
    """Return the run's id from the child; None if it ended before."""
    try:
        found: int | Exception = answer.recv()
    except EOFError:
        return None
    if isinstance(found, Exception):
        raise found
    return found
