"""Studies and their versions in the store."""

import builtins
import contextlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from pydantic import ValidationError

from engine.errors import UserError
from engine.store import Run, Store
from engine.store.studies import StudyDocument
from engine.study.seal import Seal, make_seal, seal_of
from engine.study.study import Study


@dataclass(frozen=True)
class StudyVersion:
    """A version of a study, with its creation time (unix seconds); numbers start at 1.

    ``seal`` is that of the version that was first launched, None for all others.
    """

    number: int
    study: Study
    created_at: float
    seal: Seal | None = None


class Studies:
    """The studies of one store, by name; a saved version is never changed, only sealed."""

    def __init__(self, store: Store) -> None:
        self._documents = store.studies

    def save(self, study: Study) -> StudyVersion:
        """Save the study, as a new version if it differs from the latest.

        Options that Darkroom did not have when the latest was saved are no difference at their defaults.
        """
        with contextlib.suppress(UserError):
            latest = self.versions(study.name)[-1]
            if latest.study == study:
                return latest
        return _version(self._documents.save(study.name, study.model_dump(mode="json")))

    def launched(self, study: Study) -> StudyVersion:
        """Save the study, and seal this version if none of the study's is sealed."""
        version = self.save(study)
        self._documents.seal(study.name, version.number, asdict(make_seal(study)))
        return version

    def get(self, name: str) -> Study:
        """Return the latest version.

        Raises:
            UserError: there is no study with that name; lists the nearest names.
        """
        return self.versions(name)[-1].study

    def list(self) -> builtins.list[Study]:
        """Return the latest version of every study, last changed first.

        Raises:
            UserError: a study was saved by an incompatible version of Darkroom.
        """
        return [_version(document).study for document in self._documents.latest()]

    def versions(self, name: str) -> builtins.list[StudyVersion]:
        """Return all versions with this name, oldest first.

        Raises:
            UserError: as :meth:`get`.
        """
        return [_version(document) for document in self._documents.versions(name)]

    def delete(self, name: str) -> None:
        """Delete a study and its versions, but not its runs.

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
    return StudyVersion(document.number, study, document.created_at, seal_of(document.seal))


def older_runs(versions: Sequence[StudyVersion], runs: Sequence[Run]) -> list[Run]:
    """Return the runs trained here that are older than the study: it reuses them."""
    return [run for run in runs if not run.is_imported and (not versions or run.created_at < versions[0].created_at)]
