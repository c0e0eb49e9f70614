"""Launchers, one module or folder each; see :mod:`engine.launch.launcher`."""
