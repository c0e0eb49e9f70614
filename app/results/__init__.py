"""The Results page: a run's figures, errors and pictures, by task."""
