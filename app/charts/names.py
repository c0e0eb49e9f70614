"""How the curves of runs are told apart in one chart: names that say what differs, colours, and dashes."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.kit.looks import PALETTE, colour
from engine.analysis.compare import config_diff, label
from engine.store import Run

_DASHES = ("solid", "dash", "dot")


@dataclass(frozen=True)
class Look:
    """The name, colour (CSS) and dash of a run or a group; ``key`` stays the same when others join the chart."""

    key: str
    name: str
    colour: str
    dash: str = "solid"


@dataclass(frozen=True, eq=False)
class Group:
    """Runs that agree in the options that a chart is grouped by."""

    look: Look
    runs: tuple[Run, ...]


def looks_of(runs: Sequence[Run]) -> dict[int, Look]:
    """Return how each run looks, by id; a dash only where a run before it has the same colour."""
    used: Counter[str] = Counter()
    found = {}
    for run, name in zip(runs, _names(runs), strict=True):
        shade = colour(run.id)
        found[run.id] = Look(str(run.id), name, shade, _DASHES[used[shade] % len(_DASHES)])
        used[shade] += 1
    return found


def groups_of(runs: Sequence[Run], options: Sequence[str]) -> list[Group]:
    """Return the runs in groups with equal values of the options, in the order of their values."""
    values = dict(config_diff(runs, hide_equal=False))
    keys = [tuple(values[option][place] for option in options) for place in range(len(runs))]
    groups: dict[tuple[Any, ...], list[Run]] = {}
    for run, key in zip(runs, keys, strict=True):
        groups.setdefault(key, []).append(run)
    found = []
    for place, key in enumerate(sorted(groups, key=lambda key: [_order(value) for value in key])):
        name, members = _text(options, key), groups[key]
        shade, dash = PALETTE[place % len(PALETTE)], _DASHES[place // len(PALETTE) % len(_DASHES)]
        found.append(Group(Look(name, f"{name} ({len(members)})", shade, dash), tuple(members)))
    return found


def _order(value: Any) -> tuple[bool, float, str]:
    """Numbers by size, then texts."""
    number = isinstance(value, (int, float))
    return not number, value if number else 0, str(value)


def groupable(runs: Sequence[Run]) -> list[str]:
    """Return the options in which the runs differ."""
    return [field for field, _ in config_diff(runs)]


def _names(runs: Sequence[Run]) -> list[str]:
    """Return the options that tell each run from the others, then what tells equal names apart: seed, name, number."""
    differing = dict(config_diff(runs))
    seeds = differing.pop("seed", None)
    options = _telling(differing)
    names = [_text(options, [differing[option][place] for option in options]) for place in range(len(runs))]
    if seeds:
        names = _told_apart(names, [f"seed {seed}" for seed in seeds])
    names = _told_apart(names, [run.name for run in runs])
    return _told_apart(names, [f"#{run.id}" for run in runs])


def _telling(differing: Mapping[str, Sequence[Any]]) -> list[str]:
    """Return as few of the options as tell the runs apart as well as all do, in the order of the form."""
    chosen: list[str] = []

    def kinds(options: Iterable[str]) -> int:
        return len(set(zip(*(map(str, differing[option]) for option in options), strict=True)))

    while kinds(chosen) < kinds(differing):
        chosen.append(max((option for option in differing if option not in chosen),
                          key=lambda option: kinds([*chosen, option])))
    return [option for option in differing if option in chosen]


def _told_apart(names: Sequence[str], more: Sequence[str]) -> list[str]:
    """Append ``more`` to the names that occur more than once, or are empty."""
    counts = Counter(names)
    return [" · ".join(filter(None, (name, added))) if counts[name] > 1 or not name else name
            for name, added in zip(names, more, strict=True)]


def _text(options: Sequence[str], values: Sequence[Any]) -> str:
    return " · ".join(f"{label(option).lower()} {_value(value)}" for option, value in zip(options, values, strict=True))


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, float):
        return f"{value:g}"
    return "unknown" if value is None else str(value)
