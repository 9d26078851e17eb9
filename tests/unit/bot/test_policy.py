"""Who may do what."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.parse import COMMANDS, find_command
from bot.policy import (
    Allowed,
    Denied,
    NeedsApproval,
    Request,
    ask,
    decide,
    override,
    rule,
    vote,
)
from bot.policy.approving import Asking
from tests.unit.bot.nasty import NOW
from toolkit.model.chat_approvals import ApprovalState, Vote
from toolkit.model.chat_audit import AuditLine, find_break
from toolkit.model.chat_people import ChannelRule, Person, Risk, Role, Standing


def person(role=Role.ADMIN, standing=Standing.MEMBER, *, user="U1", owner="own_1", team="T1"):
    return Person(team, user, role, owner, standing)


def request(name, who=None, **options):
    object_, _, verb = name.partition(" ")
    command = find_command(object_, verb)
    assert command is not None
    return Request(command, who or person(), **options)


def channel(ceiling=Role.ADMIN, objects=(), connections=()):
    return ChannelRule("T1", "C1", ceiling, frozenset(objects), frozenset(connections))


@pytest.mark.parametrize(
    ("what", "verdict"),
    [
        (request("contact find", person(Role.VIEWER)), Allowed("role")),
        (request("contact add", person(Role.VIEWER)), Denied("role", Role.EDITOR)),
        (request("contact add", person(Role.EDITOR)), Allowed("role")),
        (request("sync run", person(Role.EDITOR)), Denied("role", Role.OPERATOR)),
        (request("help show", person(Role.NOBODY, owner="")), Allowed("own")),
        (request("sync status", person(Role.NOBODY, owner="")), Allowed("role")),
        (request("me link", person(Role.NOBODY, owner="")), Allowed("own")),
        (request("contact find", person(Role.ADMIN, owner="")), Denied("unlinked")),
        (request("contact find", person(standing=Standing.GUEST)), Denied("guest")),
        (
            request("contact find", person(standing=Standing.GUEST), guests_allowed=True),
            Allowed("role"),
        ),
        (request("help show", person(standing=Standing.EXTERNAL)), Denied("external")),
        (
            request("help show", person(standing=Standing.EXTERNAL), guests_allowed=True),
            Denied("external"),
        ),
        (request("contact find", person(standing=Standing.BOT)), Denied("bot")),
        (request("contact find", person(standing=Standing.GONE)), Denied("gone")),
        (request("contact find", person(standing=Standing.UNKNOWN)), Denied("unknown")),
        (request("help show", person(standing=Standing.UNKNOWN)), Allowed("own")),
        (
            request("sync run", channel=channel(Role.VIEWER)),
            Denied("channel_role", Role.OPERATOR),
        ),
        (request("contact find", channel=channel(Role.VIEWER)), Allowed("role")),
        (
            request("contact add", person(Role.VIEWER), channel=channel(Role.ADMIN)),
            Denied("role", Role.EDITOR),
        ),
        (request("task list", channel=channel(objects=["contact"])), Denied("channel_object")),
        (request("help show", channel=channel(Role.NOBODY, ["contact"])), Allowed("own")),
        (request("admin limit", channel=channel(Role.NOBODY)), Allowed("role")),
        (
            request("sync run", channel=channel(connections=["a"]), connection="b"),
            Denied("channel_connection"),
        ),
        (
            request("sync run", channel=channel(connections=["a"]), connection="a"),
            Allowed("role"),
        ),
        (request("contact delete"), NeedsApproval("risk", (Risk.DELETE,))),
        (request("task delete"), NeedsApproval("risk", (Risk.DELETE,))),
        (request("contact merge"), NeedsApproval("risk", (Risk.MERGE,))),
        (request("audit export"), NeedsApproval("risk", (Risk.EXPORT,))),
        (
            request("sync run", flags=frozenset({"full"})),
            NeedsApproval("risk", (Risk.FULL_SYNC,)),
        ),
        (request("sync run", flags=frozenset({"full", "dry-run"})), Allowed("role")),
        (request("sync plan", flags=frozenset({"full"})), Allowed("role")),
        (request("contact delete", flags=frozenset({"dry-run"})), Allowed("role")),
        (request("sync run", records=25), Allowed("role")),
        (request("sync run", records=26), NeedsApproval("risk", (Risk.MANY_RECORDS,))),
        (
            request("contact delete", records=99),
            NeedsApproval("risk", (Risk.MANY_RECORDS, Risk.DELETE)),
        ),
        (request("contact delete", person(Role.EDITOR)), Denied("role", Role.OPERATOR)),
    ],
    ids=lambda each: each.command.name if isinstance(each, Request) else str(each),
)
def test_verdicts(what, verdict):
    assert decide(what) == verdict


requests = st.builds(
    Request,
    st.sampled_from(COMMANDS),
    st.builds(
        Person,
        st.just("T1"),
        st.just("U1"),
        st.sampled_from(Role),
        st.sampled_from(["", "o"]),
        st.sampled_from(Standing),
    ),
    st.none(),
    records=st.integers(0, 50),
    flags=st.frozensets(st.sampled_from(["full", "dry-run"])),
)
channels = st.builds(
    ChannelRule,
    st.just("T1"),
    st.just("C1"),
    st.sampled_from(Role),
    st.frozensets(st.sampled_from(["contact", "sync"])),
    st.frozensets(st.sampled_from(["main"])),
)


@given(requests, channels)
def test_a_channel_never_gives(what, where):
    if isinstance(decide(what), Denied):
        assert decide(replace(what, channel=where)) == decide(what)


@given(requests, st.sampled_from(Role))
def test_more_role_is_never_less(what, role):
    higher = replace(what, person=replace(what.person, role=max(role, what.person.role)))

    if not isinstance(decide(what), Denied):
        assert decide(higher) == decide(what)


SAM = person(Role.APPROVER, user="U2")
KIM = person(Role.APPROVER, user="U3")


def asked(**options):
    fields = {
        "requester": person(Role.OPERATOR),
        "connection": "main",
        "plan_hash": "h1",
        "command": "contact delete",
        "what": "delete Ada",
        "risks": (Risk.DELETE,),
    }
    return ask(Asking(**{**fields, **options}), id_="p_1", now=NOW)


@pytest.mark.parametrize(
    ("voter", "refusal"),
    [
        (person(Role.APPROVER), "approval.vote.own"),
        (person(Role.ADMIN), "approval.vote.own"),
        (person(Role.OPERATOR, user="U2"), "denied.role"),
        (person(Role.APPROVER, user="U2", owner=""), "denied.role"),
        (person(Role.APPROVER, Standing.GUEST, user="U2"), "denied.role"),
        (person(Role.APPROVER, team="T2"), ""),
        (SAM, ""),
    ],
)
def test_nobody_decides_on_what_they_asked_for(voter, refusal):
    ruling = vote(asked(), voter, is_yes=True, now=NOW)

    assert ruling.refusal == refusal
    assert (ruling.approval.state is ApprovalState.APPROVED) == (refusal == "")


def test_two_votes_are_two_people():
    first = vote(asked(needed=2), SAM, is_yes=True, now=NOW).approval
    again = vote(first, SAM, is_yes=True, now=NOW)
    second = vote(first, KIM, is_yes=True, now=NOW)

    assert first.state is ApprovalState.OPEN
    assert again.refusal == "approval.vote.twice"
    assert second.approval.state is ApprovalState.APPROVED


def test_one_no_closes_it():
    refused = vote(asked(needed=2), SAM, is_yes=False, now=NOW, reason="wrong list").approval

    assert refused.state is ApprovalState.REFUSED
    assert refused.votes[0].reason == "wrong list"
    assert vote(refused, KIM, is_yes=True, now=NOW).refusal == "approval.vote.over"


def ruled(approval, *, plan_hash="h1", people=None, after_h=0.0):
    known = {"U2": SAM, "U3": KIM} if people is None else people
    return rule(approval, plan_hash=plan_hash, people=known, now=NOW + timedelta(hours=after_h))


def test_an_approved_plan_is_carried_out_once():
    approved = vote(asked(), SAM, is_yes=True, now=NOW).approval

    once = ruled(approved)
    twice = ruled(once.approval)

    assert once.is_go
    assert once.approval.state is ApprovalState.DONE
    assert not twice.is_go


@pytest.mark.parametrize(
    ("options", "state", "refusal"),
    [
        ({"plan_hash": "h2"}, ApprovalState.VOID, "approval.void"),
        (
            {"people": {"U2": replace(SAM, role=Role.VIEWER)}},
            ApprovalState.OPEN,
            "approval.open",
        ),
        ({"people": {}}, ApprovalState.OPEN, "approval.open"),
        ({"after_h": 4}, ApprovalState.EXPIRED, "approval.vote.over"),
    ],
)
def test_what_changed_since_stops_it(options, state, refusal):
    approved = vote(asked(), SAM, is_yes=True, now=NOW).approval

    ruling = ruled(approved, **options)

    assert (ruling.is_go, ruling.approval.state, ruling.refusal) == (False, state, refusal)


def test_what_nobody_approved_is_not_done():
    assert not ruled(asked()).is_go
    late = vote(asked(), SAM, is_yes=True, now=NOW + timedelta(hours=5))
    assert late.approval.state is ApprovalState.EXPIRED
    assert late.refusal == "approval.vote.over"


@pytest.mark.parametrize(
    ("admin", "reason", "goes"),
    [(person(Role.ADMIN), "fire", True), (person(Role.ADMIN), "", False), (SAM, "fire", False)],
)
def test_an_administrator_may_override_with_a_reason(admin, reason, goes):
    ruling = override(asked(needed=2), admin, reason=reason, now=NOW)

    assert (ruling.approval.state is ApprovalState.APPROVED) == goes
    if goes:
        assert ruled(ruling.approval, people={"U1": admin}).is_go
        assert ruling.approval.votes == (Vote("U1", is_yes=True, at=NOW, reason="fire"),)
        assert not ruled(ruling.approval, plan_hash="other", people={"U1": admin}).is_go


def audit(number):
    return AuditLine(
        "T1", NOW, f"s{number}", "slash", "contact find text=", "allowed", "role", seq=number
    )


def chain(count):
    lines, previous = [], ""
    for number in range(1, count + 1):
        lines.append(audit(number).chained(previous))
        previous = lines[-1].hash
    return lines


def test_a_changed_or_missing_line_is_found():
    lines = chain(4)

    assert find_break(lines) is None
    assert find_break(lines[2:], after=lines[1].hash) is None
    assert find_break([*lines[:1], *lines[2:]]) == 3
    assert find_break([lines[0], replace(lines[1], outcome="other"), *lines[2:]]) == 2
