"""Work in a fresh process that the terminal waits for: interrupts go to it, and it is gone when nobody waits."""

import contextlib
import multiprocessing
import signal
import sys
from collections.abc import Callable, Iterator
from multiprocessing.connection import Connection

from engine.errors import UserError

# torch is not safe to fork with on a Mac. This process has torch imported and computes nothing with it.
_CONTEXT = multiprocessing.get_context("fork") if sys.platform.startswith("linux") \
    else multiprocessing.get_context("spawn")

Tell = Callable[[int], None]


@contextlib.contextmanager
def asked_to_stop(tell: Callable[[], None]) -> Iterator[None]:
    """SIGTERM and Ctrl-C call ``tell``, which asks for an end at the next step; a second Ctrl-C interrupts at once."""
    def heard(_number: int, _frame: object) -> None:
        tell()
        signal.signal(signal.SIGINT, signal.default_int_handler)

    before = {number: signal.signal(number, heard) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def apart(work: Callable[[Tell], None]) -> tuple[int | None, int]:
    """Do ``work`` in a process of its own and wait for its end.

    Args:
        work: can be pickled; it tells the id of the run it trains before it begins.

    Returns:
        What it told, None if it ended before it did, and the code it ended with.

    Raises:
        UserError, OSError: what it raised.
        KeyboardInterrupt: it was interrupted before or beside training.
    """
    ours, theirs = _CONTEXT.Pipe(duplex=False)
    child = _CONTEXT.Process(target=_in_child, args=(work, theirs))
    child.start()
    theirs.close()
    try:
        with asked_to_stop(child.terminate):
            told = _told(ours)
            child.join()
    finally:
        child.kill()
    if child.exitcode in (-signal.SIGTERM, -signal.SIGINT):
        raise KeyboardInterrupt
    return told, child.exitcode or 0


def _in_child(work: Callable[[Tell], None], answer: Connection) -> None:
    try:
        work(answer.send)
    except (UserError, OSError) as error:
        answer.send(UserError(str(error)) if isinstance(error, UserError) else error)
    except KeyboardInterrupt:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        signal.raise_signal(signal.SIGINT)


def _told(answer: Connection) -> int | None:
    """What the child told; None when it ended before it did."""
    try:
        found: int | Exception = answer.recv()
    except EOFError:
        return None
    if isinstance(found, Exception):
        raise found
    return found
