"""The entry point: runs a command and turns errors into one line and an exit code."""

import os
import sys
from collections.abc import Sequence

from engine.cli.output import say
from engine.cli.parser import build_parser, call
from engine.crash_log import explained
from engine.home import make_private
from engine.launch.plugins import load_plugins
from engine.plugins.importing import allow_imports

DONE, INTERRUPTED = 0, 130


def main(words: Sequence[str]) -> int:
    """Run a command and return its exit code: 0 done, 1 the run failed, 2 a usage error, 70 a defect of Darkroom, 130
    interrupted."""
    # Set before torch is imported: OpenMP threads that spin while waiting slow down other runs.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    make_private()
    try:
        arguments = build_parser(words).parse_args(words)
        for line in load_plugins(arguments.plugin):
            say(f"warning: {line}")
        allow_imports()
        return call(arguments)
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE
    except Exception as error:
        code, line = explained(error)
        print(f"error: {line}", file=sys.stderr)
        return code
