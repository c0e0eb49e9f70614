"""A study as a document: one file to read, print and send, every number of it read from the store."""
