"""A launcher has runs trained somewhere: what it must be able to do, and the table of those there are.

To add one, write a class that inherits from :class:`Launcher`, in a module of its own below
:mod:`engine.launch.launchers`, and give it a row in :data:`LAUNCHERS`. Nothing else knows its name. The queue, the
slots, what was wished of a run and what its row says are not its business: the dispatcher asks it for room, hands
attempts over and asks how they are, and whoever shows or changes runs asks that as well.
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
    """An attempt that a launcher works on, as the run's row keeps it.

    ``job`` is what the launcher itself calls it, a job's number or name; empty while the attempt is claimed for this
    launcher but not known to be handed over.
    """

    launcher: str
    job: str = ""


@dataclass(frozen=True)
class Ticket:
    """What an attempt is started with besides its row.

    Attributes:
        entry: ``module:function`` that trains it. It is called with the run's id, in a process whose
            ``DARKROOM_HOME`` is this one's, and the process exits with what it returns.
        cpus: how many runs may train on one machine's CPU at once, so that each can take its part of the cores.
    """

    entry: str
    cpus: int = 1


@dataclass(frozen=True)
class Waiting:
    """Handed over, and not begun yet; ``reason`` is for people."""

    reason: str = ""


@dataclass(frozen=True)
class Running:
    """A process trains it, on the machine ``node``."""

    node: str = ""


@dataclass(frozen=True)
class Ended:
    """There is no process any more, and there will be none.

    Attributes:
        exit_code: what it returned, below zero where it was killed, as :mod:`subprocess` says it; None: not known.
        how: how it ended, in words for the run's row, as far as the launcher knows better than the run's log.
        out_of_memory: the system killed it for want of memory.
        peak: the most bytes it had in memory at once; 0: not known.
        lost: it did nothing wrong, its machine went away.
    """

    exit_code: int | None = None
    how: str = ""
    out_of_memory: bool = False
    peak: int = 0
    lost: bool = False


@dataclass(frozen=True)
class Unknown:
    """Nobody can tell at the moment, as ``node`` does not answer. Long silence makes the run ``lost``."""

    node: str


Seen = Waiting | Running | Ended | Unknown


class Launcher(Protocol):
    """One place where runs are trained.

    It is made without arguments, by every process that asks about runs: making it must cost nothing, and what
    :meth:`poll` and :meth:`kill` need must be in the handle, in the run's folder or at the place itself. Of one home
    only the dispatcher calls the other methods, one at a time. No method may wait for a trainer or for a network that
    does not answer: the dispatcher starts and reaps all other runs in the same thread.

    A batch system, for example: ``devices`` are its partitions' kinds, ``room`` is what may be pending, ``submit``
    looks for a job of the attempt's name before it makes one, and the handle's job is its number; ``poll`` is one
    question for all jobs, ``PENDING`` is :class:`Waiting` with the reason given, and an exit code, a kill for want of
    memory or a lost node make an :class:`Ended`.

    Attributes:
        start_seconds: an attempt that waits longer than this is given up; ``math.inf`` where waiting is normal.
    """

    start_seconds: float

    def devices(self) -> list[str]:
        """What runs can ever be trained on here, the best first: ``cuda:0``, ``cuda:1``, ``mps``, ``cpu``.

        A run whose device is ``auto`` takes the kind of the first.
        """
        ...

    def room(self, held: Collection[str], cpus: int) -> list[str]:
        """The slots into which runs may be put now, the best first; empty while it had better wait.

        A slot is named for its device, with whatever tells it from its like behind a colon: ``cuda:0``, ``cpu:3``. No
        two launchers share a name.

        Args:
            held: the slots of all live runs.
            cpus: how many runs may train on one machine's CPU at once.
        """
        ...

    def submit(self, run: Run, ticket: Ticket) -> Handle:
        """Have a claimed run trained in its slot, ``run.slot``, and return at once.

        An attempt may be handed over again, by a dispatcher that does not know what the one before it did when it
        died. It must not be trained twice for that: a later call returns the handle of the first.

        Raises:
            OSError: it cannot be handed over now. That is tried again until ``start_seconds`` have passed.
        """
        ...

    def poll(self, handles: Sequence[Handle]) -> Mapping[Handle, Seen]:
        """How each attempt is; what is left out is unknown."""
        ...

    def kill(self, handle: Handle, *, gently: bool = False) -> None:
        """End an attempt, and everything it started; one that waits never begins. It may be over already.

        Args:
            gently: only tell it to end, which a trainer takes as a request to stop: it saves a checkpoint first.
        """
        ...

    def keep(self) -> None:
        """Called at each look of the dispatcher, twice a second while there is work: keep ready what starts runs."""

    def leave(self) -> None:
        """Called when the dispatcher goes: let go of what was kept ready. Trainers go on."""


def launchers(**options: Mapping[str, Any]) -> dict[str, Launcher]:
    """One of each, by name; ``options`` are arguments for the one of that name."""
    return {name: resolve_name(row)(**options.get(name, {})) for name, row in LAUNCHERS.items()}


def handle_of(run: Run) -> Handle:
    """The handle in a run's row; a row that has none is the first launcher's."""
    return Handle(**run.handle) if run.handle else Handle(next(iter(LAUNCHERS)))
