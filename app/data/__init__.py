"""The Data page: its views of a data set."""
