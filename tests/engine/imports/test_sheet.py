"""Tables as people and programs leave them."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.errors import UserError
from engine.imports import Choices, Plan, plan_import

GOOD = {"a": 0.9, "b": 0.8}


def planned(folder: Path, content: str | bytes, **columns: str) -> Plan:
    (folder / "runs.csv").write_bytes(content if isinstance(content, bytes) else content.encode())
    return plan_import(folder / "runs.csv", choices=Choices(columns))


def top1(plan: Plan) -> dict[str, float]:
    return {one.settings["model"]: one.figures["top1"] for one in plan.found}


@pytest.mark.parametrize(("content", "told"), [
    ("model,test_acc\na,0.9\nb,0.8\n", ""),
    ("\ufeffmodel,test_acc\r\na,0.9\r\nb,0.8\r\n", ""),
    ("model;test_acc\na;0,9\nb;0,8\n".encode("utf-16"), ""),
    ("größe,model,test_acc\né,a,0.9\né,b,0.8\n".encode("latin-1"), "read as cp1252, the only one"),
    ("sep=;\nmodel;test_acc\na;90,0\nb;80,0\n", ""),
    ('"sep=|"\nmodel|test_acc\na|0.9\nb|0.8\n', ""),
    ("model\ttest_acc\na\t90 %\nb\t80 %\n", ""),
    ("# made by hand\n# in May\nmodel,test_acc\na,0.9\n# b broke once\nb,0.8\n", "3 lines of comments left out"),
    ("Results of May,,\n,,\nmodel,test_acc,\na,0.9,\nb,0.8,\n", "1 line above the header left out"),
    (",model,test_acc\n0,a,0.9\n1,b,0.8\n", ""),
    ("Unnamed: 0,model,test_acc\n0,a,0.9\n1,b,0.8\n", ""),
    ("model,test_acc\n,(%)\na,90\nb,80\n", "line 2 is read as part of the header"),
    ("model,test\n,accuracy\na,0.9\nb,0.8\n", "line 2 is read as part of the header"),
    ("model,test_acc\na,0.9\n\nb,0.8\n\nmean,0.85\n", "line 6 left out: totals below the table"),
    ("model,test_acc,test_acc\na,0.9,0.9\nb,0.8,0.8\n", ""),
    ("model,test_acc,note\na,0.9,x\nb,0.8,y\nc\n", "line 4 left out: it has 1 cells of 3"),
    ("model,test acc (%)\na,90.0\nb,80.0\n", ""),
    ("model,Test Accuracy [pct]\na,90.0\nb,80.0\n", ""),
    ("model,testAcc\na,0.9\nb,0.8\n", ""),
    ("model,Acc@1/test\na,90.0\nb,80.0\n", ""),
    ("model,test err\na,0.1\nb,0.2\n", ""),
    ("model,Top-1 err. (%) test\na,10.0\nb,20.0\n", ""),
    ("|model|test acc|\n|:---|---:|\n|a|0.9|\n|b|0.8|\n", ""),
    ("model,train,,test,\n,acc,loss,acc,loss\na,1,0.1,0.9,0.4\nb,1,0.2,0.8,0.5\n", "line 2 is read as part"),
    ("model,seed,test_acc\na,0,0.9\nb,0,0.8\nMean ± std,,0.85\n", "line 4 left out: totals"),
    ("model,seed,test_acc\na,0,0.9\na,mean,0.9\na,std. dev.,0.1\nb,0,0.8\nb,mean,0.8\n", "lines 3, 4, 6 left out"),
    ("metric,x,y\nmodel,a,b\ntest_acc,0.9,0.8\ntest_loss,0.3,0.4\n", "its titles stand in the first column"),
    ("model,test_acc\nb,0.8\na,0.9\n".encode("utf-16"), ""),
])
def test_a_table_in_any_dress(tmp_path: Path, content: str | bytes, told: str) -> None:
    plan = planned(tmp_path, content)
    found = {one.settings["model"]: one.figures.get("top1", 1 - one.figures.get("top1_error", 1)) for one in plan.found}
    assert found == pytest.approx(GOOD) and told in " ".join(plan.notes)


@pytest.mark.parametrize(("name", "encoding"), [
    ("kočka", "cp1250"), ("modèle", "cp1252"), ("模型", "gb18030"), ("モデル", "shift_jis"), ("모델", "euc_kr"),
    ("модель", "cp1251"), ("modell", "utf-16-le")])
def test_an_encoding_that_would_be_a_guess_is_asked_for(tmp_path: Path, name: str, encoding: str) -> None:
    content = f"model,test_acc\n{name},0.9\n".encode(encoding)
    with pytest.raises(UserError, match="'koèka' in cp1252 or 'kočka' in cp1250; say which by --encoding"
                       if name == "kočka" else "--encoding"):
        planned(tmp_path, content)
    plan = plan_import(tmp_path / "runs.csv", choices=Choices(encoding=encoding))
    assert top1(plan) == {name: 0.9}
    with pytest.raises(UserError, match="encoding: 'cp9' is not an encoding"):
        Choices(encoding="cp9")


@pytest.mark.parametrize(("title", "cell", "option", "figure"), [
    ("params (M)", "11.7", "", {"parameters": 11.7e6}), ("params_m", "11.7", "", {"parameters": 11.7e6}),
    ("params (M)", "11.7M", "", {"parameters": 11.7e6}), ("params", "11.7M", "", {"parameters": 11.7e6}),
    ("params", "11,689,512", "", {"parameters": 11689512}), ("#params", "11.7", "", {}), ("param_count", "12", "", {}),
    ("param_count", "11.7", "parameters:M", {"parameters": 11.7e6}),
    ("train time (h)", "1.5", "", {"seconds": 5400}), ("training time [min]", "1.5", "", {"seconds": 90}),
    ("train time (h)", "1:30:00", "", {"seconds": 5400}), ("train time", "90", "seconds:min", {"seconds": 5400}),
    ("time (h)", "1.5", "seconds", {"seconds": 5400}), ("train time", "5:30", "", {}),
    ("peak memory (GB)", "2.5", "", {"peak_memory": 2.5e9}), ("peak memory", "2 GiB", "", {"peak_memory": 2 ** 31}),
    ("peak memory", "2.5", "", {}), ("gpu memory", "2500", "peak_memory:MB", {"peak_memory": 2.5e9}),
])
def test_units_by_title_by_cell_and_by_choice(tmp_path: Path, title: str, cell: str, option: str,
                                              figure: dict[str, float]) -> None:
    plan = planned(tmp_path, f'model,test_acc,{title}\na,0.9,"{cell}"\n', **({title: option} if option else {}))
    assert plan.found[0].figures == {"top1": 0.9} | {name: pytest.approx(value) for name, value in figure.items()}
    assert figure or title in plan.left_out


def test_columns_that_mean_the_same_and_differ_are_asked_for(tmp_path: Path) -> None:
    text = "model,last_test_acc,final_test_acc\na,0.9,0.8\nb,0.8,0.8\n"
    with pytest.raises(UserError, match="may both be test:top1 and differ; say which by --column 'last_test_acc'=test"):
        planned(tmp_path, text)
    assert top1(planned(tmp_path, text, last_test_acc="test:top1")) == GOOD
    best = planned(tmp_path, "model,val_acc,best_val_acc\na,0.9,0.95\n")
    assert best.found[0].figures == {"val_accuracy": 0.95}
    assert best.left_out == {"val_acc": "best_val_acc is read as that"}


@pytest.mark.parametrize("titles", ["acc,acc", "acc,acc.1"])
def test_titles_that_stand_twice(tmp_path: Path, titles: str) -> None:
    with pytest.raises(UserError, match="two columns 'acc' differ"):
        planned(tmp_path, f"model,{titles}\na,0.99,0.9\nb,0.98,0.8\n")


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.integers(101, 10_000), min_size=2, max_size=6), st.sampled_from([",.", ";,", "\t.", ";.", "|,"]),
       st.sampled_from(["{}%", "{} %", "{}", "{} ± 0{}5 %"]), st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]))
def test_percentages_come_back_from_any_locale(tmp_path: Path, hundredths: list[int], marks: str, form: str,
                                               encoding: str) -> None:
    separator, mark = marks
    cells = [form.format(f"{value / 100:.2f}".replace(".", mark), mark) for value in hundredths]
    rows = "".join(f"m{place}{separator}{cell}\n" for place, cell in enumerate(cells))
    plan = planned(tmp_path, f"model{separator}test_acc\n{rows}".encode(encoding))
    assert [one.figures["top1"] for one in plan.found] == [pytest.approx(value / 10_000) for value in hundredths]


def test_names_stand_in_the_first_column(tmp_path: Path) -> None:
    assert [one.name for one in planned(tmp_path, "Method,acc\nours,0.9\ntheirs,0.8\n").found] == ["ours", "theirs"]
    assert [one.name for one in planned(tmp_path, "Pooling,acc\nmax,0.9\navg,0.8\n").found] == ["max", "avg"]
    assert [one.name for one in planned(tmp_path, "day,acc\n2025-01-02,0.9\n").found] == [""]


def test_a_share_that_rounding_has_lifted_above_one(tmp_path: Path) -> None:
    assert planned(tmp_path, "model,acc\na,0.9\nb,1.0000001\n").found[0].figures == {"top1": 0.9}


def test_merged_cells_are_filled_and_that_is_told(tmp_path: Path) -> None:
    plan = planned(tmp_path, "model,augment,test_acc\na,weak,0.9\n,strong,0.8\nb,weak,0.7\n,strong,0.6\n")
    assert [one.settings["model"] for one in plan.found] == ["a", "a", "b", "b"]
    assert any("2 empty cells are read as the cell above" in note for note in plan.notes)


def test_columns_of_one_title_that_differ_are_left_out(tmp_path: Path) -> None:
    plan = planned(tmp_path, "model,note,note,test_acc\na,1,2,0.9\nb,3,4,0.8\n")
    assert top1(plan) == GOOD and plan.left_out == {"note": "two columns 'note' differ"}


@pytest.mark.parametrize("cell", ["OOM", "diverged", "inf", "1e400"])
def test_one_odd_cell_is_left_out_by_name(tmp_path: Path, cell: str) -> None:
    plan = planned(tmp_path, f"model,test_acc,params\na,0.9,11.7M\nb,0.8,x\nc,{cell},y\n")
    assert {one.settings["model"]: one.figures.get("top1") for one in plan.found} == GOOD | {"c": None}
    assert any(f"first runs.csv: line 4: top1: '{cell}'" in note for note in plan.notes)
    assert "'x' is not a number" in plan.left_out["params"]


@pytest.mark.parametrize(("title", "one", "other", "scale"), [
    ("error (%)", "0.8", "0.5", "share"), ("acc_percent", "0.9", "0.8", "share"), ("test_acc", "0.5", "41.3", "each")])
def test_one_scale_a_column_and_doubt_is_told(tmp_path: Path, title: str, one: str, other: str, scale: str) -> None:
    text = f"model,{title}\na,{one}\nb,{other}\n"
    plan = planned(tmp_path, text)
    metric = "top1_error" if "error" in title else "top1"
    assert plan.found[0].figures == {metric: pytest.approx(float(one) / 100)}
    option = next(note for note in plan.notes if f":{scale} would read" in note).split("=")[1].split(" ")[0]
    chosen = planned(tmp_path, text, **{title: option})
    assert chosen.found[0].figures == {metric: float(one)} and not any("would read" in note for note in chosen.notes)


def test_figures_of_training_are_never_those_of_the_test_part(tmp_path: Path) -> None:
    plan = planned(tmp_path, "Name,State,batch_size,accuracy,loss,val_accuracy\na,finished,32,0.99,0.01,0.8\n")
    assert plan.found[0].figures == {"val_accuracy": 0.8}
    assert {name: values.tolist() for name, (_, values) in plan.found[0].curves.items()} == {
        "train_accuracy": [0.99], "train_loss": [0.01]}
    assert any("read as training's, because val_accuracy is there too" in note for note in plan.notes)


@pytest.mark.parametrize("other", ["cv_accuracy", "best accuracy", "ood_acc", "accuracy_top1_ema"])
def test_a_bare_figure_beside_one_that_is_qualified_is_asked_for(tmp_path: Path, other: str) -> None:
    plan = planned(tmp_path, f"model,accuracy,test_loss,{other}\na,0.99,0.5,0.8\nb,0.98,0.6,0.7\n")
    told = other != "accuracy_top1_ema"
    assert ("accuracy" in plan.left_out) is told and other in plan.left_out and plan.found[0].figures["loss"] == 0.5
    assert planned(tmp_path, "model,accuracy,holdout_acc\na,0.99,0.8\nb,0.98,0.7\n").found[0].figures == {"top1": 0.8}


def test_figures_per_mille_are_no_figures_per_cent(tmp_path: Path) -> None:
    plan = planned(tmp_path, "model,error ‰,test_loss\na,5,0.5\nb,7,0.4\n")
    assert "error ‰" in plan.left_out and plan.found[0].figures == {"loss": 0.5}


@pytest.mark.parametrize("header", ["model,acc,train_loss", "model,acc,val_loss", "model,acc,test_acc,train_acc"])
def test_a_figure_of_no_known_part_is_left_out_and_can_be_named(tmp_path: Path, header: str) -> None:
    text = f"{header}\na,0.9{',1' * (header.count(',') - 1)}\nb,0.8{',1' * (header.count(',') - 1)}\n"
    assert "--column 'acc'=test:top1" in planned(tmp_path, text).left_out["acc"]
    assert planned(tmp_path, text, acc="val:accuracy").found[0].figures["val_accuracy"] == 0.9


@pytest.mark.parametrize(("seed", "kept"), [("3", 3), ("3.0", 3), ("1e400", None), (str(2**63), None), ("-1", None),
                                            ("0.5", None), ("", None)])
def test_seeds(tmp_path: Path, seed: str, kept: int | None) -> None:
    plan = planned(tmp_path, f"model,seed,test_acc\na,{seed},0.9\nb,1,0.8\n")
    assert plan.found[0].seed == kept
    assert bool(seed and kept is None) == any("is left out" in note for note in plan.notes)


@pytest.mark.parametrize(("text", "told"), [
    ("a,b\nx,1\ny,2\n", "no column is a figure that Darkroom knows. Left out: a, b"),
    ("model,acc,train_top5\na,0.9,\nb,0.8,\n", "say which, for example by --column 'acc'"),
    ("epoch,foo\n1,0.1\n2,0.1\n", "Left out: foo"),
    ("model,accuracy\na,diverged\nb,OOM\n", "'diverged' is not a number"),
])
def test_nothing_read_is_refused_with_what_was_found(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(UserError) as refused:
        planned(tmp_path, text)
    assert "nothing was imported. Found: " in str(refused.value) and told in str(refused.value) and "--column" in str(
        refused.value)


@pytest.mark.parametrize("column", ["accuracy", "accuracy=", "accuracy=top1", "accuracy=foo:top1", "accuracy=test:foo",
                                    "foo=test:top1"])
def test_columns_that_are_named_wrongly(tmp_path: Path, column: str) -> None:
    (tmp_path / "runs.csv").write_text("model,accuracy\na,0.9\n")
    with pytest.raises(UserError, match=r"is not (TITLE=train:METRIC|one of the columns read: accuracy)"):
        plan_import(tmp_path / "runs.csv", choices=Choices.of([column]))
