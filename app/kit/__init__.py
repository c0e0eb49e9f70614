"""What pages share; imports nothing else of the app."""
