"""The shapes of tables: charts, histories, downloads and logs, whose rows are points of runs' curves."""

import itertools
import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from engine.errors import UserError
from engine.home import real
from engine.imports.cells import is_date, is_empty, measure, number, whole
from engine.imports.columns import NAMES, RUN_IDS, STATES, option_of_column
from engine.imports.figures import Source
from engine.imports.formats import Format, format_of, settings_beside
from engine.imports.meanings import PARTS, meaning_of
from engine.imports.result import Cells, Found
from engine.imports.sheet import Sheet
from engine.imports.tables import seed_of

_CHART = re.compile(r"(?P<run>.+) - (?P<metric>.+?)(?P<bound>__MIN|__MAX)?")
_STEPS = ("step", "global_step", "_step", "trainer_global_step", "epoch", "epoch_number", "iteration", "iter", "round",
          "에폭")
_TIMES = ("relative_time_process", "relative_time_wall", "wall_time", "_timestamp", "_runtime", "timestamp")
_RUN = ("run", "run_name", "name", "run_id", "run_uuid")
_METRIC, _VALUE = ("metric", "key", "metric_name"), ("value", "metric_value")
_DOWNLOAD = re.compile(r"(?:run-)?(?P<run>.+?)-tag-(?P<tag>.+?)(?: ?\(\d+\))?")
_MOST_STEPS = 2 ** 53
_AROUND = re.compile(r"^(epoch|step|iter|iteration)?[\s:#_]*\[?|\s*(/|of)\s*[0-9]+\]?$", re.IGNORECASE)
_GENERIC = ("metrics", "results", "history", "summary", "log", "logs", "training", "train", "trainer_state", "progress",
            "training_log", "train_log")


def is_chart(sheet: Sheet) -> bool:
    """Return whether it is a W&B chart: ``Step``, then ``run - metric`` with ``__MIN`` and ``__MAX``."""
    return sheet.keys[0] in (*_STEPS, *_TIMES) and any(_CHART.fullmatch(title) for title in sheet.header[1:])


def is_history(sheet: Sheet) -> bool:
    """Return whether each row is a point: a run, a metric, a step, a value."""
    return all(sheet.find(*keys) is not None for keys in (_RUN, _METRIC, _VALUE, _STEPS))


def is_download(sheet: Sheet) -> bool:
    """Return whether it is a curve that TensorBoard's page has saved: ``Wall time,Step,Value``."""
    return sheet.keys == ("wall_time", "step", "value")


def is_log(sheet: Sheet) -> bool:
    """Return whether each row is an epoch or a step: numbers that grow, in each run that is named beside them."""
    axis = _axis(sheet)
    if axis is None:
        return _is_history_frame(sheet)
    if sheet.find(*STATES) is not None or not any(
            meaning_of(title).metric for place, title in enumerate(sheet.header) if place != axis):
        return False
    groups = list(_groups(sheet, axis).values())
    if len(groups) == 1 and format_of(sheet.header, sheet.path.name) is not None:
        return True
    return any(len(rows) > 1 for rows in groups) and all(_grows(sheet, axis, rows) for rows in groups)


def _is_history_frame(sheet: Sheet) -> bool:
    """Return whether it is Keras' ``History.history`` as pandas writes it: figures of training and validation alone."""
    meanings = [meaning_of(title) for title in sheet.header]
    measured = {meaning.metric for meaning in meanings if meaning.part == "val"}
    return len(sheet.rows) > 1 and all(meaning.metric for meaning in meanings) and any(
        meaning.metric in measured for meaning in meanings if meaning.part in ("train", ""))


def _grows(sheet: Sheet, axis: int, rows: Sequence[int]) -> bool:
    """Return whether steps grow over rows, but for a few that begin again, and no option of a run varies."""
    values = _numbers(sheet, axis, rows)
    grows = sum(one <= other for one, other in itertools.pairwise(values))
    fixed = all(len({sheet.rows[row][place] for row in rows}) == 1 for place, key in enumerate(sheet.keys)
                if option_of_column(key) not in (None, "lr", "epochs") and key not in _STEPS)
    return fixed and 2 * len(set(values)) >= len(rows) and 3 * grows >= 2 * (len(rows) - 1)


def read_chart(sheet: Sheet) -> Source:
    """Read a run's curves from the columns with its name.

    Raises:
        UserError: the horizontal axis is time, or a step is no whole number.
    """
    if sheet.keys[0] not in _STEPS:
        raise UserError(f"import: {sheet.path.name}: the horizontal axis is {sheet.header[0]!r}; export the chart "
                        "with Step")
    runs: dict[str, dict[str, Cells]] = {}
    for place, title in enumerate(sheet.header[1:], 1):
        named = _CHART.fullmatch(title)
        if named is not None and not named["bound"] and named["metric"] not in ("_step", "_timestamp", "_runtime"):
            runs.setdefault(named["run"], {}).setdefault(named["metric"], []).extend(
                (_step(sheet, row, 0), cells[place], sheet.lines[row])
                for row, cells in enumerate(sheet.rows) if cells[place])
    return _source(sheet, "chart", (Found(run, run, cells=cells) for run, cells in runs.items()))


def read_history(sheet: Sheet) -> Source:
    """Read runs, by their name, else by their id; raises as :func:`read_chart`."""
    run, metric, step, value = (sheet.find(*keys) or 0 for keys in (_RUN, _METRIC, _STEPS, _VALUE))
    runs: dict[str, dict[str, Cells]] = {}
    for row, cells in enumerate(sheet.rows):
        runs.setdefault(cells[run], {}).setdefault(cells[metric], []).append(
            (_step(sheet, row, step), cells[value], sheet.lines[row]))
    return _source(sheet, "history", (Found(run, run, cells=cells) for run, cells in runs.items()))


def read_download(sheet: Sheet) -> Source:
    """Read the one curve of a file that is called ``run-NAME-tag-TAG.csv``; raises as :func:`read_chart`.

    Raises:
        UserError: the file's name does not tell what the values are.
    """
    named = _DOWNLOAD.fullmatch(sheet.path.stem)
    run, part = split_part(named["run"] if named else real(sheet.path).parent.name)
    tag = named["tag"] if named else sheet.path.stem
    if named is None and not meaning_of(tag).metric:
        raise UserError(f"import: {sheet.path.name} has Wall time, Step and Value, but its name does not tell of what; "
                        "name it after its run and tag, as TensorBoard does: run-NAME-tag-val_accuracy.csv")
    run = run.strip(".") or real(sheet.path).parent.name
    cells: Cells = [(_step(sheet, row, 1), texts[2], sheet.lines[row]) for row, texts in enumerate(sheet.rows)]
    return _source(sheet, "download", [Found(run, run, cells={f"{part}/{tag}" if part else tag: cells})])


def read_log(sheet: Sheet) -> Source:
    """Read a log whose rows are epochs or steps: of one run, or of several that a column names.

    Raises:
        UserError: it has no column of steps, or several logs stand one after the other.
    """
    axis = _axis(sheet)
    if axis is None and not _is_history_frame(sheet):
        raise UserError(f"import: {sheet.path.name} has no column of epochs or steps; its columns are "
                        f"{', '.join(sheet.header)}")
    known = format_of(sheet.header, sheet.path.name)
    groups = _groups(sheet, axis)
    runs: list[Found] = []
    notes: list[str] = []
    for names, rows in groups.items():
        steps, step_notes = _steps(sheet, axis, rows, phases=known is not None and known.phases)
        notes += step_notes
        naming = [place for place, _ in names]
        cells: dict[str, Cells] = {title: [(step, sheet.rows[row][place], sheet.lines[row])
                         for step, row in zip(steps, rows, strict=True) if not is_empty(sheet.rows[row][place])
                         or sheet.rows[row][place].lower() == "nan"]
                 for place, title in enumerate(sheet.header)
                 if place != axis and place not in naming and sheet.keys[place] not in (*_STEPS, *_TIMES)}
        runs.append(_named(sheet, names, {title: points for title, points in cells.items() if points}))
    settings, setting_notes = settings_beside(sheet.path.parent)
    if len(runs) == 1:
        [run] = runs
        runs = [replace(run, name=run.name or run_name(sheet.path), settings=settings | run.settings,
                        seed=run.seed if run.seed is not None else seed_of(settings.get("seed", "")))]
        notes += setting_notes
    over = "its rows" if axis is None else sheet.header[axis]
    shape = f"{sheet.path.name}: a log{f' of {known.title}' if known else ''}, read as {len(runs)} " \
            f"run{'s' * (len(runs) != 1)} with curves over {over}; --kind results would read each row as a run."
    return _source(sheet, "log", runs, [shape, *notes], known)


def by_part(sheet: Sheet) -> Sheet:
    """Spread a column of parts, whose cells are ``train`` and ``val``, over the titles of the figures beside it."""
    words = {word: part for part, spelled in PARTS.items() for word in spelled}
    figures = [at for at, meaning in enumerate(map(meaning_of, sheet.header)) if meaning.of_part and not meaning.part]
    place = next((place for place in range(len(sheet.header)) if figures and {
        row[place].lower() for row in sheet.rows if any(row[at] for at in figures)} <= words.keys()), None)
    if place is None:
        return sheet
    kept = [at for at, row in enumerate(sheet.rows) if row[place].lower() in words]
    sheet = replace(sheet, rows=tuple(sheet.rows[at] for at in kept), lines=tuple(sheet.lines[at] for at in kept))
    others = [at for at in range(len(sheet.header)) if at not in (place, *figures)]
    titles = list(dict.fromkeys((words[text.lower()], at) for text in sheet.column(place) for at in figures))
    rows: dict[tuple[str, ...], tuple[int, dict[tuple[str, int], str]]] = {}
    for line, row in zip(sheet.lines, sheet.rows, strict=True):
        _, cells = rows.setdefault(tuple(row[at] for at in others), (line, {}))
        new = {(words[row[place].lower()], at): row[at] for at in figures}
        if new.keys() & cells.keys():
            raise UserError(f"import: {sheet.path.name}: line {line}: a second row of {row[place]!r} of the same run; "
                            "add a column with a name for each run")
        cells.update(new)
    return replace(
        sheet, header=(*(sheet.header[at] for at in others), *(f"{part}/{sheet.header[at]}" for part, at in titles)),
        rows=tuple((*key, *(cells.get(title, "") for title in titles)) for key, (_, cells) in rows.items()),
        lines=tuple(line for line, _ in rows.values()),
        notes=(*sheet.notes, f"{sheet.header[place]}: its cells are read as the parts of the figures beside them."))


def run_name(path: Path) -> str:
    """Return the name of a log's run: its folder's if the file is called as they all are."""
    return real(path).parent.name if path.stem.lower() in _GENERIC else path.stem


def split_part(run: str) -> tuple[str, str]:
    """Split ``first_train`` into the run and the part; the part is empty if the name has none."""
    before, mark, last = re.fullmatch(r"(.*?)([_./\\-]?)([^_./\\-]*)", run, re.DOTALL).groups()  # type: ignore[union-attr]
    part = next((part for part, words in PARTS.items() if last.lower() in words), "")
    return (before, part) if part else (before + mark + last, "")


def _source(sheet: Sheet, kind: str, runs: Iterable[Found], notes: Sequence[str] = (),
            known: Format | None = None) -> Source:
    return Source(sheet.path.name, kind, tuple(runs), sheet.decimal, known, (*sheet.notes, *notes), sheet.left_out)


def _axis(sheet: Sheet) -> int | None:
    """Return the column of steps: the first of whole numbers, in the order in which they are preferred."""
    places = [sheet.keys.index(key) for key in _STEPS if key in sheet.keys]
    columns = {place: _numbers(sheet, place, range(len(sheet.rows))) for place in places}
    numeric = [place for place, values in columns.items() if len(values) == len(sheet.rows) and all(
        map(math.isfinite, values))]
    whole_ones = (place for place in numeric if all(
        value.is_integer() and 0 <= value <= _MOST_STEPS for value in columns[place]))
    return next(whole_ones, next(iter(numeric), None))


def _numbers(sheet: Sheet, axis: int, rows: Sequence[int]) -> list[float]:
    """Return the steps of those rows that have one, also where it is spelled ``Epoch 3``, ``3/10`` or ``2k``."""
    bare = (_AROUND.sub("", sheet.rows[row][axis]) for row in rows)
    return [read.value for text in bare if (read := number(text, sheet.decimal) or measure(text, "count")) is not None]


def _groups(sheet: Sheet, axis: int | None) -> dict[tuple[tuple[int, str], ...], list[int]]:
    """Return the rows of each run, by the cells of the columns that name or distinguish runs."""
    others = [(place, key) for place, key in enumerate(sheet.keys)
              if place != axis and key not in (*_STEPS, *_TIMES) and not meaning_of(sheet.header[place]).metric]
    naming = [place for place, key in others if key in (*NAMES, *RUN_IDS, "fold", "version")
              or option_of_column(key) == "seed" or _are_words(sheet.column(place))]
    groups: dict[tuple[tuple[int, str], ...], list[int]] = {}
    for row, cells in enumerate(sheet.rows):
        groups.setdefault(tuple((place, cells[place]) for place in naming), []).append(row)
    return groups


def _are_words(cells: Sequence[str]) -> bool:
    texts = [text for text in cells if not is_empty(text)]
    return bool(texts) and not any(number(text) or is_date(text) or ":" in text or text[0] in "[({" for text in texts)


def _steps(sheet: Sheet, axis: int | None, rows: Sequence[int], *, phases: bool) -> tuple[list[int], list[str]]:
    """Return the steps of rows, with a note if they are not those of the file.

    Args:
        phases: whether steps that begin again are numbered on.

    Raises:
        UserError: they begin again, and are no phases.
    """
    if axis is None:
        return list(range(len(rows))), []
    values = _numbers(sheet, axis, rows)
    if any(not value.is_integer() or not 0 <= value <= _MOST_STEPS for value in values):
        return list(range(1, len(rows) + 1)), [f"{sheet.header[axis]} is not in whole steps: the points are numbered."]
    begins = [place for place in range(1, len(values)) if values[place] == values[0]]
    if phases and begins:
        return _numbered_on(values, begins), [
            f"{sheet.where(rows[begins[0]])}: {sheet.header[axis]} begins again: read as the next phase of the same "
            "training, and numbered on; give each training a file of its own if they are several."]
    falls = [place for place in range(1, len(values)) if values[place] < values[place - 1]]
    if any(values[place] == values[0] for place in falls):
        raise UserError(f"import: {sheet.where(rows[falls[0]])}: {sheet.header[axis]} begins again: the file holds "
                        f"{len(falls) + 1} logs; give each a file of its own, or a column with a name for each")
    again = f"{sheet.where(rows[falls[0]])}: {sheet.header[axis]} goes back: the later rows count, as after a resume." \
        if falls else ""
    return [int(value) for value in values], [again] if again else []


def _numbered_on(values: Sequence[float], begins: Sequence[int]) -> list[int]:
    """Return steps that rise over phases, each of which begins where the one before has ended."""
    steps: list[int] = []
    start = 0.0
    for place, value in enumerate(values):
        start = steps[-1] + 1 - value if place in begins else start
        steps.append(int(start + value))
    return steps


def _named(sheet: Sheet, names: Sequence[tuple[int, str]], cells: dict[str, Cells]) -> Found:
    """Make the run of a group of rows, named by the columns that distinguish it."""
    keyed = {sheet.keys[place]: text for place, text in names if text}
    seed = next((seed_of(text) for key, text in keyed.items() if option_of_column(key) == "seed"), None)
    named = next((keyed[key] for key in (*NAMES, *RUN_IDS) if key in keyed), "")
    settings = {key: text for key, text in keyed.items()
                if key not in (*NAMES, *RUN_IDS) and option_of_column(key) not in ("seed", "name")}
    label = named or "-".join(text for _, text in names)
    return Found(f"{sheet.path.name}: {label}" if label else sheet.path.name, label, settings, cells, seed=seed)


def _step(sheet: Sheet, row: int, place: int) -> int:
    step = whole(sheet.rows[row][place], _MOST_STEPS)
    if step is None:
        raise UserError(f"import: {sheet.where(row)}: {sheet.header[place]}: {sheet.rows[row][place]!r} is not a step, "
                        "a whole number")
    return step
