"""What became of runs, told in every tab of the dashboard: the same messages that ``notify`` sends."""

import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from app.kit.framework import component
from app.kit.store import store
from engine.notify.rules import RULES, News, Scene
from engine.store import Run

_SURE = "sure"
_KINDS = {"ended": "ended", "failed": "failed", "not finite": _SURE, "at chance": _SURE, "sure": _SURE}
_LASTS, _MOST = 86_400.0, 20


def tell(news: Sequence[News], *, idle: bool) -> None:
    """Show each message once a browser tab, unless it is older than the tab.

    Args:
        idle: nothing else redraws the calling fragment, which is then redrawn when somebody comes back to the tab.
    """
    mount = component("darkroom_news", html='<i class="news" hidden></i>', css="",
                      js=Path(__file__).with_name("news.js").read_text())
    told = [asdict(each) | {"kind": _KINDS.get(each.key.partition(":")[0], _SURE)} for each in news]
    mount(data={"news": told, "idle": idle}, key="news", on_look_change=lambda: None)


def recent(found: Sequence[Run]) -> list[News]:
    """Return the latest news of those runs that train or have ended within a day.

    Raises:
        UserError: the store cannot be read.
    """
    now = time.time()
    lately = sorted((run for run in found if run.is_ended and now - (run.ended_at or 0.0) < _LASTS
                     and not run.is_imported), key=lambda run: run.ended_at or 0.0)[-_MOST:]
    scene = Scene(store(), lately, [run for run in found if run.is_live], at_chance_after=0)
    return [news for rule in _KINDS for news in RULES[rule].find(scene)]
