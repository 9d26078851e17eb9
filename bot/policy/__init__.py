"""Who may do what, where, and what needs somebody else's approval. Pure decisions."""

from bot.policy.approving import Ruling, ask, override, rule, vote
from bot.policy.deciding import (
    Allowed,
    Denied,
    NeedsApproval,
    Request,
    Verdict,
    decide,
    with_records,
)

__all__ = [
    "Allowed",
    "Denied",
    "NeedsApproval",
    "Request",
    "Ruling",
    "Verdict",
    "ask",
    "decide",
    "override",
    "rule",
    "vote",
    "with_records",
]
