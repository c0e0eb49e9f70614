"""The options of a run by section of the form; ``RunConfig`` puts them together."""
