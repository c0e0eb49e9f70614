"""The draft of the launch form: texts by field, kept for the session."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import streamlit as st

from app.form.fields import fields, text_of
from engine.catalog.datasets import canonical_name
from engine.config import (
    MOST,
    UNASKED,
    LargeGridError,
    RunConfig,
    applies,
    expand_grid,
    option_of,
    parse_config,
    proposed_name,
)
from engine.errors import ConfigError, UserError
from engine.launch.queue import check_needs
from engine.tasks import TASKS, task_name

LOOKING = "Looking through the data set's files …"
"""What :func:`current` does that can take long: the first time a data set of the user's is named."""
_TASK, _CONFIRMED = "launch_task", "launch_confirmed"


@dataclass(frozen=True)
class Draft:
    """The form's texts, and the configs they parse to, or the first mistake.

    Attributes:
        repaired: with a mistake: the configs without it, so that their costs can be shown still.
    """

    texts: dict[str, str]
    configs: tuple[RunConfig, ...]
    error: UserError | None
    repaired: tuple[RunConfig, ...] = ()

    def error_at(self, field: str) -> str:
        """Return the mistake in this field as one line; empty if there is none."""
        return self.error.mistake if isinstance(self.error, ConfigError) and self.error.key == field else ""

    def applies(self, field: str) -> bool:
        """Return whether the field has an effect in any of the runs."""
        if self.configs:
            return any(applies(field, config) for config in self.configs)
        option = option_of(field)
        return any(field not in TASKS[task].without for task in self.tasks) \
            and all({text_of(value) for value in allowed} & self._items(other)
                    for other, allowed in option.needs.items()) \
            and not any(self._items(other) <= {text_of(value) for value in values}
                        for other, values in option.unless.items())

    @property
    def tasks(self) -> list[str]:
        """The tasks of the data sets in the form."""
        return sorted({task_name(canonical_name(item)) for item in self._items("dataset")})

    def _items(self, field: str) -> set[str]:
        return {item.strip() for item in self.texts[field].split(",")}

    @property
    def changed(self) -> dict[str, str]:
        """The fields that differ from their defaults, with their texts."""
        defaults = {field.name: field.default for field in fields()}
        return {name: text for name, text in self.texts.items() if text.strip() != defaults[name]}


def key(field: str) -> str:
    return f"launch_{field}"


def current() -> Draft:
    """Return the draft from the widgets; defaults where nothing was entered."""
    texts = {field.name: str(st.session_state.setdefault(key(field.name), field.default) or "") for field in fields()}
    texts |= _switch_task(texts)
    try:
        configs = tuple(expand_grid(texts, confirmed=st.session_state.get(_CONFIRMED, UNASKED)))
        if len(configs) <= UNASKED:
            st.session_state.pop(_CONFIRMED, None)  # the next large grid is another one
        for config in {(one.dataset, one.data_path, one.weights_path, one.teacher): one for one in configs}.values():
            check_needs(config)
        return Draft(texts, configs, None)
    except UserError as error:
        return Draft(texts, (), error, _repaired(texts, error))


def _repaired(texts: Mapping[str, str], error: UserError) -> tuple[RunConfig, ...]:
    """Return the configs without mistakes: bad items of a list are left out, and other bad fields get their start."""
    for _ in fields():
        if not isinstance(error, ConfigError) or error.key not in texts:
            break
        items = [item.strip() for item in texts[error.key].split(",")]
        good = [item for item in items if item and item != str(error.value).strip()]
        text = ", ".join(good) if good and len(good) < len(items) else \
            start_texts(canonical_name(texts["dataset"].strip()))[error.key]
        if text == texts[error.key]:
            break
        texts = {**texts, error.key: text}
        try:
            return tuple(expand_grid(texts))
        except UserError as another:
            error = another
    return ()


def start_texts(dataset: str) -> dict[str, str]:
    """Return what the form holds before anything is typed, for a data set of this name."""
    own = {name: text_of(value) for name, value in TASKS[task_name(dataset)].defaults.items()}
    own |= {"dataset": dataset} if own else {}
    return {field.name: own.get(field.name, field.default) for field in fields()}


def confirm_grid(draft: Draft) -> None:
    """Ask whether a large grid is meant."""
    if isinstance(draft.error, LargeGridError) and draft.error.runs <= MOST:
        st.button(f"Yes, {draft.error.runs:,} runs", icon=":material/check:", key="launch_confirm",
                  on_click=lambda runs: st.session_state.update({_CONFIRMED: runs}), args=[draft.error.runs])


def _switch_task(texts: Mapping[str, str]) -> dict[str, str]:
    """Put the defaults of a new task into the form when the data set changes to another task; return them."""
    before = st.session_state.setdefault(_TASK, task_name(RunConfig().dataset))
    task = before if "," in texts["dataset"] else task_name(canonical_name(texts["dataset"].strip()))
    st.session_state[_TASK] = task
    if task == before:
        return {}
    defaults = {field.name: field.default for field in fields()}
    changed = {name: text_of(value) for name, value in TASKS[task].defaults.items()} | {
        name: defaults[name] for name in TASKS[before].defaults.keys() - TASKS[task].defaults.keys()}
    changed = {name: text for name, text in changed.items() if _is_untouched(name, texts[name], before)}
    for name, text in changed.items():
        st.session_state[key(name)] = text
    return changed


def _is_untouched(field: str, text: str, task: str) -> bool:
    """Return whether a field holds the task's default, or a value that other tasks cannot use."""
    option, start = option_of(field), TASKS[task].defaults.get(field, RunConfig.model_fields[field].default)
    return option.offered is not None or text == text_of(start)


def fill(config: Mapping[str, Any]) -> None:
    """Put a run's config into the form; missing options get their defaults.

    A proposed name is left out, because the form proposes a new one when options change.
    """
    for field in fields():
        st.session_state[key(field.name)] = text_of(config[field.name]) if field.name in config else field.default
    st.session_state[_TASK] = task_name(str(config.get("dataset", "")))
    if _is_proposed(config):
        st.session_state[key("name")] = ""


def reset() -> None:
    """Reset the form to the defaults."""
    fill({})


def _is_proposed(config: Mapping[str, Any]) -> bool:
    """Return whether a run's name is the proposed one, possibly with a grid's suffix such as ``_lr0.1_seed1``."""
    try:
        proposed = proposed_name(parse_config({field.name: config[field.name] for field in fields()
                                               if field.name in config}))
    except UserError:
        return False
    name = str(config.get("name", ""))
    return name == proposed or name.startswith(f"{proposed}_")
