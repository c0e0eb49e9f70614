"""The results of a detector: figures, errors and curves at any thresholds."""
