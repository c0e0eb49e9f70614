"""Writing tables as text, one function per format."""

import csv
import io
from collections.abc import Callable, Sequence
from html import escape
from itertools import groupby

from engine.analysis.tables.table import Cell, Heading, Table

_LATEX = {"\\": r"\textbackslash{}", "&": r"\&", "%": r"\%", "$": r"\$", "#": r"\#", "_": r"\_", "{": r"\{",
          "}": r"\}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "±": r"$\pm$", "Δ": r"$\Delta$",
          "−": "$-$", "×": r"$\times$", "→": r"$\to$", "†": r"$^\dagger$", "‡": r"$^\ddagger$", "–": "--"}


def to_markdown(table: Table) -> str:
    """Write GitHub Markdown, which has one header row, so header rows are joined."""
    heads = [*table.labels, *(_one_line(column.headings) for column in table.columns)]
    rules = [*([":--"] * len(table.labels)), *(["--:"] * len(table.columns))]
    rows = [[_markdown(item) for item in row] for row in table.body]
    lines = [f"| {' | '.join(row)} |" for row in ([_escaped(head) for head in heads], rules, *rows)]
    title = [f"**{_escaped(table.title)}**", ""] if table.title else []
    notes = [part for note in table.notes for part in ("", _escaped(note))]
    return "\n".join([*title, *lines, *notes]) + "\n"


def to_latex(table: Table) -> str:
    """Write a LaTeX ``table``; needs ``\\usepackage{booktabs}``."""
    header = table.header
    lines = [r"% needs \usepackage{booktabs}", r"\begin{table}", r"\centering"]
    if table.title:
        lines.append(rf"\caption{{{latex_escaped(table.title)}}}")
    lines += [rf"\begin{{tabular}}{{{'l' * len(table.labels)}{'r' * len(table.columns)}}}", r"\toprule"]
    for level, headings in enumerate(header):
        last = level == len(header) - 1
        left = [latex_escaped(title) if last else "" for title in table.labels]
        lines.append(_latex_row([*left, *map(_spanning, headings)]))
        if not last:
            lines += _rules(headings, len(table.labels))
    lines.append(r"\midrule")
    lines += [_latex_row([*(latex_escaped(label) for label in labels), *map(_latex_cell, row.cells)])
              for row, labels in zip(table.rows, _repeats_blank(table), strict=True)]
    lines += [r"\bottomrule", r"\end{tabular}"]
    lines += [rf"\par\smallskip\footnotesize {latex_escaped(note)}" for note in table.notes]
    return "\n".join([*lines, r"\end{table}"]) + "\n"


def to_html(table: Table) -> str:
    """Write an unstyled ``<table class="results">``."""
    header = table.header
    caption = f"<caption>{escape(table.title)}</caption>" if table.title else ""
    left = "".join(f'<th scope="col" rowspan="{len(header)}">{escape(title)}</th>' for title in table.labels)
    heads = ["".join(f'<th scope="col" colspan="{heading.span}">{escape(heading.text)}</th>' for heading in headings)
             for headings in header]
    head = "".join(f"<tr>{left if level == 0 else ''}{row}</tr>" for level, row in enumerate(heads))
    labels = _row_headings(table)
    body = "".join(f"<tr>{labels[place]}{''.join(map(_html_cell, row.cells))}</tr>"
                   for place, row in enumerate(table.rows))
    notes = "".join(f'<p class="note">{escape(note)}</p>' for note in table.notes)
    return f'<table class="results">{caption}<thead>{head}</thead><tbody>{body}</tbody></table>{notes}\n'


def to_csv(table: Table) -> str:
    """Write unrounded numbers in the unit of their heading, with columns for sd and n."""
    heads = list(table.labels)
    for column in table.columns:
        title = _one_line(column.headings)
        heads += [title, f"{title} sd", f"{title} n"] if column.plain else [title]
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(heads)
    for row in table.rows:
        cells = [_csv_cell(cell, column.scale, column.plain)
                 for cell, column in zip(row.cells, table.columns, strict=True)]
        writer.writerow([*row.labels, *(text for texts in cells for text in texts)])
    return file.getvalue()


FORMATS: dict[str, Callable[[Table], str]] = {"md": to_markdown, "latex": to_latex, "csv": to_csv, "html": to_html}
"""Writers by the name of their format."""


def _one_line(headings: Sequence[str]) -> str:
    return " / ".join(headings)


def _escaped(text: str) -> str:
    return text.replace("\\", r"\\").replace("|", r"\|").replace("*", r"\*")


def _markdown(item: str | Cell) -> str:
    if isinstance(item, str):
        return _escaped(item)
    return (f"**{item.text}**" if item.bold else item.text) + item.marks


def latex_escaped(text: str) -> str:
    """Escape text for LaTeX."""
    return "".join(_LATEX.get(character, character) for character in text)


def _latex_cell(cell: Cell) -> str:
    text = latex_escaped(cell.text)
    return (rf"\textbf{{{text}}}" if cell.bold else text) + latex_escaped(cell.marks)


def _latex_row(texts: Sequence[str]) -> str:
    return " & ".join(texts) + r" \\"


def _spanning(heading: Heading) -> str:
    text = latex_escaped(heading.text)
    return rf"\multicolumn{{{heading.span}}}{{c}}{{{text}}}" if heading.span > 1 else text


def _rules(headings: Sequence[Heading], start: int) -> list[str]:
    """Return a rule below every heading that spans several columns."""
    found, at = [], start + 1
    for heading in headings:
        if heading.span > 1:
            found.append(rf"\cmidrule(lr){{{at}-{at + heading.span - 1}}}")
        at += heading.span
    return found


def _repeats_blank(table: Table) -> list[tuple[str, ...]]:
    """Return the labels, blank if they repeat the row above."""
    found, above = [], tuple[str, ...]()
    for row in table.rows:
        found.append(tuple("" if row.labels[:place + 1] == above[:place + 1] and place < len(row.labels) - 1 else label
                           for place, label in enumerate(row.labels)))
        above = row.labels
    return found


def _row_headings(table: Table) -> list[str]:
    """Return the label cells of each row as HTML; repeated labels span their rows."""
    found = [""] * len(table.rows)
    for place in range(len(table.labels)):
        last = place == len(table.labels) - 1
        keys = [(row.labels[:place + 1], at if last else 0) for at, row in enumerate(table.rows)]
        for _, group in groupby(range(len(keys)), key=keys.__getitem__):
            rows = list(group)
            tall = f' rowspan="{len(rows)}"' if len(rows) > 1 else ""
            found[rows[0]] += f'<th scope="row"{tall}>{escape(table.rows[rows[0]].labels[place])}</th>'
    return found


def _html_cell(cell: Cell) -> str:
    text = f"<strong>{escape(cell.text)}</strong>" if cell.bold else escape(cell.text)
    return f"<td>{text}{escape(cell.marks)}</td>"


def _csv_cell(cell: Cell, scale: float, plain: bool) -> list[str]:
    value = "" if cell.value is None else _exact(scale * cell.value)
    if not plain:
        return [value]
    return [value, "" if cell.sd is None else _exact(scale * cell.sd), str(cell.n) if cell.value is not None else ""]


def _exact(value: float) -> str:
    """Format a number without floating-point noise."""
    return f"{value:.12g}"
