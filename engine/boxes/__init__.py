"""Boxes in pictures: overlap, matching, mean average precision and confusion. Only ``metrics`` needs torch."""
