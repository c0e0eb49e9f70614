"""``Ledger``: the account of a source. Every file or row that was found is used, or left out for a reason."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from itertools import chain
from typing import Any, Self

from pydantic import TypeAdapter

from engine.words import listed

FIRST = 5
"""Names that are kept of those left out for one reason."""

_CLASSES = 12
_PICTURES: Mapping[str, str] = {}


@dataclass(frozen=True)
class LeftOut:
    """What was left out for one reason, with the first names."""

    reason: str
    count: int
    first: tuple[str, ...] = ()

    def __str__(self) -> str:
        more = ", …" if self.count > len(self.first) else ""
        return f"{self.count:,} {self.reason}" + (f" ({', '.join(self.first)}{more})" if self.first else "")


@dataclass(frozen=True)
class Account:
    """What became of everything of one unit.

    Attributes:
        unit: what is counted, in the plural: ``files``, ``boxes``, ``rows``.
        used: how many, by what for: ``train``, ``test``, ``annotations``.

    Raises:
        ValueError: what was used and left out is not what was found.
    """

    unit: str
    found: int
    used: Mapping[str, int]
    left_out: tuple[LeftOut, ...] = ()

    def __post_init__(self) -> None:
        accounted = sum(self.used.values()) + sum(each.count for each in self.left_out)
        if accounted != self.found:
            raise ValueError(f"{self.found} {self.unit} were found, but the ledger accounts for {accounted}")

    @classmethod
    def of_names(cls, unit: str, found: Iterable[str], used: Mapping[str, Iterable[str]],
                 left_out: Mapping[str, str]) -> Self:
        """Return the account of names, each of which is used once or left out.

        Args:
            used: names, by what for.
            left_out: why, by name.

        Raises:
            ValueError: a name is missing, unknown or counted twice.
        """
        kept = {use: list(names) for use, names in used.items()}
        accounted, there = Counter(chain(left_out, *kept.values())), Counter(found)
        if accounted != there:
            wrong = next(iter((accounted - there) | (there - accounted)))
            raise ValueError(f"{wrong} was found {there[wrong]} times, but is in the ledger {accounted[wrong]} times")
        return cls(unit, there.total(), {use: len(names) for use, names in kept.items()}, _by_reason(left_out))

    def leave_out(self, use: str, reasons: Mapping[str, str]) -> Self:
        """Return the account after some of those used for ``use`` were left out after all; ``reasons`` by name."""
        used = dict(self.used) | {use: self.used[use] - len(reasons)}
        return replace(self, used=used, left_out=(*self.left_out, *_by_reason(reasons)))

    def __str__(self) -> str:
        parts = [f"{count:,} for {use}" for use, count in self.used.items()]
        lost = sum(each.count for each in self.left_out)
        return f"{self.found:,} found: {', '.join([*parts, f'{lost:,} left out'] if lost else parts)}"


@dataclass(frozen=True)
class Decision:
    """What was decided for the user from names or values.

    Attributes:
        what: one sentence without a full stop, beginning in lower case.
        reason: why, to follow ``because``; may be empty.
        option: what overrules it, such as ``--reading train=FOLDER``; empty: nothing can.
    """

    what: str
    reason: str = ""
    option: str = ""

    def __str__(self) -> str:
        return f"{self.what}{f', because {self.reason}' * bool(self.reason)}" \
               f"{f'; {self.option} decides otherwise' * bool(self.option)}"


@dataclass(frozen=True)
class Part:
    """The samples of one part.

    Attributes:
        name: ``train``, ``test``, or another that is kept.
        origin: where it comes from: ``the folder seg_train``, ``a stratified fifth, held out by Darkroom``.
        samples: their number, by class; filled in once the pictures were read.
        unit: what is counted, if not pictures: ``boxes in 12 pictures``.
    """

    name: str
    origin: str
    samples: Mapping[str, int] = field(default_factory=dict)
    unit: str = ""

    def __str__(self) -> str:
        most = sorted(self.samples.items(), key=lambda each: -each[1])
        classes = [f"{name} {count:,}" for name, count in (self.samples.items() if len(most) <= _CLASSES else most)]
        unit = f" {self.unit}" if self.unit else ""
        return f"{sum(self.samples.values()):,}{unit} from {self.origin}: {listed(classes, _CLASSES)}"


@dataclass(frozen=True)
class Ledger:
    """The account of a source: how many of what, where each part comes from, and what was decided.

    Attributes:
        looks: what the samples look like, by name: ``sizes``, ``channels``, ``depth``, ``orientation``, ``links``.
        values: what is black and white in pictures of more than 8 bits; None: there are none.
    """

    accounts: tuple[Account, ...] = ()
    parts: tuple[Part, ...] = ()
    decisions: tuple[Decision, ...] = ()
    looks: Mapping[str, str] = field(default_factory=dict)
    values: tuple[float, float] | None = None

    def leave_out(self, use: str, reasons: Mapping[str, str]) -> Self:
        """Return the ledger after some files for ``use`` were left out after all; ``reasons`` by name."""
        return replace(self, accounts=(self.accounts[0].leave_out(use, reasons), *self.accounts[1:]))

    def with_samples(self, samples: Mapping[str, Mapping[str, int]], units: Mapping[str, str] = _PICTURES) -> Self:
        """Return the ledger with the samples of each part by class; a part without an origin was given.

        Args:
            units: what is counted in each part, if not pictures.
        """
        origins = {part.name: part.origin for part in self.parts}
        counted = tuple(Part(name, origins.pop(name, "the set's own files"), classes, units.get(name, ""))
                        for name, classes in samples.items())
        return replace(self, parts=(*counted, *(part for part in self.parts if part.name in origins)))

    def document(self) -> dict[str, Any]:
        """Return the ledger as JSON."""
        return asdict(self)

    @staticmethod
    def of_document(document: Mapping[str, Any]) -> "Ledger":
        """Return the ledger that :meth:`document` returned.

        Raises:
            ValueError: it is none, or its sums do not agree.
        """
        return _DOCUMENTS.validate_python(document)

    def rows(self) -> list[tuple[str, str]]:
        """Return everything as pairs of a name and a text, for people."""
        return [*self.short_rows(), *((account.unit, str(account)) for account in self.accounts),
                *(("left out", str(each)) for account in self.accounts for each in account.left_out),
                *self.looks.items()]

    def short_rows(self) -> list[tuple[str, str]]:
        """Return the parts as pairs of a name and a text: what a run is trained and tested on."""
        return [(part.name, str(part)) for part in self.parts]


NOTHING = Ledger()
"""The account of a source that keeps none."""

_DOCUMENTS = TypeAdapter(Ledger)


def _by_reason(left_out: Mapping[str, str]) -> tuple[LeftOut, ...]:
    names: dict[str, list[str]] = {}
    for name, reason in left_out.items():
        names.setdefault(reason, []).append(name)
    return tuple(LeftOut(reason, len(them), tuple(them[:FIRST])) for reason, them in names.items())
