"""Reading users' files in a process of its own with limits, so that a crash or a bomb ends as one line."""
