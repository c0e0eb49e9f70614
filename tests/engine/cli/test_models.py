"""``models`` and ``weights`` list, search and import."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
import timm

from engine.cli.main import main
from engine.home import ROOT, weights_dir
from tests.engine.models.configs import saved


def printed(capsys: pytest.CaptureFixture[str], *words: str) -> list[dict[str, object]]:
    capsys.readouterr()
    assert main([*words, "--json"]) == 0
    found: list[dict[str, object]] = json.loads(capsys.readouterr().out)
    return found


def test_models_are_found_by_words_of_name_and_family(capsys: pytest.CaptureFixture[str]) -> None:
    assert {"name": "resnet18", "family": "resnet", "size": 224, "parameters": 11_689_512} in printed(
        capsys, "models", "resnet 18")
    assert [row["name"] for row in printed(capsys, "models", "tinyvgg")] == [
        f"tinyvgg_{version}" for version in (*"abcde", *(f"{letter}_bn" for letter in "abcde"), "v4")]
    assert len(printed(capsys, "models")) > 1300 and printed(capsys, "models", "no such thing") == []


def test_the_table_counts_parameters(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models", "tinyvgg_v4"]) == 0
    assert capsys.readouterr().out.split() == ["name", "family", "size", "parameters", "tinyvgg_v4", "tinyvgg", "32",
                                               "px", "1,314,906"]


def test_listing_models_imports_no_torch(home: Path) -> None:
    code = "import sys; from engine.cli.main import main; main(['models', 'vit']); main(['weights']); " \
           "sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False, capture_output=True).returncode == 0


def test_a_file_is_imported_under_its_own_or_a_given_name(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    model = timm.create_model("test_resnet")
    own, other = saved(model, home / "test_resnet.safetensors"), saved(model, home / "downloaded.safetensors")
    assert printed(capsys, "weights") == []
    for words in ([own], [other, "--as", "test_resnet.r160_in1k"]):
        assert main(["weights", "import", *words]) == 0
        assert "tensors loaded from" in capsys.readouterr().err
    assert {row["model"] for row in printed(capsys, "weights")} == {"test_resnet", "test_resnet.r160_in1k"}
    assert sorted(path.name for path in weights_dir().iterdir()) == [
        "test_resnet.r160_in1k.safetensors", "test_resnet.safetensors"]


@pytest.mark.parametrize(("words", "said"), [
    (["nothing"], "neither a file nor one of efficientnet-lite0"),
    (["downloaded.safetensors"], "downloaded is not a known model"),
    (["downloaded.safetensors", "--as", "test_vit"], "does not fit test_vit"),
])
def test_what_cannot_be_imported_is_one_line(
    words: list[str], said: str, home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(home)
    saved(timm.create_model("test_resnet"), home / "downloaded.safetensors")
    assert main(["weights", "import", *words]) == 2
    error = capsys.readouterr().err
    assert said in error and error.count("\n") == 1 and not weights_dir().exists()
