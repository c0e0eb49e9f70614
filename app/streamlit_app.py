"""The dashboard's entry: `streamlit run app/streamlit_app.py`."""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

import asyncio  # noqa: E402
import contextlib  # noqa: E402
from collections.abc import AsyncIterator  # noqa: E402

import streamlit as st  # noqa: E402
from starlette.middleware import Middleware  # noqa: E402
from starlette.routing import Route  # noqa: E402

from app.kit.framework import bound_to, early_script, inline_script_hashes, put_static_files  # noqa: E402
from app.kit.guard import show  # noqa: E402
from app.kit.pulse import CHANGES_URL, wait_for_change  # noqa: E402
from app.kit.store import keep_watch  # noqa: E402
from app.server.connections import limit_connections  # noqa: E402
from app.server.early import EarlyScript  # noqa: E402
from app.server.gate import Gate  # noqa: E402
from app.server.hosts import hosts_of  # noqa: E402
from app.server.login import login_for  # noqa: E402
from app.server.openid import openid_for  # noqa: E402
from engine.home import make_private  # noqa: E402

make_private()
put_static_files()
limit_connections()
hosts = hosts_of(bound_to()[0])
token = login_for(hosts.exposed)
login = openid_for(hosts, bound_to()[1]) or token


@contextlib.asynccontextmanager
async def lifespan(_app: st.App) -> AsyncIterator[None]:
    """Print how to log in, once the port is known, and watch over the home."""
    if login:
        print(f"\n  {login.announcement(f'http://{hosts.shown}:{bound_to()[1]}')}\n", flush=True)
    watch = asyncio.create_task(keep_watch())
    yield
    watch.cancel()


gate = Middleware(Gate, hosts=hosts, login=login, scripts=inline_script_hashes())
early = Middleware(EarlyScript, script=early_script())
app = st.App(ROOT / "app" / "dashboard.py", routes=[Route(f"/{CHANGES_URL}", wait_for_change)], lifespan=lifespan,
             middleware=[gate, early], on_script_error=show)
