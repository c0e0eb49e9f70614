"""Columns of options in imported files, with the spellings of their names and values."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import ValidationError

from engine.config import RunConfig
from engine.config.parse import spellings

OPTIONS: dict[str, tuple[str, ...]] = {
    "dataset": ("data", "데이터셋"), "model": ("arch", "architecture", "backbone", "모델"),
    "augmentation": ("augment", "aug", "aug_name"), "optimizer": ("opt", "optimiser"),
    "schedule": ("lr_scheduler", "use_scheduler"), "image_size": ("input_size", "resolution", "imgsz", "img_size"),
    "batch_size": ("batch", "bs"), "train_fraction": ("data_fraction",), "seed": ("random_seed", "random_state"),
    "lr": ("base_lr", "init_lr", "optimizer_lr", "optim_lr", "lr0"), "weight_decay": ("wd", "optimizer_weight_decay"),
}
"""Spellings of options besides those of the command line."""

NAMES = ("name", "tags_mlflow_runname", "run_name", "exp_name", "experiment", "group", "run", "실험군")
STATES = ("state", "status")
RUN_IDS = ("run_id", "id", "run_uuid")
NOT_READ = ("user", "created", "notes", "tags", "sweep", "start_time", "end_time", "duration", "source_type",
            "source_name", "experiment_id", "artifact_uri", "lifecycle_stage", "hostname", "updated", "description",
            "commit", "github", "gpu_count", "gpu_type", "datasets", "models", "version", "report")

# Columns whose values stand for values of other options.
_WORDS: dict[str, dict[str, dict[str, Any]]] = {
    "pretrained": {"yes": {"weights": "pretrained"}, "no": {"weights": "scratch"}},
    "pre_trained": {"yes": {"weights": "pretrained"}, "no": {"weights": "scratch"}},
    "fine_tuned": {"yes": {"fine_tune": "all"}, "no": {"fine_tune": "head"}},
    "finetuned": {"yes": {"fine_tune": "all"}, "no": {"fine_tune": "head"}},
    "schedule": {"yes": {"schedule": "cosine"}, "no": {"schedule": "constant"}},
    "augmentation": {"mixup": {"mixing": "mixup"}, "cutmix": {"mixing": "cutmix"},
                     "none": {"augmentation": "default", "mixing": "none"},
                     "yes": {"augmentation": "weak", "mixing": "none"},
                     "no": {"augmentation": "default", "mixing": "none"}},
}
_BESIDES = {"augmentation": {"mixing": "none"}}
"""By option: values of other options that it implies."""

TRACKED_ONLY = ("epoch",)
"""Columns that hold progress in a tracker's table, not options."""

_PREFIXES = ("metrics.", "params.", "config.", "summary.")
_BETWEEN = re.compile(r"[^\w%]+|_+")


def key_of(column: str) -> str:
    """Normalise a column's name to lower case with single underscores: ``Top-1 Acc`` to ``top_1_acc``."""
    bare = next((column.removeprefix(prefix) for prefix in _PREFIXES if column.startswith(prefix)), column)
    return _BETWEEN.sub("_", bare.replace("%", "").lower()).strip("_")


def option_of_column(key: str) -> str | None:
    """Return the option of a column, as a field of ``RunConfig``."""
    return spellings().get(key) or next((name for name, others in OPTIONS.items() if key in others), None)


def options_of(key: str, text: str) -> dict[str, Any] | None:
    """Return the options that a cell of a column sets, by field of ``RunConfig``.

    Returns:
        None if the column is not an option, empty if the value is unknown to Darkroom.
    """
    field, word = option_of_column(key), plain(text).lower()
    words = _WORDS.get(field or key)
    if words and "yes" in words:
        word = {"1": "yes", "0": "no"}.get(word, word)
    if words and word in words:
        return words[word]
    if field is None:
        return {} if words else None
    try:
        value = getattr(RunConfig.model_validate({field: plain(text)}), field)
    except (ValidationError, ValueError):
        return {}
    # Validation resets options without effect, but the value of the file still counts.
    value = value if str(value).lower() == word or _equal_numbers(value, word) else plain(text)
    return {field: value, **_BESIDES.get(field, {})}


def plain(text: str) -> str:
    """Replace marks for yes and no by words."""
    if text in ("✓", "✅") or text.lower() == "true":
        return "yes"
    return "no" if text in ("✗", "❌") or text.lower() == "false" else text


def same(one: object, other: object) -> bool:
    """Return whether two values of an option are equal in any spelling."""
    return str(one).lower() == str(other).lower() or _equal_numbers(one, other)


def all_options(settings: Mapping[str, str]) -> dict[str, Any]:
    """Merge the options of all columns; a column of an option overrides columns that imply it."""
    implied: dict[str, Any] = {}
    direct: dict[str, Any] = {}
    for key, text in settings.items():
        options = options_of(key, text) or {}
        (direct if set(options) == {option_of_column(key)} else implied).update(options)
    return implied | direct


def texts_of(values: Iterable[tuple[Any, Any]]) -> dict[str, str]:
    """Return the scalars of a mapping as text, by their key."""
    return {key_of(str(title)): text for title, value in values if (text := cell_of(value))}


def cell_of(value: Any) -> str:
    """Return a value of JSON or YAML as it would stand in a cell: empty for nothing, lists and mappings."""
    return "" if value is None or isinstance(value, (dict, list)) else str(value)


def _equal_numbers(one: object, other: object) -> bool:
    try:
        return float(str(one)) == float(str(other))
    except ValueError:
        return False
