"""Importing results of other programs as runs of a study: tables, logs, charts, event files."""

from engine.imports.importer import Imported, import_results
from engine.imports.meanings import Choices
from engine.imports.plan import AUTO, KINDS, Plan, plan_import

__all__ = ["AUTO", "KINDS", "Choices", "Imported", "Plan", "import_results", "plan_import"]
