""":class:`RunConfig`, the configuration of a run, with parsing, naming and YAML."""

from engine.config.option import Option, Section
from engine.config.parse import (
    MOST,
    UNASKED,
    LargeGridError,
    dump_yaml,
    expand_grid,
    expectation,
    load_yaml,
    parse_config,
    parse_options,
    read_options,
    resolve_field,
    spellings,
    with_ranges,
)
from engine.config.run_config import RunConfig, applies, option_label, option_of, proposed_name, with_name

__all__ = [
    "MOST",
    "UNASKED",
    "LargeGridError",
    "Option",
    "RunConfig",
    "Section",
    "applies",
    "dump_yaml",
    "expand_grid",
    "expectation",
    "load_yaml",
    "option_label",
    "option_of",
    "parse_config",
    "parse_options",
    "proposed_name",
    "read_options",
    "resolve_field",
    "spellings",
    "with_name",
    "with_ranges",
]
