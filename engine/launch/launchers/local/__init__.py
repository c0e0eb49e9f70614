"""The launcher for this machine: its processes, its GPUs, and a warm process that forks trainers."""
