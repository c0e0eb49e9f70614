"""Which news of runs a page hands to its tab."""

from __future__ import annotations

import time
from pathlib import Path

from app.kit.news import recent
from engine.store import Store, Sure
from tests.fake_runs import add_run


def test_runs_that_ended_within_a_day_and_what_the_doctor_is_sure_of_are_news(home: Path) -> None:
    store = Store.open()
    runs = {name: add_run(store, status, name=name) for name, status in (
        ("ended", "finished"), ("broken", "failed"), ("old", "finished"), ("sick", "running"), ("waiting", "queued"))}
    for name in ("ended", "broken"):
        store.runs.update(runs[name].id, ended_at=time.time())
    store.runs.update(runs["old"].id, ended_at=time.time() - 100_000)
    store.sure.put(Sure(runs["sick"].id, "learns-nothing", 6, "at chance"))
    assert [news.title for news in recent(store.runs.list())] == [
        "ended finished", "broken failed", "sick: learns nothing, the doctor is sure"]


def test_only_the_latest_of_many_are_handed_over(home: Path) -> None:
    store = Store.open()
    for place in range(25):
        run = add_run(store, "stopped", epochs=1, name=f"run {place}")
        store.runs.update(run.id, ended_at=time.time())
    assert [news.title for news in recent(store.runs.list())] == [f"run {place} stopped" for place in range(5, 25)]
