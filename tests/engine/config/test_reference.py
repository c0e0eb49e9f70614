"""The options page in the docs is what the declarations say."""

from engine.config import RunConfig
from engine.config.reference import reference
from engine.home import ROOT


def test_the_page_is_up_to_date_and_names_every_option() -> None:
    page = reference()
    assert (ROOT / "docs" / "options.md").read_text() == page, "run python -m engine.config.reference > docs/options.md"
    assert all(f"`--{field.replace('_', '-')}`" in page for field in RunConfig.model_fields)
