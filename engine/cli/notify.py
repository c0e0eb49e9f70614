"""``notify``: to whom what is told of runs and studies."""

import argparse
from dataclasses import replace

from engine.cli.output import print_json, say, table
from engine.errors import UserError
from engine.home import notify_path
from engine.notify import RULES, Subscription, read_subscription, send, write_subscription
from engine.notify.subscription import check_rule
from engine.notify.telling import check_address, shown
from engine.words import counted


def notify(arguments: argparse.Namespace) -> int:
    """List, add, remove or try the addresses."""
    subscription = read_subscription()
    if arguments.action == "test":
        return _try(subscription.to)
    if arguments.action in ("add", "remove") and not arguments.address:
        raise UserError(f"notify {arguments.action}: needs an address, such as json://host/path")
    to = dict.fromkeys(subscription.to)
    for address in arguments.address:
        if arguments.action == "add":
            check_address(address)
            to[address] = None
        elif to.pop(address, address):
            raise UserError(f"notify: {shown(address)} is not one of the {counted(len(to), 'address')}")
    changed = replace(subscription, to=tuple(to), when=_rules(arguments.when) or subscription.when)
    if changed != subscription:
        write_subscription(changed)
    _print(changed, as_json=arguments.json)
    return 0


def _rules(text: str) -> tuple[str, ...]:
    rules = tuple(rule.strip() for rule in text.split(",") if rule.strip())
    for rule in rules:
        check_rule(rule)
    return rules


def _try(addresses: tuple[str, ...]) -> int:
    if not addresses:
        raise UserError("notify: there is no address yet: python -m engine notify add json://host/path")
    failed = send(addresses, "a test", "Messages about runs and studies will look like this.")
    for address in addresses:
        say(f"{'failed' if address in failed else 'sent'}: {shown(address)}")
    return 1 if failed else 0


def _print(subscription: Subscription, *, as_json: bool) -> None:
    addresses = [shown(address) for address in subscription.to]
    if as_json:
        print_json({"to": addresses, "when": list(subscription.when)})
        return
    for address in addresses:
        say(f"to {address}")
    if not addresses:
        say("no address yet: python -m engine notify add json://host/path, or any other address of Apprise")
    table(("told", "when"), [("yes" if name in subscription.when else "no", f"{name}: {rule.help}")
                             for name, rule in RULES.items()])
    say(f"kept in {notify_path()}")
