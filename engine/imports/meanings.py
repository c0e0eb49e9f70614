"""What a column of figures means: which part, which metric, which scale. What is not stated is not guessed."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache

from engine.catalog.metrics import CURVES, METRICS, study_metrics
from engine.errors import ConfigError
from engine.imports.cells import DECIMALS
from engine.imports.columns import key_of
from engine.imports.formats import Format

F1 = "f1"
"""Either of two metrics called F1; see :mod:`engine.imports.f1`."""

PARTS: dict[str, tuple[str, ...]] = {
    "train": ("training", "train", "trn", "학습", "훈련"),
    "val": ("validation", "valid", "val", "evaluation", "eval", "dev", "검증"),
    "test": ("testing", "test", "tst", "테스트"),
}
PERCENT, SHARE, EACH, SKIP = "percent", "share", "each", "skip"
SCALES = {PERCENT: "0 to 100", SHARE: "0 to 1", EACH: "each run by its own values"}
_NOISE = ("epoch", "mean", "avg", "average", "metrics", "metric", "final", "last", "score", "percent", "pct",
          "percentage", "dataloader", "idx", "0", "overall", "in", "of", "the", "on", "set")
_PERCENT = re.compile(r"%|(?<![a-z])(pct|percent|percentage)(?![a-z])")
_CAMEL = re.compile(r"(?<=[a-z]{2})(?=[A-Z])")
_WITHOUT_PART = ("seconds", "images_per_second", "peak_memory", "parameters")


@dataclass(frozen=True)
class Meaning:
    """What a column holds.

    Attributes:
        metric: a key of :data:`engine.catalog.metrics.METRICS` or of curves, or :data:`F1`; empty if unknown.
        part: ``train``, ``val`` or ``test``; empty if the metric has none, or it is unknown.
        name: the name of its curve.
        scale: one of :data:`SCALES`, empty if its values decide.
        surely: whether the scale was given by the user or is that of a known program.
    """

    metric: str
    part: str
    name: str
    scale: str = ""
    surely: bool = False

    @property
    def of_part(self) -> bool:
        return bool(self.metric) and self.metric not in (*_WITHOUT_PART, "lr")


@dataclass(frozen=True)
class Choices:
    """What the user has decided about a file.

    Attributes:
        columns: by title, ``PART:METRIC``, either with ``:percent``, ``:share`` or ``:each`` behind it, or ``skip``.
        decimal: ``point`` or ``comma``; empty if the file decides.
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    decimal: str = ""

    @classmethod
    def of(cls, columns: Sequence[str], decimal: str = "") -> "Choices":
        """Make them from texts such as ``accuracy=test:top1``."""
        pairs = (text.rpartition("=") for text in columns if text.strip())
        return cls({title.strip(): meant.strip() for title, _, meant in pairs}, decimal)

    def __post_init__(self) -> None:
        if self.decimal not in ("", *DECIMALS):
            raise ConfigError("decimal", self.decimal, f"one of {', '.join(DECIMALS)}")
        for title, text in self.columns.items():
            _chosen(title, text)


def meaning_of(title: str, known: Format | None = None) -> Meaning:
    """Return what a title says by itself; its part is empty if it has none."""
    key = key_of(_CAMEL.sub("_", title))
    scale = PERCENT if _PERCENT.search(title.lower()) else ""
    alone = _without_part().get(key)
    if alone is not None:
        return Meaning(alone, "", alone)
    words = {word: part for part, spelled in PARTS.items() for word in spelled} | dict(known.words if known else {})
    tokens = [each for token in key.split("_") for each in _unglued(token, words)]
    parts = {words[token] for token in tokens if token in words}
    rest = [token for token in tokens if token not in words]
    noise = (*_NOISE, "best") if parts == {"val"} else _NOISE
    metric = next((found for bare in (rest, [token for token in rest if token not in noise])
                   if (found := bases().get("_".join(bare)))), "")
    if len(parts) > 1 or not metric:
        return Meaning("", "", key, scale)
    part = next(iter(parts), "")
    return Meaning(metric, part, curve_name(part, metric) if part else key, scale)


def curve_name(part: str, metric: str) -> str:
    return f"{part}_{'accuracy' if metric == 'top1' else metric}"


@cache
def _without_part() -> dict[str, str]:
    rows = {name: METRICS[name] for name in _WITHOUT_PART} | {"lr": CURVES["lr"]}
    return {key: name for name, row in rows.items() for key in (name, *row.imported)}


def bases() -> Mapping[str, str]:
    """Map the names of metrics without their part, ``acc``, to metrics."""
    return _bases(tuple(study_metrics()))


@cache
def _bases(metrics: tuple[str, ...]) -> Mapping[str, str]:
    words = {word for spelled in PARTS.values() for word in spelled} | {"final"}
    found = {"f1": F1, "f1_score": F1}
    for name in metrics:
        if name not in (*_WITHOUT_PART, "val_accuracy"):
            found |= {"_".join(token for token in key.split("_") if token not in words): name
                      for key in (name, *METRICS[name].imported)}
    return found


def _unglued(token: str, words: Collection[str]) -> list[str]:
    """Part ``valloss`` into ``val`` and ``loss``."""
    word = next((word for word in words if token.startswith(word) and token[len(word):] in bases()), None)
    return [token] if word is None else [word, token[len(word):]]


def resolve(titles: Sequence[str], known: Format | None, chosen: Mapping[str, str], *, table: bool
            ) -> tuple[dict[str, Meaning], dict[str, str], list[str]]:
    """Decide what each of a file's columns of figures means.

    Args:
        titles: those that are no settings and no axis.
        table: whether each row is a run.

    Returns:
        The meanings; the titles that are left out, with the reason; notes on what was decided.
    """
    found = {title: meaning_of(title, known) for title in titles}
    bare = [title for title, meaning in found.items() if meaning.of_part and not meaning.part and title not in chosen]
    part, why = _part_of_bare({title: found[title] for title in found if title not in chosen}, known, table=table)
    left: dict[str, str] = {}
    for title in bare:
        metric = found[title].metric
        if part:
            found[title] = replace(found[title], part=part, name=curve_name(part, metric))
        elif table:
            left[title] = (f"it may be training's, validation's or test's; say which, for example by "
                           f"--column {title!r}=test:{metric}")
    notes = [f"{_names(bare)} {'is' if len(bare) == 1 else 'are'} read as {_WHOSE[part]}, because {why}; --column "
             f"{bare[0]!r}={_other(part)}:{found[bare[0]].metric} would overrule it."] if bare and part else []
    if bare and not part and not table:
        notes.append(f"{_names(bare)}: its part is unknown, so it counts for none and is drawn under its own "
                     f"name; --column {bare[0]!r}=val:{found[bare[0]].metric} says it.")
    for title, text in chosen.items():
        if title in found:
            found[title] = _chosen(title, text)
            left |= {title: "as chosen"} if text == SKIP else {}
    if known is not None and known.percent:
        found = {title: meaning if meaning.surely else replace(meaning, scale=PERCENT, surely=True)
                 for title, meaning in found.items()}
    _leave_doubles_out(found, left)
    return {title: meaning for title, meaning in found.items() if title not in left}, left, notes


_WHOSE = {"train": "training's", "val": "validation's", "test": "the test part's"}


def _part_of_bare(found: Mapping[str, Meaning], known: Format | None, *, table: bool) -> tuple[str, str]:
    """Return the part of figures without one, and why; empty if it is unknown."""
    if known is not None and known.bare:
        return known.bare, f"this is a log of {known.title}"
    parts = {meaning.part for meaning in found.values() if meaning.part}
    plain = {meaning.metric for meaning in found.values() if not meaning.part}
    beside = next((title for title, meaning in found.items() if meaning.part == "val" and meaning.metric in plain),
                  None)
    if beside is not None and "train" not in parts:
        return "train", f"{beside} is there too"
    tested = {meaning.metric for meaning in found.values() if meaning.part == "test"}
    return ("test", "no title names another") if table and parts <= {"test"} and not plain & tested else ("", "")


def _leave_doubles_out(found: Mapping[str, Meaning], left: dict[str, str]) -> None:
    """Leave out all but the shortest title of those with the same meaning."""
    first: dict[tuple[str, str], str] = {}
    for title, meaning in sorted(found.items(), key=lambda item: len(key_of(item[0]))):
        if meaning.metric and title not in left:
            kept = first.setdefault((meaning.part, meaning.metric), title)
            if kept != title:
                left[title] = f"{kept} is read as the same"


def _chosen(title: str, text: str) -> Meaning:
    if text == SKIP:
        return Meaning("", "", title)
    parts = text.split(":")
    scale = parts.pop() if parts[-1] in SCALES else ""
    part = parts.pop(0) if len(parts) == 2 else ""
    metric = {**bases(), **_without_part()}.get(key_of(parts[0])) if len(parts) == 1 else None
    if metric is None or (part not in PARTS and metric not in (*_WITHOUT_PART, "lr")):
        raise ConfigError("column", f"{title}={text}", "TITLE=train:METRIC, val:METRIC, test:METRIC or skip, such as "
                          "accuracy=test:top1, with :percent, :share or :each behind it if you like")
    return Meaning(metric, part, curve_name(part, metric) if part else metric, scale, surely=bool(scale))


def _other(part: str) -> str:
    return "val" if part == "test" else "test"


def _names(titles: Sequence[str]) -> str:
    return ", ".join(titles)
