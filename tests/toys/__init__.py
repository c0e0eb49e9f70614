"""Small additions of every kind, each in a file of its own, that the rest of the house knows nothing of."""
