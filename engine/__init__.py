"""Darkroom's engine: configures, trains, records, evaluates and judges. It knows no browser."""

__version__ = "0.1.0"
