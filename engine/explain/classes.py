"""Predicts classes of pictures with a run's model, and explains them."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from engine.catalog.datasets import file_datasets
from engine.config.steps import is_cropped
from engine.data import load_dataset
from engine.data.dataset import Images
from engine.data.streaming import subset
from engine.evaluation.checkpoints import checkpoint_folder
from engine.evaluation.label_results import stored_thresholds
from engine.evaluation.results import class_names
from engine.explain.methods import explain
from engine.explain.model import load_trained_model, prepare_pictures, visible_shares
from engine.explain.photograph import decode_as_photograph
from engine.explain.picture import decode_upload, read_upload
from engine.store import Run, Store
from engine.training.run_pictures import run_pictures

_AT_ONCE = 16


def explain_pictures(request: dict[str, Any]) -> dict[str, Any]:
    """Answer a request with the keys

    - ``run``: id; ``checkpoint``: ``best``, ``last`` or ``epoch-0003``;
    - either ``file``: path of a picture, and ``invert``: whether to invert brightness; or ``ids``: positions in
      ``split`` (``test``, ``val`` or ``train``) of the run's data, or of ``dataset`` in ``data_path`` if given;
    - ``label``: the class to explain, None for each picture's predicted class.

    Returns:
        ``classes``: names in label order; ``method``: description of the method; ``pictures``: a list of
        ``probabilities`` (K numbers that sum to 1), ``shown`` (height and width of the part that the model gets, as
        shares of the picture's) and ``map`` (rows of numbers from 0 to 1, for that part).

    Raises:
        UserError: the checkpoint or the pictures are missing.
    """
    return _explained(request, lambda logits: logits.softmax(1))


def explain_labels(request: dict[str, Any]) -> dict[str, Any]:
    """As :func:`explain_pictures`, for pictures with any number of classes.

    Returns:
        Also ``thresholds``, the probability from which on each class is predicted, and ``note``, a sentence if they are
        not those of the checkpoint. Probabilities do not sum to 1.
    """
    store = Store.open()
    run = store.runs.get(int(request["run"]))
    weights = checkpoint_folder(run, request.get("checkpoint", "best"))
    thresholds, note = stored_thresholds(store, run, weights)
    return _explained(request, torch.sigmoid) | {"thresholds": thresholds.round(6).tolist(), "note": note}


def _explained(request: dict[str, Any], link: Callable[[Tensor], Tensor]) -> dict[str, Any]:
    run = Store.open().runs.get(int(request["run"]))
    model = load_trained_model(run, request.get("checkpoint", "best"))
    images = _load_pictures(run, request)
    inputs = prepare_pictures(run, images).split(_AT_ONCE)
    parts = [explain(model, some, request.get("label")) for some in inputs]
    probabilities = link(torch.cat([part.logits for part in parts]))
    maps = torch.cat([part.maps for part in parts])
    return {"classes": list(class_names(run)), "method": parts[0].method,
            "pictures": [{"probabilities": [round(value, 6) for value in row], "shown": list(shown),
                          "map": [[round(value, 3) for value in line] for line in heat]}
                         for row, shown, heat in zip(probabilities.tolist(), visible_shares(run, images),
                                                     maps.tolist(), strict=True)]}


def _load_pictures(run: Run, request: dict[str, Any]) -> Images:
    config = run.config_object()
    if "file" in request:
        file = Path(request["file"])
        decode = decode_as_photograph if is_cropped(config) and config.dataset in file_datasets() else decode_upload
        return decode(read_upload(file), file.name, run, invert=bool(request.get("invert")))
    name, data_path = request.get("dataset") or config.dataset, request.get("data_path")
    path = (data_path or "") if request.get("dataset") else config.data_path
    images, _ = run_pictures(config, load_dataset(name, path), "test" if request["split"] == "test" else "train")
    return subset(images, np.asarray(request["ids"], np.int64))
