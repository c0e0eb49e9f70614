"""What runs inside a trainer or a job: it may import every room below."""
