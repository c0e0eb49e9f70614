"""The log of errors that nobody foresaw: users get one line with a reference, the traceback goes to a file."""

import contextlib
import logging
import secrets
from logging.handlers import RotatingFileHandler

from engine.errors import describe_error, in_one_line, plugin_place, user_message
from engine.home import artifacts_dir

_LARGEST = 1 << 20


FAILED, USAGE, UNEXPECTED = 1, 2, 70
"""Exit codes: the run, or a plug-in, failed; a mistake of the user's or of the system's; a defect of Darkroom."""


def explained(error: Exception, *, detail: bool = True) -> tuple[int, str]:
    """Return an error's exit code and its line for the user; one that nobody foresaw is logged.

    Args:
        detail: name the error that nobody foresaw; a page shows it to whoever looks.
    """
    if known := user_message(error):
        return USAGE, known
    if isinstance(error, OSError):
        return USAGE, in_one_line(f"{error.strerror or error}{f': {error.filename}' if error.filename else ''}")
    if plugin_place(error):
        return FAILED, describe_error(error)
    return UNEXPECTED, log_unexpected(error, detail=detail)


def log_unexpected(error: BaseException, *, detail: bool = True) -> str:
    """Log an error with its traceback, and return a line for the user."""
    reference = secrets.token_hex(3)
    logger = logging.Logger("darkroom.errors")
    with contextlib.closing(_handler()) as handler:
        logger.addHandler(handler)
        logger.error("unexpected error %s", reference, exc_info=error)
    named = f" ({describe_error(error)})" if detail else ""
    return (f"something went wrong inside Darkroom{named}; the traceback is in "
            f"{artifacts_dir() / 'errors.log'} under {reference}")


def _handler() -> logging.Handler:
    """The log file of the present home, which is kept small; standard error where it cannot be written."""
    try:
        artifacts_dir().mkdir(parents=True, exist_ok=True)
        handler: logging.Handler = RotatingFileHandler(artifacts_dir() / "errors.log", maxBytes=_LARGEST, backupCount=1)
    except OSError:
        handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    return handler
