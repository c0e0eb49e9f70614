"""Recipes compared over several sets: ranks, tests by ranks, and scores over all sets."""

from engine.analysis.ranking.diagram import WIDTH, diagram
from engine.analysis.ranking.ranking import Ranked, Ranking, ranking_of
from engine.analysis.ranking.wording import header, rows, sentences, title

__all__ = ["WIDTH", "Ranked", "Ranking", "diagram", "header", "ranking_of", "rows", "sentences", "title"]
