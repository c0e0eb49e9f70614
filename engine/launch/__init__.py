"""From a config to a process that trains it: the queue, the dispatcher, and how a run's death is noticed."""

from collections.abc import Callable

from engine.launch.queue import create_foreground, resume, submit
from engine.launch.reaping import reap
from engine.launch.slots import MAX_CPU_SLOTS, cpu_slots, set_cpu_slots
from engine.launch.start import ensure_dispatcher
from engine.launch.wishes import request_pause, request_stop
from engine.store import Run, Store

Request = Callable[[Store, Run], None]

__all__ = ["MAX_CPU_SLOTS", "Request", "cpu_slots", "create_foreground", "ensure_dispatcher", "reap", "request_pause",
           "request_stop", "resume", "set_cpu_slots", "submit"]
