"""Changes of whole batches of pictures, each with parameters of its own."""
