"""What the test pictures that are among the training pictures change in a run's figures."""

from engine.data.audits.audit import known_leaks
from engine.store import Evaluation, Run
from engine.tasks import TASKS
from engine.words import percent


def leaked(run: Run, evaluation: Evaluation) -> frozenset[int]:
    """Return the positions that the audit of the run's own data set knows; nothing for other pictures."""
    own = evaluation.split == "test" and not evaluation.conditions.dataset
    return (known_leaks(run.dataset_fingerprint) if own and run.dataset_fingerprint else None) or frozenset()


def leak_remark(task: str, pictures: int, others: int, with_all: float, without: float) -> str:
    """Return a sentence on a task's score with all test pictures, and with the others than those that leak."""
    return (f"{pictures - others:,} of {pictures:,} test pictures are among the training pictures: test "
            f"{TASKS[task].score_name} is {percent(with_all)} on all {pictures:,}, and {percent(without)} on the "
            f"{others:,} others")
