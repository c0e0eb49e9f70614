"""A run goes where its config lets it."""

from __future__ import annotations

import pytest

from engine.store.slots import fitting_slot


@pytest.mark.parametrize(("device", "free", "slot"), [
    ("auto", ["cpu", "cuda:0"], "cuda:0"), ("auto", ["cpu"], "cpu"), ("auto", [], None), ("auto", ["mps"], "mps"),
    ("cpu", ["cuda:0"], None), ("cpu", ["cuda:0", "cpu:1"], "cpu:1"), ("cpu", ["cpu"], "cpu"),
    ("cuda", ["cpu", "cuda:3"], "cuda:3"), ("cuda", ["cpu"], None), ("cuda:1", ["cuda:0"], None),
    ("cuda:1", ["cuda:0", "cuda:1"], "cuda:1"),
])
def test_fitting_slot(device: str, free: list[str], slot: str | None) -> None:
    assert fitting_slot(device, free) == slot
