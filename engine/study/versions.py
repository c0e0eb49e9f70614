"""Studies and their versions, as the store keeps them."""

import builtins
from dataclasses import dataclass

from pydantic import ValidationError

from engine.errors import UserError
from engine.store import Store
from engine.store.studies import StudyDocument
from engine.study.study import Study


@dataclass(frozen=True)
class StudyVersion:
    """What was declared, and when (unix seconds); numbers begin at 1."""

    number: int
    study: Study
    created_at: float


class Studies:
    """The studies of one store, by name: a version once saved is never changed."""

    def __init__(self, store: Store) -> None:
        self._documents = store.studies

    def save(self, study: Study) -> StudyVersion:
        """Keep the study; a new version if it differs from the latest."""
        return _version(self._documents.save(study.name, study.model_dump(mode="json")))

    def get(self, name: str) -> Study:
        """The latest version.

        Raises:
            UserError: there is no study of that name; the nearest names are given.
        """
        return self.versions(name)[-1].study

    def list(self) -> builtins.list[Study]:
        """The latest version of every study, the one that was changed last first.

        Raises:
            UserError: one was declared by a version of Darkroom whose studies differ.
        """
        return [_version(document).study for document in self._documents.latest()]

    def versions(self, name: str) -> builtins.list[StudyVersion]:
        """Everything that was declared under this name, oldest first.

        Raises:
            UserError: as :meth:`get`.
        """
        return [_version(document) for document in self._documents.versions(name)]

    def delete(self, name: str) -> None:
        """Forget a study and its versions; its runs stay.

        Raises:
            UserError: as :meth:`get`.
        """
        self._documents.delete(name)


def _version(document: StudyDocument) -> StudyVersion:
    try:
        study = Study.model_validate(document.declared)
    except ValidationError as error:
        raise UserError(f"study: {document.name} cannot be read by this version of Darkroom: "
                        f"{error.errors()[0]['msg']}") from None
    return StudyVersion(document.number, study, document.created_at)
