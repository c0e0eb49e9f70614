"""What the columns of other people's files mean: figures by the metrics' rows, options by a row for each spelling."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from engine.catalog.metrics import CURVES, study_metrics
from engine.config import RunConfig
from engine.config.parse import spellings

F1 = ("f1", "f1_score", "test_f1")
"""Names of columns that hold either of the two figures that are called F1; see :mod:`engine.imports.results_csv`."""

OPTIONS: dict[str, tuple[str, ...]] = {
    "dataset": ("data", "데이터셋"), "model": ("arch", "architecture", "backbone", "모델"),
    "augmentation": ("augment", "aug", "aug_name"), "optimizer": ("opt", "optimiser"),
    "schedule": ("lr_scheduler", "use_scheduler"), "image_size": ("input_size", "resolution"),
    "batch_size": ("batch", "bs"), "train_fraction": ("data_fraction",), "seed": ("random_seed", "random_state"),
    "lr": ("base_lr", "init_lr", "optimizer_lr", "optim_lr"), "weight_decay": ("wd", "optimizer_weight_decay"),
}
"""Other spellings of options than the command line knows."""

NAMES = ("name", "tags_mlflow_runname", "run_name", "exp_name", "experiment", "group", "run", "실험군")
STATES = ("state", "status")
RUN_IDS = ("run_id", "id", "run_uuid")
NOT_READ = ("user", "created", "notes", "tags", "sweep", "start_time", "end_time", "duration", "source_type",
            "source_name", "experiment_id", "artifact_uri", "lifecycle_stage", "hostname", "updated", "description",
            "commit", "github", "gpu_count", "gpu_type", "datasets", "models", "version", "report")

# Columns whose yes and no, or whose words, stand for another option's value.
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
"""By option: what a value of it tells of others, as its column would name them."""

TRACKED_ONLY = ("epoch",)
"""Names of options that a tracker's table has for how far a run came."""

_PREFIXES = ("metrics.", "params.", "config.", "summary.")
_BETWEEN = re.compile(r"[^\w%]+|_+")


def key_of(column: str) -> str:
    """A column's name in lower case with single underscores: ``Top-1 Acc`` is ``top_1_acc``."""
    bare = next((column.removeprefix(prefix) for prefix in _PREFIXES if column.startswith(prefix)), column)
    return _BETWEEN.sub("_", bare.replace("%", "").lower()).strip("_")


def figure_of(key: str) -> str | None:
    """The metric (or ``f1``, which is either of two; see :mod:`engine.imports.results_csv`) that a column holds."""
    if key in F1:
        return "f1"
    rows = study_metrics()
    return key if key in rows else next((name for name, row in rows.items() if key in row.imported), None)


def preferred(keys: Sequence[str], figure: str) -> str:
    """Of several columns of one figure the one that is most surely of the test."""
    return min(keys, key=lambda key: (key != figure, not key.startswith("test"), keys.index(key)))


def curve_of(key: str) -> str:
    """Darkroom's name of a curve; its own where there is none."""
    return next((name for name, row in CURVES.items() if key in row.imported), key)


def option_of_column(key: str) -> str | None:
    """The option that a column holds, by field of ``RunConfig``."""
    return spellings().get(key) or next((name for name, others in OPTIONS.items() if key in others), None)


def options_of(key: str, text: str) -> dict[str, Any] | None:
    """The options that a cell of a column says, by field of ``RunConfig``.

    Returns:
        None where the column means no option, empty where the value is none that Darkroom knows.
    """
    field, said = option_of_column(key), plain(text).lower()
    words = _WORDS.get(field or key)
    if words and "yes" in words:
        said = {"1": "yes", "0": "no"}.get(said, said)
    if words and said in words:
        return words[said]
    if field is None:
        return {} if words else None
    try:
        value = getattr(RunConfig.model_validate({field: plain(text)}), field)
    except (ValidationError, ValueError):
        return {}
    # An option that does not matter by itself is reset: what the file says of it still counts.
    value = value if str(value).lower() == said or _numbers(value, said) else plain(text)
    return {field: value, **_BESIDES.get(field, {})}


def plain(text: str) -> str:
    """Text with the signs for yes and no as words."""
    if text in ("✓", "✅") or text.lower() == "true":
        return "yes"
    return "no" if text in ("✗", "❌") or text.lower() == "false" else text


def same(one: object, other: object) -> bool:
    """Whether two values of an option are equal, however they are spelled."""
    return str(one).lower() == str(other).lower() or _numbers(one, other)


def all_options(settings: Mapping[str, str]) -> dict[str, Any]:
    """What all columns say together; a column of the option itself wins over one that implies it."""
    implied: dict[str, Any] = {}
    direct: dict[str, Any] = {}
    for key, text in settings.items():
        said = options_of(key, text) or {}
        (direct if set(said) == {option_of_column(key)} else implied).update(said)
    return implied | direct


def _numbers(one: object, other: object) -> bool:
    try:
        return float(str(one)) == float(str(other))
    except ValueError:
        return False
