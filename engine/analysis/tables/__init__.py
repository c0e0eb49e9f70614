"""Tables of a study's outcomes, written as Markdown, LaTeX, HTML or CSV."""

from engine.analysis.tables.builder import check_table, specs_of, table
from engine.analysis.tables.formats import FORMATS, latex_escaped, to_csv, to_html, to_latex, to_markdown
from engine.analysis.tables.table import Cell, Column, Heading, Row, Table

__all__ = ["FORMATS", "Cell", "Column", "Heading", "Row", "Table", "check_table", "latex_escaped", "specs_of", "table",
           "to_csv", "to_html", "to_latex", "to_markdown"]
