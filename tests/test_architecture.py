"""The order of the engine's rooms, and that every name the docs and the code give as text is there."""

from __future__ import annotations

import ast
import pkgutil
import re
from collections.abc import Iterator
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

from engine.home import ROOT

PAGE = (ROOT / "docs" / "architecture.md").read_text()
ROOMS = [room for row in re.findall(r"^\| (`.*?) \|", PAGE, re.M) for room in re.findall(r"`(\w+)`", row)]
NAMED = sorted(set(re.findall(r"\b(?:engine|app)(?:\.\w+)+", PAGE)))
PLACES = sorted({place for folder in ("engine", "app", "pages") for file in (ROOT / folder).rglob("*.py")
                 for place in re.findall(r"\"((?:engine|app|pages)(?:\.\w+)+:\w+)\"", file.read_text())})


def _modules() -> dict[str, Path]:
    files = sorted((ROOT / "engine").rglob("*.py"))
    names = (".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__") for file in files)
    return dict(zip(names, files, strict=True))


@cache
def _parsed(file: Path) -> ast.Module:
    return ast.parse(file.read_text())


def _imports() -> Iterator[tuple[str, str]]:
    """Every import of one module of the engine by another, also inside functions."""
    modules = _modules()
    for module, file in modules.items():
        for node in ast.walk(_parsed(file)):
            found = [alias.name for alias in node.names] if isinstance(node, ast.Import) else \
                [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)] \
                if isinstance(node, ast.ImportFrom) and node.module else []
            yield from ((module, name) for name in found if name in modules)


def _room(module: str) -> str:
    return module.split(".")[1] if "." in module else ""


def test_every_room_has_its_place_in_the_order() -> None:
    assert {_room(module) for module in _modules()} - {"", "__main__"} == set(ROOMS)


def test_a_room_imports_only_rooms_before_it() -> None:
    order = {room: place for place, room in enumerate(ROOMS)}
    upward = sorted({f"{module} imports {name}" for module, name in _imports()
                     if _room(module) in order and _room(name) in order
                     and order[_room(name)] > order[_room(module)]})
    assert not upward


def test_no_module_lies_in_a_circle_with_others() -> None:
    imported: dict[str, set[str]] = {module: set() for module in _modules()}
    for module, name in _imports():
        if not name.startswith(f"{module}.") and not module.startswith(f"{name}."):
            imported[module].add(name)
    TopologicalSorter(imported).prepare()  # raises CycleError, which names a circle


def test_modules_and_functions_are_short() -> None:
    files = [file for folder in ("engine", "app", "pages", "tests") for file in (ROOT / folder).rglob("*.py")]
    assert not [f"{file}: {lines} lines" for file in files if (lines := file.read_text().count("\n")) > 300]
    functions = [(file, node) for file in files if file.relative_to(ROOT).parts[0] != "tests"
                 for node in ast.walk(_parsed(file)) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    assert not [f"{file}: {node.name}" for file, node in functions if (node.end_lineno or 0) - node.lineno >= 50]


@pytest.mark.parametrize("name", NAMED)
def test_the_architecture_names_what_there_is(name: str) -> None:
    pkgutil.resolve_name(name)


@pytest.mark.parametrize("place", PLACES)
def test_every_place_given_as_text_is_there(place: str) -> None:
    pkgutil.resolve_name(place)
