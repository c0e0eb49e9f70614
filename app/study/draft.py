"""A study while it is being edited: the widgets' values, and the study they declare."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import streamlit as st
import yaml

from engine.analysis.judging import contrasts_of
from engine.errors import UserError
from engine.study.check import check_study
from engine.study.document import dump_study, parse_study, study_of
from engine.study.study import Study
from engine.yaml_text import read_yaml

Declared = Mapping[str, Any]

_KEY = "study_draft"


@dataclass(frozen=True)
class Draft:
    """An edited declaration.

    Attributes:
        saved: the study in the store.
        declared: the edited declaration, in the short form that people type.
        generation: incremented to reset the widgets to another declaration.
        text: YAML that is not a valid study yet; None if ``declared`` is current.
    """

    saved: Study
    declared: Declared
    generation: int = 0
    text: str | None = None

    @property
    def is_edited(self) -> bool:
        """Whether it declares another study than the saved one, or is invalid."""
        return parse(self).study != self.saved

    @property
    def key(self) -> str:
        """Prefix of the widgets' keys."""
        return f"study_{self.saved.name}_{self.generation}"


@dataclass(frozen=True)
class Parsed:
    """The study that a draft declares, or its first mistake."""

    study: Study | None
    mistake: str = ""


def as_declared(study: Study) -> dict[str, Any]:
    """Return the study in the short form that people type."""
    declared: dict[str, Any] = read_yaml(dump_study(study))
    return declared


def draft_of(study: Study) -> Draft:
    """Return this session's draft of a study, else a draft of the saved study."""
    kept: Draft | None = st.session_state.get(_KEY)
    if kept is not None and kept.saved.name == study.name and (kept.saved == study or kept.is_edited):
        return replace(kept, saved=study)
    fresh = Draft(study, as_declared(study), st.session_state.get(f"{_KEY}_count", 0) + 1)
    st.session_state[f"{_KEY}_count"] = fresh.generation
    return keep(fresh)


def keep(draft: Draft) -> Draft:
    """Keep the draft in the session."""
    st.session_state[_KEY] = draft
    return draft


def replace_declaration(draft: Draft, declared: Declared) -> Draft:
    """Reset the widgets to another declaration."""
    st.session_state[f"{_KEY}_count"] = generation = st.session_state.get(f"{_KEY}_count", 0) + 1
    return keep(Draft(draft.saved, declared, generation))


def discard() -> None:
    """Drop the draft, back to the saved study."""
    st.session_state.pop(_KEY, None)


def _check(study: Study, saved: Study) -> None:
    """Refuse a study that cannot be launched, or, for imported results without seeds, that cannot be judged."""
    if study.seeds or saved.seeds:
        check_study(study)
    for hypothesis in study.hypotheses:
        contrasts_of(study, hypothesis)


def as_yaml(draft: Draft) -> str:
    """Return the declaration as YAML, even if it is not a valid study."""
    parsed = parse(draft).study
    return dump_study(parsed) if parsed else yaml.safe_dump(dict(draft.declared), sort_keys=False, allow_unicode=True)


def edit_yaml(draft: Draft, text: str) -> Draft:
    """Update the draft from edited YAML; an invalid text is kept as it is."""
    try:
        declared = as_declared(parse_study(text))
    except UserError:
        return keep(replace(draft, text=text))
    return keep(replace(draft, text=None, declared=declared))


def parse(draft: Draft) -> Parsed:
    """Parse the draft into a study, or its first mistake as one line."""
    try:
        study = study_of(draft.declared) if draft.text is None else parse_study(draft.text)
        if study.name != draft.saved.name:
            raise UserError(f"name: {study.name!r} is not the name of this study, {draft.saved.name!r}; copy the study "
                            "to rename it")
        _check(study, draft.saved)
    except UserError as error:
        return Parsed(None, str(error))
    return Parsed(study)


def scalar(text: str) -> Any:
    """Parse a number or a boolean; return any other text unchanged."""
    try:
        value = read_yaml(text)
    except yaml.YAMLError:
        return text
    return value if isinstance(value, (bool, int, float)) else text


def texts(comma_list: str) -> list[str]:
    """Return the non-empty items of a comma list."""
    return [item.strip() for item in comma_list.split(",") if item.strip()]
