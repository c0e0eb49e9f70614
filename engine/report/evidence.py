"""Each hypothesis of a study as a report tells it: the verdict in a sentence, its contrasts as rows and as a plot."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from engine.analysis.judging import Estimate as Judged
from engine.analysis.judging import JudgedContrast, JudgedPart, Judgement, Verdict, sentence
from engine.analysis.judging.numbers import difference, probability, ratio, unit_of_difference
from engine.catalog.metrics import METRICS
from engine.report.figures import Estimate, forest
from engine.report.words import word
from engine.store import Run
from engine.words import duration

_HEADER = ("contrast", "absolute", "relative", "effect", "corrected", "test", "repeats")
_NOTHING = "–"


@dataclass(frozen=True)
class Told:
    """A judgement in words; ``forest`` is an SVG, or empty where there is nothing to draw."""

    name: str
    claim: str
    verdict: Verdict
    sentence: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    forest: str


def told(judgements: Sequence[Judgement], language: str) -> list[Told]:
    """Every judgement, in the order of the study's hypotheses."""
    header = tuple(word(key, language) for key in _HEADER)
    return [Told(each.hypothesis.name, each.hypothesis.claim, each.verdict, sentence(each, language), header,
                 tuple(_row(each, part, contrast, language) for part in each.parts for contrast in part.contrasts),
                 _forest(each, language)) for each in judgements]


def _row(judgement: Judgement, part: JudgedPart, found: JudgedContrast, language: str) -> tuple[str, ...]:
    def points(value: float) -> str:
        return difference(value, judgement.metric, found.digits, language)

    p_holm = found.absolute.p_holm if found.absolute else None
    return (_title(part, found), _with_interval(found.absolute, points), _with_interval(found.relative, ratio),
            _NOTHING if found.effect is None else f"{found.effect:+.2f}",
            _NOTHING if p_holm is None else probability(p_holm).removeprefix("= "),
            word(found.test, language) if found.test else _NOTHING, _repeats(found))


def _with_interval(estimate: Judged | None, tell: Callable[[float], str]) -> str:
    if estimate is None:
        return _NOTHING
    value = tell(estimate.value)
    if estimate.low is None or estimate.high is None:
        return value
    return f"{value} [{tell(estimate.low)}, {tell(estimate.high)}]"


def _title(part: JudgedPart, found: JudgedContrast) -> str:
    return ", ".join([found.contrast.title, *(f"{factor} {label}" for factor, label in part.levels.items())])


def _repeats(found: JudgedContrast) -> str:
    least, most = min(found.runs.values(), default=0), max(found.runs.values(), default=0)
    return str(least) if least == most else f"{least}–{most}"


def _forest(judgement: Judgement, language: str) -> str:
    metric = METRICS[judgement.metric]
    lines = [Estimate(_title(part, found), found.absolute.value, found.absolute.low, found.absolute.high,
                      part.verdict is not Verdict.INCONCLUSIVE)
             for part in judgement.parts for found in part.contrasts if found.absolute is not None]
    unit = unit_of_difference(metric, language).strip()
    axis = f"{metric.title}: {word('absolute', language)}{unit and f' ({unit})'}"
    return forest(lines, axis, lambda value: f"{value * metric.as_unit.scale:+.3g}" if value else "0",
                  judgement.margin) if lines else ""


_HIDDEN = ("platform", "host")


def environment(runs: Sequence[Run], language: str) -> list[tuple[str, str]]:
    """(what, with which values) of all runs together; several values where runs differ."""
    here = [run for run in runs if not run.is_imported]
    if not here:
        return []
    commits = _distinct(_commit(run, language) for run in here if run.git_commit)
    data = _distinct(f"{run.config['dataset']} ({word('fingerprint', language)} {run.dataset_fingerprint})"
                     for run in here if run.dataset_fingerprint)
    names = _distinct(name for run in here for name in run.environment if name not in _HIDDEN).split(", ")
    rows = [(word("data", language), data), (word("commit", language), commits),
            *((name, _distinct(_version(run.environment.get(name, "")) for run in here)) for name in names if name),
            (word("time", language), duration(sum(run.seconds for run in here)))]
    return [(title, value) for title, value in rows if value]


def _commit(run: Run, language: str) -> str:
    changed = f" ({word('changed_files', language)})" if run.git_dirty else ""
    return f"{str(run.git_commit)[:10]}{changed}"


def _version(value: str | dict[str, str]) -> str:
    """A library's version as it is, of plug-ins the beginning of their hashes."""
    return value if isinstance(value, str) else ", ".join(f"{name} {sha256[:12]}" for name, sha256 in value.items())


def _distinct(values: Iterable[str]) -> str:
    return ", ".join(dict.fromkeys(value for value in values if value))
