"""``train``: training with a progress bar, or queuing runs."""

import argparse
from dataclasses import asdict
from pathlib import Path
from typing import Any

from engine.analysis.lint import lint_configs
from engine.cli.main import DONE, INTERRUPTED
from engine.cli.output import print_json, run_document, say
from engine.cli.parser import given_options
from engine.config import MOST, UNASKED, RunConfig, dump_yaml, expand_grid, load_yaml, with_name
from engine.config.checks import ignored_options
from engine.config.steps import picture_size, steps_per_epoch, total_steps
from engine.crash_log import FAILED
from engine.launch.places import check_writable
from engine.store import Run, Store
from engine.words import counted, duration, percent


def train(arguments: argparse.Namespace) -> int:
    """Train one run, or a grid of runs if an option has a comma list."""
    values: dict[str, Any] = {}
    for path in arguments.config:
        values |= load_yaml(Path(path))
    given = given_options(arguments)
    most = MOST if arguments.yes else UNASKED
    configs = [with_name(config) for config in expand_grid(values | given, confirmed=most)]
    store = Store.open()
    check_writable()
    for line in ignored_options(given, configs):
        say(f"warning: {line}")
    for remark in lint_configs(configs):
        say(f"{remark.level}: {remark.message} ({remark.source})")
    if arguments.dry_run:
        return _dry_run(store, configs, arguments.json)
    if arguments.detach:
        return _queue(store, configs, arguments.json)
    return _train_here(store, configs, arguments.json)


def _dry_run(store: Store, configs: list[RunConfig], as_json: bool) -> int:
    from engine.cli.command import train_command
    from engine.cli.fit import fit_document, fit_line
    from engine.costs import describe_blocking, memories_blocking
    from engine.costs.pace import estimate
    from engine.data.loading import is_to_download
    from engine.launch.capacity import capacity, kind_of
    from engine.launch.queue import check_needs

    absent = [not config.data_path and is_to_download(config.dataset) for config in configs]
    for config, to_come in zip(configs, absent, strict=True):
        check_needs(config, with_data=not to_come)
    documents, failed = [], False
    for config, memory, to_come in zip(configs, memories_blocking(configs), absent, strict=True):
        cost = describe_blocking(config)
        guess = estimate(store, config, cost, kind_of(capacity(config.device)))
        failed |= "error" in cost
        documents.append({"config": config.model_dump(mode="json"), "command": train_command(config), "cost": cost,
                          "image_size": picture_size(config), "steps_per_epoch": steps_per_epoch(config),
                          "steps": total_steps(config), "seconds": guess.seconds, "source": guess.source,
                          "memory": fit_document(config, memory), "would_be_downloaded": to_come,
                          "remarks": [asdict(remark) for remark in lint_configs([config])]})
        if not as_json:
            parameters = f"{cost['parameters']:,} parameters" if "parameters" in cost else cost["error"]
            print(dump_yaml(config).rstrip())
            macs = f", {cost['macs']:,} multiply-adds per picture" if "macs" in cost else ""
            print(f"# {parameters}{macs}, {total_steps(config):,} steps, {steps_per_epoch(config):,} per epoch, "
                  f"{picture_size(config)} px")
            print(f"# memory: {fit_line(config, memory)}")
            print(f"# time: {duration(guess.seconds)} ({guess.source})")
            if to_come:
                print(f"# {config.dataset} is not here yet and would be downloaded: python -m engine data "
                      f"{config.dataset}")
    if as_json:
        print_json(documents if len(documents) > 1 else documents[0])
    return FAILED if failed else DONE


def _queue(store: Store, configs: list[RunConfig], as_json: bool) -> int:
    from engine.launch import submit

    runs = [submit(store, config) for config in configs]
    for run in runs:
        say(f"queued {run.id}: {run.name}")
    if as_json:
        _print_runs(runs)
    return DONE


def _print_runs(runs: list[Run]) -> None:
    print_json([run_document(run) for run in runs] if len(runs) > 1 else run_document(runs[0]))


def _train_here(store: Store, configs: list[RunConfig], as_json: bool) -> int:
    """Train runs one after another, each in a new process if there are several; an interrupt ends all."""
    # It imports torch, which queueing does not need.
    from engine.cli.foreground import train_here, train_in_process

    train_one = train_here if len(configs) == 1 else train_in_process
    runs, codes = [], []
    for config in configs:
        run = train_one(store, config)
        runs.append(run)
        codes.append(_report_end(run))
        if codes[-1] == INTERRUPTED:
            break
    if as_json:
        _print_runs(runs)
    return max(codes)


def _report_end(run: Run) -> int:
    """Print how a run ended, and return its exit code."""
    if run.status == "failed":
        return FAILED
    if run.status != "finished":
        why = run.error or f"{run.status} after {counted(run.epoch, 'epoch')}; resume it with"
        say(f"{why}: python -m engine resume {run.id}")
        # The doctor ends its run, not those that follow; whoever stops a run or moves its home ends all.
        return FAILED if run.error and run.config.get("stop_when_sure") else INTERRUPTED
    say(f"finished in {duration(run.seconds)}: test {run.score_name} {percent(run.test_score)}, "
        f"best validation {run.score_name} {percent(run.best_val_score)}")
    return DONE
