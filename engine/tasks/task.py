"""``Task``: everything that depends on what a model learns."""

import pkgutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from engine.errors import PLUGINS


@dataclass(frozen=True)
class Part:
    """A function or table of a later room, as ``module:name``, imported on first use."""

    place: str

    def get(self) -> Any:
        return pkgutil.resolve_name(self.place)

    def rules(self) -> tuple[Any, ...]:
        """Return a table of rules; empty where it is a plug-in's and this process imports none, as pages do not."""
        try:
            return tuple(self.get())
        except ModuleNotFoundError:
            if self.place.startswith(f"{PLUGINS}."):
                return ()
            raise

    def __call__(self, *arguments: Any, **options: Any) -> Any:
        return self.get()(*arguments, **options)


@dataclass(frozen=True)
class Score:
    """What chooses the best checkpoint of a run, and ranks runs.

    Attributes:
        validation: metric of an epoch, 0–1, higher is better.
        test: the same metric in an evaluation.
        name: for the user.
        counted: it is a share of correct pictures, with binomial variance.
    """

    validation: str
    test: str
    name: str
    counted: bool = False


USUAL = "usual"
"""The option ``score`` of a run with its task's own score."""


@dataclass(frozen=True)
class Task:
    """One task; a similar task can be derived by ``dataclasses.replace``.

    Attributes:
        name: as in the rows of data sets and models.
        help: one sentence for the user.
        score: metric of an epoch that selects the best checkpoint, 0–1, higher is better.
        test_score: the same metric in an evaluation.
        score_name: its name for the user.
        scores: other scores that a run can choose, by the option ``score``; validation must compute them.
        defaults: options with other defaults than usual.
        without: options that do not apply.
        models_of: the task whose models it trains; empty: its own.
        augmentations: usable augmentations, each with its help for this task; empty: all, with their own help.
        one_class_a_picture: each picture has exactly one class, so that splits can be stratified.
        counted: the score is a share of correct pictures, with binomial variance.
        averages: predictions of several views or models can be averaged.
        seen: input size for the user; ``{0}`` is the side in pixels.
        open_prepared: ``(folder, signature) -> data set or None``.
        write_prepared: ``(folder, name, classes, source, signature)``.
        load: ``(name, data_path, *, unreadable) -> data set``.
        audit: ``(name, arguments) -> (document, printer)``, for the command ``data``.
        ready_model: ``(config, facts, size, filled) -> ReadyModel``, with its initial weights if ``filled``, else
        random, as a checkpoint is loaded next.
        restored_model: ``(run, device) -> Module``, a run's architecture without weights.
        model_on_shapes: ``(cost request) -> (Module, forward)`` on the meta device.
        memory: ``(config, shape, eval_batch) -> bytes by kind``, predicted memory of a training step.
        held: ``(config) -> PictureMemory``, memory of a run's pictures.
        misfit: why weights for other classes do not fit, with placeholders for their number and the data's.
        fit: ``(model, config, precision, (channels, side), device, previous) -> FittedModel``, the fastest form.
        batches: ``(config, data set, input format) -> Batches`` for training and validation.
        objective: ``(config, batches) -> Objective``, training loss and validation.
        epoch_scores: ``(metrics) -> (text on training, text on validation)``, for a line of the log.
        preview: the job that shows a training batch as the model's input.
        own_pictures: ``(run, split, data set or None, moved_to) -> pictures`` of a split as in the run.
        other_pictures: ``(run, name, data_path, classes) -> pictures``, the test split of another data set.
        predict: ``(run, model, pictures, conditions, device) -> predictions``.
        save_predictions: ``(path, predictions) -> SHA-256``.
        load_predictions: ``(path) -> predictions``.
        figures: ``(run, predictions) -> metrics by name``; :func:`engine.evaluation.metrics.figures_of_task` computes
            the rows of :data:`engine.catalog.metrics.METRICS` that have the task's name.
        decided: ``(run, predictions, validation) -> predictions``, stored with what is decided on the validation
            predictions of the same weights, such as thresholds; None: nothing is.
        measured: ``(run, predictions) -> what the functions of the task's metrics take``; None: predictions themselves.
        reporting: a :class:`engine.cli.evaluations.Reporting`, for the commands ``evaluate`` and ``compare``; None, or
            one of a task with other figures: a table of the figures.
        gallery: ``(store, run, most) -> pictures``, a run's errors, for a report.
        gallery_note: the phrase of :data:`engine.report.words.WORDS` above it.
        try_picture: the job that applies a run's model to a picture.
        tried: ``(answer, quiet) -> document``, prints the answer in the command ``try``.
        export: ``(run, path, checkpoint) -> ExportedFile``; None: not supported.
        doctor: rules for runs, most of them for ended ones; ``linter``: rules for runs before they start.
    """

    name: str
    help: str
    score: str
    test_score: str
    score_name: str

    open_prepared: Part
    write_prepared: Part
    load: Part
    audit: Part

    ready_model: Part
    restored_model: Part
    model_on_shapes: Part
    memory: Part
    held: Part
    misfit: str
    fit: Part

    batches: Part
    objective: Part
    epoch_scores: Part
    preview: Part

    own_pictures: Part
    other_pictures: Part
    predict: Part
    save_predictions: Part
    load_predictions: Part
    figures: Part

    reporting: Part | None
    gallery: Part
    gallery_note: str
    try_picture: Part
    tried: Part
    export: Part | None
    doctor: Part
    linter: Part

    defaults: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    scores: Mapping[str, Score] = field(default_factory=lambda: MappingProxyType({}))
    without: frozenset[str] = frozenset()
    models_of: str = ""
    augmentations: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    one_class_a_picture: bool = True
    counted: bool = False
    averages: bool = True
    decided: Part | None = None
    measured: Part | None = None
    seen: str = "{0} × {0} px"

    @property
    def every_score(self) -> dict[str, Score]:
        """The scores that a run can choose, by the option ``score``; the usual one first."""
        return {USUAL: Score(self.score, self.test_score, self.score_name, self.counted), **self.scores}

    def score_of(self, choice: str) -> Score:
        """Return the score of a run by its option; the usual one if the task has no such."""
        return self.every_score.get(choice) or self.every_score[USUAL]
