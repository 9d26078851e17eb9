"""From the event feed to messages: routes, one message per alert, storms, digests."""

from bot.alerts.hearing import hear
from bot.alerts.routing import Finding, explain, matches, route_event
from bot.alerts.saying import outgoing
from bot.alerts.steps import acknowledge, assign, resolve
from bot.alerts.telling import Say, next_due, tell

__all__ = [
    "Finding",
    "Say",
    "acknowledge",
    "assign",
    "explain",
    "hear",
    "matches",
    "next_due",
    "outgoing",
    "resolve",
    "route_event",
    "tell",
]
