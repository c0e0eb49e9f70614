"""What a supervisor wrote down of a trainer's end, said as any launcher says it."""

from __future__ import annotations

import pytest

from engine.launch.launcher import Ended
from engine.launch.launchers.local.runfiles import Exit


@pytest.mark.parametrize(("code", "signal", "oom_kill", "ended"), [
    (0, 9, False, Ended(-9, "killed by signal 9", False, 5)),
    (0, 9, True, Ended(-9, "killed by signal 9, perhaps by the kernel's out-of-memory killer", True, 5)),
    (0, 11, True, Ended(-11, "killed by signal 11 (SIGSEGV)", False, 5)),
    (0, 63, False, Ended(-63, "killed by signal 63", False, 5)),
    (3, 0, True, Ended(3, "", False, 5)),
    (0, 0, False, Ended(0, "", False, 5)),
])
def test_how_it_ended(code: int, signal: int, oom_kill: bool, ended: Ended) -> None:
    assert Exit(1, code, signal, oom_kill, 0.0, peak=5).ended() == ended
