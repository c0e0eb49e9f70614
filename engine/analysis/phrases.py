"""Phrases in English and Korean, one row each; values are filled in by name."""

from collections.abc import Mapping

from engine.errors import ConfigError

Words = Mapping[str, tuple[str, str]]
"""The phrases by their key, in the order of :data:`LANGUAGES`."""

LANGUAGES = {"en": "English", "ko": "한국어"}


def phrase(rows: Words, key: str, language: str, **values: object) -> str:
    """Return the row's phrase with the values filled in.

    Raises:
        KeyError: there is no such row.
        ValueError: there is no such language.
    """
    return rows[key][[*LANGUAGES].index(language)].format(**values)


def check_language(language: str) -> str:
    """Return the language if there are phrases in it.

    Raises:
        ConfigError: there are none.
    """
    if language not in LANGUAGES:
        raise ConfigError("language", language, f"one of {', '.join(LANGUAGES)}")
    return language
