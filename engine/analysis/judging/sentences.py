"""Judgements in words: every number in a sentence is the judgement's own."""

from collections.abc import Mapping

from engine.analysis.judging import words
from engine.analysis.judging.judgement import JudgedContrast, JudgedPart, Judgement, Need, Note, Observed, Verdict
from engine.analysis.judging.numbers import bare, difference, probability, ratio
from engine.analysis.judging.words import PHRASES, say
from engine.catalog.metrics import METRICS
from engine.study.factors import CellKey

_PARTS_TOLD = 4


def sentence(judgement: Judgement, language: str = "en") -> str:
    """The verdict, the numbers it stands on and what is missing, in English (``en``) or Korean (``ko``)."""
    verdict = say(words.VERDICTS, judgement.verdict, language)
    told = [say(PHRASES, "verdict", language, name=judgement.hypothesis.name, verdict=verdict)]
    if len(judgement.parts) > 1 and any(part.p_holm is not None for part in judgement.parts):
        told.append(_count(judgement, language))
    if judgement.verdict is Verdict.INCONCLUSIVE and judgement.hypothesis.expect != "none":
        told.append(say(words.OBSERVED, judgement.observed, language))
    told.append(_figures(judgement, language))
    untested = {contrast.untested: None for part in judgement.parts for contrast in part.contrasts if contrast.untested}
    told += [say(PHRASES, "untested", language, why=say(words.UNTESTED, why, language)) for why in untested]
    if judgement.scales_disagree:
        told.append(say(PHRASES, "disagree", language))
    if judgement.margin > 0:
        shown = difference(judgement.margin, judgement.metric, METRICS[judgement.metric].digits, language, False)
        told.append(say(PHRASES, "margin", language, margin=shown))
    return " ".join([*told, *(need_text(need, language) for need in judgement.needs)])


def need_text(need: Need, language: str = "en") -> str:
    """One sentence: how many more seeds, in how many cells, and why."""
    cells = _counted("cells", "one cell", len(need.cells), language)
    if need.seeds is None:
        return say(words.NEEDS, "too many", language, cells=cells)
    return say(words.NEEDS, need.reason, language, cells=cells,
               seeds=_counted("seeds", "one seed", need.seeds, language))


def note_text(note: Note, language: str = "en") -> str:
    """One sentence."""
    return say(words.NOTES, note.key, language, **note.values)


def contrast_text(contrast: JudgedContrast, judgement: Judgement, language: str = "en") -> str:
    """The contrast's figures: difference, interval, test and p, and the ratio."""
    value, metric = contrast.absolute, judgement.metric
    if value is None:
        return say(PHRASES, "no value", language)
    shown = difference(value.value, metric, contrast.digits, language)
    if contrast.rounding > 0:
        half = difference(contrast.rounding, metric, contrast.digits, language, signed=False)
        shown += say(PHRASES, "rounded", language, half=half)
    if value.p_holm is None or value.low is None or value.high is None:
        return shown + _ratio(contrast, judgement, language)
    row = METRICS[metric]
    tested = say(PHRASES, "tested", language, value=shown, low=bare(value.low, row, contrast.digits),
                 high=bare(value.high, row, contrast.digits), p=probability(value.p_holm),
                 test=say(words.TESTED, contrast.test, language, runs=_span(contrast.runs)),
                 tested=_counted("tests", "one test", judgement.tested, language, PHRASES))
    return tested + _ratio(contrast, judgement, language)


def decisive(part: JudgedPart, expect: str) -> JudgedContrast:
    """The contrast that speaks most against the claim: one without figures, else the least favourable."""
    sign = {"higher": 1, "lower": -1}

    def favour(contrast: JudgedContrast) -> float:
        if contrast.absolute is None:
            return float("inf")
        value = contrast.absolute.value
        return -abs(value) if expect == "none" else sign[expect] * value

    return min(part.contrasts, key=favour)


def _figures(judgement: Judgement, language: str) -> str:
    """Those parts first that stand in the way of the claim."""
    ranks = {Observed.AGAINST: 0, Observed.EQUAL: 1, Observed.UNKNOWN: 2, Observed.AGREES: 3}
    parts = sorted(judgement.parts, key=lambda part: (part.verdict is not Verdict.REFUTED, ranks[part.observed]))
    told = [_part(part, judgement, language) for part in parts[:_PARTS_TOLD]]
    if len(parts) > _PARTS_TOLD:
        told.append(say(PHRASES, "more parts", language, count=len(parts) - _PARTS_TOLD))
    return f"{METRICS[judgement.metric].title}, {'; '.join(told)}."


def _part(part: JudgedPart, judgement: Judgement, language: str) -> str:
    contrast = decisive(part, judgement.hypothesis.expect)
    where = f"[{', '.join(f'{factor} {label}' for factor, label in part.levels.items())}] " if part.levels else ""
    weakest = say(PHRASES, "weakest", language, count=len(part.contrasts)) if len(part.contrasts) > 1 else ""
    return f"{where}{weakest}{contrast.contrast.title}: {contrast_text(contrast, judgement, language)}"


def _ratio(contrast: JudgedContrast, judgement: Judgement, language: str) -> str:
    relative = contrast.relative
    if relative is None:
        return ""
    of_differences = judgement.hypothesis.kind == "interaction" or bool(judgement.hypothesis.over
                                                                        and judgement.hypothesis.between)
    kind = say(PHRASES, "of differences" if of_differences else "of levels", language)
    if relative.low is None or relative.high is None:
        return say(PHRASES, "ratio", language, ratio=kind, value=ratio(relative.value))
    part = next(part for part in judgement.parts if contrast in part.contrasts)
    return say(PHRASES, "ratio tested", language, ratio=kind, value=ratio(relative.value), low=ratio(relative.low),
               high=ratio(relative.high), verdict=say(words.VERDICTS, part.relative_verdict, language))


def _count(judgement: Judgement, language: str) -> str:
    verdicts = [part.verdict for part in judgement.parts]
    return say(PHRASES, "of parts", language, count=len(verdicts), supported=verdicts.count(Verdict.SUPPORTED),
               refuted=verdicts.count(Verdict.REFUTED))


def _counted(many: str, one: str, count: int, language: str, rows: words.Words = words.COUNTS) -> str:
    return say(rows, one if count == 1 else many, language, count=count)


def _span(runs: Mapping[CellKey, int]) -> str:
    least, most = min(runs.values()), max(runs.values())
    return str(least) if least == most else f"{least}–{most}"
