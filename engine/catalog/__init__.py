"""The names a run can choose from, each with what is known of it: rows only, no torch."""
