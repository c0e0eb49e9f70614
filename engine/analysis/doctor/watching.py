"""The doctor while a run trains: some rules look at each epoch, in the trainer, at curves that it has in memory."""

from collections.abc import Mapping

import numpy as np

from engine.analysis.doctor.case import Case
from engine.analysis.doctor.examination import rules
from engine.store import Run, Store, Sure


class Watch:
    """Looks at each epoch of a run that has just started, perhaps not for the first time.

    The doctor is sure of a finding once each of the last ``Rule.sure`` epochs shows it, and no longer once none of them
    does, so that one noisy epoch changes nothing.

    Attributes:
        sure: what it is sure of, by rule.
    """

    def __init__(self, store: Store, run: Run) -> None:
        self._store, self._run = store, run
        self._rules = [rule for rule in rules(run.task) if rule.sure]
        self._curves: dict[str, list[float]] = {}
        self.sure = {found.rule: found for found in store.sure.of([run.id]).get(run.id, ())}

    def epoch_done(self, epoch: int, metrics: Mapping[str, float]) -> list[Sure]:
        """Look at the run after an epoch (from 1), and keep what changed.

        Returns:
            What the doctor has become sure of.

        Raises:
            StoreError: that cannot be written; the next epoch tries again.
        """
        for name, value in metrics.items():
            self._curve(name).append(value)
        became: list[Sure] = []
        for rule in self._rules:
            shown = [rule.find(self._case(back)) for back in range(rule.sure)]
            if all(shown) and rule.name not in self.sure:
                became.append(self._become_sure(Sure(self._run.id, rule.name, epoch, str(shown[0]))))
            elif not any(shown) and rule.name in self.sure:
                self._store.sure.withdraw(self._run.id, rule.name, epoch)
                del self.sure[rule.name]
        return became

    def _become_sure(self, found: Sure) -> Sure:
        self._store.sure.put(found)
        self.sure[found.rule] = found
        return found

    def _curve(self, name: str) -> list[float]:
        """Return the values so far, which begin with those that were recorded before this attempt."""
        if name not in self._curves:
            steps, values = self._store.metrics.since(self._run.id, name, -1)
            self._curves[name] = values[steps <= self._run.step].tolist()
        return self._curves[name]

    def _case(self, back: int) -> Case:
        """Return the run as it was so many epochs ago."""
        return Case(self._store, self._run, (), {name: np.array(values[:max(len(values) - back, 0)])
                                                 for name, values in self._curves.items()})
