"""The mount that holds a path decides whether it is on the network."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.store import filesystem

_MOUNTS = """22 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw
30 22 0:40 / /data rw shared:2 - nfs4 server:/export rw
31 30 0:41 / /data/fast rw - tmpfs none rw
32 22 0:42 / /my\\040share rw - cifs //server/share rw
33 22 0:43 / /hidden rw - nfs server:/old rw
34 22 0:44 / /hidden rw - ext4 /dev/vdb rw
"""


@pytest.mark.parametrize(("path", "kind"), [
    ("/home/me/runs.db", None), ("/data/runs.db", "nfs4"), ("/data/fast/runs.db", None), ("/database/runs.db", None),
    ("/my share/runs.db", "cifs"), ("/hidden/runs.db", None),
])
def test_network_file_system(path: str, kind: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "mountinfo").write_text(_MOUNTS)
    monkeypatch.setattr(filesystem, "_MOUNTS", tmp_path / "mountinfo")
    assert filesystem.network_file_system(Path(path)) == kind


def test_a_system_without_mountinfo_counts_as_local(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(filesystem, "_MOUNTS", tmp_path / "none")
    assert filesystem.network_file_system(tmp_path) is None
