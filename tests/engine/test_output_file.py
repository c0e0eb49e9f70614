"""What a user asks to be written is a regular file, and nothing is overwritten unasked."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from engine.errors import UserError
from engine.files import output_file


@pytest.mark.parametrize("text", ["", "/", "/dev/null", ".", "~", "a\0b", "x" * 5000])
@pytest.mark.parametrize("overwrite", [False, True])
def test_what_is_no_file_is_refused(text: str, overwrite: bool) -> None:
    with pytest.raises(UserError) as error:
        output_file(text, overwrite=overwrite)
    assert "\n" not in str(error.value) and len(str(error.value)) <= 500


def test_pipes_are_refused_and_files_overwritten_only_when_told(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(UserError, match="device or pipe"):
        output_file(str(tmp_path / "pipe"), overwrite=True)
    (tmp_path / "file").touch()
    with pytest.raises(UserError, match=r"exists already.*--yes"):
        output_file(str(tmp_path / "file"), overwrite=False)
    assert output_file(str(tmp_path / "file"), overwrite=True) == tmp_path / "file"
    assert output_file(str(tmp_path / "new"), overwrite=False) == tmp_path / "new"
