"""Refusing a set of which something cannot be read."""

from __future__ import annotations

from collections.abc import Sequence

from engine.errors import ConfigError

_NAMED = 5


def refused(skipped: Sequence[str], pictures: int) -> ConfigError:
    """Why a run with ``unreadable=stop`` cannot begin: the first of what cannot be read, beside so many pictures."""
    count = len(skipped)
    named = "; ".join(skipped[:_NAMED]) + (" and others" if count > _NAMED else "")
    return ConfigError("unreadable", "stop", f"possible with {count:,} of {count + pictures:,} pictures that cannot be "
                                             f"read ({named}); skip leaves them out")
