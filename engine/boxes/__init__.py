"""Boxes in pictures: overlap, matching, mean average precision and confusion. NumPy alone, but for ``metrics``."""
