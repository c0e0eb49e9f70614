"""Random changes of whole batches, with separate parameters for each picture."""
