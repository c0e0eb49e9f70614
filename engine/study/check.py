"""Checking a study's declaration before anything runs."""

from collections.abc import Iterable, Mapping, Sequence

from engine.catalog.metrics import study_metrics
from engine.config import UNASKED, RunConfig, option_of, resolve_field
from engine.errors import UserError, nearest
from engine.study.configs import cell_config, cell_options
from engine.study.contrasts import contrasts_of
from engine.study.factors import CellKey, Pattern
from engine.study.study import Study

OWN = {"seed": "each cell is run with each of `seeds`", "name": "each run is named after its study and cell"}
"""Options that a study sets itself, with the reason."""


def check_study(study: Study, *, confirmed: bool = True) -> None:
    """Refuse an invalid study.

    Args:
        confirmed: whether the user wants as many runs as it has.

    Raises:
        UserError: one line: an unknown option, factor, level or metric, cells that are missing or the same run, or an
            invalid value of an option.
    """
    _check_factors(study)
    _check_options(study)
    _check_patterns(study)
    if not study.cells:
        raise UserError("factors: no cell is left: only and leave_out exclude every combination of levels")
    runs = len(study.cells) * len(study.seeds)
    if runs > UNASKED and not confirmed:
        raise UserError(f"study: it has {runs:,} runs, more than {UNASKED}: confirm that by --yes")
    _check_seeds(study)
    _check_metrics(study)
    _check_cells(study)
    for hypothesis in study.hypotheses:
        margin, ratio_margin = study.margins(hypothesis)
        if ratio_margin > 1 and not margin:
            raise UserError(f"hypotheses: {hypothesis.name}: ratio_margin: {ratio_margin:g} needs a margin of "
                            "differences beside it, because the verdict is that of the difference")
        contrasts_of(study, hypothesis)


def cell_title(cell: CellKey) -> str:
    """``CIFAR10 · ResNet50 · 0.1``."""
    return " · ".join(cell)


def _check_factors(study: Study) -> None:
    if not study.factors:
        raise UserError("factors: is empty; name at least one option to vary, such as lr: [0.1, 0.01]")
    for factor in study.varied:
        if not factor.levels:
            raise UserError(f"factors: {factor.name}: has no levels; name two or more")
        for level in factor.levels:
            if not level.options:
                raise UserError(f"factors: {factor.name}: level {level.label} sets no option")


def _check_options(study: Study) -> None:
    """Check that every option is a field of ``RunConfig`` that the study does not set itself."""
    of_levels = [(f"factors: {factor.name}", level.options) for factor in study.varied for level in factor.levels]
    places: list[tuple[str, Mapping[str, object]]] = [
        ("settings", study.settings), *(("adjust", one.set) for one in study.adjust), *of_levels]
    for place, options in places:
        for key in options:
            field = _field(place, key)
            if field in OWN:
                raise UserError(f"{place}: {key}: cannot be set here: {OWN[field]}")
    for factor in study.varied:
        fields = {_field(f"factors: {factor.name}", key) for level in factor.levels for key in level.options}
        if not any(option_of(field).identity for field in fields):
            raise UserError(f"factors: {factor.name}: varies no option that affects training")


def _field(place: str, key: str) -> str:
    try:
        return resolve_field(key)
    except UserError as error:
        raise UserError(f"{place}: {error}") from None


def _check_patterns(study: Study) -> None:
    """Check that patterns name existing factors and levels."""
    named: list[tuple[str, Pattern]] = [
        *(("only", pattern) for pattern in study.only), *(("leave_out", pattern) for pattern in study.leave_out),
        *(("adjust", adjustment.when) for adjustment in study.adjust)]
    for number, table in enumerate(study.tables, 1):
        place = f"tables: {table.title or number}"
        used = (*table.rows, *table.columns, *table.order, *table.best_of)
        named += [(place, table.at), (place, table.delta), *((place, {name: ()}) for name in used)]
        for option in table.options:
            _field(place, option)
    for place, pattern in named:
        for name, labels in pattern.items():
            _check_levels(study, place, name, labels)


def _check_levels(study: Study, place: str, factor: str, labels: Iterable[str]) -> None:
    if factor not in study.factors:
        raise UserError(f"{place}: {_unknown('factor', factor, study.factors)}")
    for label in labels:
        if label not in study.factors[factor]:
            raise UserError(f"{place}: {factor}: {_unknown('level', label, study.factors[factor])}")


def _check_seeds(study: Study) -> None:
    if not study.seeds:
        raise UserError("seeds: is empty; each cell is run once with each seed, and a verdict needs at least three")
    twice = [seed for seed in study.seeds if study.seeds.count(seed) > 1]
    if twice:
        raise UserError(f"seeds: {twice[0]} is listed twice, but would be the same run")


def _check_metrics(study: Study) -> None:
    named = [("metric", study.metric), *((f"hypotheses: {one.name}", one.metric) for one in study.hypotheses),
             *((f"tables: {table.title}", name) for table in study.tables for name in table.metrics)]
    for place, name in named:
        if name and name not in study_metrics():
            raise UserError(f"{place}: {_unknown('metric', name, study_metrics())}")
    twice = [one.name for one in study.hypotheses if [other.name for other in study.hypotheses].count(one.name) > 1]
    if twice:
        raise UserError(f"hypotheses: two have the name {twice[0]}; rename one")


def _check_cells(study: Study) -> None:
    """Check that every cell has a valid config that differs from all other cells."""
    known: dict[str, CellKey] = {}
    for cell in study.cells:
        try:
            config = cell_config(study, cell, study.seeds[0])
        except UserError as error:
            raise UserError(f"{cell_title(cell)}: {error}") from None
        for seed in study.seeds[1:]:
            cell_config(study, cell, seed)
        other = known.setdefault(config.hash(), cell)
        if other != cell:
            raise UserError(f"factors: {cell_title(other)} and {cell_title(cell)} are the same run"
                            f"{_why_same(study, cell, config)}; leave one of them out")


def _why_same(study: Study, cell: CellKey, config: RunConfig) -> str:
    """Return the options of the cell that have no effect there, as text."""
    idle = [field for field in cell_options(study, cell)
            if getattr(config, field) == RunConfig.model_fields[field].default
            and str(cell_options(study, cell)[field]) != str(getattr(config, field))]
    return f", as {', '.join(idle)} has no effect there" if idle else ""


def _unknown(what: str, name: str, there: Mapping[str, object] | Sequence[str]) -> str:
    close = nearest(name, there)
    return f"no {what} {name!r}" + (f"; nearest: {', '.join(close)}" if close else f"; there are {', '.join(there)}")
