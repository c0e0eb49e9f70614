"""Boxes: what a detector said, compared with what is there. NumPy alone, but for ``metrics``."""
