"""``export`` and ``try``: using a trained model."""

import argparse
from dataclasses import asdict
from typing import Any

from engine.cli.output import print_json, say, table
from engine.errors import ConfigError
from engine.evaluation.checkpoints import checkpoint_name
from engine.explain.picture import likeliest
from engine.export.model_file import export_model, export_path
from engine.files import output_file
from engine.home import real
from engine.labels.targets import NO_CLASS
from engine.store import Run, Store
from engine.tasks import TASKS
from engine.words import percent, size

FORMATS = ("onnx",)
_BAR = 40
Answer = dict[str, Any]


def export(arguments: argparse.Namespace) -> int:
    """Export a run's model to a file, after comparing its logits with torch."""
    if arguments.format not in FORMATS:
        raise ConfigError("format", arguments.format, f"one of {', '.join(FORMATS)}")
    run, checkpoint = _run_and_checkpoint(arguments)
    target = export_path(run, checkpoint) if arguments.output is None else \
        output_file(arguments.output, overwrite=arguments.yes)
    done = export_model(run, target, checkpoint)
    say(f"{done.file}: {size(done.bytes)}; logits differ from torch by at most {done.difference:.1e} on "
        f"{done.pictures} test pictures")
    if arguments.json:
        print_json(asdict(done))
    return 0


def try_picture(arguments: argparse.Namespace) -> int:
    """Predict the classes or the boxes of a picture with a run's model."""
    from engine.launch.jobs import run_job

    run, checkpoint = _run_and_checkpoint(arguments)
    file = str(real(arguments.picture))
    answer = run_job("try", {"run": run.id, "checkpoint": checkpoint, "file": file, "invert": arguments.invert})
    document = TASKS[run.task].tried(answer, arguments.json)
    if arguments.json:
        print_json({"run": run.id, "checkpoint": checkpoint, "picture": file, **document})
    return 0


def print_classes(answer: Answer, quiet: bool) -> Answer:
    """Return the most likely classes, and print them as a table unless ``quiet``."""
    probabilities = answer["pictures"][0]["probabilities"]
    found = [{"class": answer["classes"][label], "probability": probabilities[label]}
             for label in likeliest(probabilities)]
    if not quiet:
        table(("class", "probability", ""), [(row["class"], percent(row["probability"]),
                                              "█" * round(_BAR * row["probability"])) for row in found])
    return {"top": found, "method": answer["method"], "map": answer["pictures"][0]["map"]}


def print_labels(answer: Answer, quiet: bool) -> Answer:
    """Return the most likely classes with their thresholds, and print them as a table unless ``quiet``."""
    probabilities, thresholds = answer["pictures"][0]["probabilities"], answer["thresholds"]
    predicted = [name for name, one, other in zip(answer["classes"], probabilities, thresholds, strict=True)
                 if one >= other]
    found = [{"class": answer["classes"][label], "probability": probabilities[label], "threshold": thresholds[label],
              "predicted": answer["classes"][label] in predicted} for label in likeliest(probabilities)]
    if not quiet:
        say(f"predicted: {', '.join(predicted) or NO_CLASS}")
        if answer["note"]:
            say(answer["note"])
        table(("class", "probability", "threshold", ""), [
            (row["class"], percent(row["probability"]), percent(row["threshold"]),
             "█" * round(_BAR * row["probability"])) for row in found])
    return {"predicted": predicted, "top": found, "note": answer["note"], "method": answer["method"],
            "map": answer["pictures"][0]["map"]}


def print_boxes(answer: Answer, quiet: bool) -> Answer:
    """Return the boxes, and print them as a table unless ``quiet``."""
    rows = [(each["class"], percent(each["score"]), *(f"{edge:,.0f}" for edge in each["box"]))
            for each in answer["boxes"]]
    if rows and not quiet:
        table(("class", "score", "left", "top", "right", "bottom"), rows)
    elif not quiet:
        say(f"no box has a score of {answer['score_threshold']:g} or more; the best has {answer['best_score']:.2f}")
    return answer


def _run_and_checkpoint(arguments: argparse.Namespace) -> tuple[Run, str]:
    return Store.open().runs.find(arguments.run), checkpoint_name(arguments.checkpoint)
