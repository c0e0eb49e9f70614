"""What was changed in a study since it was sealed, each change with its time."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from engine.store import Run
from engine.study.seal import Seal, code_text, hash_of
from engine.study.study import Study
from engine.study.versions import StudyVersion, older_runs
from engine.words import listed

Change = tuple[float, str]
"""When (unix seconds), and what, as in ``margin 0.01 → 0.02``."""


@dataclass(frozen=True)
class Verification:
    """A study held against its seal.

    Attributes:
        seal: None if the study was never launched; then nothing else is known.
        sha256: the hash of the sealed version as it is stored now.
        changes: what later versions and runs have changed, oldest first.
        older: number of results whose runs are older than the study.
    """

    seal: Seal | None
    sha256: str = ""
    changes: tuple[Change, ...] = ()
    older: int = 0

    @property
    def broken(self) -> bool:
        """Whether the stored declaration is not the one that was sealed."""
        return self.seal is not None and self.seal.sha256 != self.sha256

    @property
    def intact(self) -> bool:
        """Whether it is sealed, and nothing was changed since."""
        return self.seal is not None and not self.broken and not self.changes


def verify(versions: Sequence[StudyVersion], runs: Sequence[Run]) -> Verification:
    """Hold a study against its seal.

    Args:
        versions: all versions of the study, oldest first.
        runs: the runs of its finished cells.
    """
    older = len(older_runs(versions, runs))
    for place, version in enumerate(versions):
        if version.seal:
            later = [change for before, after in pairwise(versions[place:])
                     for change in _between(before, after)]
            return Verification(version.seal, hash_of(version.study, version.seal.code),
                                tuple(sorted([*later, *_code_changes(version.seal, runs)])), older)
    return Verification(None, older=older)


def _between(before: StudyVersion, after: StudyVersion) -> Iterator[Change]:
    for text in changes(before.study, after.study):
        yield after.created_at, text


def _code_changes(seal: Seal, runs: Sequence[Run]) -> Iterator[Change]:
    code = seal.code
    for run in sorted(runs, key=lambda run: run.created_at):
        version = run.environment.get("darkroom", "")
        if run.created_at < seal.created_at or not (run.git_commit or version):
            continue
        used = code_text(run.git_commit, run.git_dirty, version)
        if used != code:
            yield run.created_at, f"code changed from {code} to {used}"
        code = used


def changes(before: Study, after: Study) -> list[str]:
    """Describe what differs between two versions, but for their tables, in the order in which keys are declared."""
    return [line for describe in (_value, _seeds, _factors, _options, _patterns, _hypotheses)
            for line in describe(before, after)]


_OWN_WORDS = ("name", "question", "factors", "only", "leave_out", "settings", "adjust", "seeds", "hypotheses", "tables")
"""Keys that are described by functions below, or not at all."""


def _value(before: Study, after: Study) -> Iterator[str]:
    if before.question != after.question:
        yield "question reworded"
    for key in [key for key in Study.model_fields if key not in _OWN_WORDS]:
        yield from _changed(key, getattr(before, key), getattr(after, key))


def _seeds(before: Study, after: Study) -> Iterator[str]:
    for verb, one, other in (("removed", before, after), ("added", after, before)):
        seeds = [seed for seed in one.seeds if seed not in other.seeds]
        if seeds:
            yield f"{'seed' if len(seeds) == 1 else 'seeds'} {listed(seeds, 20)} {verb}"


def _factors(before: Study, after: Study) -> Iterator[str]:
    yield from _items("factor", before.factors, after.factors)
    for name in [name for name in before.factors if name in after.factors]:
        yield from _items(f"{name}: level", before.factors[name], after.factors[name])
        for label, options in before.factors[name].items():
            yield from _each(f"{name}: {label}: ", options, after.factors[name].get(label, options))


def _options(before: Study, after: Study) -> Iterator[str]:
    yield from _each("settings: ", before.settings, after.settings)


def _patterns(before: Study, after: Study) -> Iterator[str]:
    for key in ("adjust", "only", "leave_out"):
        if getattr(before, key) != getattr(after, key):
            yield f"{key} changed"


def _hypotheses(before: Study, after: Study) -> Iterator[str]:
    old, new = ({each.name: each.model_dump(mode="json", exclude={"name"}) for each in study.hypotheses}
                for study in (before, after))
    yield from _items("hypothesis", old, new)
    for name in [name for name in old if name in new]:
        if old[name].pop("claim") != new[name].pop("claim"):
            yield f"hypothesis {name}: reworded"
        yield from _each(f"hypothesis {name}: ", old[name], new[name])


def _items(kind: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[str]:
    yield from (f"{kind} {name} removed" for name in before if name not in after)
    yield from (f"{kind} {name} added" for name in after if name not in before)


def _each(place: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[str]:
    for key in dict.fromkeys([*before, *after]):
        yield from _changed(f"{place}{key}", before.get(key), after.get(key))


def _changed(key: str, before: object, after: object) -> Iterator[str]:
    if before != after:
        yield f"{key} {_text(before)} → {_text(after)}"


def _text(value: object) -> str:
    """Write a value in one line; nothing for what was not declared."""
    return "none" if value is None or value == "" else str(value)
