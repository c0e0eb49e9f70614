"""Where runs can be trained, a module or a folder each; :mod:`engine.launch.launcher` says what makes one."""
