"""One row adds a metric: it is found everywhere, and nothing else knows its name."""

from __future__ import annotations

import pytest

from app.compare.tables import figures
from app.runs.columns import known_columns
from engine.analysis.ensemble import combine, load_members
from engine.catalog.metric import Metric
from engine.catalog.metrics import CLASS_METRICS, METRICS
from engine.catalog.metrics_page import metrics_page
from engine.cli.evaluations import CLASSIFICATION
from engine.evaluation.metrics import Floats, Predictions, support
from engine.imports.meanings import meaning_of
from engine.store import Conditions, Store
from engine.study.check import check_study
from engine.study.outcomes import outcomes
from engine.study.study import Study
from tests.app_tests import assert_calm, open_page
from tests.fake_runs import WRONG, add_run
from tests.fake_studies import add_tested

KEY, WRONG_PICTURES = "wrong", sum(WRONG.values())


def wrong(predictions: Predictions) -> int:
    return int((predictions.predicted != predictions.targets).sum())


def share_of_all(predictions: Predictions) -> Floats:
    found: Floats = support(predictions) / len(predictions.ids)
    return found


@pytest.fixture
def store(home: object, monkeypatch: pytest.MonkeyPatch) -> Store:
    monkeypatch.setattr("app.kit.store.ensure_dispatcher", lambda: None)
    monkeypatch.setitem(METRICS, KEY, Metric(
        "Wrong pictures", "How many are wrong.", "Counted.", "Wrong", "count", 0, False, task="classification",
        compute="tests.test_adding_a_metric:wrong", imported=("mistakes",)))
    monkeypatch.setitem(CLASS_METRICS, "share_of_all", Metric(
        "Of all", "The class's share of all pictures.", task="classification",
        compute="tests.test_adding_a_metric:share_of_all"))
    return Store.open()


def test_results_show_it_of_all_pictures_and_of_each_class(store: Store) -> None:
    page = open_page("results", run=str(add_run(store).id))
    assert_calm(page)
    assert {metric.label: metric.value for metric in page.metric}["Wrong"] == str(WRONG_PICTURES)
    assert page.dataframe[-1].value["share_of_all"].sum() == pytest.approx(100)


def test_tables_of_runs_and_ensembles_have_it(store: Store) -> None:
    runs = [add_run(store), add_run(store, seed=1)]
    assert known_columns()[KEY].title == "Wrong pictures"
    assert list(figures(runs)["Wrong pictures"]) == [WRONG_PICTURES] * 2
    page = open_page("compare", run="1,2")
    assert_calm(page)
    assert list(page.dataframe[-2].value["Wrong"]) == [WRONG_PICTURES] * 3
    assert combine(load_members(store, runs)).metrics[KEY] == WRONG_PICTURES


def test_the_command_line_prints_it(store: Store) -> None:
    told, run = CLASSIFICATION, add_run(store)
    results = told.load(store, run, Conditions())
    assert dict(zip(told.columns, told.row(results), strict=True))["wrong"] == str(WRONG_PICTURES)
    document = told.document(store, run, results)
    assert document["metrics"][KEY] == WRONG_PICTURES and "share_of_all" in document["per_class"][0]


def test_a_study_is_judged_by_it(store: Store) -> None:
    study = Study.model_validate({"name": "few wrong", "metric": KEY, "seeds": [0], "settings": {"epochs": 2},
                                  "factors": {"augmentation": ["default", "weak"]}})
    check_study(study)
    add_tested(store, study, ("weak",), 0, 7)
    assert [outcome.metrics[KEY] for outcome in outcomes(store, study)] == [7]


def test_imports_and_docs_know_it(store: Store) -> None:
    assert meaning_of("mistakes").metric == meaning_of(KEY).metric == KEY
    assert "| `wrong` | Wrong pictures | How many are wrong. | lower |  | Counted. | `mistakes` |" in metrics_page()
