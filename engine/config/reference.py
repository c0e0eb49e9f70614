"""The reference of all options, as Markdown, from their declarations alone."""

from engine.config.options import Option, Section
from engine.config.run_config import RunConfig, option_of, tasks_of
from engine.plugins.catalogs import refresh

_HEAD = """# Options

Every option of a run, as the form, the command line (`python -m engine train --option value`) and YAML files know it.
A comma list (`--lr 0.1,0.01`) makes a grid of runs. Made by `python -m engine.config.reference > docs/options.md`.
"""
_MANY = 40


def reference() -> str:
    """The page ``docs/options.md``."""
    parts = [_HEAD]
    for section in Section:
        fields = [field for field in RunConfig.model_fields if option_of(field).section == section]
        parts.append(f"\n## {section}\n\n" + "\n".join(_entry(field) for field in fields) + "\n")
    return "".join(parts)


def _entry(field: str) -> str:
    info, option = RunConfig.model_fields[field], option_of(field)
    default = ",".join(info.default) if isinstance(info.default, tuple) else info.default
    default = ("no", "yes")[default] if isinstance(default, bool) else default
    facts = [f"default `{default}`" if default != "" else "empty by default", *_bounds(field), *_choices(option)]
    facts += [f"for {' or '.join(tasks)} only" for tasks in (tasks_of(field),) if tasks]
    facts += [f"matters when {other} is {' or '.join(values)}" for other, values in option.needs.items()]
    facts += [f"not when {other} is {' or '.join(str(value) for value in values)}"
              for other, values in option.unless.items()]
    if option.aliases:
        facts.append("also " + ", ".join(f"`--{alias}`" for alias in option.aliases))
    return f"- **`--{field.replace('_', '-')}`** {option.help} *{'; '.join(facts)}.*"


def _bounds(field: str) -> list[str]:
    words = {"gt": "greater than", "ge": "at least", "lt": "less than", "le": "at most"}
    bounds = [(name, getattr(item, name, None)) for item in RunConfig.model_fields[field].metadata for name in words]
    return [f"{words[name]} {value:g}" for name, value in bounds if value is not None]


def _choices(option: Option) -> list[str]:
    if option.choices is None:
        return []
    choices = option.choices()
    if len(choices) > _MANY:
        return ["any of timm's or ours"]
    return ["one of " + ", ".join(f"`{choice}`" for choice in choices)]


if __name__ == "__main__":
    refresh()
    print(reference(), end="")
