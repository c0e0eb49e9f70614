"""Storing imported results as runs with metrics and curves, without checkpoints and predictions."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from engine.catalog.metrics import METRICS
from engine.config import RunConfig, parse_options
from engine.errors import ConfigError, UserError
from engine.imports.columns import all_options, option_of_column, same
from engine.imports.result import Found
from engine.store import Conditions, Run, Status, Store
from engine.study.configs import cell_options, run_name
from engine.study.study import Study

_OF_THE_RUN = {"seconds": "trained_seconds", "parameters": "parameters"}
_AS_CURVES = {"val_accuracy": "val_accuracy", "images_per_second": "images_per_second", "peak_memory": "memory"}
_UNKNOWN_DATA = "folder"
_ERRORS = {Status.FAILED: "the imported run had failed", Status.STOPPED: "the imported run had not ended"}
_BATCH = 100
"""Results that are stored in one transaction: all of them or none, in about half a second."""


def record(store: Store, study: Study, found: Sequence[tuple[Found, dict[str, str]]], kind: str, file: str,
           stored: Callable[[int, int], object]) -> tuple[list[Run], int]:
    """Store each result with the levels of its cell; update results that this study has imported before.

    Results are the same if they have the same name, or no name and the same place in a file of the same name.

    Args:
        kind: a key of :data:`engine.imports.importer.KINDS`.
        file: the file's name.
        stored: called after every hundred runs with the number of those stored and of all.

    Returns:
        The runs, and how many existed already.
    """
    known = {run.origin["key"]: run for run in store.runs.of_study((), study.name) if run.is_imported}
    runs, again = [], 0
    for start in range(0, len(found), _BATCH):
        with store.batch():
            for one, levels in found[start:start + _BATCH]:
                key = one.name or one.where
                run = known.get(key)
                again += run is not None
                runs.append(_record(store, study, one, levels, {"kind": kind, "file": file, "key": key}, run))
        stored(len(runs), len(found))
    return runs, again


def _record(store: Store, study: Study, one: Found, levels: dict[str, str], origin: dict[str, Any],
            run: Run | None) -> Run:
    origin |= {"study": study.name, "levels": levels}
    if one.seed is not None:
        origin["seed"] = one.seed
    before = run.origin.get("rounding", {}) if run is not None else {}
    origin["rounding"] = before | one.rounding
    config, unknown, known = _config(study, one, levels)
    origin |= {"known": sorted(known), **({"unknown": unknown} if unknown else {})}
    if run is None:
        run = store.runs.create(config, status=one.status, environment={}, git_commit=None, git_dirty=False,
                                origin=origin)
    else:
        store.runs.update(run.id, origin=origin)
    _add_figures(store, run, one)
    _add_curves(store, run, one)
    columns = {column: one.figures[name] for name, column in _OF_THE_RUN.items() if name in one.figures}
    last = max((int(steps[-1]) for steps, _ in one.curves.values()), default=run.step)
    epochs = config.epochs if "epochs" in known else 0
    store.runs.update(run.id, status=one.status, error=_ERRORS.get(one.status), epoch=epochs, step=last,
                      total_steps=last, steps_per_epoch=max(round(last / epochs), 1) if epochs else 0, **{
                          name: round(value) if name == "parameters" else value for name, value in columns.items()})
    return store.runs.get(run.id)


def _config(study: Study, one: Found, levels: dict[str, str]) -> tuple[RunConfig, dict[str, str], set[str]]:
    """Return the config, the values that are unknown to Darkroom, and the names of the known options."""
    cell = tuple(levels[name] for name in study.factors)
    try:
        options = cell_options(study, cell)
    except UserError:
        options = {}
    options = options | all_options(one.settings)
    unknown = {field: text for key, text in one.settings.items() if (field := option_of_column(key)) is not None
               and field not in options}
    name = _valid_name(one.name) or run_name(study, cell, one.seed or 0).removesuffix("_s0")
    fixed = {"seed": one.seed or 0, "name": name, "tags": (study.name.replace(",", " "),)}
    config = _parse_valid(options | fixed)
    known = {field for field in options if same(getattr(config, field), options[field])} | {*unknown} | {"name", "tags"}
    known |= {"seed"} if one.seed is not None else set()
    if "dataset" in unknown:
        config = config.model_copy(update={"dataset": _UNKNOWN_DATA})
    if "model" in unknown:
        config = config.model_copy(update={"model": unknown["model"]})
    return config, unknown, known


def _parse_valid(options: dict[str, Any]) -> RunConfig:
    """Return the config without invalid options: levels of a study may be mere names."""
    options = dict(options)
    while True:
        try:
            return parse_options(options)
        except ConfigError as error:
            if error.key not in options:
                raise
            del options[error.key]


def _valid_name(name: str) -> str:
    """Return a valid name for a run; empty if there is none."""
    bare = "".join("-" if character in "/\\'\"`" or ord(character) < 32 else character for character in name).strip()
    return "" if bare.isdigit() else bare.lstrip("-")[:120]


def _add_figures(store: Store, run: Run, one: Found) -> None:
    """Store the test metrics; accuracy and error follow from each other."""
    tested = {name: value for name, value in one.figures.items() if not METRICS[name].column}
    tested = {METRICS[name].complement: 1 - value for name, value in tested.items()
              if METRICS[name].complement} | tested
    if tested:
        before = next((found.metrics for found in store.evaluations.of(run.id)), {})
        store.evaluations.put(run.id, Conditions(), before | tested, Path(), "")


def _add_curves(store: Store, run: Run, one: Found) -> None:
    """Store the curves; metrics that are curves here become curves with one point."""
    import numpy as np

    points = {curve: (np.array([0], np.int64), np.array([one.figures[name]]))
              for name, curve in _AS_CURVES.items() if name in one.figures and curve not in one.curves}
    store.metrics.add(run.id, {name: column for name, column in (points | one.curves).items()
                               if name and len(name.split()) == 1})
