"""The README points at what is there."""

import re

from engine.cli.parser import build_parser
from engine.home import ROOT

README = (ROOT / "README.md").read_text()


def test_every_link_and_folder_it_names_is_there() -> None:
    links = [link for link in re.findall(r"\]\(([^)#]+)\)", README) if "://" not in link]
    assert len(links) >= 3
    folders = re.findall(r"^((?:app|pages|engine|tests)/[\w/]*) ", README, flags=re.M)
    assert len(folders) >= 10
    assert [path for path in links + folders if not (ROOT / path).exists()] == []


def test_every_command_it_shows_parses() -> None:
    shown = re.findall(r"python -m engine ((?:[^`#\n\\]|\\\n)+)", README)
    commands = [line.replace("\\\n", " ").split() for line in shown]
    assert len(commands) >= 5
    for words in commands:
        build_parser().parse_args(words)
