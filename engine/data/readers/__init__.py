"""Where data sets come from: one reader each, and how they are fetched."""
