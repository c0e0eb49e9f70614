"""A ranking of recipes over several sets for a report: sentences, a diagram and a table."""

from dataclasses import dataclass

from engine.analysis.ranking import Ranking, diagram, header, rows, sentences, title


@dataclass(frozen=True)
class RankingText:
    """A ranking as text; ``diagram`` is an SVG, or empty with fewer than three recipes."""

    title: str
    sentences: list[str]
    diagram: str
    header: tuple[str, ...]
    rows: list[tuple[str, ...]]


def ranking_text(ranking: Ranking | None, language: str) -> RankingText | None:
    """Format a ranking; None if there is none."""
    if ranking is None:
        return None
    return RankingText(title(language), sentences(ranking, language), diagram(ranking, language),
                       header(ranking, language), rows(ranking))
