"""The Live page: what moves."""
