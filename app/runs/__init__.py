"""The Runs page: its table."""
