"""Configs keep their hashes: by them runs are found again, and a study knows what it has."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from engine.config import parse_config
from tests.engine.data import box_sources as annotated_sources
from tests.engine.data import sources

PINNED: list[tuple[str, dict[str, Any]]] = json.loads(Path(__file__).with_name("config_hashes.json").read_text())
"""As commit 9efc410 computed them; a line may be added, none is ever changed."""


@pytest.fixture(scope="module")
def own_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with small data sets of each kind that users bring, where the configs look for them."""
    place = tmp_path_factory.mktemp("own")
    sources.class_folder(place / "pets")
    sources.arrays(place / "arrays")
    annotated_sources.voc(place / "voc", annotated_sources.many())
    annotated_sources.coco(place / "coco", annotated_sources.many())
    return place


def test_every_config_has_the_hash_it_had(own_data: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(own_data)
    found = [(parse_config(options).hash(), options) for _, options in PINNED]
    assert [pair for pair, pinned in zip(found, PINNED, strict=True) if pair != tuple(pinned)] == []


def test_they_tell_configs_apart_but_for_what_decides_nothing() -> None:
    hashes = [digest for digest, _ in PINNED]
    assert len(hashes) >= 50 and len(set(hashes)) == len(hashes) - 3
