"""The short form of ``make chaos``."""

from __future__ import annotations

import secrets
from pathlib import Path

import pytest

from tests.chaos.campaign import campaign


@pytest.mark.slow
def test_nothing_is_lost_whatever_is_killed(home: Path) -> None:
    assert campaign(1, secrets.randbelow(10**6))
