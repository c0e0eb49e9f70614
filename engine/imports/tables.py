"""Tables with one row per run: printed results, or tables of runs from W&B and MLflow."""

from collections.abc import Mapping, Set

from engine.imports.cells import COMMA, is_date, is_empty, number, whole
from engine.imports.columns import NAMES, NOT_READ, RUN_IDS, STATES, TRACKED_ONLY, option_of_column, options_of, plain
from engine.imports.figures import Source
from engine.imports.meanings import Meaning, meaning_of
from engine.imports.result import Found
from engine.imports.sheet import Sheet
from engine.store import Status

_STATUS = {"finished": Status.FINISHED, "crashed": Status.FAILED, "failed": Status.FAILED, "killed": Status.STOPPED,
           "running": Status.STOPPED, "scheduled": Status.STOPPED}
_LARGEST_SEED = 2 ** 63 - 1


def read_table(sheet: Sheet, chosen: Mapping[str, str]) -> Source:
    """Read one run per row.

    Args:
        chosen: the columns that the user has given a meaning; see :class:`engine.imports.meanings.Choices`.
    """
    figures = {place: title for place, title in enumerate(sheet.header) if title in chosen or _is_figure(title)}
    settings = _settings_columns(sheet, figures)
    name, state = _name_column(sheet, {*figures, *settings.values()}), sheet.find(*STATES)
    seed = next((place for place, key in enumerate(sheet.keys) if option_of_column(key) == "seed"), None)
    runs = tuple(Found(
        sheet.where(row), cells[name] if name is not None else "",
        {key: _option(cells[place], sheet.decimal) for key, place in settings.items() if cells[place]},
        {title: [(0, cells[place], sheet.lines[row])] for place, title in figures.items()},
        seed=seed_of(cells[seed]) if seed is not None else None,
        status=_STATUS.get(cells[state].lower(), Status.FINISHED) if state is not None else Status.FINISHED)
        for row, cells in enumerate(sheet.rows))
    wrong = [] if seed is None else [(run.where, cells[seed]) for run, cells in zip(runs, sheet.rows, strict=True)
                                     if not is_empty(cells[seed]) and run.seed is None]
    notes = [f"{where}: seed {text!r} is no whole number below 2^63 and is left out." for where, text in wrong[:1]]
    used = {*figures, *settings.values(), name, seed}
    left = {title: "no metric or option of Darkroom has this name" for place, title in enumerate(sheet.header)
            if place not in used and not _is_of_a_tracker(sheet.keys[place])}
    return Source(sheet.path.name, "results", runs, sheet.decimal, None, (*sheet.notes, *notes), sheet.left_out | left)


def seed_of(text: str) -> int | None:
    return whole(text, _LARGEST_SEED)


def _is_figure(title: str) -> bool:
    meaning: Meaning = meaning_of(title)
    return bool(meaning.metric) and meaning.metric != "lr" and not title.startswith(("params.", "config."))


def _option(text: str, decimal: str) -> str:
    """Return an option's text with marks as words and a decimal point."""
    read = number(text, decimal) if decimal == COMMA and "," in text else None
    return plain(text) if read is None else f"{read.value:.12g}"


def _is_of_a_tracker(key: str) -> bool:
    return key in (*STATES, *NOT_READ, *RUN_IDS, *TRACKED_ONLY) or key.startswith("tags_mlflow") \
        or option_of_column(key) in ("seed", "name")


def _settings_columns(sheet: Sheet, figures: Mapping[int, str]) -> dict[str, int]:
    """Return the columns of settings: options, and words that distinguish runs."""
    found = {}
    skipped = (*NOT_READ, *NAMES, *STATES, *RUN_IDS, *(TRACKED_ONLY if sheet.find(*STATES) is not None else ()))
    for place, key in enumerate(sheet.keys):
        if place in figures or key in skipped or key.startswith("tags_mlflow"):
            continue
        texts = [text for text in sheet.column(place) if text]
        known = any(options_of(key, text) is not None for text in texts[:1])
        words = not all(is_empty(text) or number(text, sheet.decimal) or is_date(text) for text in texts) \
            and 1 < len(set(texts)) <= len(texts) / 2
        if option_of_column(key) not in ("seed", "name") and texts and (known or words):
            found[key] = place
    return found


def _name_column(sheet: Sheet, used: Set[int]) -> int | None:
    """Return a column of unique names, if there is one: by its title, or the first one if it has words."""
    places = [sheet.keys.index(key) for key in (*NAMES, *RUN_IDS) if key in sheet.keys]
    places += [0] * (bool(used) and 0 not in used and sheet.keys[0] not in NOT_READ and not any(
        number(text) or is_date(text) for text in sheet.column(0)))
    return next((place for place in places if len(set(sheet.column(place))) == len(sheet.rows)
                 and all(sheet.column(place))), None)
