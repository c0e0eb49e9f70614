"""Studies as people write them: YAML in, one clear line where it cannot be, YAML out."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError
from pydantic_core import ErrorDetails

from engine.config import expectation
from engine.errors import ConfigError, UserError, nearest
from engine.files import absolute, read_text
from engine.study.configs import PATHS
from engine.study.factors import label_of
from engine.study.hypothesis import Hypothesis
from engine.study.layers import unlayered
from engine.study.study import Adjustment, Study, TableSpec
from engine.yaml_text import read_yaml

_KEYS = {"hypotheses": tuple(Hypothesis.model_fields), "tables": tuple(TableSpec.model_fields),
         "adjust": tuple(Adjustment.model_fields)}

EXPLAINED: dict[str, str] = {
    "name": "What the study is called; its runs are tagged with it.",
    "question": "What it is to answer, in a sentence.",
    "factors": "What is varied. A list of an option's values, or a name for each level with its value or its options.",
    "only": "Only cells with these levels; by default there is every combination.",
    "leave_out": "Cells that there are not to be.",
    "settings": "Options that all runs share (docs/options.md lists them).",
    "adjust": "Options that only some cells have: set applies when a cell has one of the levels.",
    "seeds": "Each cell is run once with each. One seed never gives a verdict about a recipe; three may.",
    "metric": "What it is judged by.",
    "margin": "The smallest difference that matters, in the metric's own unit (0.01: one point of accuracy).",
    "hypotheses": "What you expect, said before anything runs. kind: difference, interaction, trend, ordering or best.",
    "tables": "Tables as a paper prints them: factors down (rows) and across (columns), and differences (delta).",
}
"""A line for each key of a study, in their order."""


def load_study(path: Path) -> Study:
    """The study in a YAML file; files it names as layers, and data, are looked for from its folder.

    Raises:
        UserError: it cannot be read, or is no study; says where and what was expected.
    """
    try:
        text = read_text(path.expanduser())
    except OSError as error:
        raise UserError(f"study: cannot read {path}: {error.strerror}") from None
    return parse_study(text, path.expanduser().resolve().parent)


def parse_study(text: str, folder: Path | None = None) -> Study:
    """The study in a YAML text.

    Args:
        folder: where relative paths begin; by default the working folder.

    Raises:
        UserError: as :func:`load_study`.
    """
    try:
        declared = read_yaml(text)
    except yaml.YAMLError as error:
        raise UserError(f"study: not YAML: {' '.join(str(error).split())}") from None
    if not isinstance(declared, dict):
        raise UserError("study: must hold lines like `name: first` and `factors: {lr: [0.1, 0.01]}`")
    folder = folder or Path.cwd()
    return study_of(_placed(unlayered({str(key): value for key, value in declared.items()}, folder), folder))


def study_of(declared: Mapping[str, Any]) -> Study:
    """The study that a mapping declares, in full or in short.

    Raises:
        UserError: a key that there is not, one that is missing, or a value that is not possible; one line.
    """
    try:
        return Study.model_validate(declared)
    except ValidationError as error:
        raise _in_one_line(error.errors()[0], declared) from None


def dump_study(study: Study, *, commented: bool = False) -> str:
    """YAML that :func:`parse_study` reads back to an equal study; with a comment above each key if asked."""
    declared = study.model_dump(mode="json", exclude_defaults=True)
    declared["factors"] = {name: _short(name, levels) for name, levels in study.factors.items()}
    declared.setdefault("seeds", list(study.seeds))
    declared.setdefault("metric", study.metric)
    parts = []
    for key, help in EXPLAINED.items():
        if key in declared:
            # Lists and mappings of plain values on one line; a plain value itself would become {key: value}.
            inline = None if isinstance(declared[key], dict | list) else False
            body = yaml.safe_dump({key: declared[key]}, sort_keys=False, allow_unicode=True, width=110,
                                  default_flow_style=inline)
            parts.append(f"# {help}\n{body}" if commented else body)
    return ("\n" if commented else "").join(parts)


def _short(factor: str, levels: Mapping[str, Mapping[str, Any]]) -> Any:
    """Levels as people type them, where that says the same."""
    if not all(list(options) == [factor] for options in levels.values()):
        return {label: dict(options) for label, options in levels.items()}
    values = {label: options[factor] for label, options in levels.items()}
    return list(values.values()) if all(label_of(value) == label for label, value in values.items()) else values


def _placed(declared: dict[str, Any], folder: Path) -> dict[str, Any]:
    """Paths among the options mean the same from every folder."""
    def placed(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: _from(folder, item) if key in PATHS and isinstance(item, str) else placed(item)
                    for key, item in value.items()}
        return [placed(item) for item in value] if isinstance(value, list) else value

    return {key: placed(value) if key in ("factors", "settings", "adjust") else value
            for key, value in declared.items()}


def _from(folder: Path, path: str) -> str:
    return absolute(str(folder / Path(path).expanduser())) if path else ""


def _in_one_line(details: ErrorDetails, declared: Mapping[str, Any]) -> UserError:
    """``hypotheses: H1: between: is missing``: the place in the words of whoever wrote it."""
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
