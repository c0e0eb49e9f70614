"""This machine: its processes, its GPUs, and how its trainers start in a moment."""
