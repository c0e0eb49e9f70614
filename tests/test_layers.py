"""Who may import whom: pages → app → engine, no Streamlit in the engine, no torch in what the browser shows."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.home import ROOT
from engine.store import Store
from tests.fake_runs import add_run
from tests.plugin_files import forgotten_afterwards, know, put_example

FORBIDDEN = {
    "engine": {"app", "pages", "streamlit", "plotly"},
    "app": {"pages", "torch", "torchvision", "timm"},
    "pages": {"torch", "torchvision", "timm"},
}


FOLDERS = {page.stem: page.stem for page in (ROOT / "pages").glob("*.py")} | {"try_image": "trying"}
"""The folder of each page in ``app``; ``try`` is a word of Python."""
MAY_IMPORT = {
    "kit": {"kit"},
    "server": {"server"},
    "charts": {"kit", "charts"},
    "form": {"kit", "charts", "form"},
    "tasks": {"kit", "charts"},
    "dashboard": {"kit"},
    "streamlit_app": {"kit", "server"},
} | {folder: {"kit", "charts", "form", "tasks", folder} for folder in FOLDERS.values()}
"""What is shared lies below the pages, and no page's folder is imported by another's."""


def _imported(file: Path) -> Iterator[str]:
    """The names of all modules that a file imports, each with what it imports from it."""
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module or ''}.{alias.name}" for alias in node.names)


@pytest.mark.parametrize("layer", FORBIDDEN)
def test_no_layer_imports_what_is_above_it(layer: str) -> None:
    files = sorted((ROOT / layer).rglob("*.py"))
    assert files
    wrong = {str(file.relative_to(ROOT)): found for file in files
             if (found := FORBIDDEN[layer] & {name.partition(".")[0] for name in _imported(file)})}
    assert not wrong


def test_every_folder_of_app_is_a_pages_or_shared() -> None:
    there = {file.stem if file.is_file() else file.name for file in (ROOT / "app").iterdir()
             if file.suffix == ".py" or any(file.glob("*.py"))}
    assert there - {"__init__"} == set(MAY_IMPORT)


@pytest.mark.parametrize("room", MAY_IMPORT)
def test_no_folder_of_app_imports_another_pages(room: str) -> None:
    place = ROOT / "app" / room
    files = sorted(place.rglob("*.py")) if place.is_dir() else [place.with_suffix(".py")]
    _assert_imports(files, MAY_IMPORT[room])


@pytest.mark.parametrize("page", FOLDERS)
def test_a_page_imports_its_own_folder_and_what_is_shared(page: str) -> None:
    _assert_imports([ROOT / "pages" / f"{page}.py"], MAY_IMPORT[FOLDERS[page]])


def _assert_imports(files: list[Path], allowed: set[str]) -> None:
    assert files
    wrong = {str(file.relative_to(ROOT)): found for file in files
             if (found := {name.split(".")[1] for name in _imported(file) if name.startswith("app.")} - allowed)}
    assert not wrong


def test_opening_every_page_imports_no_torch(home: Path) -> None:
    store = Store.open()
    add_run(store)
    add_run(store)
    script = """
import sys
from tests.app_tests import PAGES, assert_calm, open_page
import app.launch.panel, app.kit.store
app.launch.panel.describe = lambda config: None
app.kit.store.ensure_dispatcher = lambda: None
for page in PAGES:
    assert_calm(open_page(page, run="1,2"))
print(sorted({"torch", "torchvision", "timm"} & set(sys.modules)))
"""
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "[]"


def test_the_rows_of_plugins_are_on_the_page_and_none_is_imported(home: Path) -> None:
    put_example(home)
    with forgotten_afterwards():
        know()
    script = """
import sys
from tests.app_tests import assert_calm, open_page
import app.launch.panel, app.kit.store
app.launch.panel.describe = lambda config: None
app.kit.store.ensure_dispatcher = lambda: None
page = open_page("launch")
assert_calm(page)
print(sum("SmallResNet" in option for option in page.selectbox(key="launch_model").options),
      page.selectbox(key="launch_dataset").options.count("Slopes"))
print(sorted(name for name in sys.modules if name.partition(".")[0] in ("torch", "timm", "darkroom_plugins")))
"""
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split("\n")[:2] == ["1 1", "[]"]
