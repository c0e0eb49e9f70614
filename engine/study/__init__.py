"""Studies: a question declared before anything runs, its matrix of runs, and their outcomes."""
