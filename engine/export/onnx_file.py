"""A trained model as an ONNX file that says what it needs to know, checked against torch before it is kept."""

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
from engine.errors import UserError
from engine.evaluation.results import class_names
from engine.explain.model import as_tested, trained_model
from engine.export.model_file import Exported
from engine.files import replacing
from engine.store import Run

OPSET = 20
TOLERANCE = 1e-4
"""Largest difference of a logit that is kept, as a share of the largest logit, or of 1 where all are smaller."""
INPUT, OUTPUT = "pictures", "logits"
_CHECKED = 64


def export_onnx(run: Run, path: Path, checkpoint: str = "best") -> Exported:
    """Write a checkpoint's model for normalised pictures float32 [batch, C, size, size] to logits [batch, K].

    The file's ``metadata_props`` hold, as JSON, ``class_names``, ``mean``, ``std``, ``input_size``, ``channels`` and
    where the model comes from.

    Raises:
        UserError: there is no such checkpoint, the test pictures are gone, the model cannot be
            exported, or ONNX Runtime's logits are too far from torch's; nothing is written then.
        OSError: the file cannot be written.
    """
    model, pictures = trained_model(run, checkpoint), _test_pictures(run)
    content = _converted(model, pictures[:2], _metadata(run, checkpoint))
    with torch.inference_mode():
        expected = model(pictures)
    difference = _checked(run, content, pictures, expected)
    with replacing(path) as temporary:
        temporary.write_bytes(content)
    return Exported(str(path), len(content), OPSET, len(pictures), difference)


def _test_pictures(run: Run) -> Tensor:
    """Some pictures from all over the test set."""
    config = run.config_object()
    images = load_dataset(config.dataset, config.data_path).test_images
    chosen = np.unique(np.linspace(0, len(images) - 1, _CHECKED).astype(np.int64))
    return as_tested(run, np.asarray(images[chosen]))


def _metadata(run: Run, checkpoint: str) -> dict[str, Any]:
    resolved, config = run.resolved, run.config_object()
    return {
        "class_names": class_names(run), "mean": resolved["mean"], "std": resolved["std"],
        "input_size": resolved["image_size"], "channels": resolved["channels"],
        "input": "(pixel / 255 - mean) / std, channels first" + ", red green blue" * (resolved["channels"] == 3),
        "output": "logits; their softmax are the probabilities of class_names", "model": config.model,
        "dataset": config.dataset, "run": run.name, "checkpoint": checkpoint,
    }


def _converted(model: nn.Module, example: Tensor, metadata: dict[str, Any]) -> bytes:
    batch = torch.export.Dim("batch", min=1)
    with _quiet():
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


def _checked(run: Run, content: bytes, pictures: Tensor, expected: Tensor) -> float:
    """The largest difference, for all pictures at once and one by one: the batch's size must be free."""
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
def _quiet() -> Iterator[None]:
    """The exporter tells its progress on stdout and warns about its own future."""
    with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        before = logging.root.manager.disable
        logging.disable(logging.WARNING)
        try:
            yield
        finally:
            logging.disable(before)
