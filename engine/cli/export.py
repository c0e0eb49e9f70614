"""``export`` and ``try``: what a trained model is good for afterwards."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from pathlib import Path

from engine.cli.output import percent, print_json, say, table
from engine.errors import ConfigError
from engine.evaluation.kept import checkpoint_name
from engine.explain.ranking import likeliest
from engine.store import Run, Store

FORMATS = ("onnx",)
_BAR = 40


def export(arguments: argparse.Namespace) -> int:
    """Write a run's model to a file that other programs can run, after comparing it with torch."""
    from engine.export.names import export_path

    if arguments.format not in FORMATS:
        raise ConfigError("format", arguments.format, f"one of {', '.join(FORMATS)}")
    run, checkpoint = _run_and_checkpoint(arguments)
    target = Path(arguments.output).expanduser() if arguments.output else export_path(run, checkpoint)
    from engine.export.onnx_file import export_onnx

    done = export_onnx(run, target, checkpoint)
    say(f"{done.file}: {done.bytes / 1e6:,.1f} MB; on {done.pictures} test pictures its logits differ from torch's by "
        f"at most {done.difference:.1e}")
    if arguments.json:
        print_json(asdict(done))
    return 0


def try_picture(arguments: argparse.Namespace) -> int:
    """What a run's model takes a picture for."""
    from engine.launch.jobs import run_job

    run, checkpoint = _run_and_checkpoint(arguments)
    file = str(Path(arguments.picture).expanduser().resolve())
    answer = run_job("look", {"run": run.id, "checkpoint": checkpoint, "file": file, "invert": arguments.invert})
    said = answer["pictures"][0]["probabilities"]
    found = [{"class": answer["classes"][label], "probability": said[label]} for label in likeliest(said)]
    if arguments.json:
        print_json({"run": run.id, "checkpoint": checkpoint, "picture": file, "top": found, "method": answer["method"],
                    "map": answer["pictures"][0]["map"]})
        return 0
    table(("class", "probability", ""), [(row["class"], percent(row["probability"]),
                                          "█" * round(_BAR * row["probability"])) for row in found])
    return 0


def _run_and_checkpoint(arguments: argparse.Namespace) -> tuple[Run, str]:
    return Store.open().runs.find(arguments.run), checkpoint_name(arguments.checkpoint)
