"""Detection data sets: prepared once from listed files, split and batched."""
