"""One small table in every format; what is special in a format is escaped."""

from __future__ import annotations

import csv
import io
from xml.etree import ElementTree

from engine.analysis.tables import FORMATS, Cell, Column, Row, Table, to_csv, to_html, to_latex, to_markdown

TABLE = Table(
    "Gain_of | 50 %", ("Model", "Fraction"),
    (Column(("scratch", "Top-1 (%)"), 100), Column(("scratch", "Top-5 (%)"), 100),
     Column(("Δ (a − b), points", "Top-1 (%)"), 100, plain=False)),
    (Row(("net_a", "1.0"), (Cell("72.00 ± 2.00 (3)", 0.72, 0.02, 3, bold=True), Cell("90.1", 0.901, None, 1),
                            Cell("−1.5", -0.015, marks="†"))),
     Row(("net_a", "0.1"), (Cell("–"), Cell(""), Cell("<0")))),
    ("† A note & more.",))


def test_markdown() -> None:
    assert to_markdown(TABLE).splitlines() == [
        r"**Gain_of \| 50 %**", "",
        "| Model | Fraction | scratch / Top-1 (%) | scratch / Top-5 (%) | Δ (a − b), points / Top-1 (%) |",
        "| :-- | :-- | --: | --: | --: |",
        "| net_a | 1.0 | **72.00 ± 2.00 (3)** | 90.1 | −1.5† |",
        "| net_a | 0.1 | – |  | <0 |", "", "† A note & more."]


def test_latex() -> None:
    text = to_latex(TABLE)
    assert r"\caption{Gain\_of | 50 \%}" in text and r"\begin{tabular}{llrrr}" in text
    assert r" &  & \multicolumn{2}{c}{scratch} & $\Delta$ (a $-$ b), points \\" in text
    assert r"\cmidrule(lr){3-4}" in text
    assert r"Model & Fraction & Top-1 (\%) & Top-5 (\%) & Top-1 (\%) \\" in text
    assert r"net\_a & 1.0 & \textbf{72.00 $\pm$ 2.00 (3)} & 90.1 & $-$1.5$^\dagger$ \\" in text
    assert r" & 0.1 & -- &  & <0 \\" in text  # the model is said once


def test_html() -> None:
    text = to_html(TABLE)
    tree = ElementTree.fromstring(f"<div>{text}</div>")
    heads = [[(head.text, head.get("colspan"), head.get("rowspan")) for head in row] for row in tree.iter("tr")][:2]
    assert heads[0] == [("Model", None, "2"), ("Fraction", None, "2"), ("scratch", "2", None),
                        ("Δ (a − b), points", "1", None)]
    assert [text for text, _, _ in heads[1]] == ["Top-1 (%)", "Top-5 (%)", "Top-1 (%)"]
    rows = list(tree.iter("tr"))[2:]
    assert [(cell.tag, cell.get("rowspan")) for cell in rows[0]][:2] == [("th", "2"), ("th", None)]
    assert [len(row) for row in rows] == [5, 4]
    assert rows[0][2][0].text == "72.00 ± 2.00 (3)" and rows[1][3].text == "<0"


def test_csv_holds_the_numbers() -> None:
    head, first, second = csv.reader(io.StringIO(to_csv(TABLE)))
    assert head == ["Model", "Fraction", "scratch / Top-1 (%)", "scratch / Top-1 (%) sd", "scratch / Top-1 (%) n",
                    "scratch / Top-5 (%)", "scratch / Top-5 (%) sd", "scratch / Top-5 (%) n",
                    "Δ (a − b), points / Top-1 (%)"]
    assert first == ["net_a", "1.0", "72", "2", "3", "90.1", "", "1", "-1.5"]
    assert second == ["net_a", "0.1", "", "", "", "", "", "", ""]


def test_every_format_writes_a_table_without_rows_or_columns() -> None:
    for write in FORMATS.values():
        assert write(Table("", ("A",), (), ()))
