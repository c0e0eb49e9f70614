"""The Compare page: tables, errors of two runs, an ensemble of several."""
