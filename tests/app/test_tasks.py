"""What pages show of a task: rows whose views are there, and nobody else who knows the name of one."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import astuple
from pkgutil import resolve_name
from typing import Any

import pytest

from app.tasks import VIEWS, TaskView, view_of
from engine.home import ROOT
from engine.tasks import TASKS


def _places(value: Any) -> Iterator[str]:
    """Each ``module:name`` in a row."""
    if isinstance(value, str) and ":" in value and " " not in value:
        yield value
    elif isinstance(value, dict):
        yield from _places(list(value.values()))
    elif isinstance(value, (tuple, list)):
        for each in value:
            yield from _places(each)


@pytest.mark.parametrize("task", [*VIEWS, "another"])
def test_every_view_that_a_row_names_is_there(task: str) -> None:
    places = list(_places(astuple(view_of(task))))
    assert places and all(callable(resolve_name(place)) for place in places)


def test_every_row_is_of_a_task_and_a_task_without_one_is_shown_plainly() -> None:
    assert VIEWS.keys() <= TASKS.keys()
    assert view_of("another") == TaskView()


def test_only_the_rows_name_a_task() -> None:
    files = [file for layer in ("app", "pages") for file in sorted((ROOT / layer).rglob("*.py"))
             if file != ROOT / "app" / "tasks.py"]
    named = {str(file.relative_to(ROOT)): node.value for file in files for node in ast.walk(ast.parse(file.read_text()))
             if isinstance(node, ast.Constant) and node.value in TASKS}
    assert files and not named
