"""``Task``: everything that the rooms above ask about one kind of thing to learn."""

import pkgutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any


@dataclass(frozen=True)
class Part:
    """A function or a table of a room above, as ``module:name``; its module is imported when it is first used."""

    place: str

    def get(self) -> Any:
        """What the place names."""
        return pkgutil.resolve_name(self.place)

    def __call__(self, *arguments: Any, **options: Any) -> Any:
        return self.get()(*arguments, **options)


@dataclass(frozen=True)
class Task:
    """One task. A task much like another is made from it by ``dataclasses.replace``.

    Attributes:
        name: as the rows of data sets and models give it.
        help: one sentence for a person.
        score: the metric of an epoch by which the best checkpoint is chosen, 0–1, higher is better.
        test_score: what an evaluation calls the same metric.
        score_name: what a person calls it.
        defaults: options that start otherwise than the options themselves say.
        without: options that do not matter to it.
        models_of: the task whose models it trains; empty: models are made for itself.
        augmentations: the augmentations it can use, each with a sentence on what it does here; empty: every one, as
            its own row says.
        one_class_a_picture: every picture is of exactly one class, so that a split can hold some of each.
        counted: the score is the share of pictures that are right, so that chance moves it as a binomial.
        averages: predictions of several views of a picture, or of several models, can be averaged.
        seen: the size of the pictures a model sees, for a person; ``{0}`` is the side in pixels.

        open_prepared: ``(folder, signature) -> data set or None``.
        write_prepared: ``(folder, name, classes, source, signature)``.
        load: ``(name, data_path, *, unreadable) -> data set``.
        audit: ``(name, arguments) -> (document, printer)``, for the command ``data``.

        ready_model: ``(config, facts, size, filled) -> Ready``, the model with the weights it begins with; unless
            ``filled`` they are left at random, as a checkpoint's follow.
        restored_model: ``(run, device) -> Module``, the architecture that a run trained, without its weights.
        model_on_shapes: ``(model, stem, classes, channels, size) -> (Module, forward)`` on the meta device.
        memory: ``(config, shape, eval_batch) -> bytes by kind``, the predicted memory of a training step.
        held: ``(config) -> Held``, the memory that a run's pictures take.
        misfit: why weights for other classes do not fit, with places for their number and the data's.
        fit: ``(model, config, precision, (channels, side), device, previous) -> Fitted``, how it computes fastest.

        batches: ``(config, data set, look) -> Batches``, what a run learns from and is validated on.
        objective: ``(config) -> Objective``, how it learns from a batch and is validated.
        epoch_scores: ``(metrics) -> (text on training, text on validation)``, for a line of the log.
        preview: the job that shows a training batch as the model sees it.

        own_pictures: ``(run, split, data set or None, moved_to) -> pictures`` of a split as the run knew them.
        other_pictures: ``(run, name, data_path, classes) -> pictures``, the test pictures of another data set.
        predict: ``(run, model, pictures, conditions, device) -> predictions``.
        save_predictions: ``(path, predictions) -> SHA-256``.
        load_predictions: ``(path) -> predictions``.
        figures: ``(run, predictions) -> metrics by name``.

        reporting: a :class:`engine.cli.evaluations.Reporting`, how the command ``evaluate`` prints them.
        gallery: ``(store, run, most) -> pictures``, what a run got wrong, for a report.
        gallery_note: the phrase of :data:`engine.report.words.WORDS` above it.
        try_picture: the job that applies a run's model to a picture.
        tried: ``(answer, quiet) -> document``, how the command ``try`` prints the answer.
        export: ``(run, path, checkpoint) -> Exported``; None: such models cannot be exported.
        doctor: rules for runs that have ended; ``linter``: rules for runs before they start.
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

    reporting: Part
    gallery: Part
    gallery_note: str
    try_picture: Part
    tried: Part
    export: Part | None
    doctor: Part
    linter: Part

    defaults: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    without: frozenset[str] = frozenset()
    models_of: str = ""
    augmentations: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    one_class_a_picture: bool = True
    counted: bool = False
    averages: bool = True
    seen: str = "{0} × {0} px"
