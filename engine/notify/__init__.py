"""Telling people elsewhere what became of runs and studies: by a webhook, Slack, mail and whatever Apprise knows."""

from engine.notify.rules import RULES
from engine.notify.subscription import Subscription, read_subscription, write_subscription
from engine.notify.telling import send, tell

__all__ = ["RULES", "Subscription", "read_subscription", "send", "tell", "write_subscription"]
