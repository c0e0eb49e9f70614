"""Which run can teach another (knowledge distillation). Imports no torch."""

from engine.config import RunConfig
from engine.data.facts import data_facts
from engine.errors import ConfigError, UserError
from engine.store import ENDED, Run, Store
from engine.tasks import task_name
from engine.words import counted


def check_teacher(store: Store, config: RunConfig) -> Run:
    """Return the run that a config names as its teacher.

    Raises:
        ConfigError: it is missing, has not ended or has no checkpoint, or predicts other classes.
    """
    def refuse(expected: str) -> ConfigError:
        return ConfigError("teacher", config.teacher, expected)

    try:
        run = store.runs.get(config.teacher)
    except UserError:
        raise refuse("the number of a run that has ended, as the page Runs lists them; 0 for none") from None
    if run.status not in ENDED:
        raise refuse(f"a run that has ended; {run.name} is {run.status}")
    if not any((run.folder / "checkpoints").glob("*/model.safetensors")):
        raise refuse(f"a run with a checkpoint, which {run.name} has not")
    facts = data_facts(config.dataset, config.data_path)
    if run.task != task_name(config.dataset) or set(run.resolved["class_names"]) != set(facts.classes):
        raise refuse(f"a run with the classes of {config.dataset}, unlike {run.name}, which was trained on "
                     f"{run.config['dataset']}")
    if run.resolved["channels"] != facts.channels:
        raise refuse(f"a run on pictures of {counted(facts.channels, 'channel')}; those of {run.name} have "
                     f"{run.resolved['channels']}")
    return run
