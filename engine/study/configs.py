"""Configs of a study's cells."""

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
    """Return the options of a cell by field: levels override adjustments, adjustments override settings.

    Raises:
        UserError: an option does not exist.
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
    """Return the config of a cell's run, named and tagged after the study.

    Options are validated, but not whether data and weights exist or match.

    Raises:
        UserError: an option does not exist, or its value is invalid.
    """
    options = cell_options(study, cell)
    paths = {key: absolute(str(options[key])) for key in PATHS if options.get(key)}
    tags = (study.name, *_tags(options))
    return parse_options({**options, **paths, "seed": seed, "name": run_name(study, cell, seed), "tags": tags})


def run_name(study: Study, cell: CellKey, seed: int) -> str:
    """``study_ResNet50_train-fraction0.1_s0``: labels such as numbers are prefixed with their factor."""
    parts = [label if factor.is_clear(label) else f"{factor.name.replace('_', '-')}{label}"
             for factor, label in zip(study.varied, cell, strict=True)]
    end = f"_s{seed}"
    name = _UNNAMEABLE.sub("-", "_".join([study.name, *parts]))
    return f"{name[:_LONGEST_NAME - len(end)]}{end}"


def _tags(options: dict[str, Any]) -> tuple[str, ...]:
    tags = options.get("tags", ())
    return tuple(tags.split(",") if isinstance(tags, str) else tags)
