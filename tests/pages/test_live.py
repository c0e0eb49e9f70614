"""The live page: chosen runs, what they are doing, and what can be done with them."""

from __future__ import annotations

import pytest

import app.kit.controls
from engine.store import Run, Store
from tests.app_tests import assert_calm, open_page, shown
from tests.fake_detections import add_detection_run
from tests.fake_runs import add_run


def test_an_empty_store_says_what_to_do(store: Store) -> None:
    page = open_page("live")
    assert_calm(page)
    assert "Nothing has run yet" in shown(page)


def test_the_address_chooses_the_runs(store: Store) -> None:
    runs = [add_run(store), add_run(store, "stopped"), add_run(store, "failed", epochs=1)]
    page = open_page("live", run=f"{runs[2].id},{runs[0].id}")
    assert_calm(page)
    assert page.multiselect(key="live_runs").value == [runs[2].id, runs[0].id]
    assert shown(page).count('class="dr-run"') == 2


@pytest.mark.parametrize("address", ["", "999", "abc,,", "-1"])
def test_an_address_without_a_known_run_shows_what_runs(store: Store, address: str) -> None:
    add_run(store)
    live = add_run(store, "running", epochs=1)
    page = open_page("live", run=address)
    assert_calm(page)
    assert page.multiselect(key="live_runs").value == [live.id]


def test_a_running_run_tells_progress_and_what_went_wrong_with_another(store: Store) -> None:
    live = add_run(store, "running", epochs=1)
    store.runs.update(live.id, total_steps=40)
    failed = add_run(store, "failed", epochs=1)
    store.runs.update(failed.id, error="killed by signal 9 <b>")
    text = shown(open_page("live", run=f"{live.id},{failed.id}"))
    assert "5 / 40" in text
    assert "left" in text
    assert "killed by signal 9 &lt;b&gt;" in text


def test_waiting_runs_are_listed_when_not_chosen(store: Store) -> None:
    shown_run = add_run(store)
    add_run(store, "queued", epochs=0)
    page = open_page("live", run=str(shown_run.id))
    assert [expander.label for expander in page.expander] == ["1 more running or queued"]


@pytest.mark.parametrize(("status", "actions"), [
    ("running", {"pause", "stop", "content_copy", "article"}),
    ("queued", {"pause", "stop", "content_copy", "article"}),
    ("paused", {"stop", "play_arrow", "content_copy", "article"}),
    ("failed", {"play_arrow", "more_time", "content_copy", "article"}),
    ("finished", {"more_time", "content_copy", "grid_on", "article"}),
])
def test_only_what_makes_sense_can_be_done(store: Store, status: str, actions: set[str]) -> None:
    run = add_run(store, status, epochs=1)
    page = open_page("live", run=str(run.id))
    assert {str(button.key).removesuffix(f"_{run.id}") for button in page.button} == actions


def test_stop_asks_the_run_to_stop(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []
    monkeypatch.setattr(app.kit.controls, "request_stop", lambda store, run: asked.append(run.id))
    run = add_run(store, "running", epochs=1)
    page = open_page("live", run=str(run.id))
    page.button(key=f"stop_{run.id}").click().run()
    assert asked == [run.id]


def test_a_run_asked_to_stop_says_so(store: Store) -> None:
    run = add_run(store, "running", epochs=1)
    store.runs.request(run.id, "stop")
    page = open_page("live", run=str(run.id))
    assert ">stopping<" in shown(page)
    assert page.button(key=f"stop_{run.id}").disabled


def test_clone_leads_to_the_form(store: Store) -> None:
    run = add_run(store, lr=0.05)
    page = open_page("live", run=str(run.id))
    page.button(key=f"content_copy_{run.id}").click().run()
    assert page.title[0].value == "Launch"
    assert page.text_input(key="launch_lr").value == "0.05"


def test_the_limit_of_runs_at_once_is_kept_and_waiting_runs_start(
        store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    woken: list[bool] = []
    monkeypatch.setattr("engine.launch.slots.wake", lambda: woken.append(True))
    add_run(store)
    page = open_page("live")
    page.number_input[0].set_value(3).run()
    assert store.settings.get("cpu_slots") == 3
    assert woken


def test_the_log_of_the_chosen_run_is_shown(store: Store) -> None:
    run = add_run(store, "failed", epochs=1)
    (run.folder / "log.txt").write_text("one\n10 %\r20 %\r30 %\nlast line\n")
    text = shown(open_page("live", run=str(run.id)))
    assert "one\n30 %\nlast line" in text


def test_an_empty_page_waits_for_the_first_run(store: Store) -> None:
    page = open_page("live")
    assert page.session_state["live_first_beats"] == 1
    add_run(store, "running", epochs=1)
    assert page.run().multiselect(key="live_runs").value


@pytest.mark.parametrize("status", ["finished", "stopped", "failed", "lost"])
def test_any_ended_run_can_train_longer(store: Store, status: str) -> None:
    run = add_run(store, status, name="n*1*")
    page = open_page("live", run=str(run.id))
    page.button(key=f"more_time_{run.id}").click().run()
    more = next(field for field in page.number_input if field.label == "More epochs")
    assert (more.min, more.value, more.max) == (1, 5, 100_000 - run.epoch)
    assert f"n\\*1\\* has trained {run.epoch}" in more.help
    assert "Queue" in [button.label for button in page.button]


def test_the_longest_run_cannot_be_trained_longer(store: Store) -> None:
    run = add_run(store)
    store.runs.update(run.id, epoch=100_000)
    page = open_page("live", run=str(run.id))
    assert page.button(key=f"more_time_{run.id}").disabled


def test_an_unexpected_error_is_calm_and_logged(store: Store, home: object, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(run: Run) -> None:
        raise ZeroDivisionError("secret detail")

    monkeypatch.setattr("app.live.monitor.controls", broken)
    add_run(store)
    page = open_page("live")
    assert not page.exception
    assert len(page.error) == 1
    assert "something went wrong" in page.error[0].value
    assert "secret detail" not in shown(page)


def test_a_detector_is_drawn_with_its_map_and_the_terms_of_its_loss(store: Store, scenes: None) -> None:
    run = add_detection_run(store)
    page = open_page("live", run=str(run.id))
    assert_calm(page)
    charts = page.multiselect(key="charts").options
    assert {"Loss", "mAP", "Loss: class", "Loss: box", "Learning rate"} <= set(charts)
    assert "Accuracy" not in charts and "best val mAP" in shown(page)
    both = open_page("live", run=f"{run.id},{add_run(store).id}")
    assert {"Accuracy", "mAP"} <= set(both.multiselect(key="charts").options)
