"""What the address carries over a reload, and that an older one never undoes what was chosen since."""

from __future__ import annotations

import ast
from collections.abc import Iterator

import pytest
from streamlit.testing.v1 import AppTest

from app.kit.address import cell_of, steps
from engine.home import ROOT
from tests.app_tests import address_of


def script() -> None:
    import streamlit as st

    from app.kit.address import drop_undrawn, note_page, remember

    note_page("one")
    remember("axis", "axis", "step", ("step", "epoch"))
    st.segmented_control("Axis", ["step", "epoch"], key="axis", required=True)
    remember("log", "log", default=False)
    st.toggle("Log", key="log")
    remember("some", "some", ("a",), ("a", "b", "c"))
    st.multiselect("Some", ["a", "b", "c"], key="some")
    remember("kind", "kind", None, ("cat", "dog"))
    st.selectbox("Kind", ["cat", "dog"], None, key="kind")
    remember("page", "page", 1, range(1, 4))
    remember("keep", "keep", (0.0, 1.0))
    st.slider("Keep", 0.0, 1.0, key="keep")
    remember("seed", "seed", "0", initial="7")
    seed = st.text_input("Seed", key="seed")
    if seed == "7":
        remember("more", "more", default=False)
        st.toggle("More", key="more")
    drop_undrawn()


def two_pages() -> None:
    import streamlit as st

    from app.kit.address import drop_undrawn, note_page, remember

    other = st.toggle("Other", key="other")
    note_page("two" if other else "one")
    remember("axis", "axis", "epoch" if other else "step", ("step", "epoch", "hours"))
    st.selectbox("Axis", ["step", "epoch", "hours"], key="axis")
    drop_undrawn()


def opened(**query: str | list[str]) -> AppTest:
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
    assert values(app) == ("step", False, ["a"]) and address_of(app) == {"seed": "7"}


def test_what_is_chosen_is_carried_to_the_next_session() -> None:
    app = opened()
    app.segmented_control(key="axis").set_value("epoch")
    app.toggle(key="log").set_value(True)
    app.multiselect(key="some").set_value(["b", "c"]).run()
    carried = address_of(app)
    assert carried == {"axis": "epoch", "log": "yes", "some": "b,c", "seed": "7"}
    assert values(opened(**carried)) == ("epoch", True, ["b", "c"])


def test_numbers_ranges_and_nothing_are_carried_too() -> None:
    app = opened()
    app.session_state["page"] = 3
    app.selectbox(key="kind").set_value("dog")
    app.slider(key="keep").set_value((0.25, 1.0)).run()
    carried = address_of(app)
    assert carried == {"kind": "dog", "page": "3", "keep": "0.25,1.0", "seed": "7"}
    again = opened(**carried)
    assert (again.selectbox(key="kind").value, again.session_state["page"]) == ("dog", 3)
    assert again.slider(key="keep").value == (0.25, 1.0)


def test_what_the_session_begins_with_stands_in_the_address() -> None:
    """Else a reload, which begins a new session, would show the default instead."""
    assert opened(seed="0").text_input(key="seed").value == "0"
    assert opened(seed="").text_input(key="seed").value == ""


def test_a_default_that_nobody_chose_follows_another_pages_default() -> None:
    app = AppTest.from_function(two_pages).run()
    assert app.selectbox(key="axis").value == "step"
    app.toggle(key="other").set_value(True).run()
    assert app.selectbox(key="axis").value == "epoch" and address_of(app) == {}
    app.selectbox(key="axis").set_value("hours").run()
    app.toggle(key="other").set_value(False).run()
    assert app.selectbox(key="axis").value == "hours" and address_of(app) == {"axis": "hours"}


def test_what_is_no_longer_drawn_leaves_the_address() -> None:
    app = opened(more="yes")
    assert address_of(app)["more"] == "yes"
    app.text_input(key="seed").set_value("0").run()
    assert address_of(app) == {}


@pytest.mark.parametrize(("query", "found"), [
    ({"axis": "hours"}, ("step", False, ["a"])), ({"some": "b,x"}, ("step", False, ["b"])),
    ({"some": ""}, ("step", False, [])), ({"log": "perhaps"}, ("step", False, ["a"])),
])
def test_what_cannot_be_chosen_is_ignored(query: dict[str, str], found: tuple[object, ...]) -> None:
    app = opened(**query)
    assert values(app) == found
    assert bool(app.toast) == (query != {"some": ""}), [said.value for said in app.toast]


@pytest.mark.parametrize("query", [
    {"page": "9"}, {"page": "x"}, {"keep": "1"}, {"keep": "a,b"}, {"keep": "nan,1"}, {"kind": "cow"}])
def test_what_means_nothing_is_told(query: dict[str, str]) -> None:
    app = opened(**query)
    assert [said.value for said in app.toast if "cannot be chosen" in said.value] and address_of(app) == {"seed": "7"}


@pytest.mark.parametrize(("text", "cell"), [
    ("8,1", (8, 1)), ("0,0", (0, 0)), ("10,1", None), ("1", None), ("1,2,3", None), ("-1,2", None), ("a,b", None),
    ("1" * 5000 + ",1", None)])
def test_a_cell_of_a_matrix_is_read(text: str, cell: tuple[int, int] | None) -> None:
    assert cell_of(text, classes=10) == cell


def test_a_slider_has_the_values_of_its_steps() -> None:
    assert steps(0.1, 0.3, 0.05) == [0.1, 0.15, 0.2, 0.25, 0.3]
    assert len(steps(0.0, 0.99, 0.01)) == 100


def _choices() -> Iterator[tuple[str, bool]]:
    """Each function that draws a widget whose value is kept, and whether it keeps that in the address."""
    for path in [*(ROOT / "app").rglob("*.py"), *(ROOT / "pages").glob("*.py")]:
        tree = ast.parse(path.read_text())
        for scope in ast.walk(tree):
            if isinstance(scope, ast.FunctionDef) or (scope is tree and path.parent.name == "pages"):
                calls = [node for node in ast.walk(scope) if isinstance(node, ast.Call)]
                if any(word.arg == "persist_state" for call in calls for word in call.keywords):
                    yield (f"{path.stem}.{getattr(scope, 'name', '')}",
                           any(isinstance(call.func, ast.Name) and call.func.id == "remember" for call in calls))


# These write the address in a way of their own, or the function beside them does.
_OTHERWISE = {"choice.choose_runs", "choice.choose_run", "choice.choose_study", "widgets._field", "pair.pair_head",
              "pictures.turn_pages"}


def test_each_choice_that_is_kept_stands_in_the_address() -> None:
    found = dict(_choices())
    assert len(found) > 30 and {name for name, kept in found.items() if not kept} == _OTHERWISE


def test_several_values_under_one_name_are_a_list() -> None:
    assert values(opened(some=["b", "c"]))[2] == ["b", "c"]


def test_an_older_address_undoes_nothing() -> None:
    app = opened(axis="epoch")
    app.segmented_control(key="axis").set_value("step").run()
    app.query_params["axis"] = "epoch"
    app.run()
    assert values(app)[0] == "step" and address_of(app) == {"seed": "7"}
