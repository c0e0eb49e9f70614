"""Two dashboards on one home: each launches, and both see everything."""

from __future__ import annotations

from engine.store import Store
from tests.app_tests import assert_calm, open_page


def test_both_launch_and_both_see_both_runs(store: Store) -> None:
    first, second = open_page("launch"), open_page("launch")
    for page, name in ((first, "one"), (second, "two")):
        page.text_input(key="launch_name").set_value(name).run()
    for page in (first, second):
        page.button(key="launch_button").click().run()
        assert_calm(page)
    for page in (first, second):
        table = page.switch_page("../pages/runs.py").run()
        assert_calm(table)
        assert list(table.dataframe[0].value["name"]) == ["two", "one"]
    assert [run.name for run in store.runs.list()] == ["two", "one"]
