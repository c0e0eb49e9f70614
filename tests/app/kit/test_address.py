"""What the address carries over a reload, and that an older one never undoes what was chosen since."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest


def script() -> None:
    import streamlit as st

    from app.kit.address import note_page, remember

    note_page("one")
    remember("axis", "axis", "step", ("step", "epoch"))
    st.segmented_control("Axis", ["step", "epoch"], key="axis", required=True)
    remember("log", "log", default=False)
    st.toggle("Log", key="log")
    remember("some", "some", ("a",), ("a", "b", "c"))
    st.multiselect("Some", ["a", "b", "c"], key="some")


def opened(**query: str) -> AppTest:
    app = AppTest.from_function(script)
    for name, value in query.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception
    return app


def values(app: AppTest) -> tuple[object, object, object]:
    return app.segmented_control(key="axis").value, app.toggle(key="log").value, app.multiselect(key="some").value


def test_defaults_stand_for_themselves() -> None:
    app = opened()
    assert values(app) == ("step", False, ["a"]) and dict(app.query_params) == {}


def test_what_is_chosen_is_carried_to_the_next_session() -> None:
    app = opened()
    app.segmented_control(key="axis").set_value("epoch")
    app.toggle(key="log").set_value(True)
    app.multiselect(key="some").set_value(["b", "c"]).run()
    address = dict(app.query_params)
    assert address == {"axis": "epoch", "log": "yes", "some": "b,c"}
    assert values(opened(**address)) == ("epoch", True, ["b", "c"])


@pytest.mark.parametrize(("query", "found"), [
    ({"axis": "hours"}, ("step", False, ["a"])), ({"some": "b,x"}, ("step", False, ["b"])),
    ({"some": ""}, ("step", False, [])), ({"log": "perhaps"}, ("step", False, ["a"])),
])
def test_what_cannot_be_chosen_is_ignored(query: dict[str, str], found: tuple[object, ...]) -> None:
    assert values(opened(**query)) == found


def test_an_older_address_undoes_nothing() -> None:
    app = opened(axis="epoch")
    app.segmented_control(key="axis").set_value("step").run()
    app.query_params["axis"] = "epoch"
    app.run()
    assert values(app)[0] == "step" and dict(app.query_params) == {}
