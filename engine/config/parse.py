"""Parsing form fields, CLI flags and YAML into ``RunConfig``; an invalid value gives a one-line error."""

import itertools
import math
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError
from pydantic_core import ErrorDetails

from engine.config.checks import check_combination
from engine.config.run_config import NAMED_FIELDS, RunConfig, option_of, with_name
from engine.errors import ConfigError, UserError, hint
from engine.files import read_text
from engine.yaml_text import read_yaml

_EXPECTED = {
    "greater_than": "greater than {gt:g}", "greater_than_equal": "at least {ge:g}", "less_than": "less than {lt:g}",
    "less_than_equal": "at most {le:g}", "int_parsing": "a whole number", "int_type": "a whole number",
    "int_from_float": "a whole number", "float_parsing": "a number", "float_type": "a number",
    "finite_number": "a finite number", "string_type": "text", "string_too_long": "at most {max_length} characters",
    "int_parsing_size": "a number of that size", "bool_parsing": "yes or no", "bool_type": "yes or no",
}


def parse_config(values: Mapping[str, Any]) -> RunConfig:
    """Validate values, as text or typed; keys may be field names or aliases.

    Raises:
        ConfigError: with the key, the value and what is expected.
    """
    config = parse_options(values)
    check_combination(config)
    return config


def parse_options(values: Mapping[str, Any]) -> RunConfig:
    """Validate each option by itself, without checking combinations or the data; raises as :func:`parse_config`."""
    for key, value in values.items():
        if isinstance(value, str) and not _is_text(value):
            raise ConfigError(key, value, "text in UTF-8")
    try:
        return RunConfig.model_validate({resolve_field(key): value for key, value in values.items()})
    except ValidationError as error:
        raise _to_config_error(error) from None


def _is_text(value: str) -> bool:
    """Whether a text has no half of a character, as names that are not UTF-8 have."""
    return value.isascii() or not any("\ud800" <= each <= "\udfff" for each in value)


UNASKED, MOST = 200, 10_000
_RANGES = ("seed", "fold")
"""How many runs a grid may have without being confirmed, and at all."""


class LargeGridError(UserError):
    """A grid of so many runs that it must be confirmed, or shortened."""

    def __init__(self, runs: int) -> None:
        self.runs = runs
        super().__init__(f"these lists make {runs:,} runs: " + (
            f"more than {UNASKED} must be confirmed, by --yes in the terminal" if runs <= MOST
            else f"shorten them to {MOST:,} or fewer"))


def expand_grid(values: Mapping[str, Any], *, confirmed: int = UNASKED) -> list[RunConfig]:
    """Return one config for each combination of the comma-separated lists in ``values``, the last field varying
    fastest.

    Args:
        confirmed: how many runs the user wants to have made.

    Raises:
        ConfigError: for the first invalid combination, or an empty list item.
        LargeGridError: there are more combinations.
    """
    keys = [resolve_field(key) for key in values]
    lists = [_grid_values(key, value) for key, value in zip(keys, values.values(), strict=True)]
    runs = math.prod(map(len, lists))
    if runs > min(confirmed, MOST):
        raise LargeGridError(runs)
    varied = [key for key, items in zip(keys, lists, strict=True) if len(items) > 1]
    configs = [parse_config(dict(zip(keys, combination, strict=True))) for combination in itertools.product(*lists)]
    distinct = list({config.model_dump_json(): config for config in configs}.values())
    if len(distinct) < 2:
        return distinct
    return [_name_by_varied(config, varied) for config in distinct]


def load_yaml(path: Path) -> dict[str, Any]:
    """Read the options in a YAML file, by field name.

    Raises:
        UserError: the file is missing, not YAML, or not a mapping of options.
    """
    try:
        return read_options(read_text(path), path)
    except OSError as error:
        raise UserError(f"config: cannot read {path}: {error.strerror}") from None


def read_options(text: str, source: object) -> dict[str, Any]:
    """Read the options in YAML, by field name.

    Args:
        source: what an error calls the text.

    Raises:
        UserError: it is not YAML, or not a mapping of options.
    """
    try:
        content = read_yaml(text)
    except yaml.YAMLError as error:
        raise UserError(f"config: {source} is not YAML: {' '.join(str(error).split())}") from None
    if not isinstance(content, dict):
        raise UserError(f"config: {source} must contain lines like `lr: 0.1`")
    # A YAML list makes a grid.
    return {resolve_field(str(key)): [str(item) for item in value] if isinstance(value, list) else value
            for key, value in content.items()}


def dump_yaml(config: RunConfig) -> str:
    """Return the config as YAML, which :func:`load_yaml` reads back."""
    return yaml.safe_dump(config.model_dump(mode="json"), sort_keys=False, allow_unicode=True)


def resolve_field(key: str) -> str:
    """Return the field that a name or alias refers to; dashes and underscores are equivalent.

    Raises:
        UserError: no such option; lists the nearest names.
    """
    spelled = key.replace("-", "_")
    names = spellings()
    if spelled not in names:
        raise UserError(f"{key}: no such option{hint(spelled, names)}")
    return names[spelled]


@cache
def spellings() -> Mapping[str, str]:
    """Map every accepted spelling of an option, with underscores, to its field name."""
    names = {field: field for field in RunConfig.model_fields}
    for field in RunConfig.model_fields:
        names |= {alias.replace("-", "_"): field for alias in option_of(field).aliases}
    return names


def _grid_values(key: str, value: Any) -> list[Any]:
    if not option_of(key).grid or not isinstance(value, (str, list)):
        return [value]
    items = [item.strip() for item in value.split(",")] if isinstance(value, str) else value
    if isinstance(value, str) and " " not in value and _has_decimal_commas(key, items):
        decimals = ",".join(".".join(items[place:place + 2]) for place in range(0, len(items), 2))
        raise ConfigError(key, value, f"clear: write {decimals} with decimal points, or {', '.join(items)} "
                          "with spaces for a list")
    items = with_ranges(items) if key in _RANGES else items
    if not items:
        raise ConfigError(key, value, "a list with at least one value")
    if len(items) > 1 and "" in items:
        raise ConfigError(key, value, "a list without empty items")
    return items


def with_ranges(items: list[str]) -> list[str]:
    """Return the items with each range of whole numbers written out: ``0-4`` is 0, 1, 2, 3, 4."""
    found = [(item, re.fullmatch(r"(\d{1,9})\s*-\s*(\d{1,9})", item)) for item in items]
    if sum(int(both[2]) - int(both[1]) for _, both in found if both) > MOST:
        return items
    return [each for item, both in found
            for each in (map(str, range(int(both[1]), int(both[2]) + 1)) if both and int(both[1]) <= int(both[2])
                         else (item,))]


def _has_decimal_commas(key: str, items: list[str]) -> bool:
    """Return whether a list of an option that takes decimals reads like numbers with decimal commas: ``0,0005``."""
    return (RunConfig.model_fields[key].annotation is float and len(items) > 1
            and all(re.fullmatch(r"\d+(e[-+]?\d+)?", item, re.IGNORECASE) for item in items)
            and (len(items) == 2 or any(re.match(r"0\d", item) for item in items)))


def _name_by_varied(config: RunConfig, varied: list[str]) -> RunConfig:
    """Name a run of a grid by what varies, ``name_lr0.1``, unless its default name includes that."""
    included = () if config.name else NAMED_FIELDS
    parts = [f"{field.replace('_', '')}{getattr(config, field)}" for field in varied if field not in included]
    return config.model_copy(update={"name": "_".join([with_name(config).name, *parts])[:120]})


def _to_config_error(error: ValidationError) -> ConfigError:
    first = error.errors()[0]
    key = str(first["loc"][0]) if first["loc"] else "config"
    return ConfigError(key, first["input"], expectation(first))


def expectation(details: ErrorDetails) -> str:
    """Describe what pydantic expected: ``a whole number``, ``at least 1``."""
    template = _EXPECTED.get(details["type"])
    return template.format(**details.get("ctx", {})) if template else details["msg"].removeprefix("Value error, ")
