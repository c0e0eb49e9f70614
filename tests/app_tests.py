"""Opening pages without a browser."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from streamlit.components.v2.component_manager import BidiComponentManager
from streamlit.testing.v1 import AppTest

from engine.home import ROOT

PAGES = tuple(sorted(file.stem for file in (ROOT / "pages").glob("*.py")))
"""Every page, as :func:`open_page` takes it."""


def open_page(page: str, /, state: Mapping[str, object] | None = None, **query: str) -> AppTest:
    """The page as a bookmark opens it, with this session state and these query parameters."""
    app = AppTest.from_file(ROOT / "app" / "dashboard.py", default_timeout=60)
    app._bidi_component_manager = _components()
    for name, given in (state or {}).items():
        app.session_state[name] = given
    for name, value in query.items():
        app.query_params[name] = value
    # The start page has no address of its own; the others open by theirs, as from a bookmark.
    return app.run() if page == "launch" else app.switch_page(f"../pages/{page}.py").run()


@cache
def _components() -> BidiComponentManager:
    """One for all, as in a server: to look for components reads the metadata of everything that is installed."""
    found = BidiComponentManager()
    found.discover_and_register_components(start_file_watching=False)
    return found


def shown(app: AppTest) -> str:
    """All text on the page that is not inside a widget."""
    kinds = ("title", "subheader", "markdown", "caption", "error", "html", "code")
    return "\n".join(str(element.value) for kind in kinds for element in app.get(kind))


def mistakes(app: AppTest) -> list[str]:
    """The mistakes that stand below their fields."""
    return [str(line.value) for line in app.markdown if str(line.value).startswith(":red[:material/error:")]


def assert_calm(app: AppTest) -> None:
    """No error of any kind on the page."""
    assert not app.exception, app.exception
    assert not app.error, [error.value for error in app.error]


def address_of(page: AppTest) -> dict[str, str]:
    """What the page's address carries."""
    return {name: ",".join(value) if isinstance(value, list) else value for name, value in page.query_params.items()}
