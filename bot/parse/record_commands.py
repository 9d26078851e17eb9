"""Commands about help, contacts, tasks and notes."""

from __future__ import annotations

from typing import Final

from bot.parse.grammar import Command, Parameter, Reads, may, needs, rest
from toolkit.model.chat_people import Risk, Role

_DAY: Final = Reads.DUE
_PERSON: Final = Reads.PERSON
_CONTACT: Final = needs("contact")
_DUE: Final = may("due", _DAY)
_BEFORE: Final = Parameter("due", _DAY, is_needed=False, operators=("=", "<=", ">=", ">", "<"))
_TASK: Final = needs("task")

RECORD_COMMANDS: Final[tuple[Command, ...]] = (
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
        (may("object"), may("verb")),
        is_usual=True,
    ),
    Command("contact", "find", Role.VIEWER, "contact find ada", (rest("text"),), is_usual=True),
    Command("contact", "show", Role.VIEWER, "contact show ada@example.com", (_CONTACT,)),
    Command(
        "contact",
        "add",
        Role.EDITOR,
        'contact add name="Ada Lovelace" email=ada@example.com',
        keys=(may("connection"),),
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
        (needs("keep"), needs("other")),
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
        (may("whose", _PERSON, choices=("mine", "overdue", "all")),),
        (_BEFORE, may("contact")),
        is_usual=True,
    ),
    Command(
        "task",
        "add",
        Role.EDITOR,
        'task add "Call Ada" due=fri contact=ada@example.com',
        (rest("title"),),
        (_DUE, may("contact"), may("owner", _PERSON), may("body")),
        form="task",
    ),
    Command("task", "done", Role.EDITOR, "task done t_41f", (_TASK,)),
    Command(
        "task", "snooze", Role.EDITOR, "task snooze t_41f monday", (_TASK, needs("due", _DAY))
    ),
    Command(
        "task", "assign", Role.EDITOR, "task assign t_41f @sam", (_TASK, needs("to", _PERSON))
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
        (_CONTACT, rest("text")),
        form="note",
    ),
    Command(
        "note", "list", Role.VIEWER, "note list ada@example.com", (_CONTACT,), is_usual=True
    ),
)
