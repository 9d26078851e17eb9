"""Commands about sync, alerts, approvals, oneself and the workspace."""

from __future__ import annotations

from typing import Final

from bot.parse.grammar import Command, Reads, may, needs, rest
from toolkit.model.chat_people import Risk, Role

_PERSON: Final = Reads.PERSON
_PAIR: Final = may("connection")
_ALERT: Final = needs("alert")
_ROUTE_KEYS: Final = tuple(
    may(name)
    for name in ("name", "object", "event", "severity", "owner", "tag", "where", "connection")
)
_ASKS: Final = frozenset({"full"})
_ABOUT: Final = may("about", _PERSON, choices=("me", "all"))
_THERE: Final = may("channel", Reads.CHANNEL)


TEAM_COMMANDS: Final[tuple[Command, ...]] = (
    Command("sync", "status", Role.NOBODY, "sync status", (_PAIR,), is_usual=True),
    Command("sync", "plan", Role.OPERATOR, "sync plan", (_PAIR,), flags=_ASKS),
    Command("sync", "run", Role.OPERATOR, "sync run --dry-run", (_PAIR,), flags=_ASKS),
    Command("sync", "pause", Role.OPERATOR, "sync pause", (_PAIR,)),
    Command("sync", "resume", Role.OPERATOR, "sync resume", (_PAIR,)),
    Command("sync", "conflicts", Role.OPERATOR, "sync conflicts", (_PAIR,), (may("after"),)),
    Command(
        "sync",
        "resolve",
        Role.OPERATOR,
        "sync resolve c5b2 highlevel",
        (
            needs("record"),
            needs("keep", Reads.CHOICE, choices=("highlevel", "timetonic", "value")),
        ),
        (may("value"), may("similar")),
    ),
    Command("sync", "undo", Role.OPERATOR, "sync undo r_9f2", (needs("run"),)),
    Command("sync", "retry", Role.OPERATOR, "sync retry", (may("run"),)),
    Command("write", "undo", Role.EDITOR, "write undo r_9f2", (needs("run"),), is_usual=True),
    Command(
        "alert",
        "list",
        Role.VIEWER,
        "alert list",
        (may("state", Reads.CHOICE, choices=("open", "acked", "resolved", "all")),),
        is_usual=True,
    ),
    Command("alert", "ack", Role.OPERATOR, "alert ack a_71", (_ALERT,)),
    Command("alert", "resolve", Role.OPERATOR, "alert resolve a_71", (_ALERT,)),
    Command(
        "alert",
        "assign",
        Role.OPERATOR,
        "alert assign a_71 @sam",
        (_ALERT, needs("to", _PERSON)),
    ),
    Command("route", "list", Role.OPERATOR, "route list", is_usual=True),
    Command(
        "route",
        "add",
        Role.ADMIN,
        "route add object=contact event=conflict severity=warning tag=vip",
        keys=_ROUTE_KEYS,
    ),
    Command("route", "remove", Role.ADMIN, "route remove vips", (needs("name"),)),
    Command("route", "test", Role.OPERATOR, "route test 412", (needs("event"),)),
    Command("digest", "show", Role.VIEWER, "digest", is_usual=True),
    Command(
        "digest",
        "set",
        Role.ADMIN,
        "digest set 09:00 weekdays",
        (
            needs("time", Reads.CLOCK),
            may("days", Reads.CHOICE, choices=("weekdays", "daily", "mondays")),
        ),
    ),
    Command("digest", "off", Role.ADMIN, "digest off"),
    Command("mute", "list", Role.OPERATOR, "mute list", is_usual=True),
    Command(
        "mute",
        "add",
        Role.OPERATOR,
        "mute add conflict 2h",
        (needs("scope"), needs("for", Reads.SPAN)),
        (_THERE,),
    ),
    Command("mute", "off", Role.OPERATOR, "mute off conflict", (needs("scope"),), (_THERE,)),
    Command("approve", "list", Role.APPROVER, "approve list", is_usual=True),
    Command("approve", "show", Role.APPROVER, "approve show p_3c1", (needs("approval"),)),
    Command("approve", "yes", Role.APPROVER, "approve yes p_3c1", (needs("approval"),)),
    Command(
        "approve",
        "no",
        Role.APPROVER,
        "approve no p_3c1 wrong list",
        (needs("approval"), rest("reason", is_needed=False)),
    ),
    Command("me", "show", Role.NOBODY, "me", is_usual=True),
    Command("me", "link", Role.NOBODY, "me link"),
    Command("me", "unlink", Role.NOBODY, "me unlink"),
    Command("me", "tz", Role.NOBODY, "me tz Europe/Paris", (needs("zone"),)),
    Command(
        "me",
        "lang",
        Role.NOBODY,
        "me lang fr",
        (needs("language", Reads.CHOICE, choices=("en", "fr")),),
    ),
    Command(
        "me",
        "quiet",
        Role.NOBODY,
        "me quiet 19:00 08:00",
        (needs("from", Reads.CLOCK), needs("until", Reads.CLOCK)),
    ),
    Command("audit", "show", Role.VIEWER, "audit me", (_ABOUT,), is_usual=True),
    Command(
        "audit",
        "export",
        Role.ADMIN,
        "audit export",
        (_ABOUT,),
        (may("until"),),
        risks=frozenset({Risk.EXPORT}),
    ),
    Command("why", "show", Role.VIEWER, "why a_71", (needs("reference"),), is_usual=True),
    Command("admin", "show", Role.ADMIN, "admin show", is_usual=True),
    Command(
        "admin",
        "grant",
        Role.ADMIN,
        "admin grant @sam editor",
        (
            needs("person", _PERSON),
            needs("role", Reads.CHOICE, choices=tuple(each.word for each in Role if each)),
        ),
    ),
    Command("admin", "revoke", Role.ADMIN, "admin revoke @sam", (needs("person", _PERSON),)),
    Command(
        "admin",
        "limit",
        Role.ADMIN,
        "admin limit #sales editor",
        (
            needs("channel", Reads.CHANNEL),
            needs("role", Reads.CHOICE, choices=tuple(each.word for each in Role)),
        ),
    ),
    Command(
        "admin", "default", Role.ADMIN, "admin default #ops", (needs("channel", Reads.CHANNEL),)
    ),
    Command(
        "admin",
        "alias",
        Role.ADMIN,
        'admin alias c "contact find"',
        (needs("name"), rest("meaning")),
    ),
    Command("admin", "unalias", Role.ADMIN, "admin unalias c", (needs("name"),)),
    Command(
        "admin",
        "override",
        Role.ADMIN,
        "admin override p_3c1 the office is on fire",
        (needs("approval"), rest("reason")),
    ),
)
