"""Commands given damaged files and odd configs, one after another; each is known by its seed and its number."""

from __future__ import annotations

import os
import random
import shlex
import shutil
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple

from engine.cli.main import main
from engine.crash_log import explained
from tests.fuzz import homes
from tests.fuzz.configs import odd_config
from tests.fuzz.damage import CANARY, bombs, damaged, replaced
from tests.fuzz.kinds import KINDS, OTHER, TRAINED, Kind
from tests.fuzz.trial import Outcome, attempt, warm_up

CONFIG = "config"
_MAY_LOSE = ("runs.db", "restore", "snapshots")


class Case(NamedTuple):
    """What was done to which file, the command, how it ended, and what must not be."""

    number: int
    kind: str
    damage: str
    words: Sequence[str]
    outcome: Outcome
    faults: list[str]

    @property
    def line(self) -> str:
        said = self.outcome.err.strip().splitlines()
        return (f"{self.number:>5} {self.kind}: {self.damage}: {shlex.join(self.words)}\n"
                f"      {'; '.join(self.faults)}: {said[-1][:600] if said else ''}")


class Campaign:
    """Cases in a folder of their own.

    Args:
        only: of these kinds.
    """

    def __init__(self, folder: Path, seed: int, only: Sequence[str] = ()) -> None:
        self._folder, self._seed = folder.resolve(), seed
        self._kinds = [name for name in KINDS if not only or name in only]
        warm_up()
        made = attempt((), self._folder, {"DARKROOM_HOME": str(self._folder / "home")}, call=lambda _: homes.make())
        assert made.code == 0, made.err
        for name in self._kinds:
            (self._folder / "originals" / name).mkdir(parents=True)
            KINDS[name].make(self._folder / "originals" / name)

    def files(self, numbers: range) -> Iterator[Case]:
        """Commands that read damaged or hostile files, of every kind by turns."""
        for number in numbers:
            name = self._kinds[number % len(self._kinds)]
            yield self._case(number, name, partial(_damage, KINDS[name]))

    def configs(self, numbers: range) -> Iterator[Case]:
        """Commands that are given odd configs, studies and options."""
        for number in numbers:
            yield self._case(number, CONFIG, odd_config)

    def _case(self, number: int, kind: str, prepare: Callable[[Path, random.Random], tuple[str, list[str]]]) -> Case:
        chance = random.Random(f"{self._seed} {kind} {number}")
        here = self._folder / f"case-{number}"
        shutil.copytree(self._folder / "home", here / "home", symlinks=True)
        if (self._folder / "originals" / kind).is_dir():
            shutil.copytree(self._folder / "originals" / kind, here / "files")
        else:
            (here / "files").mkdir()
        damage, words = prepare(here, chance)
        outcome = attempt(words, here, {"DARKROOM_HOME": str(here / "home")}, call=partial(_call, here),
                          after=partial(_after, kind, words))
        executed = ["something was executed"] if any(here.rglob(CANARY)) else []
        shutil.rmtree(here, ignore_errors=True)
        return Case(number, kind, damage, words, outcome, executed + outcome.faults())


def _damage(kind: Kind, here: Path, chance: random.Random) -> tuple[str, list[str]]:
    root = here / ("home" if kind.of_home else "files")
    there = sorted(path for path in root.glob(kind.files) if path.is_file())
    chosen = chance.sample(there, min(len(there), chance.choice((1, 1, 1, 2))))
    said = [f"{path.relative_to(here)}: {_spoil(path, kind.like, chance)}" for path in chosen]
    target = chosen[0] if chosen else here
    words = chance.choice(kind.commands).replace("{file}", str(target))
    return "; ".join(said), shlex.split(words.replace("{}", str(here / "files")))


def _spoil(path: Path, like: str, chance: random.Random) -> str:
    way = chance.choice(("damaged",) * 6 + ("bomb",) * 3 + ("replaced",))
    if way == "replaced":
        return replaced(path, chance)
    if way == "damaged":
        path.write_bytes(damaged(path.read_bytes(), chance))
        return "damaged"
    kinds = [like or path.suffix.removeprefix("."), ""]
    suffix = next(kind for kind in (kinds if chance.random() < 0.8 else kinds[1:]) if kind in bombs())
    place = chance.randrange(len(bombs()[suffix]))
    path.write_bytes(bombs()[suffix][place])
    return f"bomb {suffix or 'any'} {place}"


def _call(here: Path, words: Sequence[str]) -> int:
    os.chdir(here)
    if words[0] != "go-on":
        return main(words)
    try:
        return homes.go_on(words[1])
    except Exception as error:
        code, line = explained(error)
        os.write(2, f"error: {line}\n".encode())
        return code


def _after(kind: str, words: Sequence[str]) -> str:
    found = homes.look(names=[OTHER] if words[0] == "delete" else [OTHER, TRAINED])
    return "" if kind in _MAY_LOSE and found.startswith("runs: exit 2") else found


class Account:
    """How the cases ended: exit codes, the longest and the largest, and faults."""

    def __init__(self) -> None:
        self.codes: Counter[int] = Counter()
        self.kinds: Counter[str] = Counter()
        self.slowest: Case | None = None
        self.largest: Case | None = None
        self.faulty: list[Case] = []

    def add(self, case: Case) -> None:
        self.codes[case.outcome.code] += 1
        self.kinds[case.kind] += 1
        if self.slowest is None or case.outcome.seconds > self.slowest.outcome.seconds:
            self.slowest = case
        if self.largest is None or case.outcome.memory > self.largest.outcome.memory:
            self.largest = case
        if case.faults:
            self.faulty.append(case)

    @property
    def sentence(self) -> str:
        assert self.slowest is not None and self.largest is not None
        ended = ", ".join(f"{count} with {code}" for code, count in sorted(self.codes.items()))
        return (f"{self.codes.total()} cases ended: {ended}; at most {self.slowest.outcome.seconds:.1f} s "
                f"({self.slowest.kind} {self.slowest.number}) and {self.largest.outcome.memory >> 20:,} MiB "
                f"({self.largest.kind} {self.largest.number}); {len(self.faulty)} faults")
