"""Korean for sentences that are made elsewhere in English: findings, notes of tables, changes of a sealed study."""

import re
from functools import cache
from pathlib import Path

from engine.yaml_text import read_yaml

_PLACE = re.compile(r"\\\{(\w+)\\\}")


def in_korean(text: str) -> str:
    """Return the sentence in Korean as ``korean.yaml`` has it, or the text itself if it is not one of those."""
    for pattern, korean in _sentences():
        found = pattern.fullmatch(text)
        if found:
            return korean.format(**{name: in_korean(part) for name, part in found.groupdict().items()})
    return text


@cache
def _sentences() -> list[tuple[re.Pattern[str], str]]:
    rows = read_yaml(Path(__file__).with_suffix(".yaml").read_text())
    return [(re.compile(_PLACE.sub(r"(?P<\1>.*?)", re.escape(row["en"]))), row["ko"]) for row in rows]
