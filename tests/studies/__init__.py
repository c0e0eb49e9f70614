"""The studies of ``docs/studies``, from nothing to their reports."""
