"""Requests for approval: asked for, voted on, and ruled on when they are to be carried out.

A request is bound to the hash of its plan. Whoever approves agrees to exactly that; when
the plan made at the moment of doing has another hash, the request is void.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from toolkit.model.chat_approvals import LIFETIME, Approval, ApprovalState, Vote
from toolkit.model.chat_people import Person, Role, Standing

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from toolkit.model.chat_people import Risk


@dataclass(frozen=True, slots=True)
class Ruling:
    """What comes of an answer or of an attempt to carry out.

    Attributes:
        approval: As it stands now; store it.
        refusal: Name of the sentence that says why nothing happened; empty for none.
        is_go: Carry it out, now and once.
    """

    approval: Approval
    refusal: str = ""
    is_go: bool = False


@dataclass(frozen=True, slots=True)
class Asking:
    """Who asks for what."""

    requester: Person
    connection: str
    plan_hash: str
    command: str
    what: str
    risks: tuple[Risk, ...]
    reason: str = ""
    channel: str = ""
    count: int = 0
    needed: int = 1


def ask(asking: Asking, *, id_: str, now: datetime) -> Approval:
    """A new request; it waits four hours."""
    return Approval(
        id=id_,
        team=asking.requester.team,
        connection=asking.connection,
        plan_hash=asking.plan_hash,
        command=asking.command,
        what=asking.what,
        requester=asking.requester.user,
        risks=asking.risks,
        asked_at=now,
        expires_at=now + LIFETIME,
        reason=asking.reason,
        channel=asking.channel,
        count=asking.count,
        needed=max(1, asking.needed),
    )


def vote(
    asked: Approval, voter: Person, *, is_yes: bool, now: datetime, reason: str = ""
) -> Ruling:
    """One person's answer; a no closes the request, enough yes open the way."""
    asked = _aged(asked, now)
    refusal = _may_not_vote(asked, voter)
    if refusal:
        return Ruling(asked, refusal)
    voted = replace(asked, votes=(*asked.votes, Vote(voter.user, is_yes, now, reason)))
    if not is_yes:
        return Ruling(replace(voted, state=ApprovalState.REFUSED))
    yes = sum(each.is_yes for each in voted.votes)
    if yes < voted.needed:
        return Ruling(voted)
    return Ruling(replace(voted, state=ApprovalState.APPROVED))


def rule(
    asked: Approval, *, plan_hash: str, people: Mapping[str, Person], now: datetime
) -> Ruling:
    """Whether an approved request may be carried out at this moment; afterwards it is done.

    Args:
        asked: As stored.
        plan_hash: Of the plan made just now.
        people: User -> who they are now: whoever lost the role has not approved.
        now: Aware.
    """
    asked = _aged(asked, now)
    if asked.state is not ApprovalState.APPROVED:
        return Ruling(asked, "approval.vote.over")
    if plan_hash != asked.plan_hash:
        return Ruling(replace(asked, state=ApprovalState.VOID), "approval.void")
    kept = tuple(each for each in asked.votes if _still_may(people.get(each.user)))
    if sum(each.is_yes for each in kept) < asked.needed:
        reopened = replace(asked, votes=kept, state=ApprovalState.OPEN)
        return Ruling(reopened, "approval.open")
    return Ruling(replace(asked, state=ApprovalState.DONE), is_go=True)


def override(asked: Approval, admin: Person, *, reason: str, now: datetime) -> Ruling:
    """An administrator lets it through alone; needs a reason, and is announced.

    The plan's hash must fit still: use `rule` on what this gives.
    """
    asked = _aged(asked, now)
    if asked.state is not ApprovalState.OPEN or admin.role is not Role.ADMIN or not reason:
        return Ruling(asked, "approval.vote.over")
    lone = Vote(admin.user, is_yes=True, at=now, reason=reason)
    state = ApprovalState.APPROVED
    return Ruling(replace(asked, votes=(*asked.votes, lone), needed=1, state=state))


def _aged(asked: Approval, now: datetime) -> Approval:
    is_waiting = asked.state in {ApprovalState.OPEN, ApprovalState.APPROVED}
    if is_waiting and now >= asked.expires_at:
        return replace(asked, state=ApprovalState.EXPIRED)
    return asked


def _may_not_vote(asked: Approval, voter: Person) -> str:
    if asked.state is not ApprovalState.OPEN:
        return "approval.vote.over"
    if not _still_may(voter):
        return "denied.role"
    # Two workspaces may use one id for two people; one person never decides alone.
    if voter.user == asked.requester and voter.team == asked.team:
        return "approval.vote.own"
    if any(each.user == voter.user for each in asked.votes):
        return "approval.vote.twice"
    return ""


def _still_may(person: Person | None) -> bool:
    return (
        person is not None
        and person.is_linked
        and person.standing is Standing.MEMBER
        and person.role >= Role.APPROVER
    )
