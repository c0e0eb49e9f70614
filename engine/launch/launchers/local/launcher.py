"""``Local``: trains runs in processes of this machine, one per GPU and up to the limit on the CPU."""

import json
import os
import signal
import socket
import time
from collections.abc import Collection, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path

from engine.disk_space import full_message, no_room
from engine.files import write_atomically
from engine.home import home, run_dir
from engine.launch.launcher import Ended, Handle, Launcher, Running, Seen, Ticket, Unknown, Waiting
from engine.launch.launchers.local.gpus import find_gpus, machine_devices, slot_environment
from engine.launch.launchers.local.places import state_path
from engine.launch.launchers.local.process import Identity, boot_id, home_of, kill_marked, run_marker
from engine.launch.launchers.local.runfiles import read_exit, read_identity, take_attempt, write_exit, write_identity
from engine.launch.launchers.local.starter import Starter
from engine.launch.slots import free_slots
from engine.store import Run

# The supervisor writes the exit code shortly after the trainer's death; on a busy machine this takes longer.
_EXIT_FILE_SECONDS = 0.25
_ZOMBIE_SECONDS = 2.0


class Local(Launcher):
    """The launcher for this machine.

    The job of an attempt is run and attempt, ``7:2``. All other state is in the run's folder, where the trainer writes
    its identity and the supervisor the exit code, so that any dispatcher can take over.

    Args:
        warm: keep a warm process, which has imported torch and forks trainers; ``preload`` lists its modules, separated
            by commas.
    """

    start_seconds = 60.0

    def __init__(self, *, warm: bool = True, preload: str | None = None) -> None:
        self._starter = Starter(preload, warm=warm)
        self._written_state: dict[str, object] = {}

    @cached_property
    def gpus(self) -> dict[str, str]:
        """The GPUs' slots and UUIDs, cached because ``nvidia-smi`` is slow."""
        return find_gpus()

    def devices(self) -> list[str]:
        return machine_devices(self.gpus)

    def room(self, held: Collection[str], cpus: int) -> list[str]:
        return [] if self._starter.state == "warming" else free_slots(self.devices(), held, cpus)

    def submit(self, run: Run, ticket: Ticket) -> Handle:
        self._starter.start(run, ticket.entry, slot_environment(run.slot, self.gpus, ticket.cpus))
        return self.handle(run)

    def handle(self, run: Run) -> Handle:
        """Return the handle of a run's current attempt, started or not."""
        return Handle("local", f"{run.id}:{run.attempt}")

    def here(self, run: Run) -> Handle:
        """Take an attempt for this process, so that nobody else starts it, and return its handle."""
        take_attempt(run.id, run.attempt)
        write_identity(run.id, run.attempt, Identity.of(os.getpid()))
        return self.handle(run)

    def poll(self, handles: Sequence[Handle]) -> dict[Handle, Seen]:
        return {handle: _state_of(*_attempt(handle)) for handle in handles}

    def kill(self, handle: Handle, *, gently: bool = False) -> None:
        run_id, attempt = _attempt(handle)
        identity = read_identity(run_id, attempt)
        if identity is not None and _other_home(identity):
            return  # a copied home must not end what the original trains
        if gently:
            if identity is not None:
                identity.terminate()
            return
        if isinstance(_state_of(run_id, attempt), Waiting) and take_attempt(run_id, attempt):
            write_exit(run_id, attempt, 0, signal.SIGKILL, oom_kill=False)
        if identity is not None:
            identity.kill_group()
        kill_marked(run_marker(run_id, attempt))

    def keep(self) -> None:
        self._starter.keep()
        now: dict[str, object] = {"pid": os.getpid(), "warm": self._starter.state}
        if now != self._written_state:
            write_atomically(state_path(), json.dumps(now).encode())
            self._written_state = now

    def leave(self) -> None:
        self._starter.leave()


def _attempt(handle: Handle) -> tuple[int, int]:
    """Return the run's id and the attempt's number."""
    run_id, _, attempt = handle.job.partition(":")
    return int(run_id), int(attempt)


def _state_of(run_id: int, attempt: int) -> Seen:
    identity = read_identity(run_id, attempt)
    if identity is None:
        exit_ = read_exit(run_id, attempt)
        return exit_.ended() if exit_ is not None else Waiting("its process is being started")
    if identity.host != socket.gethostname():
        return Unknown(identity.host)
    if identity.boot_id != boot_id():
        return Ended(how="the machine was restarted while it ran", lost=True)
    if not identity.is_alive():
        return _ended(run_id, attempt, identity)
    other = _other_home(identity)
    if other is not None:
        return Ended(how=f"live elsewhere: it is trained for {other}, of which this home is a copy", lost=True)
    return Running(identity.host)


def _other_home(identity: Identity) -> Path | None:
    """The home that a living trainer works for, where that is not this one; a home that was moved is this one."""
    named = home_of(identity.pid)
    return named if named is not None and named != home() and (named / "runs.db").exists() else None


def _ended(run_id: int, attempt: int, identity: Identity) -> Ended:
    began = time.monotonic()
    while (exit_ := read_exit(run_id, attempt)) is None:
        if time.monotonic() - began > (_ZOMBIE_SECONDS if identity.is_zombie() else _EXIT_FILE_SECONDS):
            break
        time.sleep(0.01)
    ended = exit_.ended() if exit_ is not None else Ended(how="its process is gone and left no exit code")
    if ended.exit_code in (None, -signal.SIGBUS):  # a full disk can end a process without a word
        return replace(ended, how=full_message(no_room(run_dir(run_id)), run_dir(run_id)) or ended.how)
    return ended
