"""Who did what through the chat: lines that are chained, so that none can be changed unseen.

A line names its people by salted ids kept apart from it: forgetting a person takes away
what the id means and leaves the chain whole.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final

from toolkit.model.ids import Digest
from toolkit.model.values import digest

_NOTHING: Final = Digest("")


@dataclass(frozen=True, slots=True)
class AuditLine:
    """One decision or deed.

    Attributes:
        team: The workspace.
        subject: Salted id of the person; see `chat_audit`.
        surface: `slash`, `button`, `modal`, `shortcut`, `message` or `job`.
        command: Its words and the names of its keys, without what was typed for them.
        decision: `allowed`, `denied`, `asked`, `done` or `failed`.
        rule: The rule that decided.
        plan_hash: Of what was done or asked; empty for none.
        approvers: Salted ids.
        outcome: One clause, without customers' values.
        reference: What `why` and the log know it by.
        took_ms: How long it took.
        seq: Place in the log; 0 until stored.
        previous: `hash` of the line before; empty in the first.
    """

    team: str
    at: datetime
    subject: str
    surface: str
    command: str
    decision: str
    rule: str
    channel: str = ""
    plan_hash: str = ""
    approvers: tuple[str, ...] = ()
    outcome: str = ""
    reference: str = ""
    took_ms: int = 0
    seq: int = 0
    previous: Digest = _NOTHING
    hash: Digest = _NOTHING

    def chained(self, previous: Digest) -> AuditLine:
        """The same line, bound to the one before."""
        bound = replace(self, previous=previous)
        return replace(bound, hash=bound.fingerprint)

    @property
    def fingerprint(self) -> Digest:
        """Digest of all it says; its place in the log is no part of it."""
        at = self.at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds")
        said = [self.team, at, self.subject, self.surface, self.command, self.decision]
        more = [self.rule, self.channel, self.plan_hash, self.approvers, self.outcome]
        return digest([*said, *more, self.reference, self.took_ms, self.previous])


def find_break(lines: Iterable[AuditLine], *, after: Digest = _NOTHING) -> int | None:
    """Number of the first line that does not fit the one before it; None where all fit.

    Args:
        lines: In order, without gaps.
        after: Hash of the line before the first.
    """
    previous = after
    for line in lines:
        if line.previous != previous or line.hash != line.fingerprint:
            return line.seq
        previous = line.hash
    return None
