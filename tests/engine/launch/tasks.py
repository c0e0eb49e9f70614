"""Jobs without torch."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path
from typing import Any

from engine.errors import UserError

Answer = dict[str, Any]


def double(request: Answer) -> Answer:
    return {"doubled": 2 * request["number"], "text": request.get("text", "")}


def who(request: Answer) -> Answer:
    here = Path("/proc/self")
    return {"pid": os.getpid(), "session": os.getsid(0), "nice": os.nice(0), "parent": os.getppid(),
            "oom": (here / "oom_score_adj").read_text().strip(), "threads": len(list((here / "task").iterdir())),
            "autogroup": (here / "autogroup").read_text() if (here / "autogroup").exists() else ""}


def refuse(request: Answer) -> Answer:
    raise UserError("picture.gif: is no picture")


def stumble(request: Answer) -> Answer:
    raise ValueError("the sky fell\non two lines")


def die(request: Answer) -> Answer:
    os.kill(os.getpid(), signal.SIGKILL)
    return {}


def wait(request: Answer) -> Answer:
    """Leaves its number where the request says, and ends when the file ``go`` is there."""
    folder = Path(request["folder"])
    (folder / "pid").write_text(str(os.getpid()))
    while not (folder / "go").exists():
        time.sleep(0.01)
    if request.get("refuse"):
        raise UserError("no checkpoint to look at")
    return {}
