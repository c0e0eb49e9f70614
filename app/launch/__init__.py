"""The Launch page: what stands beside the form."""
