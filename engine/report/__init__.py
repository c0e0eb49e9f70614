"""Reports: a study as one document, with every number read from the store."""
