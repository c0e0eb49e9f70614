"""Exports a trained model as an ONNX file with metadata, after comparing it with torch."""

import contextlib
import io
import json
import logging
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from engine.data import load_dataset
from engine.data.streaming import subset
from engine.errors import UserError
from engine.evaluation.checkpoints import checkpoint_folder
from engine.evaluation.label_results import stored_thresholds
from engine.evaluation.results import class_names
from engine.explain.model import load_trained_model, prepare_pictures
from engine.export.model_file import ExportedFile
from engine.files import replace_file
from engine.store import Run, Store
from engine.tasks import TASKS
from engine.training.run_pictures import run_pictures

OPSET = 20
TOLERANCE = 1e-4
"""Largest accepted difference of a logit, relative to the largest logit or 1."""
INPUT, OUTPUT = "pictures", "logits"
_CHECKED = 64


def export_onnx(run: Run, path: Path, checkpoint: str = "best") -> ExportedFile:
    """Export a checkpoint's model from normalised pictures float32 [batch, C, size, size] to logits [batch, K].

    The file's ``metadata_props`` contain, as JSON, ``class_names``, ``mean``, ``std``, ``input_size``, ``channels`` and
    the model's origin.

    Raises:
        UserError: the checkpoint or the test pictures are missing, the model cannot be exported, or ONNX Runtime's
        logits differ too much from torch's; nothing is written.
        OSError: the file cannot be written.
    """
    model, pictures = load_trained_model(run, checkpoint), _test_pictures(run)
    content = _convert(model, pictures[:2], _metadata(run, checkpoint))
    with torch.inference_mode():
        expected = model(pictures)
    difference = _check(run, content, pictures, expected)
    with replace_file(path) as temporary:
        temporary.write_bytes(content)
    return ExportedFile(str(path), len(content), OPSET, len(pictures), difference)


def _test_pictures(run: Run) -> Tensor:
    """Return evenly spaced pictures of the test set."""
    config = run.config_object()
    images, _ = run_pictures(config, load_dataset(config.dataset, config.data_path), "test")
    chosen = np.unique(np.linspace(0, len(images) - 1, _CHECKED).astype(np.int64))
    return prepare_pictures(run, subset(images, chosen))


def _metadata(run: Run, checkpoint: str) -> dict[str, Any]:
    resolved, config = run.resolved, run.config_object()
    output = {"output": "logits; their softmax are the probabilities of class_names"}
    if not TASKS[run.task].one_class_a_picture:
        thresholds, note = stored_thresholds(Store.open(), run, checkpoint_folder(run, checkpoint))
        output = {"output": "logits; their sigmoid are the probabilities of class_names, each of which is predicted "
                            "from its threshold on", "thresholds": thresholds.tolist(), "thresholds_note": note}
    return {
        "class_names": class_names(run), "mean": resolved["mean"], "std": resolved["std"],
        "input_size": resolved["image_size"], "channels": resolved["channels"],
        "input": "(pixel / 255 - mean) / std, channels first" + ", red green blue" * (resolved["channels"] == 3),
        **output, "model": config.model, "dataset": config.dataset, "run": run.name, "checkpoint": checkpoint,
    }


def _convert(model: nn.Module, example: Tensor, metadata: dict[str, Any]) -> bytes:
    batch = torch.export.Dim("batch", min=1)
    with _silence():
        try:
            program = torch.onnx.export(model, (example,), dynamo=True, input_names=[INPUT], output_names=[OUTPUT],
                                        dynamic_shapes=({0: batch},), opset_version=OPSET, verbose=False)
        except Exception as error:
            raise UserError(f"{metadata['model']} cannot be exported to ONNX: {type(error).__name__}: "
                            f"{(str(error).strip() or 'no message').splitlines()[0][:200]}") from error
    assert program is not None
    program.model.metadata_props.update(
        {key: value if isinstance(value, str) else json.dumps(value) for key, value in metadata.items()})
    content: bytes = program.model_proto.SerializeToString()
    return content


def _check(run: Run, content: bytes, pictures: Tensor, expected: Tensor) -> float:
    """Return the largest difference, with all pictures in a batch and one by one, as the batch size must be dynamic."""
    import onnx
    import onnxruntime

    onnx.checker.check_model(content)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = torch.get_num_threads()
    session = onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
    batches = [pictures, *pictures[:4].split(1)]
    answers = [session.run([OUTPUT], {INPUT: batch.numpy()})[0] for batch in batches]
    wanted = [expected, *expected[:4].split(1)]
    difference = max(float(np.abs(answer - logits.numpy()).max()) for answer, logits in
                     zip(answers, wanted, strict=True))
    allowed = TOLERANCE * max(1.0, float(expected.abs().max()))
    if not difference <= allowed:
        raise UserError(f"{run.name}: the exported model's logits differ from torch's by up to {difference:.2g}, more "
                        f"than {allowed:.2g}: nothing was written")
    return difference


@contextlib.contextmanager
def _silence() -> Iterator[None]:
    """Suppress the exporter's progress on stdout and its warnings."""
    with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        before = logging.root.manager.disable
        logging.disable(logging.WARNING)
        try:
            yield
        finally:
            logging.disable(before)
