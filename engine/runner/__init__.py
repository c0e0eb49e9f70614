"""Code that runs inside a trainer or a job; it may import every earlier room."""
