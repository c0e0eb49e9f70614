"""Launching runs: the queue, the dispatcher, launchers, and detection of runs that died."""

from collections.abc import Callable

from engine.launch.capacity import Capacity, capacity
from engine.launch.launchers.local.wakeup import ensure_dispatcher
from engine.launch.log import log_file, log_tail
from engine.launch.places import check_writable
from engine.launch.queue import check_needs, create_foreground, resume, submit
from engine.launch.reaping import reap
from engine.launch.requests import request_pause, request_stop
from engine.launch.slots import MAX_CPU_SLOTS, check_device, cpu_slots, devices, set_cpu_slots
from engine.store import Run, Store

Request = Callable[[Store, Run], None]

__all__ = ["MAX_CPU_SLOTS", "Capacity", "Request", "capacity", "check_device", "check_needs", "check_writable",
           "cpu_slots", "create_foreground", "devices", "ensure_dispatcher", "log_file", "log_tail", "reap",
           "request_pause", "request_stop", "resume", "set_cpu_slots", "submit"]
