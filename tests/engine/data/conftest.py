"""Data sets are read here in every home."""

from __future__ import annotations

import pytest


@pytest.fixture
def digits_once() -> None:
    """Digits, too, are read in every home."""
