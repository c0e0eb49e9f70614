"""Parses evaluation requests from the command line, pages and jobs. Imports no torch."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from engine.catalog.choices import TTA
from engine.data.views import parse_scales
from engine.errors import ConfigError, UserError
from engine.evaluation.checkpoints import checkpoint_folder, checkpoint_name, list_checkpoints
from engine.evaluation.conditions import SPLITS, normalise_conditions
from engine.files import absolute
from engine.store import Conditions, Run
from engine.tasks import task_of


def parse_request(run: Run, request: Mapping[str, Any]) -> list[Conditions]:
    """Return the conditions of all evaluations that a request asks for, in order.

    Args:
        request: JSON with optional keys. ``checkpoint``: ``best``, ``last``, an epoch's number, or ``all``; ``split``:
        ``test``, ``val`` or ``both``; ``tta``; ``scales``: such as ``36+40+44``; ``dataset`` and ``data_path``: another
        data set, with ``test`` only; for a path alone see :func:`moved_data_path`.

    Raises:
        UserError: a checkpoint is not stored, or a value is invalid.
    """
    dataset = str(request.get("dataset", ""))
    place = absolute(str(request.get("data_path", ""))) if dataset else ""
    how = Conditions(tta=_one_of("tta", request.get("tta", "none"), TTA), scales=_scales(request.get("scales", "")),
                     dataset=dataset, data_path=place)
    if (how.tta != "none" or how.scales) and not task_of(run.config["dataset"]).averages:
        raise UserError(f"{run.name}: {run.task} is evaluated without test-time augmentation; leave out tta and scales")
    splits = _splits(str(request.get("split", "both")), how.dataset)
    checkpoints = _checkpoints(run, str(request.get("checkpoint", "best")))
    config = run.config_object()
    return [normalise_conditions(replace(how, checkpoint=name, split=split), config)
            for name in checkpoints for split in splits]


def moved_data_path(request: Mapping[str, Any]) -> str:
    """Return the new place of the run's own pictures: the path of a request without another data set; empty: unchanged.
    """
    return "" if request.get("dataset") else str(request.get("data_path", ""))


def _checkpoints(run: Run, requested: str) -> list[str]:
    if requested != "all":
        name = checkpoint_name(requested)
        checkpoint_folder(run, name)
        return [name]
    kept = list(list_checkpoints(run))
    if not kept:
        raise UserError(f"{run.name}: has no checkpoint to evaluate")
    return kept


def _splits(requested: str, dataset: str) -> list[str]:
    _one_of("split", requested, {**SPLITS, "both": ""})
    if not dataset:
        return ["val", "test"] if requested == "both" else [requested]
    if requested == "val":
        raise UserError(f"split: another data set is evaluated on its test split only; choose test for {dataset}")
    return ["test"]


def _one_of(key: str, value: Any, known: Mapping[str, Any]) -> str:
    if value not in known:
        raise ConfigError(key, value, f"one of {', '.join(known)}")
    return str(value)


def _scales(text: Any) -> tuple[int, ...]:
    try:
        return parse_scales(str(text))
    except ConfigError as error:
        raise ConfigError("scales", text, error.expected) from None
