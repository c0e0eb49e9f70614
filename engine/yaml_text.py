"""Reading YAML where ``1e-4`` is a number, as in YAML 1.2; in PyYAML's YAML 1.1 it is a text."""

import re
from typing import Any

import yaml

_LONGEST = 1 << 20
_DEEPEST = 40
_MOST_NODES = 100_000
_LONGEST_NUMBER = 1000


class _Loader(yaml.SafeLoader):
    """PyYAML's safe one, within bounds. It also knows numbers with an exponent but no point, and leaves dates texts."""

    yaml_implicit_resolvers = {  # noqa: RUF012 - as PyYAML declares it
        first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()}

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self._depth = 0
        self._sizes: dict[int, int] = {}

    def resolve(self, kind: Any, value: Any, implicit: Any) -> Any:
        """Take what is too long for a number, a date or a truth value for a text: some patterns take quadratic time."""
        if kind is yaml.ScalarNode and len(value) > _LONGEST_NUMBER:
            implicit = (False, implicit[1])
        return super().resolve(kind, value, implicit)  # type: ignore[no-untyped-call]

    def compose_node(self, parent: Any, index: Any) -> Any:
        """Refuse nesting that exhausts the stack, and aliases that unfold into more nodes than memory holds."""
        self._depth += 1
        if self._depth > _DEEPEST:
            raise yaml.YAMLError(f"it is nested more than {_DEEPEST} levels deep")
        node = super().compose_node(parent, index)
        self._depth -= 1
        if id(node) not in self._sizes:
            self._sizes[id(node)] = 1 + sum(self._sizes.get(id(child), 0) for child in _children(node))
        if self._sizes[id(node)] > _MOST_NODES:
            raise yaml.YAMLError(f"it has more than {_MOST_NODES:,} values, once its aliases are replaced")
        return node


_Loader.add_implicit_resolver("tag:yaml.org,2002:float", re.compile(r"^[-+]?(\d+(\.\d*)?|\.\d+)[eE][-+]?\d+$"),
                              list("-+.0123456789"))


def _children(node: Any) -> list[Any]:
    if isinstance(node, yaml.MappingNode):
        return [each for pair in node.value for each in pair]
    return list(node.value) if isinstance(node, yaml.SequenceNode) else []


def read_yaml(text: str) -> Any:
    """Parse a YAML text.

    Raises:
        yaml.YAMLError: it is not YAML, or too long or nested too deeply.
    """
    if len(text) > _LONGEST:
        raise yaml.YAMLError(f"it is longer than {_LONGEST:,} characters")
    try:
        return yaml.load(text, _Loader)
    # What its constructors raise at a value that is not of its tag's kind.
    except (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError) as error:
        raise yaml.YAMLError(str(error) or type(error).__name__) from error
