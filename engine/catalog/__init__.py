"""The names a run can choose from, with their properties; rows only, no torch."""
