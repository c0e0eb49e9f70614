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


def _imported(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield (node.module or "").partition(".")[0]


@pytest.mark.parametrize("layer", FORBIDDEN)
def test_no_layer_imports_what_is_above_it(layer: str) -> None:
    files = sorted((ROOT / layer).rglob("*.py"))
    assert files
    wrong = {str(file.relative_to(ROOT)): found for file in files
             if (found := FORBIDDEN[layer] & set(_imported(file)))}
    assert not wrong


def test_opening_every_page_imports_no_torch(home: Path) -> None:
    store = Store.open()
    add_run(store)
    add_run(store)
    script = """
import sys
from tests.app_tests import assert_calm, open_page
import app.form.aside, app.upkeep
app.form.aside.describe = lambda config: None
app.upkeep.ensure_dispatcher = lambda: None
for page in ("launch", "data", "fit", "live", "runs", "compare", "study", "results", "try_image"):
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
import app.form.aside, app.upkeep
app.form.aside.describe = lambda config: None
app.upkeep.ensure_dispatcher = lambda: None
page = open_page("launch")
assert_calm(page)
print(sum("SmallResNet" in option for option in page.selectbox(key="launch_model").options),
      page.selectbox(key="launch_dataset").options.count("Slopes"))
print(sorted(name for name in sys.modules if name.partition(".")[0] in ("torch", "timm", "darkroom_plugins")))
"""
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split("\n")[:2] == ["1 1", "[]"]
