"""The results page of a detector: figures, errors and curves at any thresholds."""
