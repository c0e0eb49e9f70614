"""``study``: declaring, launching and controlling studies."""

import argparse
from collections.abc import Callable
from pathlib import Path

from engine.analysis.lint import lint_study
from engine.cli.main import DONE
from engine.cli.output import print_json, run_document, say, say_each, table
from engine.cli.study_output import (
    matrix_document,
    plan_document,
    print_matrix,
    print_plan,
    states_in_words,
)
from engine.crash_log import FAILED
from engine.errors import UserError
from engine.files import write_atomically
from engine.home import expanded
from engine.launch import ensure_dispatcher, reap
from engine.store import Run, Store
from engine.study import launch as launching
from engine.study.check import check_study
from engine.study.configs import cell_config
from engine.study.document import dump_study, load_study
from engine.study.launch import wait_until_over
from engine.study.layers import write_layers
from engine.study.matrix import State, matrix
from engine.study.plan import plan
from engine.study.study import Study
from engine.study.templates import TEMPLATES, template
from engine.study.versions import Studies
from engine.words import counted


def list_studies(arguments: argparse.Namespace) -> int:
    """List all studies, last changed first."""
    store = Store.open()
    reap(store)
    found = [matrix(store, study) for study in Studies(store).list()]
    if arguments.json:
        print_json([{"name": one.study.name, "question": one.study.question, "counts": one.counts} for one in found])
    elif not found:
        print("no studies yet; make one: python -m engine study init NAME --scaled")
    else:
        table(("name", "cells", "seeds", "runs", "question"),
              [(one.study.name, str(len(one.study.cells)), str(len(one.study.seeds)), states_in_words(one),
                one.study.question) for one in found])
    return DONE


def list_templates(arguments: argparse.Namespace) -> int:
    """List the templates with their questions."""
    if arguments.json:
        print_json(TEMPLATES)
    else:
        table(("template", "question"), list(TEMPLATES.items()))
    return DONE


def init(arguments: argparse.Namespace) -> int:
    """Save a new study, or write it to a file for editing."""
    study = template(arguments.template, scaled=arguments.scaled, name_as=arguments.name)
    if arguments.file:
        path = expanded(arguments.file)
        if path.exists():
            raise UserError(f"study: {path} exists already; choose another file")
        write_atomically(path, dump_study(study, commented=True).encode())
        say(f"wrote {path}; edit it, then: python -m engine study run {path}")
    else:
        store = Store.open()
        if any(known.name == study.name for known in Studies(store).list()):
            raise UserError(f"study: {study.name} exists already; show it with: python -m engine study show "
                            f"{study.name!r}")
        Studies(store).save(study)
        say(f"made {study.name}: {counted(len(study.cells), 'cell')}, {counted(len(study.seeds), 'seed')}; "
            f"next: python -m engine study run {study.name!r} --dry-run")
    if arguments.json:
        print_json(study.model_dump(mode="json"))
    return DONE


def show(arguments: argparse.Namespace) -> int:
    """Print a study as YAML, or in full as JSON."""
    study = Studies(Store.open()).get(arguments.name)
    if arguments.json:
        print_json(study.model_dump(mode="json"))
    else:
        print(dump_study(study), end="")
    return DONE


def run(arguments: argparse.Namespace) -> int:
    """Print the plan of a study, then queue the missing runs."""
    store = Store.open()
    reap(store)
    study = _find_study(store, arguments.study)
    check_study(study, confirmed=arguments.yes)
    for remark in lint_study(study):
        say(f"{remark.level}: {remark.message} ({remark.source})")
    if arguments.dry_run:
        say("measuring the models, a few seconds for each new one")
        found = plan(store, study, wait=True)
        if arguments.json:
            print_json(plan_document(found))
        else:
            print_matrix(found.matrix)
        print_plan(found)
        return FAILED if found.problems else DONE
    print_plan(plan(store, study))
    queued = launching.launch(store, study)
    say(f"queued {counted(len(queued), 'run')}" if queued else "no run is missing")
    if arguments.wait:
        return _wait(store, study, arguments.json)
    if arguments.json:
        print_json([run_document(one) for one in queued])
    elif queued:
        say(f"watch it: python -m engine study status {study.name!r}")
    return DONE


def status(arguments: argparse.Namespace) -> int:
    """Print the progress of every cell and seed, with the study's metric."""
    store = Store.open()
    reap(store)
    found = matrix(store, Studies(store).get(arguments.name))
    if arguments.json:
        print_json(matrix_document(store, found))
    else:
        print_matrix(found, store)
    return DONE


def pause(arguments: argparse.Namespace) -> int:
    return _change(arguments, launching.pause, "pausing", "queued or running")


def resume(arguments: argparse.Namespace) -> int:
    return _change(arguments, launching.resume, "queued again", "paused")


def put_next(arguments: argparse.Namespace) -> int:
    return _change(arguments, launching.put_next, "next", "queued")


def retry(arguments: argparse.Namespace) -> int:
    return _change(arguments, launching.retry_failed, "retrying", "failed, lost or stopped")


def delete(arguments: argparse.Namespace) -> int:
    """Delete a declaration, but not its runs."""
    Studies(Store.open()).delete(arguments.name)
    say(f"deleted {arguments.name}; its runs stay")
    if arguments.json:
        print_json({"deleted": arguments.name})
    return DONE


def layers(arguments: argparse.Namespace) -> int:
    """Write the options of a study's runs, or of any runs, as layered files."""
    store = Store.open()
    others: dict[str, str] = {}
    if arguments.study:
        study = Studies(store).get(arguments.study)
        check_study(study)
        configs = [cell_config(study, cell, seed) for cell in study.cells for seed in study.seeds]
        others["study.yaml"] = dump_study(study, commented=True)
    else:
        configs = [store.runs.find(ref).config_object() for ref in arguments.runs]
    written = write_layers(configs, expanded(arguments.folder), others)
    say(f"wrote {counted(len(written), 'file')} to {arguments.folder}")
    if arguments.json:
        print_json([str(path) for path in written])
    return DONE


def _find_study(store: Store, ref: str) -> Study:
    """Return the study with that name, or from that file."""
    return load_study(Path(ref)) if ref.endswith((".yaml", ".yml")) else Studies(store).get(ref)


def _change(arguments: argparse.Namespace, change: Callable[[Store, Study], list[Run]], doing: str, of: str) -> int:
    """Change the runs that are in one of the states ``of``, and name them."""
    store = Store.open()
    reap(store)
    runs = change(store, Studies(store).get(arguments.name))
    say_each(doing, runs)
    if not runs:
        say(f"no run of study {arguments.name} is {of}: nothing was changed")
    if arguments.json:
        print_json([run_document(store.runs.get(one.id)) for one in runs])
    return DONE


def _wait(store: Store, study: Study, as_json: bool) -> int:
    ensure_dispatcher()
    found = wait_until_over(store, study, lambda now: say(states_in_words(now)))
    if as_json:
        print_json(matrix_document(store, found))
    else:
        print_matrix(found, store)
    return FAILED if found.counts[State.FAILED] else DONE
