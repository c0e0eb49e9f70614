"""Commands in the test's own process."""

from __future__ import annotations

from pathlib import Path
from pkgutil import resolve_name

import pytest

from engine.launch.jobs import JOBS


@pytest.fixture
def jobs_here(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a model costs is computed in this process: no dispatcher, and no import of torch."""
    monkeypatch.setattr("engine.costs.answers.run_job", lambda name, request, **_: resolve_name(JOBS[name])(request))
