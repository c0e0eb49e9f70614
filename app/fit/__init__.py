"""The Fit page: memory, speed, and what accuracy costs."""
