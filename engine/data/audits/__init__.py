"""What can be found out about a data set before training on it."""
