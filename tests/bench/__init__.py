"""Measurements against named peers; ``python -m tests.bench`` runs them all."""
