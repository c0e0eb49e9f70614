"""The server alone keeps rows true."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from app.kit import store as upkeep
from engine.errors import UserError
from engine.launch.launchers.local.process import Identity
from engine.launch.launchers.local.runfiles import write_identity
from engine.store import Store
from tests.fake_runs import add_run


def test_a_dead_run_is_marked_with_no_page_open_and_no_dispatcher(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(upkeep, "_WATCH_SECONDS", 0.01)
    run = add_run(Store.open(), status="running")
    Store.open().runs.update(run.id, handle={"launcher": "local", "job": f"{run.id}:{run.attempt}"})
    write_identity(run.id, run.attempt, Identity(2**22 + 1, 1.0, Identity.of(1).boot_id, Identity.of(1).host))

    async def until_marked() -> None:
        task = asyncio.create_task(upkeep.keep_watch())
        while Store.open().runs.get(run.id).is_live:
            await asyncio.sleep(0.01)
        task.cancel()

    asyncio.run(asyncio.wait_for(until_marked(), 30))
    assert Store.open().runs.get(run.id).status == "failed"


@pytest.mark.parametrize("error", [UserError("full"), RuntimeError("odd")])
def test_the_watch_goes_on_whatever_fails(error: Exception, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> None:
        raise error

    monkeypatch.setattr(upkeep, "look_after_runs", fail)
    upkeep._look()
