"""The boxes that a run's detector finds in a picture that somebody brings."""

from pathlib import Path
from typing import Any

import numpy as np
import torch

from engine.boxes.nms import kept
from engine.data.boxes.dataset import of_one_picture
from engine.evaluation.box_results import own_nms, own_score
from engine.evaluation.boxes import LookedAt, predict
from engine.evaluation.results import class_names
from engine.explain.model import trained_model
from engine.explain.picture import whole_file
from engine.store import Conditions, Store


def find(request: dict[str, Any]) -> dict[str, Any]:
    """Answer a request with the keys ``run``: id; ``checkpoint``: ``best``, ``last`` or ``epoch-0003``; ``file``: path
    of a picture; ``invert``: whether to exchange light and dark; ``least``: the least score, by default the run's own.

    Returns:
        ``width`` and ``height`` of the picture; ``score_threshold``, the run's own; ``boxes``: of each that reaches
        the least after the run's own suppression its ``class``, ``score`` and ``box`` (x1, y1, x2, y2 in pixels),
        surest first; ``best_score``: of all boxes, 0 where there is none.

    Raises:
        UserError: the checkpoint or the picture is not there.
    """
    run = Store.open().runs.get(int(request["run"]))
    file, classes = Path(request["file"]), class_names(run)
    picture = whole_file(file, invert=bool(request.get("invert")))
    model = trained_model(run, request.get("checkpoint", "best"))
    shown = LookedAt(of_one_picture(picture, file.name, classes), "test", np.zeros(1, np.int64))
    every = kept(predict(run, model, shown, Conditions(), torch.device("cpu")).detections, 0.0, own_nms(run))
    sure = kept(every, float(request.get("least", own_score(run))), 1.0)
    return {"width": picture.shape[1], "height": picture.shape[0], "score_threshold": own_score(run),
            "best_score": round(float(every.scores.max(initial=0)), 6),
            "boxes": [{"class": classes[label], "score": round(score, 6), "box": [round(edge, 1) for edge in box]}
                      for label, score, box in zip(sure.labels.tolist(), sure.scores.tolist(), sure.boxes.tolist(),
                                                   strict=True)]}
