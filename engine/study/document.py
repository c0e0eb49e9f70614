"""Reading and writing studies as YAML."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError
from pydantic_core import ErrorDetails

from engine.config import expectation
from engine.errors import ConfigError, UserError, nearest
from engine.files import absolute, read_text
from engine.home import expanded, real
from engine.study.configs import PATHS
from engine.study.factors import label_of
from engine.study.hypothesis import Hypothesis
from engine.study.layers import merge_layers
from engine.study.study import Adjustment, Study, TableSpec
from engine.yaml_text import read_yaml

_KEYS = {"hypotheses": tuple(Hypothesis.model_fields), "tables": tuple(TableSpec.model_fields),
         "adjust": tuple(Adjustment.model_fields)}

KEY_COMMENTS: dict[str, str] = {
    "name": "The name of the study; its runs are tagged with it.",
    "question": "The question, in a sentence.",
    "factors": "What varies. A list of an option's values, or a name for each level with its value or its options.",
    "only": "Keep only cells with these levels; by default all combinations.",
    "leave_out": "Leave out cells with these levels.",
    "settings": "Options that all runs share (docs/options.md lists them).",
    "adjust": "Options for some cells: set applies when a cell has one of the levels.",
    "across": "The factor whose levels are the sets that recipes are ranked over; by default that of the data set.",
    "seeds": "Each cell is run once with each seed. One seed never gives a verdict on a recipe; three may.",
    "metric": "The metric of the hypotheses.",
    "margin": "The smallest difference that matters, in the metric's own unit (0.01: one point of accuracy).",
    "ratio_margin": "The smallest ratio that matters (1.05); without it, ratios get no verdict beside a margin.",
    "hypotheses": "What you expect, before anything runs. kind: difference, interaction, trend, ordering or best.",
    "tables": "Tables: factors as rows and columns, and differences (delta).",
}
"""A comment for each key of a study, in order."""


def load_study(path: Path) -> Study:
    """Load a study from a YAML file; paths of layers and data are relative to its folder.

    Raises:
        UserError: it cannot be read, or is not a study; names the place and what is expected.
    """
    try:
        text = read_text(expanded(path))
    except OSError as error:
        raise UserError(f"study: cannot read {path}: {error.strerror}") from None
    return parse_study(text, real(path).parent)


def parse_study(text: str, folder: Path | None = None) -> Study:
    """Parse a study from YAML text.

    Args:
        folder: base of relative paths; by default the working folder.

    Raises:
        UserError: as :func:`load_study`.
    """
    try:
        declared = read_yaml(text)
    except yaml.YAMLError as error:
        raise UserError(f"study: not YAML: {' '.join(str(error).split())}") from None
    if not isinstance(declared, dict):
        raise UserError("study: must be a mapping with lines such as `name: first` and `factors: {lr: [0.1, 0.01]}`")
    folder = folder or Path.cwd()
    merged = merge_layers({str(key): value for key, value in declared.items()}, folder)
    return study_of(_make_paths_absolute(merged, folder))


def study_of(declared: Mapping[str, Any]) -> Study:
    """Validate a mapping, in full or short form, as a study.

    Raises:
        UserError: one line: an unknown or missing key, or an invalid value.
    """
    try:
        return Study.model_validate(declared)
    except ValidationError as error:
        raise _one_line_error(error.errors()[0], declared) from None


def dump_study(study: Study, *, commented: bool = False) -> str:
    """Write a study as YAML that :func:`parse_study` reads back, optionally with a comment above each key."""
    declared = study.model_dump(mode="json", exclude_defaults=True)
    declared["factors"] = {name: _short(name, levels) for name, levels in study.factors.items()}
    declared.setdefault("seeds", list(study.seeds))
    declared.setdefault("metric", study.metric)
    parts = []
    for key, help in KEY_COMMENTS.items():
        if key in declared:
            # Write lists and mappings of scalars on one line; with this style a scalar would become {key: value}.
            inline = None if isinstance(declared[key], dict | list) else False
            body = yaml.safe_dump({key: declared[key]}, sort_keys=False, allow_unicode=True, width=110,
                                  default_flow_style=inline)
            parts.append(f"# {help}\n{body}" if commented else body)
    return ("\n" if commented else "").join(parts)


def _short(factor: str, levels: Mapping[str, Mapping[str, Any]]) -> Any:
    """Return levels in the shortest equivalent form."""
    if not all(list(options) == [factor] for options in levels.values()):
        return {label: dict(options) for label, options in levels.items()}
    values = {label: options[factor] for label, options in levels.items()}
    return list(values.values()) if all(label_of(value) == label for label, value in values.items()) else values


def _make_paths_absolute(declared: dict[str, Any], folder: Path) -> dict[str, Any]:
    """Make the paths among the options absolute."""
    def convert(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: _from(folder, item) if key in PATHS and isinstance(item, str) else convert(item)
                    for key, item in value.items()}
        return [convert(item) for item in value] if isinstance(value, list) else value

    return {key: convert(value) if key in ("factors", "settings", "adjust") else value
            for key, value in declared.items()}


def _from(folder: Path, path: str) -> str:
    return absolute(str(folder / expanded(path))) if path else ""


def _one_line_error(details: ErrorDetails, declared: Mapping[str, Any]) -> UserError:
    """Format a validation error as one line: ``hypotheses: H1: between: is missing``."""
    place = [str(part) for part in details["loc"]]
    if len(place) > 1 and place[0] in _KEYS and place[1].isdigit():
        place[1] = _title(declared[place[0]], int(place[1]))
    where = ": ".join(place) or "study"
    if details["type"] == "extra_forbidden":
        close = nearest(place[-1], _KEYS.get(place[0], ()) if len(place) > 1 else [*Study.model_fields, "layers"])
        return UserError(f"{where}: no such key" + (f"; nearest: {', '.join(close)}" if close else ""))
    if details["type"] == "missing":
        return UserError(f"{where}: is missing")
    if details["type"] == "value_error":
        return UserError(f"{where}: {expectation(details)}")
    return ConfigError(where, details["input"], expectation(details))


def _title(parts: Any, place: int) -> str:
    part = parts[place] if isinstance(parts, list | tuple) else None
    named = (part.get("name") or part.get("title")) if isinstance(part, Mapping) else None
    return str(named or place + 1)
