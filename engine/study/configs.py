"""From a cell of a study to the config of its run."""

import re
from typing import Any

from engine.config import RunConfig, parse_options, resolve_field
from engine.files import absolute
from engine.study.factors import CellKey, fits
from engine.study.study import Study

PATHS = ("data_path", "weights_path")
_UNNAMEABLE = re.compile(r"[/\\'\"`\x00-\x1f\x7f]+")
_LONGEST_NAME = 120


def cell_options(study: Study, cell: CellKey) -> dict[str, Any]:
    """The options of a cell by field of ``RunConfig``: the levels' win over the adjustments', those over the settings.

    Raises:
        UserError: an option that there is not.
    """
    names = list(study.factors)
    options = dict(study.settings)
    for adjustment in study.adjust:
        if fits(cell, names, adjustment.when):
            options |= adjustment.set
    for factor, label in zip(study.varied, cell, strict=True):
        options |= factor.level(label).options
    return {resolve_field(key): value for key, value in options.items()}


def cell_config(study: Study, cell: CellKey, seed: int) -> RunConfig:
    """The config of a cell's run, named and tagged after the study.

    Each option is checked, not whether data and weights are here or fit each other.

    Raises:
        UserError: an option that there is not, or a value that it does not have.
    """
    options = cell_options(study, cell)
    paths = {key: absolute(str(options[key])) for key in PATHS if options.get(key)}
    tags = (study.name, *_tags(options))
    return parse_options({**options, **paths, "seed": seed, "name": run_name(study, cell, seed), "tags": tags})


def run_name(study: Study, cell: CellKey, seed: int) -> str:
    """``study_ResNet50_train-fraction0.1_s0``: a label that tells nothing by itself goes with its factor's name."""
    parts = [label if factor.tells_itself(label) else f"{factor.name.replace('_', '-')}{label}"
             for factor, label in zip(study.varied, cell, strict=True)]
    end = f"_s{seed}"
    name = _UNNAMEABLE.sub("-", "_".join([study.name, *parts]))
    return f"{name[:_LONGEST_NAME - len(end)]}{end}"


def _tags(options: dict[str, Any]) -> tuple[str, ...]:
    tags = options.get("tags", ())
    return tuple(tags.split(",") if isinstance(tags, str) else tags)
