"""A run goes where its config lets it."""

from __future__ import annotations

import pytest

from engine.store.slots import fitting_slot


@pytest.mark.parametrize(("device", "free", "slot"), [
    ("auto", ["cuda:0", "cpu"], "cpu"), ("auto", ["cpu"], "cpu"), ("auto", [], None),
    ("cpu", ["cuda:0"], None), ("cpu", ["cuda:0", "cpu:1"], "cpu:1"), ("cpu", ["cpu"], "cpu"),
    ("cuda", ["cpu", "cuda:3"], "cuda:3"), ("cuda", ["cpu"], None), ("cuda:1", ["cuda:0"], None),
    ("cuda:1", ["cuda:0", "cuda:1"], "cuda:1"),
])
def test_fitting_slot(device: str, free: list[str], slot: str | None) -> None:
    assert fitting_slot(device, free) == slot


@pytest.mark.parametrize(("auto", "free", "slot"), [
    ("cuda", ["cpu:0", "cuda:1"], "cuda:1"), ("cuda", ["cpu:0"], None), ("mps", ["mps", "cpu:0"], "mps")])
def test_auto_waits_for_the_kind_it_means(auto: str, free: list[str], slot: str | None) -> None:
    assert fitting_slot("auto", free, auto) == slot
