"""Many at once: tabs of a real server, and processes that record."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Collection, Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import ClientConnection, connect

from engine.config import RunConfig
from engine.home import ROOT, home
from engine.store import Store
from tests.browser.driving import serve

_PAGES = ("", "live", "runs", "compare", "results")
_WRITER = """
import sys
from engine.store import Recorder, Store
with Recorder(Store.open(), int(sys.argv[1]), 1) as recorder:
    for step in range(1, int(sys.argv[2]) + 1):
        recorder.log(step, {"loss": float(step)}, 1)
        print(step, flush=True)
"""


@contextlib.contextmanager
def tabs(count: int) -> Iterator[None]:
    """So many browsers watch pages of a real server, and ask for changes, until leaving."""
    over = threading.Event()
    with serve(home()) as address, ThreadPoolExecutor(count) as pool:
        watching = [pool.submit(_watch, address, _PAGES[number % len(_PAGES)], over) for number in range(count)]
        try:
            yield
        finally:
            over.set()
        assert all(tab.result() for tab in watching)


def _watch(address: str, page: str, over: threading.Event) -> int:
    """Draw a page again at each change, as a tab does; returns how often."""
    drawn, version = 0, ""
    stream = address.replace("http", "ws") + "/_stcore/stream"
    with connect(stream, subprotocols=["streamlit"], origin=address, max_size=None) as socket:  # type: ignore[arg-type, list-item]
        while not over.is_set() or not drawn:
            drawn += _draw(socket, page)
            asked = time.monotonic()
            url = f"{address}/darkroom/changes?since={version}&within=2"
            version = urllib.request.urlopen(url, timeout=20).read().decode()
            assert time.monotonic() - asked < 10
    return drawn


def _draw(socket: ClientConnection, page: str) -> int:
    request = BackMsg()
    request.rerun_script.page_name = page
    socket.send(request.SerializeToString())
    while True:
        message = ForwardMsg.FromString(socket.recv(timeout=60))  # type: ignore[arg-type]
        assert message.delta.new_element.WhichOneof("type") != "exception", message
        if message.WhichOneof("type") == "script_finished":
            return 1


@contextlib.contextmanager
def writers(store: Store, count: int, steps: int, killed: Collection[int]) -> Iterator[None]:
    """So many processes record at once, some of which are killed; what each was told is recorded is there then."""
    runs = [store.runs.create(RunConfig(name=f"writer {number}"), status="stopped", environment={}, git_commit=None,
                              git_dirty=False) for number in range(count)]
    started = [_writer(run.id, 10**9 if number in killed else steps) for number, run in enumerate(runs)]
    yield
    told = []
    for number, process in enumerate(started):
        assert process.stdout is not None
        lines = []
        for line in process.stdout:
            lines.append(line)
            if number in killed and len(lines) == 100 * (number + 1):
                process.kill()
        assert (process.wait() == 0) == (number not in killed)
        told.append(int([line for line in lines if line.endswith("\n")][-1]))
    for number, run in enumerate(runs):
        found, values = store.metrics.since(run.id, "loss", 0)
        assert len(found) >= told[number] and (number in killed or len(found) == steps)
        assert np.array_equal(found, np.arange(1, len(found) + 1)) and np.array_equal(values, found)
        store.runs.delete(run.id)


def _writer(run_id: int, steps: int) -> subprocess.Popen[str]:
    return subprocess.Popen([sys.executable, "-c", _WRITER, str(run_id), str(steps)], cwd=ROOT, text=True,
                            stdout=subprocess.PIPE)
