"""Detects objects in an uploaded picture with a run's model."""

from pathlib import Path
from typing import Any

import numpy as np
import torch

from engine.boxes.nms import suppress
from engine.data.boxes.dataset import single_picture_dataset
from engine.evaluation.box_results import own_nms, own_score
from engine.evaluation.boxes import BoxEvalPictures, predict
from engine.evaluation.results import class_names
from engine.explain.model import load_trained_model
from engine.explain.picture import decode_whole_upload, read_upload, values_of
from engine.store import Conditions, Store


def find_boxes(request: dict[str, Any]) -> dict[str, Any]:
    """Answer a request with the keys ``run``: id; ``checkpoint``: ``best``, ``last`` or ``epoch-0003``; ``file``: path
    of a picture; ``invert``: whether to invert brightness; ``least``: lowest score, by default the run's threshold.

    Returns:
        ``width`` and ``height`` of the picture; ``score_threshold`` of the run; ``boxes`` after the run's NMS with at
        least the lowest score: ``class``, ``score`` and ``box`` (x1, y1, x2, y2 in pixels), highest score first;
        ``best_score`` of all boxes, 0 if there are none.

    Raises:
        UserError: the checkpoint or the picture is missing.
    """
    run = Store.open().runs.get(int(request["run"]))
    file, classes = Path(request["file"]), class_names(run)
    picture = decode_whole_upload(read_upload(file), file.name, values_of(run), invert=bool(request.get("invert")))
    model = load_trained_model(run, request.get("checkpoint", "best"))
    shown = BoxEvalPictures(single_picture_dataset(picture, file.name, classes), "test", np.zeros(1, np.int64))
    boxes = suppress(predict(run, model, shown, Conditions(), torch.device("cpu")).detections, 0.0, own_nms(run))
    found = suppress(boxes, float(request.get("least", own_score(run))), 1.0)
    return {"width": picture.shape[1], "height": picture.shape[0], "score_threshold": own_score(run),
            "best_score": round(float(boxes.scores.max(initial=0)), 6),
            "boxes": [{"class": classes[label], "score": round(score, 6), "box": [round(edge, 1) for edge in box]}
                      for label, score, box in zip(found.labels.tolist(), found.scores.tolist(), found.boxes.tolist(),
                                                   strict=True)]}
