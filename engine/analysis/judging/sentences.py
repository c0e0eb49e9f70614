"""Judgements as sentences; every number comes from the judgement."""

from collections.abc import Iterator, Mapping

from engine.analysis.judging import words
from engine.analysis.judging.judgement import (
    Estimate,
    JudgedContrast,
    JudgedPart,
    Judgement,
    Need,
    Note,
    Observed,
    Variant,
    Verdict,
)
from engine.analysis.judging.numbers import MINUS, bare, difference, probability, ratio
from engine.analysis.judging.words import PHRASES
from engine.analysis.phrases import Words, phrase
from engine.catalog.metrics import METRICS
from engine.study.factors import CellKey

LONGEST = 280
"""Characters of a sentence; what does not fit is among the details."""
_SIDES = ("first", "second", "third")
_RANKS = {Observed.AGAINST: 0, Observed.EQUAL: 1, Observed.UNKNOWN: 2, Observed.AGREES: 3}


def sentence(judgement: Judgement, language: str = "en") -> str:
    """Return the verdict with the contrast and the test that decided it, in English (``en``) or Korean (``ko``).

    At most 280 characters: the test's name is left out first, then the counts of parts.
    """
    return _shortened(judgement, language)[0]


def _shortened(judgement: Judgement, language: str) -> tuple[str, list[str]]:
    """Return the sentence, and the pieces that were left out."""
    part = _decisive_part(judgement)
    contrast = part.contrasts[part.decisive]
    head, counts = _head(judgement, language), _counts(judgement, language)
    figures = _place(part) + _weakest(part, judgement, language) + _figures(contrast, judgement, language, part)
    reason, test = _untested(contrast, language), _test(part, contrast, judgement, language)
    scope = phrase(PHRASES, "scope", language) if test and not contrast.pictures else ""
    for shown in ((counts, figures, reason, test), (counts, figures, reason, scope), (counts, figures, scope),
                  (figures, scope)):
        text, left_out = f"{head}{_joined(*shown)}", [piece for piece in (reason, test) if piece not in shown]
        if len(text) <= LONGEST:
            return text, left_out
    room = LONGEST - len(head) - len(_joined(scope)) - 3
    return f"{head}{figures[:room]}… {_joined(scope)}".rstrip(), [figures, *left_out]


def details(judgement: Judgement, language: str = "en") -> list[str]:
    """Return what the sentence leaves out: a long test, other contrasts, the ratio, margins and other choices."""
    part = _decisive_part(judgement)
    contrast = part.contrasts[part.decisive]
    _, left_out = _shortened(judgement, language)
    return [
        *(_capitalised(_joined(piece)) for piece in left_out if piece),
        *(_line(other, each, judgement, language) for other in judgement.parts for each in other.contrasts
          if each is not contrast),
        *_ratio(part, contrast, judgement, language), *_margins(judgement, language),
        *(variant_text(variant, language) for variant in judgement.variants)]


def variant_text(variant: Variant, language: str = "en") -> str:
    """Return the verdict under another choice as a sentence."""
    return phrase(words.VARIANTS, variant.key, language, verdict=verdict_name(variant.verdict, language),
                  **variant.values)


def verdict_name(verdict: Verdict, language: str = "en") -> str:
    """Return the verdict's name."""
    return phrase(words.VERDICTS, verdict, language)


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


def _decisive_part(judgement: Judgement) -> JudgedPart:
    """Return the part that decided the verdict, or the one that keeps it open."""
    same = [part for part in judgement.parts if part.verdict is judgement.verdict]

    def doubt(part: JudgedPart) -> tuple[int, float]:
        p = 2.0 if part.p_holm is None else part.p_holm
        return (0, -p) if judgement.verdict is Verdict.REFUTED else (-_RANKS[part.observed], p)

    return max(same, key=doubt)


def _head(judgement: Judgement, language: str) -> str:
    name, verdict = judgement.hypothesis.name, verdict_name(judgement.verdict, language)
    if judgement.turned:
        return phrase(PHRASES, "turned", language, name=name, verdict=verdict, **judgement.turned.values,
                      other=verdict_name(judgement.turned.verdict, language))
    return phrase(PHRASES, "verdict", language, name=name, verdict=verdict)


def _counts(judgement: Judgement, language: str) -> str:
    """Return how far the results are, or what they say in how many parts."""
    if judgement.verdict is Verdict.WITHHELD:
        return phrase(PHRASES, "withheld", language, seeds_in=judgement.seeds_in, planned=judgement.planned)
    count, verdicts = len(judgement.parts), [part.verdict for part in judgement.parts]
    if count == 1 and judgement.verdict is Verdict.INCONCLUSIVE:
        return phrase(words.OBSERVED, judgement.observed, language)
    if count > 1 and {Verdict.SUPPORTED, Verdict.REFUTED} & set(verdicts):
        return phrase(PHRASES, "tested parts", language, count=count, supported=verdicts.count(Verdict.SUPPORTED),
                      refuted=verdicts.count(Verdict.REFUTED))
    observed = [part.observed for part in judgement.parts]
    return phrase(PHRASES, "open parts", language, count=count, agree=observed.count(Observed.AGREES),
                  against=observed.count(Observed.AGAINST)) if count > 1 else ""


def _place(part: JudgedPart) -> str:
    return f"[{part.title}] " if part.title else ""


def _weakest(part: JudgedPart, judgement: Judgement, language: str) -> str:
    """Say that this is the worst of several contrasts; where one refutes, it speaks for itself."""
    if judgement.verdict is Verdict.REFUTED or len(part.contrasts) == 1:
        return ""
    return phrase(PHRASES, "weakest", language, count=len(part.contrasts))


def _figures(contrast: JudgedContrast, judgement: Judgement, language: str, decided: JudgedPart | None = None) -> str:
    """Return the contrast in words, with its interval, and the p if it decided: ``Top-1, a is 1.2 points above b``."""
    row, estimate = METRICS[judgement.metric], contrast.absolute
    said = f"{row.title}, {_said(contrast, judgement, language)}"
    if estimate is None:
        return said
    extra = [*_rounding(contrast, judgement, language)]
    if estimate.low is not None and estimate.high is not None:
        extra.append(phrase(PHRASES, "interval", language, level=_level(estimate),
                            low=bare(estimate.low, row, contrast.digits),
                            high=bare(estimate.high, row, contrast.digits)))
    if estimate.inside is not None:
        extra.append(phrase(PHRASES, "inside", language, percent=_percent(estimate.inside),
                            margin=_margin(judgement, language)))
    if decided is not None and decided.p_holm is not None:
        extra.append(_p(decided.p_holm, judgement, language))
    return f"{said} ({'; '.join(extra)})" if extra else said


def _said(contrast: JudgedContrast, judgement: Judgement, language: str) -> str:
    title, sides, estimate = contrast.contrast.title, contrast.contrast.sides, contrast.absolute
    if estimate is None:
        return phrase(words.FIGURES, "none", language, title=title)
    value = difference(estimate.value, judgement.metric, contrast.digits, language, signed=not sides)
    if not sides:
        return phrase(words.FIGURES, "change", language, title=title, value=value)
    sign = bare(estimate.value, METRICS[judgement.metric], contrast.digits)[0]
    key = {"+": "above", MINUS: "below"}.get(sign, "same") + (" at" if len(sides) == len(_SIDES) else "")
    return phrase(words.FIGURES, key, language, value=value, **dict(zip(_SIDES, sides, strict=False)))


def _rounding(contrast: JudgedContrast, judgement: Judgement, language: str) -> Iterator[str]:
    if contrast.rounding > 0:
        yield phrase(PHRASES, "rounded", language, half=difference(
            contrast.rounding, judgement.metric, contrast.digits, language, signed=False))


def _untested(contrast: JudgedContrast, language: str) -> str:
    """Return why there is no test; empty if there is one."""
    if not contrast.untested:
        return ""
    empty = ", ".join(" · ".join(cell) for cell, runs in contrast.runs.items() if not runs)
    return phrase(PHRASES, "untested", language, why=phrase(words.UNTESTED, contrast.untested, language, cells=empty))


def _p(p: float, judgement: Judgement, language: str) -> str:
    """Return the p that decided, against what it was tested, and its threshold."""
    against = ""
    if judgement.hypothesis.expect == "none" and judgement.verdict is not Verdict.REFUTED:
        against = phrase(PHRASES, "p of equivalence", language)
    elif judgement.margin:
        against = phrase(PHRASES, "p against margin", language, margin=_margin(judgement, language))
    sign = phrase(PHRASES, "below" if p < judgement.alpha else "not below", language)
    return phrase(PHRASES, "decided", language, p=probability(p), against=against, sign=sign,
                  alpha=f"{judgement.alpha:.4g}")


def _margin(judgement: Judgement, language: str) -> str:
    return difference(judgement.margin, judgement.metric, METRICS[judgement.metric].digits, language, signed=False)


def _test(part: JudgedPart, contrast: JudgedContrast, judgement: Judgement, language: str) -> str:
    """Name the test, its seeds, whether it speaks of other test pictures too, and the corrections of its p."""
    if part.p_holm is None or not contrast.test:
        return ""
    pictures = phrase(words.TEST_PICTURES, "counted" if contrast.pictures else "fixed", language,
                      count=contrast.pictures)
    test = phrase(words.TESTED, contrast.test, language, runs=_span(contrast.runs), pictures=pictures)
    holm = phrase(PHRASES, "holm", language, tested=_count_phrase("tests", "one test", judgement.tested, language,
                                                                  PHRASES))
    if part.verdict is Verdict.REFUTED and len(part.contrasts) > 1:
        holm = phrase(PHRASES, "bonferroni", language, count=len(part.contrasts), holm=holm)
    return phrase(PHRASES, "test", language, test=test, corrections=holm)


def _line(part: JudgedPart, contrast: JudgedContrast, judgement: Judgement, language: str) -> str:
    """Return another contrast's numbers as a sentence."""
    return _joined(_place(part) + _figures(contrast, judgement, language))


def _ratio(part: JudgedPart, contrast: JudgedContrast, judgement: Judgement, language: str) -> Iterator[str]:
    relative, hypothesis = contrast.relative, judgement.hypothesis
    if relative is None:
        return
    of_differences = hypothesis.kind == "interaction" or bool(hypothesis.over and hypothesis.between)
    kind = phrase(PHRASES, "of differences" if of_differences else "of levels", language)
    if relative.low is None or relative.high is None:
        yield phrase(PHRASES, "ratio", language, ratio=kind, value=ratio(relative.value))
    else:
        yield phrase(PHRASES, "ratio tested", language, ratio=kind, value=ratio(relative.value),
                     low=ratio(relative.low), high=ratio(relative.high), level=_level(relative),
                     verdict=verdict_name(part.relative_verdict, language) if part.relative_verdict else
                     phrase(PHRASES, "no verdict", language))
    if judgement.scales_disagree:
        yield phrase(PHRASES, "disagree", language)


def _margins(judgement: Judgement, language: str) -> Iterator[str]:
    if judgement.margin > 0:
        yield phrase(PHRASES, "margin", language, margin=_margin(judgement, language))
    if judgement.ratio_margin > 1:
        yield phrase(PHRASES, "ratio margin", language, margin=f"×{judgement.ratio_margin:.4g}")


def _joined(*pieces: str) -> str:
    """Join pieces as sentences; the first may follow a colon."""
    first, *rest = [piece for piece in pieces if piece] or [""]
    return f"{'. '.join([first, *map(_capitalised, rest)])}." if first else ""


def _capitalised(text: str) -> str:
    return text if text[1:2].isupper() else f"{text[:1].upper()}{text[1:]}"  # mAP stays as it is


def _level(estimate: Estimate) -> str:
    return f"{estimate.level:.0%}".replace("%", " %")


def _percent(share: float) -> str:
    """Format a probability; 0 % and 100 % only if they are exact."""
    return "> 99 %" if 0.995 <= share < 1 else "< 1 %" if 0 < share < 0.005 else f"{share:.0%}".replace("%", " %")


def _count_phrase(many: str, one: str, count: int, language: str, rows: Words = words.COUNTS) -> str:
    return phrase(rows, one if count == 1 else many, language, count=count)


def _span(runs: Mapping[CellKey, int]) -> str:
    least, most = min(runs.values()), max(runs.values())
    return str(least) if least == most else f"{least}–{most}"
