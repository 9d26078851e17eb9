"""Every command of `/hightonic`: the one place where a command is added.

Parser, help, roles and approvals all read this table.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Final

from toolkit.model.chat_people import Risk, Role


class Reads(Enum):
    """How a parameter's word is read."""

    TEXT = "text"
    DUE = "date"
    SPAN = "duration"
    CLOCK = "time"
    CHOICE = "choice"
    PERSON = "person"
    CHANNEL = "channel"


@dataclass(frozen=True, slots=True)
class Parameter:
    """One thing a command is told.

    Attributes:
        is_rest: Takes all words that are left.
        is_needed: Without it a form opens, or the command is refused.
        choices: What a `CHOICE` may be; for a `PERSON`, words allowed besides people.
        operators: Of `key=value`; more than `=` makes it a limit.
    """

    name: str
    reads: Reads = Reads.TEXT
    is_needed: bool = True
    is_rest: bool = False
    choices: tuple[str, ...] = ()
    operators: tuple[str, ...] = ("=",)


@dataclass(frozen=True, slots=True)
class Command:
    """One object and verb.

    Attributes:
        role: Whoever has less is refused.
        parameters: By position.
        keys: By `key=value`; all may be left out.
        flags: Besides those every command takes.
        is_usual: The verb that is meant where none is typed.
        is_open: Takes `field=value` for the fields of a contact.
        takes_tags: Takes `+tag` and `-tag`.
        form: The modal that opens where something needed is missing; empty for none.
        is_form: It is nothing but its form, where one can open.
        risks: Why it needs approval whatever its size.
        example: A line that works, without the command itself.
    """

    object: str
    verb: str
    role: Role
    example: str
    parameters: tuple[Parameter, ...] = ()
    keys: tuple[Parameter, ...] = ()
    flags: frozenset[str] = frozenset()
    is_usual: bool = False
    is_open: bool = False
    takes_tags: bool = False
    form: str = ""
    is_form: bool = False
    risks: frozenset[Risk] = frozenset()

    @property
    def name(self) -> str:
        """`contact find`."""
        return f"{self.object} {self.verb}".strip()

    @property
    def usage(self) -> str:
        """How it is written: `task add <title> [due=date]`."""
        parts = [self.name]
        for each in self.parameters:
            shown = "|".join(each.choices) or each.name
            parts.append(f"<{shown}>" if each.is_needed else f"[{shown}]")
        parts += ["+tag -tag"] if self.takes_tags else []
        parts += ["[field=value ...]"] if self.is_open else []
        parts += [f"[{each.name}{each.operators[-1]}{each.reads.value}]" for each in self.keys]
        parts += [f"[--{flag}]" for flag in sorted(self.flags)]
        return " ".join(parts)

    def find_key(self, name: str) -> Parameter | None:
        """A `key=value` parameter by its name; positional ones answer to theirs as well."""
        named = (*self.keys, *self.parameters)
        return next((each for each in named if each.name == name), None)


COMMON_FLAGS: Final = frozenset({"here", "dry-run", "json", "lang"})
"""Flags of every command; `--lang=fr` alone has a value."""

_DAY: Final = Reads.DUE
_PERSON: Final = Reads.PERSON


def _needs(name: str, reads: Reads = Reads.TEXT, *, choices: tuple[str, ...] = ()) -> Parameter:
    return Parameter(name, reads, choices=choices)


def _may(name: str, reads: Reads = Reads.TEXT, *, choices: tuple[str, ...] = ()) -> Parameter:
    return Parameter(name, reads, is_needed=False, choices=choices)


def _rest(name: str, *, is_needed: bool = True) -> Parameter:
    return Parameter(name, is_rest=True, is_needed=is_needed)


_CONTACT: Final = _needs("contact")
_PAIR: Final = _may("connection")
_DUE: Final = _may("due", _DAY)
_BEFORE: Final = Parameter("due", _DAY, is_needed=False, operators=("=", "<=", ">=", ">", "<"))
_TASK: Final = _needs("task")
_ALERT: Final = _needs("alert")
_ROUTE_KEYS: Final = tuple(
    _may(name)
    for name in ("name", "object", "event", "severity", "owner", "tag", "where", "connection")
)
_ASKS: Final = frozenset({"full"})
_THERE: Final = _may("channel", Reads.CHANNEL)

COMMANDS: Final[tuple[Command, ...]] = (
    Command(
        "menu",
        "open",
        Role.NOBODY,
        "menu",
        is_usual=True,
        form="launcher",
        is_form=True,
    ),
    Command(
        "help",
        "show",
        Role.NOBODY,
        "help task add",
        (_may("object"), _may("verb")),
        is_usual=True,
    ),
    Command(
        "contact", "find", Role.VIEWER, "contact find ada", (_rest("text"),), is_usual=True
    ),
    Command("contact", "show", Role.VIEWER, "contact show ada@example.com", (_CONTACT,)),
    Command(
        "contact",
        "add",
        Role.EDITOR,
        'contact add name="Ada Lovelace" email=ada@example.com',
        is_open=True,
        form="contact",
    ),
    Command(
        "contact",
        "edit",
        Role.EDITOR,
        "contact edit ada@example.com plan=gold",
        (_CONTACT,),
        is_open=True,
        form="contact",
    ),
    Command(
        "contact",
        "tag",
        Role.EDITOR,
        "contact tag ada@example.com +vip -cold",
        (_CONTACT,),
        takes_tags=True,
    ),
    Command(
        "contact",
        "merge",
        Role.APPROVER,
        "contact merge ada@example.com a.lovelace@example.com",
        (_needs("keep"), _needs("other")),
        risks=frozenset({Risk.MERGE}),
    ),
    Command(
        "contact",
        "delete",
        Role.OPERATOR,
        "contact delete ada@example.com",
        (_CONTACT,),
        risks=frozenset({Risk.DELETE}),
    ),
    Command(
        "task",
        "list",
        Role.VIEWER,
        "task list mine due<7d",
        (_may("whose", _PERSON, choices=("mine", "overdue", "all")),),
        (_BEFORE, _may("contact")),
        is_usual=True,
    ),
    Command(
        "task",
        "add",
        Role.EDITOR,
        'task add "Call Ada" due=fri contact=ada@example.com',
        (_rest("title"),),
        (_DUE, _may("contact"), _may("owner", _PERSON), _may("body")),
        form="task",
    ),
    Command("task", "done", Role.EDITOR, "task done t_41f", (_TASK,)),
    Command(
        "task", "snooze", Role.EDITOR, "task snooze t_41f monday", (_TASK, _needs("due", _DAY))
    ),
    Command(
        "task", "assign", Role.EDITOR, "task assign t_41f @sam", (_TASK, _needs("to", _PERSON))
    ),
    Command(
        "task",
        "delete",
        Role.OPERATOR,
        "task delete t_41f",
        (_TASK,),
        risks=frozenset({Risk.DELETE}),
    ),
    Command(
        "note",
        "add",
        Role.EDITOR,
        'note add ada@example.com "Asked for the gold plan"',
        (_CONTACT, _rest("text")),
        form="note",
    ),
    Command(
        "note", "list", Role.VIEWER, "note list ada@example.com", (_CONTACT,), is_usual=True
    ),
    Command("sync", "status", Role.NOBODY, "sync status", (_PAIR,), is_usual=True),
    Command("sync", "plan", Role.OPERATOR, "sync plan", (_PAIR,), flags=_ASKS),
    Command("sync", "run", Role.OPERATOR, "sync run --dry-run", (_PAIR,), flags=_ASKS),
    Command("sync", "pause", Role.OPERATOR, "sync pause", (_PAIR,)),
    Command("sync", "resume", Role.OPERATOR, "sync resume", (_PAIR,)),
    Command("sync", "conflicts", Role.OPERATOR, "sync conflicts", (_PAIR,), (_may("after"),)),
    Command(
        "sync",
        "resolve",
        Role.OPERATOR,
        "sync resolve c5b2 highlevel",
        (
            _needs("record"),
            _needs("keep", Reads.CHOICE, choices=("highlevel", "timetonic", "value")),
        ),
        (_may("value"), _may("similar")),
    ),
    Command("sync", "undo", Role.OPERATOR, "sync undo r_9f2", (_needs("run"),)),
    Command("sync", "retry", Role.OPERATOR, "sync retry", (_may("run"),)),
    Command("write", "undo", Role.EDITOR, "write undo r_9f2", (_needs("run"),), is_usual=True),
    Command(
        "alert",
        "list",
        Role.VIEWER,
        "alert list",
        (_may("state", Reads.CHOICE, choices=("open", "acked", "resolved", "all")),),
        is_usual=True,
    ),
    Command("alert", "ack", Role.OPERATOR, "alert ack a_71", (_ALERT,)),
    Command("alert", "resolve", Role.OPERATOR, "alert resolve a_71", (_ALERT,)),
    Command(
        "alert",
        "assign",
        Role.OPERATOR,
        "alert assign a_71 @sam",
        (_ALERT, _needs("to", _PERSON)),
    ),
    Command("route", "list", Role.OPERATOR, "route list", is_usual=True),
    Command(
        "route",
        "add",
        Role.ADMIN,
        "route add object=contact event=conflict severity=warning tag=vip",
        keys=_ROUTE_KEYS,
    ),
    Command("route", "remove", Role.ADMIN, "route remove vips", (_needs("name"),)),
    Command("route", "test", Role.OPERATOR, "route test 412", (_needs("event"),)),
    Command("digest", "show", Role.VIEWER, "digest", is_usual=True),
    Command(
        "digest",
        "set",
        Role.ADMIN,
        "digest set 09:00 weekdays",
        (
            _needs("time", Reads.CLOCK),
            _may("days", Reads.CHOICE, choices=("weekdays", "daily", "mondays")),
        ),
    ),
    Command("digest", "off", Role.ADMIN, "digest off"),
    Command("mute", "list", Role.OPERATOR, "mute list", is_usual=True),
    Command(
        "mute",
        "add",
        Role.OPERATOR,
        "mute add conflict 2h",
        (_needs("scope"), _needs("for", Reads.SPAN)),
        (_THERE,),
    ),
    Command("mute", "off", Role.OPERATOR, "mute off conflict", (_needs("scope"),), (_THERE,)),
    Command("approve", "list", Role.APPROVER, "approve list", is_usual=True),
    Command("approve", "show", Role.APPROVER, "approve show p_3c1", (_needs("approval"),)),
    Command("approve", "yes", Role.APPROVER, "approve yes p_3c1", (_needs("approval"),)),
    Command(
        "approve",
        "no",
        Role.APPROVER,
        "approve no p_3c1 wrong list",
        (_needs("approval"), _rest("reason", is_needed=False)),
    ),
    Command("me", "show", Role.NOBODY, "me", is_usual=True),
    Command("me", "link", Role.NOBODY, "me link"),
    Command("me", "unlink", Role.NOBODY, "me unlink"),
    Command("me", "tz", Role.NOBODY, "me tz Europe/Paris", (_needs("zone"),)),
    Command(
        "me",
        "lang",
        Role.NOBODY,
        "me lang fr",
        (_needs("language", Reads.CHOICE, choices=("en", "fr")),),
    ),
    Command(
        "me",
        "quiet",
        Role.NOBODY,
        "me quiet 19:00 08:00",
        (_needs("from", Reads.CLOCK), _needs("until", Reads.CLOCK)),
    ),
    Command("audit", "show", Role.VIEWER, "audit me", (_may("about"),), is_usual=True),
    Command(
        "audit",
        "export",
        Role.ADMIN,
        "audit export",
        (_may("about"),),
        risks=frozenset({Risk.EXPORT}),
    ),
    Command("why", "show", Role.VIEWER, "why a_71", (_needs("reference"),), is_usual=True),
    Command("admin", "show", Role.ADMIN, "admin show", is_usual=True),
    Command(
        "admin",
        "grant",
        Role.ADMIN,
        "admin grant @sam editor",
        (
            _needs("person", _PERSON),
            _needs("role", Reads.CHOICE, choices=tuple(each.word for each in Role if each)),
        ),
    ),
    Command("admin", "revoke", Role.ADMIN, "admin revoke @sam", (_needs("person", _PERSON),)),
    Command(
        "admin",
        "limit",
        Role.ADMIN,
        "admin limit #sales editor",
        (
            _needs("channel", Reads.CHANNEL),
            _needs("role", Reads.CHOICE, choices=tuple(each.word for each in Role)),
        ),
    ),
    Command(
        "admin",
        "alias",
        Role.ADMIN,
        'admin alias c "contact find"',
        (_needs("name"), _rest("meaning")),
    ),
    Command("admin", "unalias", Role.ADMIN, "admin unalias c", (_needs("name"),)),
    Command(
        "admin",
        "override",
        Role.ADMIN,
        "admin override p_3c1 the office is on fire",
        (_needs("approval"), _rest("reason")),
    ),
)

OBJECTS: Final = tuple(dict.fromkeys(each.object for each in COMMANDS))
BUILT_IN_ALIASES: Final = {
    "c": "contact find",
    "find": "contact find",
    "todo": "task add",
    "tasks": "task list",
    "contacts": "contact find",
    "notes": "note list",
    "conflicts": "sync conflicts",
    "status": "sync status",
    "?": "help",
}
"""Short forms every workspace has; its own come before them."""


def find_command(object_: str, verb: str) -> Command | None:
    """A command by its exact names."""
    found = (each for each in COMMANDS if (each.object, each.verb) == (object_, verb))
    return next(found, None)


def verbs_of(object_: str) -> tuple[Command, ...]:
    """The commands about an object, in the table's order."""
    return tuple(each for each in COMMANDS if each.object == object_)
