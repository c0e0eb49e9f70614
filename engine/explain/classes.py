"""Predicts classes of pictures with a run's model, and explains them."""

from pathlib import Path
from typing import Any

import torch

from engine.data.dataset import Pictures
from engine.data.loading import pictures
from engine.evaluation.results import class_names
from engine.explain.methods import explain
from engine.explain.model import load_trained_model, prepare_pictures, visible_share
from engine.explain.picture import decode_upload, read_upload
from engine.store import Run, Store

_AT_ONCE = 16


def explain_pictures(request: dict[str, Any]) -> dict[str, Any]:
    """Answer a request with the keys

    - ``run``: id; ``checkpoint``: ``best``, ``last`` or ``epoch-0003``;
    - either ``file``: path of a picture, and ``invert``: whether to invert brightness; or ``ids``: positions in
      ``split`` (``test``, ``val`` or ``train``) of the run's data, or of ``dataset`` in ``data_path`` if given;
    - ``label``: the class to explain, None for each picture's predicted class.

    Returns:
        ``classes``: names in label order; ``method``: description of the method; ``shown``: side of the part that the
        model gets, as a share of the picture's; ``pictures``: a list of ``probabilities`` (K numbers that sum to 1) and
        ``map`` (rows of numbers from 0 to 1, for that part).

    Raises:
        UserError: the checkpoint or the pictures are missing.
    """
    run = Store.open().runs.get(int(request["run"]))
    model = load_trained_model(run, request.get("checkpoint", "best"))
    images = _load_pictures(run, request)
    parts = [explain(model, prepare_pictures(run, images[start:start + _AT_ONCE]), request.get("label"))
             for start in range(0, len(images), _AT_ONCE)]
    probabilities = torch.cat([part.logits for part in parts]).softmax(1)
    maps = torch.cat([part.maps for part in parts])
    return {"classes": list(class_names(run)), "method": parts[0].method, "shown": visible_share(run),
            "pictures": [{"probabilities": [round(value, 6) for value in row],
                          "map": [[round(value, 3) for value in line] for line in heat]}
                         for row, heat in zip(probabilities.tolist(), maps.tolist(), strict=True)]}


def _load_pictures(run: Run, request: dict[str, Any]) -> Pictures:
    config = run.config_object()
    if "file" in request:
        file = Path(request["file"])
        return decode_upload(read_upload(file), file.name, run, invert=bool(request.get("invert")))
    name, data_path = request.get("dataset") or config.dataset, request.get("data_path")
    path = (data_path or "") if request.get("dataset") else config.data_path
    return pictures(name, path, request["split"], request["ids"])
