"""A process is told from every other, and from what is left of it."""

from __future__ import annotations

import dataclasses
import os
import subprocess
from pathlib import Path

import psutil
import pytest

from engine.home import ROOT
from engine.launch.launchers.local.process import (
    MARKER,
    Identity,
    home_of,
    kill_marked,
    process_started,
    run_marker,
)
from tests.waiting import until


def test_this_process_is_alive() -> None:
    assert Identity.of(os.getpid()).is_alive()


def test_another_start_boot_or_number_is_not_this_process() -> None:
    me = Identity.of(os.getpid())
    assert not dataclasses.replace(me, started=me.started - 0.01).is_alive()
    assert not dataclasses.replace(me, boot_id="another").is_alive()
    assert not dataclasses.replace(me, pid=2**22 + 1).is_alive()


def test_a_zombie_is_dead() -> None:
    child = subprocess.Popen(["sleep", "600"])
    identity = Identity.of(child.pid)
    child.kill()
    until(lambda: not identity.is_alive())
    os.kill(child.pid, 0)
    assert process_started(child.pid) is None
    child.wait()


def test_there_is_no_identity_of_nobody() -> None:
    with pytest.raises(ProcessLookupError):
        Identity.of(2**22 + 1)


def test_only_processes_with_the_marker_are_killed(home: Path) -> None:
    marked, other = (subprocess.Popen(["sleep", "600"], env={**os.environ, MARKER: run_marker(1, attempt)})
                     for attempt in (1, 2))
    assert kill_marked(run_marker(1, 1)) == [marked.pid]
    assert marked.wait(10) == -9 and other.poll() is None
    other.kill()
    other.wait()


@pytest.mark.parametrize(("environment", "expected"), [
    ({}, None), ({"DARKROOM_HOME": "/a"}, Path("/a")), ({"LANG": "C"}, ROOT),
    ({"DARKROOM_HOME": "/a", "DARKROOM_RUN": "/b:c:1:2"}, Path("/b:c"))])
def test_the_home_of_a_process_is_as_its_environment_says(environment: dict[str, str], expected: Path | None) -> None:
    """One that starts or ends shows an empty environment, which says nothing."""
    process = subprocess.Popen(["/bin/sleep", "60"], env=environment)
    try:
        until(lambda: psutil.Process(process.pid).name() == "sleep")
        until(lambda: home_of(process.pid) == expected)  # its new environment is seen a moment after its name
    finally:
        process.kill()
        process.wait()
