"""Options that were given and matter to nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from engine.config.run_config import RunConfig, applies, option_of, tasks_of


def without_effect(given: Mapping[str, str], configs: Sequence[RunConfig]) -> list[str]:
    """One line for each option in ``given``, text by field name, that matters to none of the configs."""
    idle = [field for field, value in given.items() if value and not any(applies(field, config) for config in configs)]
    return [f"{field} has no effect here: it matters {when_it_matters(field)}" for field in idle]


def when_it_matters(field: str) -> str:
    """The tasks it is for and what other options must be, such as ``when weights is file``; empty: always."""
    option = option_of(field)
    parts = [f"for {' or '.join(tasks)}" for tasks in (tasks_of(field),) if tasks]
    parts += [f"when {other} is {' or '.join(values)}" for other, values in option.needs.items()]
    parts += [f"unless {other} is {' or '.join(str(value) for value in values)}"
              for other, values in option.unless.items()]
    return " and ".join(parts)
