"""The commit and the libraries, without importing them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from engine.home import ROOT
from engine.launch import provenance


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(provenance, "ROOT", tmp_path)
    provenance._git_state.cache_clear()
    for words in (["init", "-q"], ["config", "user.email", "a@b.c"], ["config", "user.name", "A"]):
        git(tmp_path, *words)
    return tmp_path


def test_a_clean_and_a_changed_repository(repository: Path) -> None:
    assert provenance.git_state() == (None, False)
    (repository / "file").write_text("one")
    git(repository, "add", "file")
    git(repository, "commit", "-q", "-m", "one")
    provenance._git_state.cache_clear()
    commit = git(repository, "rev-parse", "HEAD").strip()
    assert provenance.git_state() == (commit, False)
    (repository / "file").write_text("two")
    provenance._git_state.cache_clear()
    assert provenance.git_state() == (commit, True)


def test_outside_a_repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(provenance, "ROOT", tmp_path)
    provenance._git_state.cache_clear()
    assert provenance.git_state() == (None, False)


def test_the_launch_room_imports_no_torch_and_no_streamlit() -> None:
    code = ("import sys, engine.launch, engine.launch.dispatcher; "
            "from engine.launch.launchers.local import supervisor, warm, worker; "
            "from engine.launch.provenance import environment; environment(); "
            "print(sorted({'torch', 'torchvision', 'timm', 'streamlit'} & sys.modules.keys()))")
    printed = subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    assert printed.strip() == "[]"


def git(folder: Path, *words: str) -> str:
    return subprocess.run(["git", *words], cwd=folder, check=True, capture_output=True, text=True).stdout
