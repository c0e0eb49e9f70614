"""The Try page: one picture, and what a model says of it."""
