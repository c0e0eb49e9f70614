"""The cost of a run: parameters, time and memory, predicted or measured."""

from engine.costs.answers import describe, describe_blocking, memories, memories_blocking

__all__ = ["describe", "describe_blocking", "memories", "memories_blocking"]
