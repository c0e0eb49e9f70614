"""What a run is: :class:`RunConfig`, and the ways into and out of it."""

from engine.config.naming import named, proposed_name
from engine.config.options import Option, Section
from engine.config.parse import (
    dump_yaml,
    expand_grid,
    expectation,
    field_named,
    load_yaml,
    parse_config,
    parse_options,
    spellings,
)
from engine.config.run_config import RunConfig, applies, option_of

__all__ = ["Option", "RunConfig", "Section", "applies", "dump_yaml", "expand_grid", "expectation", "field_named",
           "load_yaml", "named", "option_of", "parse_config", "parse_options", "proposed_name", "spellings"]
