"""From texts in widgets to the values they stand for, read as YAML reads them, and back."""

from __future__ import annotations

from typing import Any

import yaml

from engine.yaml_text import read_yaml


def scalar(text: str) -> Any:
    """A number, yes or no, or else the text itself."""
    try:
        value = read_yaml(text)
    except yaml.YAMLError:
        return text
    return value if isinstance(value, (bool, int, float)) else text


def texts(comma_list: str) -> list[str]:
    """The items of a comma list that are not empty."""
    return [item.strip() for item in comma_list.split(",") if item.strip()]
