"""Headings of nested groups: which levels there are along one side of a table, and how far each heading reaches."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from engine.study.factors import CellKey


def part(cell: CellKey, factors: Sequence[str], some: Sequence[str]) -> CellKey:
    """The cell's labels in some of the factors, in the order of ``factors``."""
    return tuple(label for factor, label in zip(factors, cell, strict=True) if factor in some)


def keys(cells: Sequence[CellKey], factors: Sequence[str], some: Sequence[str]) -> list[CellKey]:
    """The different parts that the cells have in some of the factors, in order."""
    return list(dict.fromkeys(part(cell, factors, some) for cell in cells))


def spans(lines: Sequence[CellKey]) -> list[dict[int, dict[str, Any]]]:
    """For each line the headings that begin at it, by their depth: a label, and the number of lines it stands for."""
    begun: list[dict[int, dict[str, Any]]] = []
    for place, line in enumerate(lines):
        before = lines[place - 1] if place else ()
        begun.append({depth: {"label": line[depth], "span": _reach(lines[place:], line[:depth + 1])}
                      for depth in range(len(line)) if before[:depth + 1] != line[:depth + 1]})
    return begun


def _reach(lines: Sequence[CellKey], beginning: CellKey) -> int:
    """How many lines at the start begin alike."""
    return next((place for place, line in enumerate(lines) if line[:len(beginning)] != beginning), len(lines))
