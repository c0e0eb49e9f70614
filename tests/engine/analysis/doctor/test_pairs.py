"""Each rule of the doctor fires on a run that has what it names, and not on a neighbour of that run."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pytest

import engine.evaluation.leaks
from engine.analysis.doctor import examine, rules
from engine.imports import import_results
from engine.store import Run, Store
from engine.tasks import TASKS
from tests.engine.analysis.doctor.ended import ended_run, labels_run, targets
from tests.engine.analysis.doctor.test_boxes import BOX, ELSEWHERE, detector

Made = Run | tuple[Run, Sequence[Run]]
Builder = Callable[[Store], Made]

LEVEL = [0.5, 0.7, 0.8, 0.85, 0.88, 0.9, 0.9, 0.9, 0.9, 0.9, 0.9, 0.9]
COSINE = [0.001 * (1 + np.cos(np.pi * step / 240)) / 2 for step in range(240)]
SGD_ON_DIGITS = {
    "val_accuracy": [0.2778, 0.6736, 0.7431, 0.9306, 0.9792, 0.9861, 0.9792, 0.9792, 0.9792, 0.9792, 0.9792, 0.9792],
    "train_accuracy": [0.369, 0.521, 0.89, 0.913, 0.977, 0.995, 0.997, 0.998, 1.0, 1.0, 1.0, 1.0]}
"""TinyVGG A, SGD with a rate of 0.01 that falls along a cosine, 12 epochs, seed 0."""
LION_ON_DIGITS = [0.5347, 0.8472, 0.9306, 0.9514, 0.9514, 0.9028, 0.9444, 0.9375]
"""TinyVGG A, Lion with a rate of 0.003, which is too high, 8 epochs, seed 0."""
NOISE = np.exp(np.random.default_rng(1).normal(0, 0.1, 200))
JUMPED = np.where((np.arange(200) >= 120) & (np.arange(200) < 140), 8 * NOISE, NOISE)
HARD = np.where(np.arange(200) == 120, 50 * NOISE, NOISE)
RARE = np.repeat([0, 1], [900, 100])
GHOSTS = [(ELSEWHERE, 0, 0.8), ((60, 10, 90, 40), 1, 0.8)]
PARTED = {"train_loss": [2, 1, 0.5], "val_loss": [2, 1, 1.5], "val_map": [0.3, 0.5, 0.45]}


def curves(**named: Sequence[float]) -> Builder:
    return lambda store: ended_run(store, named)


def predicts(wrong: Callable[[np.ndarray], np.ndarray], true: np.ndarray | None = None) -> Builder:
    return lambda store: ended_run(store, predicted=wrong(targets() if true is None else true), true=true)


def with_recall(share: float) -> Builder:
    """Both classes of a test set of 900 and 100 pictures are found with this recall."""
    def predicted(true: np.ndarray) -> np.ndarray:
        missed = np.concatenate([np.flatnonzero(true == label)[round(share * (true == label).sum()):]
                                 for label in (0, 1)])
        return np.where(np.isin(np.arange(len(true)), missed), 1 - true, true)
    return predicts(predicted, RARE)


def compared(count: int, last: float) -> Builder:
    def build(store: Store) -> Made:
        repeats = [ended_run(store, accuracy=share, seed=seed) for seed, share in enumerate((0.9, 0.91, 0.905)[:count])]
        return ended_run(store, accuracy=last, seed=9), repeats
    return build


def from_scratch(accuracy: float) -> Builder:
    def build(store: Store) -> Made:
        scratch = ended_run(store, accuracy=0.68, model="resnet18")
        return ended_run(store, accuracy=accuracy, model="resnet18", weights="pretrained"), [scratch]
    return build


def beside(epochs: int, fingerprint: str) -> Builder:
    return lambda store: (ended_run(store, epochs=epochs, limit=20, fingerprint=fingerprint, seed=1),
                          [ended_run(store, epochs=20, limit=20)])


def unequal(large: int, small: int, recall: float) -> Builder:
    """Classes with so many training pictures, of which the small one is found with this recall."""
    def build(store: Store) -> Made:
        missed = np.arange(1000) >= 900 + round(100 * recall)
        run = ended_run(store, predicted=np.where(missed, 0, RARE), true=RARE)
        store.runs.update(run.id, resolved=run.resolved | {"class_counts": [large, small],
                                                           "class_names": ["usual", "rare"]})
        return store.runs.get(run.id)
    return build


def labelled(signal: float, thresholds: Sequence[float] = (0.5, 0.5, 0.5), validated: int = 70) -> Builder:
    """A run for three classes, the last of which has so many validation pictures, all of them surely right."""
    return lambda store: labels_run(store, signal, thresholds, validated)


def printed(top1: float, precision: float, recall: float, f1: float) -> Builder:
    """A run of a printed table on CIFAR-100, whose test set is balanced."""
    def build(store: Store) -> Made:
        table = store.path.parent / "printed.csv"
        table.write_text("dataset,model,top1,precision,recall,f1_macro\n"
                         f"CIFAR100,resnet50,{top1},{precision},{recall},{f1}\n")
        return next(iter(import_results(store, table, "printed").runs))
    return build


def scored(validated: float, accuracy: float, **options: str) -> Builder:
    return lambda store: ended_run(store, {"val_accuracy": [0.5, validated]}, accuracy=accuracy, **options)


def found_in(count: int) -> Builder:
    """Pictures of which ``count`` are known to be among the training ones."""
    return lambda store: ended_run(store, accuracy=0.9, fingerprint=f"{count} leaked")


BLIND = {"val_map50": [0.0] * 4}
PAIRS: list[tuple[str, Builder, Builder]] = [
    ("not-finite", curves(loss=[2.0, float("nan")]), curves(loss=[2.0, 1.0])),
    ("learns-nothing", curves(val_accuracy=[0.1] * 4, train_loss=[2.31, 2.3, 2.31, 2.3]),
     curves(val_accuracy=[0.1] * 4, train_loss=[2.6, 2.5, 2.4, 2.3])),
    ("learns-nothing", lambda store: ended_run(store, BLIND | {"train_loss": [1.7] * 4}, dataset="Scenes"),
     lambda store: ended_run(store, BLIND | {"train_loss": [1.9, 1.8, 1.7, 1.6]}, dataset="Scenes")),
    ("spike", curves(loss=JUMPED.tolist()), curves(loss=HARD.tolist())),
    ("overfits", curves(train_accuracy=[0.6, 0.9, 1], val_accuracy=[0.6, 0.7, 0.7], val_loss=[1, 0.8, 1.2]),
     curves(train_accuracy=[0.6, 0.7, 0.75], val_accuracy=[0.6, 0.7, 0.7], val_loss=[1, 0.8, 1.2])),
    ("memorised", curves(train_accuracy=[0.6, 0.9, 0.99], val_accuracy=[0.5, 0.6, 0.6], val_loss=[1.2, 1.1, 1.1]),
     curves(train_accuracy=[0.6, 0.8, 0.95], val_accuracy=[0.5, 0.8, 0.85], val_loss=[1.2, 1.1, 1.1])),
    ("memorised", curves(train_accuracy=[0.6, 0.9, 0.99], val_accuracy=[0.5, 0.6, 0.6]),
     curves(train_accuracy=[0.6, 0.9, 1], val_accuracy=[0.6, 0.7, 0.7], val_loss=[1, 0.8, 1.2])),
    ("fell-late", curves(val_accuracy=[0.5, 0.7, 0.8, 0.85, 0.84, 0.85, 0.5]), curves(val_accuracy=LEVEL)),
    ("fell-late", lambda store: detector(store, curves={"val_map": [0.1, 0.3, 0.4, 0.45, 0.46, 0.02]}),
     curves(val_accuracy=[0.3, 0.6, 0.45, 0.7, 0.5, 0.72, 0.58])),
    ("still-improving", curves(val_accuracy=[0.3 + 0.03 * epoch for epoch in range(12)]), curves(val_accuracy=LEVEL)),
    ("still-improving", curves(val_accuracy=[0.3 + 0.03 * epoch for epoch in range(12)], lr=[0.001] * 240),
     curves(val_accuracy=[0.3 + 0.03 * epoch for epoch in range(12)], lr=COSINE)),
    ("still-improving", curves(val_accuracy=[0.5 + 0.02 * epoch for epoch in range(12)], train_accuracy=LEVEL),
     lambda store: ended_run(store, SGD_ON_DIGITS | {"lr": COSINE}, schedule="cosine")),
    ("memorised", curves(train_accuracy=[0.9, 0.99], val_accuracy=[0.7, 0.7]),
     lambda store: ended_run(store, SGD_ON_DIGITS)),
    ("fell-late", lambda store: ended_run(store, {"val_accuracy": [*LION_ON_DIGITS, 0.5]}),
     lambda store: ended_run(store, {"val_accuracy": LION_ON_DIGITS})),
    ("leaked-test", found_in(2), found_in(0)),
    ("at-chance", predicts(lambda true: np.random.default_rng(0).permutation(true)), with_recall(0.88)),
    ("at-chance", predicts(np.zeros_like, RARE), with_recall(0.6)),
    ("at-chance", printed(1.1, 1.1, 1.1, 1.1), printed(1.5, 1.5, 1.5, 1.5)),
    ("collapsed", predicts(lambda true: np.where(true < 4, true, 0)),
     predicts(lambda true: np.where(true < 6, true, 0))),
    ("class-never-named", predicts(lambda true: np.where(true == 7, 1, true)),
     predicts(lambda true: np.where((true == 7) & (np.arange(len(true)) > 20), 1, true))),
    ("class-never-named", predicts(lambda true: np.where(true == 1, 0, true), np.repeat([0, 1, 2], [900, 10, 90])),
     predicts(lambda true: np.where(true == 1, 0, true), np.repeat([0, 1, 2], [900, 1, 99]))),
    ("rare-classes-missed", unequal(950, 50, 0.02), unequal(950, 50, 0.9)),
    ("rare-classes-missed", unequal(950, 50, 0.02), unequal(600, 400, 0.02)),
    ("labels-at-chance", labelled(0.0), labelled(2.0)),
    ("label-never-right", labelled(2.0, thresholds=(0.5, 0.5, 1.0)), labelled(2.0)),
    ("threshold-off", labelled(2.0, thresholds=(0.5, 0.5, 0.99), validated=7),
     labelled(2.0, thresholds=(0.5, 0.5, 0.99), validated=70)),
    ("lopsided", printed(14.25, 34.43, 14.25, 12), printed(45.88, 46.97, 45.88, 45.79)),
    ("recall-unlike-top1", printed(52.78, 53, 52.28, 52), printed(52.78, 53, 52.78, 52)),
    ("f1-too-high", printed(50.01, 50.01, 50.01, 51.02), printed(50.01, 50.01, 50.01, 50.01)),
    ("below-validation", scored(0.99, 0.9), scored(0.93, 0.91)),
    ("above-validation", scored(0.7, 0.85), scored(0.84, 0.85)),
    ("above-validation", scored(0.7, 0.85), scored(0.7, 0.85, tta="flip")),
    ("finds-nothing", lambda store: detector(store, figures={"map50": 0.004}),
     lambda store: detector(store, figures={"map50": 0.02})),
    ("class-never-found", lambda store: detector(store, ((BOX, 0, 0.9),)),
     lambda store: detector(store, ((BOX, 0, 0.9), (BOX, 1, 0.02)))),
    ("many-ghosts", lambda store: detector(store, [(BOX, -1, 0.9), *GHOSTS]),
     lambda store: detector(store, [(BOX, -1, 0.9), GHOSTS[0]])),
    ("score-off", lambda store: detector(store, ((BOX, -1, 0.3),)),
     lambda store: detector(store, ((BOX, -1, 0.3),), score_threshold=0.2)),
    ("map-below-validation", lambda store: detector(store, curves={"val_map": [0.2, 0.6]}, figures={"map": 0.25}),
     lambda store: detector(store, curves={"val_map": [0.2, 0.6]}, figures={"map": 0.35})),
    ("losses-apart", lambda store: detector(store, curves=PARTED),
     lambda store: detector(store, curves=PARTED | {"val_loss": [2, 1, 1.1]})),
    ("outlier", compared(3, 0.3), compared(2, 0.3)),
    ("outlier", compared(3, 0.3), compared(3, 0.9)),
    ("like-scratch", from_scratch(0.69), from_scratch(0.8)),
    ("other-pictures", beside(20, "other"), beside(20, "same")),
    ("fewer-epochs", beside(5, "same"), beside(15, "same")),
]


@pytest.fixture
def store(home: object, monkeypatch: pytest.MonkeyPatch) -> Store:
    known = {f"{count} leaked": frozenset(range(count)) for count in (0, 2)}
    monkeypatch.setattr(engine.evaluation.leaks, "known_leaks", known.get)
    return Store.open()


def found(store: Store, made: Made) -> set[str]:
    run, group = made if isinstance(made, tuple) else (made, ())
    return {finding.rule for finding in examine(store, run, group)}


@pytest.mark.parametrize(("rule", "fires", "sound"), PAIRS,
                         ids=[f"{rule} {place}" for place, (rule, *_) in enumerate(PAIRS)])
def test_a_rule_fires_on_what_it_names_and_not_on_its_neighbour(rule: str, fires: Builder, sound: Builder,
                                                                store: Store) -> None:
    assert rule in found(store, fires(store))
    assert rule not in found(store, sound(store))


def test_every_rule_has_a_pair_and_a_source() -> None:
    every = rules(*TASKS)
    assert {rule for rule, *_ in PAIRS} == {rule.name for rule in every}
    assert all(rule.threshold and rule.source for rule in every)
    assert len({rule.name for rule in every}) == len(every)
