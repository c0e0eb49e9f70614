"""``fit``, and the memory that a dry run tells."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.engine.cli.command import engine, process_document


@pytest.mark.slow
def test_each_combination_is_predicted_against_a_named_size(home: Path) -> None:
    found = process_document("fit", "--model", "tinyvgg_a", "--batch-size", "64,1024", "--device", "cuda",
                             "--memory", "8GB")
    assert [(cell["batch_size"], cell["verdict"], cell["kind"], cell["measured"]) for cell in found] == [
        (64, "fits", "cuda", False), (1024, "fits", "cuda", False)]
    assert found[1]["bytes"] > found[0]["bytes"]
    assert found[0]["available"] == 8e9
    assert found[0]["parameters"] == 153_386
    dry = process_document("train", "--dry-run")
    assert dry["memory"]["verdict"] == "fits"
    assert 0.1 * 2**30 < dry["memory"]["bytes"] < 2**30


def test_a_size_that_is_none_is_refused_in_one_line(home: Path) -> None:
    done = engine("fit", "--memory", "8")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "error: memory: '8' is not a size with its unit, such as 8GB or 24 GiB\n"
