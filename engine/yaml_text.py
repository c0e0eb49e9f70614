"""YAML as people write it: ``1e-4`` is a number, as YAML 1.2 has it; PyYAML follows 1.1, where it is a text."""

import re
from typing import Any

import yaml


class _Loader(yaml.SafeLoader):
    """PyYAML's safe one, which also knows numbers with an exponent but no point, or no sign of the exponent."""


_Loader.add_implicit_resolver("tag:yaml.org,2002:float", re.compile(r"^[-+]?(\d+\.?\d*|\.\d+)[eE][-+]?\d+$"),
                              list("-+.0123456789"))


def read_yaml(text: str) -> Any:
    """What a YAML text says, in mappings, lists, texts, numbers, yes and no.

    Raises:
        yaml.YAMLError: it is not YAML.
    """
    return yaml.load(text, _Loader)
