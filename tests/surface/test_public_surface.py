"""What people type, click and bookmark stays: commands and their options, fields of the form, addresses of pages."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from streamlit.testing.v1 import AppTest

from app.form.fields import sections
from engine.cli.parser import build_parser

PINNED: dict[str, Any] = json.loads(Path(__file__).with_name("public_surface.json").read_text())
"""As of commit 9efc410. More may come between; nothing goes, and the order stays."""


def commands() -> dict[str, list[str]]:
    """By command, its arguments in order: each one's spellings, with ``=`` behind those that take a value; of one that
    is told by its place, how many values it takes."""
    return dict(_commands(build_parser(), ""))


def form() -> dict[str, list[str]]:
    """The fields of each section in the order they are shown."""
    return {section.value: [field.name for field in fields] for section, fields in sections().items()}


def addresses() -> dict[str, str]:
    """The path of each page by its title, in the order of the menu."""
    def listing() -> None:
        import streamlit as st

        from app.kit.navigation import pages

        st.json({page.title: page.url_path for page in pages().values()})

    found: dict[str, str] = json.loads(AppTest.from_function(listing).run().json[0].value)
    return found


def test_every_command_takes_what_it_took() -> None:
    now = commands()
    assert in_order(PINNED["commands"], now)
    assert {name: lost for name, took in PINNED["commands"].items() if (lost := not_taken(took, now[name]))} == {}


def test_the_form_has_its_fields_in_their_order() -> None:
    now = form()
    assert list(now) == list(PINNED["form"])
    assert [name for name, fields in PINNED["form"].items() if not in_order(fields, now[name])] == []


def test_pages_are_where_they_were() -> None:
    now = addresses()
    assert in_order(PINNED["pages"], now)
    assert {title: now[title] for title in PINNED["pages"]} == PINNED["pages"]


def not_taken(took: list[str], takes: list[str]) -> list[str]:
    """The arguments of which no argument now has all spellings, each of those now counting for one."""
    lost, rest = [], list(takes)
    for argument in took:
        found = next((place for place, other in enumerate(rest) if set(argument.split()) <= set(other.split())), None)
        if found is None:
            lost.append(argument)
        else:
            del rest[found]
    return lost


def in_order(before: Iterable[str], now: Iterable[str]) -> bool:
    """Whether all that was there is there, in the same order."""
    rest = iter(now)
    return all(name in rest for name in before)


def _commands(parser: argparse.ArgumentParser, name: str) -> Iterator[tuple[str, list[str]]]:
    nested = [action for action in parser._actions if isinstance(action, argparse._SubParsersAction)]
    yield name, [_argument(action) for action in parser._actions if action.dest != "help" and action not in nested]
    for actions in nested:
        for word, sub in actions.choices.items():
            yield from _commands(sub, f"{name} {word}".strip())


def _argument(action: argparse.Action) -> str:
    if not action.option_strings:
        return f"value{action.nargs or ''}"
    value = "" if action.nargs == 0 else "="
    return " ".join(f"{spelling}{value}" for spelling in action.option_strings)
