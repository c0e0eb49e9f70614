"""Importing results from CSV files, W&B, MLflow and TensorBoard as runs of a study."""

from engine.imports.importer import AUTO, KINDS, Imported, import_results

__all__ = ["AUTO", "KINDS", "Imported", "import_results"]
