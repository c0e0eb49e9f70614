"""What a column of figures means: which part, which metric, which scale. What is not stated is not guessed."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache

from engine.catalog.metrics import CURVES, METRICS, study_metrics
from engine.errors import ConfigError
from engine.imports.cells import DECIMALS, UNITS
from engine.imports.columns import key_of
from engine.imports.formats import Format

F1 = "f1"
"""Either of two metrics called F1; see :func:`engine.imports.result.resolve_f1`."""

PARTS: dict[str, tuple[str, ...]] = {
    "train": ("training", "train", "trn", "학습", "훈련"),
    "val": ("validation", "valid", "val", "evaluation", "eval", "dev", "검증"),
    "test": ("testing", "test", "tst", "holdout", "heldout", "테스트"),
}
PERCENT, SHARE, EACH, SKIP = "percent", "share", "each", "skip"
SCALES = (PERCENT, SHARE, EACH)
"""0 to 100; 0 to 1; each run by its own values."""
_WHOSE = {"train": "training's", "val": "validation's", "test": "the test part's"}
_ANY_PART = ("evaluation", "eval")
"""Words that say that a part was evaluated, and where no other part is named, that of validation."""
_NOISE = ("epoch", "mean", "avg", "average", "metrics", "metric", "final", "last", "score", "percent", "pct",
          "percentage", "dataloader", "idx", "0", "overall", "in", "of", "the", "on", "set")
_SPELLED = {"err": "error", "errors": "error", "prec": "precision", "rec": "recall"}
_PERCENT = re.compile(r"%|(?<![a-z])(pct|percent|percentage)(?![a-z])")
_CAMEL = re.compile(r"(?<=[a-z]{2})(?=[A-Z])")
_WITHOUT_PART = ("seconds", "images_per_second", "peak_memory", "parameters")
# The first group of an optimizer, as Lightning, Ultralytics and Hugging Face name it.
_RATE = re.compile(r"((train|x)_)?(epoch_)?(lr|learning_rate)"
                   r"(_(pg)?0|0|_\w*(sgd|adam|prop|grad|lamb|lion)[a-z]*(_pg1)?)?")
_TWICE = re.compile(r"^train_(?=train_)")
_OF_CLASSES = ("macro_precision", "macro_recall", F1)
"""Metrics that detectors have too, of another definition."""


@dataclass(frozen=True)
class Meaning:
    """What a column holds.

    Attributes:
        metric: a key of :data:`engine.catalog.metrics.METRICS` or of curves, or :data:`F1`; empty if unknown.
        part: ``train``, ``val`` or ``test``; empty if the metric has none, or it is unknown.
        name: the name of its curve.
        scale: one of :data:`SCALES`, or a word of :data:`engine.imports.cells.UNITS`; empty if its values decide.
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

    @property
    def unit(self) -> str:
        """The unit of its metric, in the words of the catalog; empty if it is unknown."""
        row = METRICS.get(self.metric) or CURVES.get(self.name)
        return "share" if self.metric == F1 else row.unit if row else ""

    @property
    def option(self) -> str:
        """What ``--column`` calls it."""
        return f"{self.part}{':' * bool(self.part)}{self.metric}"


@dataclass(frozen=True)
class Choices:
    """What the user has decided about a file.

    Attributes:
        columns: by title, ``PART:METRIC``, either with a scale or unit behind it, ``:percent`` or ``:h``, or ``skip``.
        decimal: ``point`` or ``comma``; empty if the file decides.
        encoding: of texts, as Python calls it; empty if the file decides.
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    decimal: str = ""
    encoding: str = ""

    @classmethod
    def of(cls, columns: Sequence[str], decimal: str = "", encoding: str = "") -> "Choices":
        """Make them from texts such as ``accuracy=test:top1``."""
        pairs = (text.rpartition("=") for text in columns if text.strip())
        return cls({title.strip(): meant.strip() for title, _, meant in pairs}, decimal, encoding.strip())

    def __post_init__(self) -> None:
        if self.decimal not in ("", *DECIMALS):
            raise ConfigError("decimal", self.decimal, f"one of {', '.join(DECIMALS)}")
        try:
            "a".encode(self.encoding or "utf-8")
        except (LookupError, ValueError):
            raise ConfigError("encoding", self.encoding, "an encoding, such as cp1250, gb18030 or shift_jis") from None
        for title, text in self.columns.items():
            _chosen(title, text)


def meaning_of(title: str, known: Format | None = None) -> Meaning:
    """Return what a title says by itself; its part is empty if it has none."""
    key = key_of(_CAMEL.sub("_", title))
    if "‰" in title:  # which no scale is known for
        return Meaning("", "", key)
    alone = _of_the_run(known.metrics.get(key, key) if known else key) or _of_the_run(key_of(title))
    if alone is not None:
        return alone
    words = {word: part for part, spelled in PARTS.items() for word in spelled} | dict(known.words if known else {})
    tokens = [_SPELLED.get(each, each) for token in key.split("_") for each in _unglued(token, words)]
    named = {words[token] for token in tokens if token in words and token not in _ANY_PART}
    parts = named or {words[token] for token in tokens if token in words}
    rest = [token for token in tokens if token not in words]
    noise = (*_NOISE, "best") if parts == {"val"} else _NOISE
    metric = next((found for bare in (rest, [token for token in rest if token not in noise])
                   if (found := bases().get("_".join(bare)))), "")
    part, scale = next(iter(parts), ""), _scale_in(title, "share")
    if len(parts) > 1 or not metric:
        return Meaning("", "", key, scale)
    return Meaning(metric, part, curve_name(part, metric) if part else key, scale)


def _of_the_run(key: str) -> Meaning | None:
    """Return the meaning of a title that names a figure without a part, such as ``params_m`` or ``lr``."""
    key = _TWICE.sub("", key)
    for bare, unit in ((key, ""), key.rpartition("_")[::2]):
        metric = _without_part().get(bare.removesuffix("_in"))
        if metric is not None and (not unit or unit in UNITS.get(METRICS[metric].unit, ())):
            return Meaning(metric, "", metric, unit)
    return Meaning("lr", "", "lr") if _RATE.fullmatch(key) else None


def _scale_in(title: str, unit: str) -> str:
    """Return the scale that a title names, of those that figures in a unit may have."""
    if unit == "share":
        return PERCENT if _PERCENT.search(title.lower()) else ""
    last = key_of(title).rpartition("_")[2]
    return last if last in UNITS.get(unit, ()) else ""


def curve_name(part: str, metric: str) -> str:
    return f"{part}_{'accuracy' if metric == 'top1' else metric}"


@cache
def _without_part() -> dict[str, str]:
    return {key: name for name in _WITHOUT_PART for key in (name, *METRICS[name].imported)}


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


def resolve(runs: Sequence[Mapping[str, object]], known: Format | None, chosen: Mapping[str, str], *, table: bool,
            others: Collection[str] = ()) -> tuple[dict[str, Meaning], dict[str, str], list[str]]:
    """Decide what each of a file's columns of figures means.

    Args:
        runs: the cells of each run by their title, but for settings and axes.
        table: whether each row is a run.
        others: titles that no figure is known by.

    Returns:
        The meanings; the titles that are left out, with the reason; notes on what was decided.
    """
    titles = dict.fromkeys(title for run in runs for title in run)
    found = {title: meaning_of(title, known) for title in titles if title not in chosen}
    if any(METRICS[meaning.metric].task == "detection" for meaning in found.values() if meaning.metric in METRICS):
        found |= {title: Meaning("", "", key_of(title)) for title, meaning in found.items()
                  if meaning.metric in _OF_CLASSES}
    bare = [title for title, meaning in found.items() if meaning.of_part and not meaning.part]
    part, why = _part_of_bare(found, known, table=table and not _rivals(found, others))
    left: dict[str, str] = {}
    for title in bare:
        metric = found[title].metric
        if part:
            found[title] = replace(found[title], part=part, name=curve_name(part, metric))
        elif table:
            left[title] = (f"it may be training's, validation's or test's; say which, for example by "
                           f"--column {title!r}=test:{metric}")
    names = ", ".join(bare)
    other = "val" if part == "test" else "test"
    notes = [f"{names} {'is' if len(bare) == 1 else 'are'} read as {_WHOSE[part]}, because {why}; --column {bare[0]!r}="
             f"{other}:{found[bare[0]].metric} would overrule it."] if bare and part else []
    if bare and not part and not table:
        notes.append(f"{names}: its part is unknown, so it counts for none and is drawn under its own name; --column "
                     f"{bare[0]!r}=val:{found[bare[0]].metric} says it.")
    found |= {title: _chosen(title, text) for title, text in chosen.items() if title in titles}
    left |= {title: "as chosen" for title, text in chosen.items() if text == SKIP}
    if known is not None and known.percent:
        found = {title: meaning if meaning.surely or meaning.unit != "share" else replace(
            meaning, scale=PERCENT, surely=True) for title, meaning in found.items()}
    left |= _doubles({title: meaning for title, meaning in found.items() if meaning.metric and title not in left},
                     runs, chosen, table=table)
    return {title: found[title] for title in titles if title not in left}, left, notes


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


def _rivals(found: Mapping[str, Meaning], others: Collection[str]) -> bool:
    """Return whether another title qualifies a metric that is also there bare, as ``cv_acc`` beside ``acc``."""
    bare = {meaning.metric for meaning in found.values() if meaning.of_part and not meaning.part}
    ends = {"_".join(words[place:]) for title in others for words in [key_of(title).split("_")]
            for place in range(1, len(words))}
    return any(bases().get(end) in bare for end in ends)


def _doubles(found: Mapping[str, Meaning], runs: Sequence[Mapping[str, object]], chosen: Mapping[str, str], *,
             table: bool) -> dict[str, str]:
    """Return the titles that mean what another one of the same run means, with the reason to leave them out.

    The one that was chosen counts, else the shortest. In a table those that differ are asked for, but for the best
    accuracy of validation, which is what is compared.
    """
    left: dict[str, str] = {}
    kept: dict[tuple[str, str], list[str]] = {}
    for title in sorted(found, key=lambda title: (title not in chosen, len(key_of(title)))):
        meaning = found[title]
        same = kept.setdefault((meaning.part, meaning.metric), [])
        pairs = [(other, run[other] != run[title]) for other in same for run in runs if {other, title} <= run.keys()]
        if not pairs:
            same.append(title)
            continue
        other = pairs[0][0]
        best = [each for each in (other, title) if "best" in key_of(each).split("_")]
        if not table or other in chosen or not meaning.part or not any(differ for _, differ in pairs):
            left[title] = f"{other} is read as {meaning.option}"
        elif len(best) == 1 and meaning.option == "val:top1":
            left[title if best[0] == other else other] = f"{best[0]} is read as that"
            same[:] = best
        else:
            left |= dict.fromkeys((other, title), f"{other} and {title} may both be {meaning.option} and differ; say "
                                                  f"which by --column {other!r}={meaning.option}")
    return left


def _chosen(title: str, text: str) -> Meaning:
    if text == SKIP:
        return Meaning("", "", title)
    parts = text.split(":")
    part = parts.pop(0) if parts[0] in PARTS and len(parts) > 1 else ""
    name, _, scale = ":".join(parts).partition(":")
    metric = {**bases(), **_without_part(), "lr": "lr"}.get(key_of(name))
    meant = Meaning(metric or "", part, curve_name(part, metric or "") if part else metric or "", scale.lower(),
                    bool(scale))
    scales = SCALES if meant.unit == "share" else UNITS.get(meant.unit, ())
    if metric is None or bool(part) != meant.of_part or (scale and meant.scale not in scales):
        raise ConfigError("column", f"{title}={text}", "TITLE=train:METRIC, val:METRIC, test:METRIC or skip, such as "
                          "accuracy=test:top1, with :percent, :share or :each behind it if you like, or a unit, as in "
                          "params=parameters:M")
    return meant if scale else replace(meant, scale=_scale_in(title, meant.unit))
