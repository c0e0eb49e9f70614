"""The options page in the docs is what the declarations say."""

import os
import subprocess
import sys
from pathlib import Path

from engine.config import RunConfig, option_of
from engine.config.reference import reference
from engine.home import ROOT


def test_the_page_is_up_to_date_and_names_every_option() -> None:
    page = reference()
    assert (ROOT / "docs" / "options.md").read_text() == page, "run python -m engine.config.reference > docs/options.md"
    assert all(f"`--{field.replace('_', '-')}`" in page for field in RunConfig.model_fields)


def test_every_choice_is_told_with_its_meaning() -> None:
    page = reference()
    for option in map(option_of, RunConfig.model_fields):
        for name, meaning in option.meanings.items():
            assert meaning.endswith((".", ")")) and f"\n  - `{name}`: {meaning}\n" in page
            assert f"\n- {name}: {meaning}" in option.explanation
    assert {"stop", "skip"} == option_of("unreadable").meanings.keys() and not option_of("model").meanings


def test_the_page_is_of_the_product_also_where_a_home_has_plugins(home: Path) -> None:
    (home / "plugins").mkdir(parents=True)
    (home / "plugins" / "mine.py").write_text(
        "from engine.plugins import Augmentation, augmentation\naugmentation('mine', Augmentation('Mine.'))\n")
    made = subprocess.run([sys.executable, "-m", "engine.config.reference"], cwd=ROOT, capture_output=True, text=True,
                          check=True, env={**os.environ, "DARKROOM_HOME": str(home)})
    assert made.stdout == (ROOT / "docs" / "options.md").read_text()
