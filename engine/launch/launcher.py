"""The interface of launchers, which train runs somewhere, and the table of launchers.

To add one, write a subclass of :class:`Launcher` in a module below :mod:`engine.launch.launchers`, and add a row to
:data:`LAUNCHERS`. Nothing else refers to its name. A launcher does not deal with the queue, with requests to stop or
pause, or with rows of runs: the dispatcher asks it for free slots, submits attempts to it, and polls their state.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pkgutil import resolve_name
from typing import Any, Protocol

from engine.store import Run

LAUNCHERS: dict[str, str] = {
    "local": "engine.launch.launchers.local.launcher:Local",
}
"""``module:class`` by name. The dispatcher fills their slots in this order."""


@dataclass(frozen=True)
class Handle:
    """An attempt at a launcher, as stored in the run's row.

    ``launcher`` is its name in :data:`LAUNCHERS`. ``job`` is its own id or name of the job; empty while the attempt is
    claimed but not submitted.
    """

    launcher: str
    job: str = ""


@dataclass(frozen=True)
class Ticket:
    """What an attempt needs besides its row.

    Attributes:
        entry: ``module:function`` that trains it, called with the run's id in a process with the same
            ``DARKROOM_HOME``; its result is the exit code.
        cpus: the number of concurrent runs on one machine's CPU, which share its cores.
    """

    entry: str
    cpus: int = 1


@dataclass(frozen=True)
class Waiting:
    """Submitted but not started; ``reason`` is for people."""

    reason: str = ""


@dataclass(frozen=True)
class Running:
    """A process on the machine ``node`` trains it."""

    node: str = ""


@dataclass(frozen=True)
class Ended:
    """The process has ended.

    Attributes:
        exit_code: negative if it was killed, as in :mod:`subprocess`; None if unknown.
        how: how it ended, if the launcher knows more than the run's log.
        out_of_memory: the system killed it because memory ran out.
        peak: peak memory in bytes; 0 if unknown.
        lost: its machine disappeared.
    """

    exit_code: int | None = None
    how: str = ""
    out_of_memory: bool = False
    peak: int = 0
    lost: bool = False


@dataclass(frozen=True)
class Unknown:
    """The state is unknown because ``node`` does not answer. After a long time the run is ``lost``."""

    node: str


Seen = Waiting | Running | Ended | Unknown


class Launcher(Protocol):
    """A place where runs are trained.

    Every process that polls runs creates one without arguments, so creating it must be cheap, and :meth:`poll` and
    :meth:`kill` may only use the handle, the run's folder and the place itself. The dispatcher alone calls the other
    methods, one at a time. No method may block on a trainer or on the network: the dispatcher handles all other runs
    in the same thread.

    For a batch system, for example, ``devices`` are the kinds of its partitions, ``room`` is the number of jobs that
    may be pending, ``submit`` looks for a job with the attempt's name before it creates one, and the handle's job is
    its number; ``poll`` is one query for all jobs, ``PENDING`` is :class:`Waiting` with its reason, and an exit code,
    an out-of-memory kill or a lost node is :class:`Ended`.

    Attributes:
        start_seconds: an attempt that waits longer than this fails; ``math.inf`` if waiting is normal.
    """

    start_seconds: float

    def devices(self) -> list[str]:
        """Return all devices of this place, best first: ``cuda:0``, ``cuda:1``, ``mps``, ``cpu``.

        Runs with device ``auto`` use the kind of the first.
        """
        ...

    def room(self, held: Collection[str], cpus: int) -> list[str]:
        """Return the free slots, best first; empty if the dispatcher should wait.

        A slot is named after its device, with a suffix that distinguishes it: ``cuda:0``, ``cpu:3``. Names are unique
        across launchers.

        Args:
            held: the slots of all live runs.
            cpus: the number of concurrent runs on one machine's CPU.
        """
        ...

    def submit(self, run: Run, ticket: Ticket) -> Handle:
        """Start a claimed run in its slot, ``run.slot``, and return at once.

        After a dispatcher has died, the next one may submit the same attempt again. It must not be trained twice: later
        calls return the handle of the first.

        What the trainer prints is appended to :func:`engine.launch.log.log_file`, below a line
        :func:`engine.launch.log.attempt_header`: the Live page shows it, and a death is explained from it.

        Raises:
            OSError: it cannot be submitted now; the dispatcher retries until ``start_seconds`` have passed.
        """
        ...

    def poll(self, handles: Sequence[Handle]) -> Mapping[Handle, Seen]:
        """Return the state of each attempt; missing ones are unknown."""
        ...

    def kill(self, handle: Handle, *, gently: bool = False) -> None:
        """Kill an attempt and all its processes; a waiting one never starts. It may have ended already.

        Args:
            gently: only request a stop, so that the trainer saves a checkpoint first.
        """
        ...

    def keep(self) -> None:
        """Called at each tick of the dispatcher, twice a second while there is work, to stay ready for new runs."""

    def leave(self) -> None:
        """Called when the dispatcher exits, to release resources. Trainers continue."""


def launchers(**options: Mapping[str, Any]) -> dict[str, Launcher]:
    """Create all launchers by name; ``options`` are arguments by launcher."""
    return {name: resolve_name(row)(**options.get(name, {})) for name, row in LAUNCHERS.items()}


def handle_of(run: Run) -> Handle:
    """Return the handle in a run's row; rows without one belong to the first launcher."""
    return Handle(**run.handle) if run.handle else Handle(next(iter(LAUNCHERS)))
