"""Every test leaves the process without plug-ins."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.plugin_files import forgotten_afterwards


@pytest.fixture(autouse=True)
def _forgotten() -> Iterator[None]:
    with forgotten_afterwards():
        yield
