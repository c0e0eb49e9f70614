"""A study: the question, declared before anything runs; its matrix of runs; what came out of them."""
