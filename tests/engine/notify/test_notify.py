"""News of runs and studies: what is told, to whom, and each once."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest

from engine.cli.main import main
from engine.config import parse_config
from engine.errors import UserError
from engine.home import notify_path
from engine.launch import submit
from engine.notify import RULES, Subscription, read_subscription, send, tell, write_subscription
from engine.notify.telling import shown, tell_request
from engine.store import Run, Store, Sure
from tests.engine.launch.conftest import trainer_pid
from tests.engine.notify.receivers import mailbox, webhook
from tests.fake_runs import add_run as add_old_run
from tests.waiting import until

Receiver = AbstractContextManager[tuple[str, list[dict[str, Any]]]]


def add_run(store: Store, *words: Any, **options: Any) -> Run:
    """A run that has just ended."""
    run = add_old_run(store, *words, **options)
    store.runs.update(run.id, ended_at=time.time())
    return store.runs.get(run.id)


class Post:
    """Takes messages, but from addresses that start with ``deaf``."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, str]] = []

    def __call__(self, addresses: Sequence[str], title: str, body: str) -> list[str]:
        self.sent.append((title, body))
        return [address for address in addresses if address.startswith("deaf")]


@pytest.fixture
def store(home: Path) -> Store:
    write_subscription(Subscription(("good://one",)))
    os.utime(notify_path(), (1, 1))  # asked for long before any run
    return Store.open()


def test_each_run_is_told_once_with_its_figures(store: Store) -> None:
    finished, failed = add_run(store), add_run(store, "failed")
    store.runs.update(failed.id, error="killed by signal 9")
    post = Post()
    assert tell(store, post) == 2
    titles = dict(post.sent)
    assert set(titles) == {f"{finished.name} finished", f"{failed.name} failed"}
    assert "best validation accuracy" in titles[f"{finished.name} finished"]
    assert titles[f"{failed.name} failed"].startswith("killed by signal 9; ")
    assert tell(store, post) == 0 and len(post.sent) == 2


def test_what_ended_before_anybody_asked_is_no_news(store: Store) -> None:
    add_run(store)
    os.utime(notify_path(), (4e9, 4e9))
    assert tell(store, Post()) == 0


def test_only_the_rules_that_were_chosen_tell(store: Store) -> None:
    write_subscription(Subscription(("good://one",), when=("failed",), address="http://lab:8501/"))
    os.utime(notify_path(), (1, 1))
    add_run(store)
    failed = add_run(store, "failed")
    post = Post()
    assert tell(store, post) == 1
    assert post.sent[0][1].endswith(f"\nhttp://lab:8501/run?run={failed.id}")


def test_what_the_doctor_is_sure_of_is_told_while_the_run_trains_and_once(store: Store) -> None:
    runs = [add_run(store, "running", epochs=6, name=f"run {place}") for place in range(3)]
    for run, rule in zip(runs, ("not-finite", "learns-nothing", "of-a-plug-in"), strict=True):
        store.sure.put(Sure(run.id, rule, 6, "bad"))
    add_run(store, "running", name="sound")
    write_subscription(Subscription(("good://one",), at_chance_after=7))
    os.utime(notify_path(), (1, 1))
    post = Post()
    assert tell(store, post) == 2
    assert [title for title, _ in post.sent] == [
        "run 0: not finite, the doctor is sure", "run 2: of a plug in, the doctor is sure"]
    assert post.sent[0][1].startswith("after epoch 6: bad; epoch 6 of 6")
    store.runs.update(runs[1].id, epoch=7)
    store.sure.withdraw(runs[0].id, "not-finite", 7)
    assert tell(store, post) == 1 and post.sent[-1][0] == "run 1: learns nothing, the doctor is sure"


def test_a_run_that_the_doctor_stopped_says_so(store: Store) -> None:
    run = add_run(store, "stopped")
    store.runs.update(run.id, error="stopped after epoch 6 of 9, as the doctor is sure of learns-nothing")
    post = Post()
    tell(store, post)
    assert post.sent[0][1].startswith("stopped after epoch 6 of 9, as the doctor is sure of learns-nothing; epoch 2")


def test_an_address_that_does_not_answer_is_tried_thrice_and_told_in_the_store(
        store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.notify.telling._PAUSE_SECONDS", 0.0)
    write_subscription(Subscription(("good://one", "deaf://user:secret@host/token")))
    os.utime(notify_path(), (1, 1))
    run = add_run(store)
    post = Post()
    assert tell(store, post) == 1 and len(post.sent) == 3
    (event,) = [event.message for event in store.events.of(None) if "not sent" in event.message]
    assert event == f"notify: {run.name} finished: not sent to deaf://host/…" and "secret" not in event


@pytest.mark.parametrize(("text", "said"), [
    ("to: json://x", "to must be a list"), ("when: [never]", "'never' is not one of ended, failed"),
    ("whom: []", "'whom' is not one of to, when"), ("at_chance_after: soon", "'soon' is not a whole number"),
    ("[", "not readable YAML"), ("just words", "must be a mapping"),
])
def test_a_mistake_in_the_file_is_one_line(home: Path, text: str, said: str) -> None:
    notify_path().write_text(text)
    with pytest.raises(UserError, match=said) as caught:
        read_subscription()
    assert "notify.yaml" in str(caught.value) and "\n" not in str(caught.value)
    assert tell_request({}) == tell_request({}) == {"sent": 0}
    assert sum("notify.yaml" in event.message for event in Store.open().events.of(None)) == 1


def test_the_file_is_its_owners_alone_and_addresses_are_shown_without_passwords(home: Path) -> None:
    assert main(["notify", "add", "json://user:secret@127.0.0.1/hook", "--when", "failed, study decided"]) == 0
    assert notify_path().stat().st_mode & 0o777 == 0o600
    assert read_subscription() == Subscription(("json://user:secret@127.0.0.1/hook",), ("failed", "study decided"))
    assert shown("json://user:secret@127.0.0.1/hook?x=secret") == "json://127.0.0.1/…"
    assert main(["notify", "remove", "json://user:secret@127.0.0.1/hook"]) == 0 and not read_subscription().to
    assert main(["notify", "remove", "json://x"]) == main(["notify", "add"]) == main(["notify", "test"]) == 2
    assert main(["notify", "--when", "never"]) == 2 and set(RULES) >= {"ended", "failed"}


@pytest.mark.parametrize("address", ["nonsense", "http//lab", "json://", "foo://host/path", ""])
def test_an_address_that_cannot_be_read_is_not_kept(address: str, home: Path,
                                                    capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["notify", "add", address]) == 2
    assert "is not an address that Apprise reads" in capsys.readouterr().err
    assert not notify_path().exists()


@pytest.mark.parametrize(("receiver", "closed"), [(webhook, "json://127.0.0.1:9/closed"), (
    mailbox, "mailto://127.0.0.1:9?from=lab@example.org&to=me@example.org&mode=insecure")])
def test_a_server_takes_a_message(receiver: Callable[[], Receiver], closed: str) -> None:
    with receiver() as (address, got):
        assert send([address, closed, "nonsense"], "a title", "a body") == [closed, "nonsense"]
    assert [(message["title"], message["message"].strip()) for message in got] == [("Darkroom: a title", "a body")]


@pytest.mark.slow
def test_a_killed_run_is_told_by_the_dispatcher_to_a_webhook_and_by_mail(home: Path) -> None:
    with webhook() as (hook, posted), mailbox() as (mail, mails):
        assert main(["notify", "add", hook, mail]) == 0
        store = Store.open()
        run = submit(store, parse_config({"dataset": "Digits", "image_size": 96, "epochs": 50, "device": "cpu"}))
        until(lambda: store.runs.get(run.id).status == "running" and store.runs.get(run.id).epoch >= 1, 120)
        os.kill(trainer_pid(store.runs.get(run.id)), signal.SIGKILL)
        for got in (posted, mails):
            (message,) = until(lambda got=got: [each for each in got if "failed" in each["title"]], 120)
            assert message["title"] == f"Darkroom: {run.name} failed" and "killed by signal 9" in message["message"]
    assert (mails[-1]["from"], mails[-1]["to"]) == ("<lab@example.org>", ["<me@example.org>"])
