"""Judgements as sentences; every number comes from the judgement."""

from collections.abc import Mapping

from engine.analysis.judging import words
from engine.analysis.judging.judgement import JudgedContrast, JudgedPart, Judgement, Need, Note, Observed, Verdict
from engine.analysis.judging.numbers import bare, difference, probability, ratio
from engine.analysis.judging.words import PHRASES, phrase
from engine.catalog.metrics import METRICS
from engine.study.factors import CellKey

_MAX_PARTS = 4


def sentence(judgement: Judgement, language: str = "en") -> str:
    """Return the verdict, its numbers and the missing runs, in English (``en``) or Korean (``ko``)."""
    verdict = phrase(words.VERDICTS, judgement.verdict, language)
    sentences = [phrase(PHRASES, "verdict", language, name=judgement.hypothesis.name, verdict=verdict)]
    if len(judgement.parts) > 1 and any(part.p_holm is not None for part in judgement.parts):
        sentences.append(_count(judgement, language))
    if any(part.verdict is Verdict.WITHHELD for part in judgement.parts):
        sentences.append(phrase(PHRASES, "withheld", language, seeds_in=judgement.seeds_in,
                                planned=judgement.planned))
    if judgement.verdict is Verdict.INCONCLUSIVE and judgement.hypothesis.expect != "none":
        sentences.append(phrase(words.OBSERVED, judgement.observed, language))
    sentences.append(_figures(judgement, language))
    untested = {contrast.untested: None for part in judgement.parts for contrast in part.contrasts if contrast.untested}
    sentences += [phrase(PHRASES, "untested", language, why=phrase(words.UNTESTED, why, language)) for why in untested]
    if judgement.scales_disagree:
        sentences.append(phrase(PHRASES, "disagree", language))
    if judgement.margin > 0:
        shown = difference(judgement.margin, judgement.metric, METRICS[judgement.metric].digits, language, False)
        sentences.append(phrase(PHRASES, "margin", language, margin=shown))
    return " ".join([*sentences, *(need_text(need, language) for need in judgement.needs)])


def need_text(need: Need, language: str = "en") -> str:
    """Return a sentence on how many more seeds are needed, in how many cells, and why."""
    cells = _count_phrase("cells", "one cell", len(need.cells), language)
    if need.seeds is None:
        return phrase(words.NEEDS, need.reason, language, cells=cells)
    return phrase(words.NEEDS, need.reason, language, cells=cells,
               seeds=_count_phrase("seeds", "one seed", need.seeds, language))


def note_text(note: Note, language: str = "en") -> str:
    """Return the note as a sentence."""
    return phrase(words.NOTES, note.key, language, **note.values)


def contrast_text(contrast: JudgedContrast, judgement: Judgement, language: str = "en") -> str:
    """Return the contrast's numbers: difference, interval, test and p, and ratio."""
    value, metric = contrast.absolute, judgement.metric
    if value is None:
        return phrase(PHRASES, "no value", language)
    shown = difference(value.value, metric, contrast.digits, language)
    if contrast.rounding > 0:
        half = difference(contrast.rounding, metric, contrast.digits, language, signed=False)
        shown += phrase(PHRASES, "rounded", language, half=half)
    if value.p_holm is None or value.low is None or value.high is None:
        return shown + _ratio(contrast, judgement, language)
    row = METRICS[metric]
    tested = phrase(PHRASES, "tested", language, value=shown, low=bare(value.low, row, contrast.digits),
                 high=bare(value.high, row, contrast.digits), p=probability(value.p_holm),
                 test=_test(contrast, language),
                 tested=_count_phrase("tests", "one test", judgement.tested, language, PHRASES))
    return tested + _ratio(contrast, judgement, language)


def decisive(part: JudgedPart, expect: str) -> JudgedContrast:
    """Return the least favourable contrast for the claim; one without an estimate comes first."""
    sign = {"higher": 1, "lower": -1}

    def favour(contrast: JudgedContrast) -> float:
        if contrast.absolute is None:
            return float("inf")
        value = contrast.absolute.value
        return -abs(value) if expect == "none" else sign[expect] * value

    return min(part.contrasts, key=favour)


def _figures(judgement: Judgement, language: str) -> str:
    """Describe the parts, those that contradict the claim first."""
    ranks = {Observed.AGAINST: 0, Observed.EQUAL: 1, Observed.UNKNOWN: 2, Observed.AGREES: 3}
    parts = sorted(judgement.parts, key=lambda part: (part.verdict is not Verdict.REFUTED, ranks[part.observed]))
    texts = [_part(part, judgement, language) for part in parts[:_MAX_PARTS]]
    if len(parts) > _MAX_PARTS:
        texts.append(phrase(PHRASES, "more parts", language, count=len(parts) - _MAX_PARTS))
    return f"{METRICS[judgement.metric].title}, {'; '.join(texts)}."


def _part(part: JudgedPart, judgement: Judgement, language: str) -> str:
    contrast = decisive(part, judgement.hypothesis.expect)
    where = f"[{', '.join(f'{factor} {label}' for factor, label in part.levels.items())}] " if part.levels else ""
    weakest = phrase(PHRASES, "weakest", language, count=len(part.contrasts)) if len(part.contrasts) > 1 else ""
    return f"{where}{weakest}{contrast.contrast.title}: {contrast_text(contrast, judgement, language)}"


def _ratio(contrast: JudgedContrast, judgement: Judgement, language: str) -> str:
    relative = contrast.relative
    if relative is None:
        return ""
    of_differences = judgement.hypothesis.kind == "interaction" or bool(judgement.hypothesis.over
                                                                        and judgement.hypothesis.between)
    kind = phrase(PHRASES, "of differences" if of_differences else "of levels", language)
    if relative.low is None or relative.high is None:
        return phrase(PHRASES, "ratio", language, ratio=kind, value=ratio(relative.value))
    part = next(part for part in judgement.parts if contrast in part.contrasts)
    return phrase(PHRASES, "ratio tested", language, ratio=kind, value=ratio(relative.value), low=ratio(relative.low),
               high=ratio(relative.high), verdict=phrase(words.VERDICTS, part.relative_verdict, language))


def _count(judgement: Judgement, language: str) -> str:
    verdicts = [part.verdict for part in judgement.parts]
    return phrase(PHRASES, "of parts", language, count=len(verdicts), supported=verdicts.count(Verdict.SUPPORTED),
               refuted=verdicts.count(Verdict.REFUTED))


def _count_phrase(many: str, one: str, count: int, language: str, rows: words.Words = words.COUNTS) -> str:
    return phrase(rows, one if count == 1 else many, language, count=count)


def _test(contrast: JudgedContrast, language: str) -> str:
    """Name the test, its seeds, and whether it speaks of other test pictures too."""
    pictures = phrase(words.TEST_PICTURES, "counted" if contrast.pictures else "fixed", language,
                      count=contrast.pictures)
    return phrase(words.TESTED, contrast.test, language, runs=_span(contrast.runs), pictures=pictures)


def _span(runs: Mapping[CellKey, int]) -> str:
    least, most = min(runs.values()), max(runs.values())
    return str(least) if least == most else f"{least}–{most}"
