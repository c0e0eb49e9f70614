"""Results from elsewhere: CSV files, W&B, MLflow and TensorBoard, taken over as runs of a study."""

from engine.imports.importer import AUTO, KINDS, Imported, import_results

__all__ = ["AUTO", "KINDS", "Imported", "import_results"]
