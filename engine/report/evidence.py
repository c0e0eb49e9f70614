"""Verdicts for a report: a sentence, a table and a forest plot per hypothesis; and the environment of the runs."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from engine.analysis.judging import Estimate as Judged
from engine.analysis.judging import (
    JudgedContrast,
    JudgedPart,
    Judgement,
    Verdict,
    details,
    need_text,
    note_text,
    sentence,
    verdict_name,
)
from engine.analysis.judging.numbers import difference, probability, ratio, unit_of_difference
from engine.catalog.metrics import METRICS
from engine.report.figures import Estimate, forest
from engine.report.words import word
from engine.store import Run
from engine.words import duration

_HEADER = ("contrast", "absolute", "relative", "effect", "corrected", "test", "repeats", "by_pictures")
_NOTHING = "–"


@dataclass(frozen=True)
class VerdictText:
    """A judgement as text; ``title`` is the verdict's name, ``forest`` an SVG, or empty without estimates."""

    name: str
    claim: str
    verdict: Verdict
    title: str
    sentence: str
    details: tuple[str, ...]
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    forest: str


def verdicts_of(judgements: Sequence[Judgement], language: str) -> list[VerdictText]:
    """Format every judgement, in the order of the study's hypotheses."""
    header = tuple(word(key, language) for key in _HEADER)
    return [VerdictText(each.hypothesis.name, each.hypothesis.claim, each.verdict, verdict_name(each.verdict, language),
                        sentence(each, language), _details(each, language), header,
                        tuple(_row(each, part, contrast, language) for part in each.parts
                              for contrast in part.contrasts),
                        _forest(each, language)) for each in judgements]


def _details(judgement: Judgement, language: str) -> tuple[str, ...]:
    return (*(need_text(need, language) for need in judgement.needs), *details(judgement, language),
            *(note_text(note, language) for note in judgement.notes))


def _row(judgement: Judgement, part: JudgedPart, found: JudgedContrast, language: str) -> tuple[str, ...]:
    def points(value: float) -> str:
        return difference(value, judgement.metric, found.digits, language)

    p_holm = found.absolute.p_holm if found.absolute else None
    return (_title(part, found), _with_interval(found.absolute, points), _with_interval(found.relative, ratio),
            _NOTHING if found.effect is None else f"{found.effect:+.2f}",
            _NOTHING if p_holm is None else probability(p_holm).removeprefix("= "),
            word(found.test, language) if found.test else _NOTHING, _repeats(found),
            f"{found.picture_share:.0%}" if found.pictures else _NOTHING)


def _with_interval(estimate: Judged | None, format_value: Callable[[float], str]) -> str:
    if estimate is None:
        return _NOTHING
    value = format_value(estimate.value)
    if estimate.low is None or estimate.high is None:
        return value
    return f"{value} [{format_value(estimate.low)}, {format_value(estimate.high)}]"


def _title(part: JudgedPart, found: JudgedContrast) -> str:
    return ", ".join([found.contrast.title, *(f"{factor} {label}" for factor, label in part.levels.items())])


def _repeats(found: JudgedContrast) -> str:
    least, most = min(found.runs.values(), default=0), max(found.runs.values(), default=0)
    return str(least) if least == most else f"{least}–{most}"


def _forest(judgement: Judgement, language: str) -> str:
    metric = METRICS[judgement.metric]
    lines = [Estimate(_title(part, found), found.absolute.value, found.absolute.low, found.absolute.high,
                      part.verdict in (Verdict.SUPPORTED, Verdict.REFUTED))
             for part in judgement.parts for found in part.contrasts if found.absolute is not None]
    unit = unit_of_difference(metric, language).strip()
    axis = f"{metric.title}: {word('absolute', language)}{unit and f' ({unit})'}"
    return forest(lines, axis, lambda value: f"{value * metric.as_unit.scale:+.3g}" if value else "0",
                  judgement.margin) if lines else ""


_HIDDEN = ("platform", "host")


def environment(runs: Sequence[Run], language: str) -> list[tuple[str, str]]:
    """Return (name, values) of the runs' environments, with several values if runs differ."""
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
    """Format a library's version, or the first digits of the plug-ins' hashes."""
    return value if isinstance(value, str) else ", ".join(f"{name} {sha256[:12]}" for name, sha256 in value.items())


def _distinct(values: Iterable[str]) -> str:
    return ", ".join(dict.fromkeys(value for value in values if value))
