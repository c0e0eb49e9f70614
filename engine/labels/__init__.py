"""Pictures with any number of classes: their targets, predictions, thresholds and metrics, in NumPy."""
