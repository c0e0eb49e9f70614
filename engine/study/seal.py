"""Seals: what a study declared when it was first launched, as one hash, so that later changes show."""

import hashlib
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import engine
from engine.launch.provenance import git_state
from engine.study.study import Study

_OUTSIDE = {"name", "tables"}
"""Keys that decide neither what is run nor how it is judged."""


@dataclass(frozen=True)
class Seal:
    """A seal of a version.

    Attributes:
        sha256: hash of the declaration and the code.
        code: the version of the code that launched the study, see :func:`code_text`.
        created_at: unix seconds.
    """

    sha256: str
    code: str
    created_at: float


def make_seal(study: Study) -> Seal:
    """Seal a study as it is declared now, with the code that is running now."""
    code = code_text(*git_state(), engine.__version__)
    return Seal(hash_of(study, code), code, time.time())


def hash_of(study: Study, code: str) -> str:
    """Return the SHA-256, in hexadecimal, of everything that a study declares but its name and its tables.

    Defaults are left out, so that an option that is added to Darkroom later changes no hash.
    """
    declared = study.model_dump(mode="json", exclude=_OUTSIDE, exclude_defaults=True)
    text = json.dumps({"code": code, "declared": declared}, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def code_text(commit: str | None, dirty: bool, version: str) -> str:
    """``abcdef0123`` or ``abcdef0123 with changed files``; without a repository ``Darkroom 0.1.0``."""
    if commit is None:
        return f"Darkroom {version}"
    return f"{commit[:10]}{' with changed files' * dirty}"


def seal_of(stored: Mapping[str, Any]) -> Seal | None:
    """Return a stored seal; None if a version has none."""
    return Seal(**stored) if stored else None
