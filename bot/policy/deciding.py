"""One decision for every surface: typed, clicked, submitted or said in a message.

It is taken again when a button is clicked: who may have been allowed when the message was
posted may not be any more.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, TypeAlias

from toolkit.model.chat_people import MANY_RECORDS, Risk, Role, Standing

if TYPE_CHECKING:
    from bot.parse import Command
    from toolkit.model.chat_people import ChannelRule, Person

_OWN: Final = frozenset({"help", "me", "menu"})
"""Objects that say nothing about customers, and so are everybody's."""
_STANDING: Final = {
    Standing.BOT: "bot",
    Standing.GONE: "gone",
    Standing.EXTERNAL: "external",
    Standing.GUEST: "guest",
    Standing.UNKNOWN: "unknown",
}


@dataclass(frozen=True, slots=True)
class Request:
    """What somebody is about to do.

    Attributes:
        channel: What the channel takes away; None where nothing is said about it, or where
            it is a direct message.
        connection: That it is about; empty for none.
        records: How many it would write; 0 where that is not known yet.
        flags: Of the command.
        is_preview: It writes nothing.
    """

    command: Command
    person: Person
    channel: ChannelRule | None = None
    connection: str = ""
    records: int = 0
    flags: frozenset[str] = field(default_factory=frozenset)
    guests_allowed: bool = False

    @property
    def is_preview(self) -> bool:
        """Whether it only shows what would happen."""
        return "dry-run" in self.flags or self.command.verb in {
            "plan",
            "list",
            "show",
            "status",
        }


@dataclass(frozen=True, slots=True)
class Allowed:
    """It may be done at once."""

    rule: str


@dataclass(frozen=True, slots=True)
class Denied:
    """It may not be done.

    Attributes:
        rule: Its name; there is a sentence for each.
        role: Who may, where that would help.
    """

    rule: str
    role: Role | None = None


@dataclass(frozen=True, slots=True)
class NeedsApproval:
    """It may be done once somebody else has agreed."""

    rule: str
    risks: tuple[Risk, ...]


Verdict: TypeAlias = Allowed | Denied | NeedsApproval


def decide(request: Request) -> Verdict:
    """Whether it may be done; pure, so the same facts give the same answer for ever."""
    refusal = _by_standing(request) or _by_role(request) or _by_channel(request)
    if refusal is not None:
        return refusal
    risks = risks_of(request)
    if risks:
        return NeedsApproval("risk", risks)
    return Allowed("own" if request.command.object in _OWN else "role")


def with_records(verdict: Verdict, records: int) -> Verdict:
    """The same decision once it is known how many records it would write."""
    if records <= MANY_RECORDS or isinstance(verdict, Denied):
        return verdict
    known = verdict.risks if isinstance(verdict, NeedsApproval) else ()
    risks = {*known, Risk.MANY_RECORDS}
    return NeedsApproval("risk", tuple(risk for risk in Risk if risk in risks))


def risks_of(request: Request) -> tuple[Risk, ...]:
    """Why it would need approval, in a fixed order; empty for a preview."""
    if request.is_preview and Risk.EXPORT not in request.command.risks:
        return ()
    risks = set(request.command.risks)
    if request.records > MANY_RECORDS:
        risks.add(Risk.MANY_RECORDS)
    if "full" in request.flags:
        risks.add(Risk.FULL_SYNC)
    return tuple(risk for risk in Risk if risk in risks)


def _by_standing(request: Request) -> Denied | None:
    standing = request.person.standing
    if standing is Standing.GUEST and request.guests_allowed:
        return None
    # Help works also while Slack tells nothing.
    if standing is Standing.UNKNOWN and request.command.object in _OWN:
        return None
    rule = _STANDING.get(standing)
    return Denied(rule) if rule else None


def _by_role(request: Request) -> Denied | None:
    command, person = request.command, request.person
    if command.role is Role.NOBODY:
        return None
    if not person.is_linked:
        return Denied("unlinked")
    # A channel only narrows: what it allows counts for nothing without the role.
    return Denied("role", command.role) if person.role < command.role else None


def _by_channel(request: Request) -> Denied | None:
    command, channel = request.command, request.channel
    if channel is None or command.object in _OWN:
        return None
    # Whoever could not lift a limit from inside would need another channel for it.
    if command.object == "admin" and request.person.role is Role.ADMIN:
        return None
    if command.role > channel.ceiling:
        return Denied("channel_role", command.role)
    if channel.objects and command.object not in channel.objects:
        return Denied("channel_object")
    if channel.connections and request.connection not in {"", *channel.connections}:
        return Denied("channel_connection")
    return None
