"""What to evaluate, as somebody asks for it: from the command line, from a page, or as a job. Imports no torch."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from engine.catalog.choices import TTA
from engine.data.views import parse_scales
from engine.errors import ConfigError, UserError
from engine.evaluation.checkpoints import checkpoint_folder, checkpoint_name, kept_checkpoints
from engine.evaluation.conditions import SPLITS, in_normal_form
from engine.files import absolute
from engine.store import Conditions, Run
from engine.tasks import task_of


def requested(run: Run, request: Mapping[str, Any]) -> list[Conditions]:
    """Everything a request asks for, in the order in which it is to be done.

    Args:
        request: JSON; each may be missing. ``checkpoint``: ``best``, ``last``, the number of an epoch, or ``all``;
            ``split``: ``test``, ``val`` or ``both``; ``tta``; ``scales``: such as ``36+40+44``; ``dataset`` and
            ``data_path``: another data set, of which there is only ``test``; a path alone is :func:`place_of_own`.

    Raises:
        UserError: a checkpoint was not kept, or one of the words is none of these.
    """
    dataset = str(request.get("dataset", ""))
    place = absolute(str(request.get("data_path", ""))) if dataset else ""
    how = Conditions(tta=_one_of("tta", request.get("tta", "none"), TTA), scales=_scales(request.get("scales", "")),
                     dataset=dataset, data_path=place)
    if (how.tta != "none" or how.scales) and not task_of(run.config["dataset"]).averages:
        raise UserError(f"{run.name}: {run.task} looks at every picture once, without tta and at no other scales")
    splits = _splits(str(request.get("split", "both")), how.dataset)
    checkpoints = _checkpoints(run, str(request.get("checkpoint", "best")))
    config = run.config_object()
    return [in_normal_form(replace(how, checkpoint=name, split=split), config)
            for name in checkpoints for split in splits]


def place_of_own(request: Mapping[str, Any]) -> str:
    """Where the run's own pictures are now: the request's path, if it names no other data set; empty: where they
    were."""
    return "" if request.get("dataset") else str(request.get("data_path", ""))


def _checkpoints(run: Run, asked: str) -> list[str]:
    if asked != "all":
        name = checkpoint_name(asked)
        checkpoint_folder(run, name)
        return [name]
    kept = list(kept_checkpoints(run))
    if not kept:
        raise UserError(f"{run.name}: has no checkpoint to evaluate")
    return kept


def _splits(asked: str, dataset: str) -> list[str]:
    _one_of("split", asked, {**SPLITS, "both": ""})
    if not dataset:
        return ["val", "test"] if asked == "both" else [asked]
    if asked == "val":
        raise UserError(f"split: only the test pictures of {dataset} are looked at, there is no val")
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
