"""Sending news: each once, by a short job that the dispatcher starts when a run ends or finishes an epoch."""

import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from engine.errors import UserError
from engine.home import notify_path
from engine.notify.rules import RULES, News, Scene
from engine.notify.subscription import Subscription, read_subscription
from engine.store import ENDED, Status, Store

_TOLD = "told"
_KEPT_SECONDS = 7 * 86400.0
_TRIES = 3
_PAUSE_SECONDS = 5.0

Send = Callable[[Sequence[str], str, str], list[str]]
"""``(addresses, title, body) -> the addresses that did not take it``, without their passwords."""


def tell_request(_request: dict[str, Any]) -> dict[str, Any]:
    """The job ``notify``: send what is new; why it cannot be sent is an event of the store, once."""
    store = Store.open()
    try:
        return {"sent": tell(store)}
    except UserError as error:
        _report(store, str(error))
        return {"sent": 0}


def _report(store: Store, message: str) -> None:
    if message not in (event.message for event in store.events.of(None)):
        store.events.add(None, "notify", message)


def tell(store: Store, post: Send | None = None) -> int:
    """Send what is new to the addresses of ``notify.yaml``; return the number of messages.

    A message is noted as told once it was sent, or has failed three times, which becomes an event of the store. A kill
    between sending and noting sends it twice.

    Raises:
        UserError: ``notify.yaml`` is wrong, or Apprise is missing.
    """
    subscription = read_subscription()
    if not subscription.to:
        return 0
    now = time.time()
    told: dict[str, float] = {key: when for key, when in store.settings.get(_TOLD, {}).items()
                              if now - when < _KEPT_SECONDS}
    # What ended before anybody asked to be told, or longer ago than told keys are kept, is no news.
    since = max(notify_path().stat().st_mtime if not told else 0.0, now - _KEPT_SECONDS)
    sent = 0
    for news in _news(store, subscription, since):
        if news.key not in told:
            _deliver(store, subscription, news, post or send)
            told[news.key] = time.time()
            store.settings.set(_TOLD, told)
            sent += 1
    return sent


def _news(store: Store, subscription: Subscription, since: float) -> Iterator[News]:
    ended = [run for run in store.runs.list(ENDED) if run.ended_at and run.ended_at >= since and not run.is_imported]
    live = store.runs.list((Status.RUNNING, Status.EVALUATING))
    scene = Scene(store, ended, live, subscription.at_chance_after)
    for rule in subscription.when:
        yield from RULES[rule].find(scene)


def _deliver(store: Store, subscription: Subscription, news: News, post: Send) -> None:
    body = news.body + (f"\n{subscription.address.rstrip('/')}/{news.link}" if subscription.address else "")
    left: Sequence[str] = subscription.to
    for attempt in range(_TRIES):
        if attempt:
            time.sleep(_PAUSE_SECONDS)
        if not (left := post(left, news.title, body)):
            return
    _report(store, f"notify: {news.title}: not sent to {', '.join(map(shown, left))}")


def send(addresses: Sequence[str], title: str, body: str) -> list[str]:
    """Send a message by Apprise; return the addresses that did not take it.

    Raises:
        UserError: Apprise is not installed.
    """
    clients = {address: _client(address) for address in addresses}
    return [address for address, client in clients.items()
            if client is None or not client.notify(body=body, title=f"Darkroom: {title}")]


def check_address(address: str) -> None:
    """Raise a :class:`UserError` if Apprise cannot read the address, or is not installed."""
    if _client(address) is None:
        raise UserError(f"notify: {shown(address)} is not an address that Apprise reads, such as json://host/path, "
                        "mailto://user:password@host or slack://…")


def _client(address: str) -> Any:
    """Return a client of Apprise for one address; None: it cannot read it."""
    try:
        from apprise import Apprise
    except ImportError:
        raise UserError("notify: needs Apprise: pip install -r requirements-notify.txt") from None
    client = Apprise()
    return client if client.add(address) else None


def shown(address: str) -> str:
    """Return an address without what may be a password: its kind and its host."""
    kind, _, rest = address.partition("://")
    return f"{kind}://{rest.rpartition('@')[2].split('/')[0].split('?')[0]}/…" if rest else f"{address[:12]}…"
