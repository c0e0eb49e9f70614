"""What a run's model says of pictures, and where it looked."""

from pathlib import Path
from typing import Any

import torch

from engine.data.dataset import Pictures
from engine.data.loading import pictures
from engine.evaluation.results import class_names
from engine.explain.methods import explain
from engine.explain.model import as_tested, shown_share, trained_model
from engine.explain.picture import brought_file
from engine.store import Run, Store

_AT_ONCE = 16


def look(request: dict[str, Any]) -> dict[str, Any]:
    """Answer a request with the keys

    - ``run``: id; ``checkpoint``: ``best``, ``last`` or ``epoch-0003``;
    - either ``file``: path of a picture, and ``invert``: whether to exchange light and dark; or ``ids``: positions in
      ``split`` (``test``, ``val`` or ``train``) of the run's data, or of ``dataset`` in ``data_path`` if given;
    - ``label``: the class to explain, None for the one that each picture was taken for.

    Returns:
        ``classes``: names in label order; ``method``: how the maps were drawn, in words; ``shown``: side of what the
        model is shown of a picture, as a share of the picture's; ``pictures``: a list of ``probabilities`` (K numbers
        that sum to 1) and ``map`` (rows of numbers from 0 to 1, of the part that is shown).

    Raises:
        UserError: the checkpoint or the pictures are not there.
    """
    run = Store.open().runs.get(int(request["run"]))
    model = trained_model(run, request.get("checkpoint", "best"))
    asked = _asked_pictures(run, request)
    parts = [explain(model, as_tested(run, asked[start:start + _AT_ONCE]), request.get("label"))
             for start in range(0, len(asked), _AT_ONCE)]
    probabilities = torch.cat([part.logits for part in parts]).softmax(1)
    maps = torch.cat([part.maps for part in parts])
    return {"classes": list(class_names(run)), "method": parts[0].method, "shown": shown_share(run),
            "pictures": [{"probabilities": [round(value, 6) for value in said],
                          "map": [[round(value, 3) for value in row] for row in where]}
                         for said, where in zip(probabilities.tolist(), maps.tolist(), strict=True)]}


def _asked_pictures(run: Run, request: dict[str, Any]) -> Pictures:
    config = run.config_object()
    if "file" in request:
        return brought_file(Path(request["file"]), run, invert=bool(request.get("invert")))
    name, data_path = request.get("dataset") or config.dataset, request.get("data_path")
    path = (data_path or "") if request.get("dataset") else config.data_path
    return pictures(name, path, request["split"], request["ids"])
