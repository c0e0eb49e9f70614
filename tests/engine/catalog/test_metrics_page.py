"""The metrics page in the docs is what the rows say."""

from engine.catalog.metrics import CLASS_METRICS, CURVES, METRICS
from engine.catalog.metrics_page import metrics_page
from engine.home import ROOT


def test_the_page_is_up_to_date_and_names_every_metric() -> None:
    page = metrics_page()
    assert (ROOT / "docs" / "metrics.md").read_text() == page, \
        "python -m engine.catalog.metrics_page > docs/metrics.md"
    assert all(f"| `{key}` | {row.title} |" in page for rows in (METRICS, CLASS_METRICS, CURVES)
               for key, row in rows.items())
