"""A study while it is being edited: what the widgets say, and what that means."""

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
        saved: the study as the store has it.
        declared: as short as people type it, with what was edited.
        generation: grows when the widgets are to show another declaration than the one they made.
        text: YAML that is no study yet; None where ``declared`` is what counts.
    """

    saved: Study
    declared: Declared
    generation: int = 0
    text: str | None = None

    @property
    def is_edited(self) -> bool:
        """Whether it means something else than what is saved, or nothing yet."""
        return meant(self).study != self.saved

    @property
    def key(self) -> str:
        """Begins the widgets' keys."""
        return f"study_{self.saved.name}_{self.generation}"


@dataclass(frozen=True)
class Meant:
    """What a draft means: a study that can be launched, or the first mistake."""

    study: Study | None
    mistake: str = ""


def as_declared(study: Study) -> dict[str, Any]:
    """The study as short as people type it."""
    declared: dict[str, Any] = read_yaml(dump_study(study))
    return declared


def draft_of(study: Study) -> Draft:
    """The draft of a study: what this visitor has begun to edit, else the study as it is saved."""
    kept: Draft | None = st.session_state.get(_KEY)
    if kept is not None and kept.saved.name == study.name and (kept.saved == study or kept.is_edited):
        return replace(kept, saved=study)
    fresh = Draft(study, as_declared(study), st.session_state.get(f"{_KEY}_count", 0) + 1)
    st.session_state[f"{_KEY}_count"] = fresh.generation
    return keep(fresh)


def keep(draft: Draft) -> Draft:
    """Remember the draft for the rest of the visit."""
    st.session_state[_KEY] = draft
    return draft


def replaced(draft: Draft, declared: Declared) -> Draft:
    """Show another declaration: the widgets begin anew with it."""
    st.session_state[f"{_KEY}_count"] = generation = st.session_state.get(f"{_KEY}_count", 0) + 1
    return keep(Draft(draft.saved, declared, generation))


def discard() -> None:
    """Back to what is saved."""
    st.session_state.pop(_KEY, None)


def _check(study: Study, saved: Study) -> None:
    """Refuse what cannot be launched; of results from elsewhere, which have no seeds, what cannot be judged."""
    if study.seeds or saved.seeds:
        check_study(study)
    for hypothesis in study.hypotheses:
        contrasts_of(study, hypothesis)


def written(draft: Draft) -> str:
    """The declaration as YAML; of one that is no study, what there is."""
    said = meant(draft).study
    return dump_study(said) if said else yaml.safe_dump(dict(draft.declared), sort_keys=False, allow_unicode=True)


def typed(draft: Draft, text: str) -> Draft:
    """The draft after its YAML was edited; a text that declares nothing is kept as it is typed."""
    try:
        declared = as_declared(parse_study(text))
    except UserError:
        return keep(replace(draft, text=text))
    return keep(replace(draft, text=None, declared=declared))


def meant(draft: Draft) -> Meant:
    """The study that the draft declares, or the first mistake in one line."""
    try:
        study = study_of(draft.declared) if draft.text is None else parse_study(draft.text)
        if study.name != draft.saved.name:
            raise UserError(f"name: {study.name!r} would be another study than {draft.saved.name!r}; copy this one "
                            "to give it another name")
        _check(study, draft.saved)
    except UserError as error:
        return Meant(None, str(error))
    return Meant(study)


def scalar(text: str) -> Any:
    """A number, yes or no, or else the text itself."""
    try:
        value = read_yaml(text)
    except yaml.YAMLError:
        return text
    return value if isinstance(value, (bool, int, float)) else text


def texts(comma_list: str) -> list[str]:
    """The items of a comma list that are not empty."""
    return [item.strip() for item in comma_list.split(",") if item.strip()]
