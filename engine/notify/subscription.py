"""``notify.yaml`` in the home: to whom what is told. Only its owner reads it, as addresses may hold passwords."""

from dataclasses import asdict, dataclass, fields
from typing import Any

import yaml

from engine.errors import UserError, hint
from engine.files import read_regular, write_atomically
from engine.home import notify_path, read_only
from engine.notify.rules import RULES
from engine.yaml_text import read_yaml

_LARGEST = 1 << 20


@dataclass(frozen=True)
class Subscription:
    """Where to tell what.

    Attributes:
        to: addresses as Apprise reads them, such as ``json://host/path`` or ``mailto://…``.
        when: keys of :data:`engine.notify.rules.RULES`.
        at_chance_after: epochs after which a run at chance is told, if the doctor is sure by then.
        address: of the dashboard, for links, such as ``http://lab:8501``; empty: no links.
    """

    to: tuple[str, ...] = ()
    when: tuple[str, ...] = tuple(RULES)
    at_chance_after: int = 3
    address: str = ""


def read_subscription() -> Subscription:
    """Return the home's subscription; one without addresses if there is no file.

    Raises:
        UserError: the file cannot be read, has an unknown key or rule, or a value of another kind.
    """
    path = notify_path()
    if not path.exists():
        return Subscription()
    try:
        found = read_yaml(read_regular(path, _LARGEST).decode())
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise UserError(f"{path.name}: not readable YAML: {' '.join(str(error).split())}") from None
    if not isinstance(found, dict):
        raise UserError(f"{path.name}: must be a mapping with lines such as `to: [json://host/path]`")
    known = [field.name for field in fields(Subscription)]
    for key in found:
        if key not in known:
            raise UserError(f"{path.name}: {key!r} is not one of {', '.join(known)}{hint(str(key), known)}")
    return Subscription(
        _texts(found, "to"), _rules(found), _whole_number(found, "at_chance_after"), str(found.get("address") or ""))


def write_subscription(subscription: Subscription) -> None:
    """Replace ``notify.yaml``, readable by its owner alone.

    Raises:
        UserError: the home can only be viewed.
    """
    if reason := read_only():
        raise UserError(f"notify: {reason}")
    values = {key: list(value) if isinstance(value, tuple) else value for key, value in asdict(subscription).items()}
    path = notify_path()
    write_atomically(path, yaml.safe_dump(values, sort_keys=False, allow_unicode=True).encode())
    path.chmod(0o600)


def _texts(found: dict[str, Any], key: str) -> tuple[str, ...]:
    value = found.get(key) or []
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise UserError(f"{notify_path().name}: {key} must be a list of texts, such as `{key}: [json://host/path]`")
    return tuple(value)


def _rules(found: dict[str, Any]) -> tuple[str, ...]:
    if "when" not in found:
        return tuple(RULES)
    rules = _texts(found, "when")
    for rule in rules:
        check_rule(rule)
    return rules


def check_rule(rule: str) -> None:
    """Raise a :class:`UserError` if there is no such rule."""
    if rule not in RULES:
        raise UserError(f"{notify_path().name}: when: {rule!r} is not one of {', '.join(RULES)}{hint(rule, RULES)}")


def _whole_number(found: dict[str, Any], key: str) -> int:
    value = found.get(key, 3)
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise UserError(f"{notify_path().name}: {key}: {value!r} is not a whole number from 1 on")
    return value
