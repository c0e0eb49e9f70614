"""What the dispatcher last told of the warm process."""

from __future__ import annotations

import json

from engine.launch.places import state_path


def warm_state() -> str:
    """``ready`` (runs start in a moment), ``warming`` (they wait for it, seconds), or ``off`` (they start cold)."""
    try:
        return str(json.loads(state_path().read_text())["warm"])
    except (OSError, ValueError):
        return "warming"
