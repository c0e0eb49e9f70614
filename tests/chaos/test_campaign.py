"""The short form of ``make chaos``."""

from __future__ import annotations

import secrets
from pathlib import Path

import pytest

from tests.chaos.__main__ import disk
from tests.chaos.campaign import campaign


@pytest.mark.slow
def test_nothing_is_lost_whatever_happens(home: Path) -> None:
    with disk() as base:
        met = campaign(base, 3, secrets.randbelow(10**6))
    assert met and not any(tally.failed for tally in met.values())
