"""Pictures with boxes: from listed files to a data set that is prepared once, split and batched."""
