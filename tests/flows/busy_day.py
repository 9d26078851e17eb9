"""A day's work by hand on both sides, after which one sync needs every kind of write call."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from tests.flows.world import HIGH, TIME, World
from toolkit.model.ids import Kind

WRITES = {
    HIGH: (
        "create-contact",
        "update-contact",
        "delete-contact",
        "create-task",
        "update-task",
        "delete-task",
        "create-note",
        "update-note",
        "delete-note",
    ),
    TIME: ("createOrUpdateTableRows", "deleteTableRows", "deleteTableRow"),
}
READS = {
    HIGH: (
        "search-contacts-advanced",
        "task-search",
        "get-all-notes",
        "get-contact",
        "get-task",
        "get-calendars",
        "get-calendar-events",
    ),
    TIME: ("getTableValues",),
}


@dataclass
class Work:
    """What must be true on both sides in the end."""

    present: dict[Kind, set[Any]] = field(
        default_factory=lambda: {kind: set() for kind in Kind}
    )
    absent: dict[Kind, set[Any]] = field(default_factory=lambda: {kind: set() for kind in Kind})


async def busy_day(world: World) -> Work:
    """Create, edit and delete contacts, tasks and notes on both sides.

    Deletions are set to propagate; three of a kind are prepared and synced first.
    """
    deletes = {"from_highlevel": "delete", "from_timetonic": "delete"}
    world.configure(sync={"deletes": deletes})
    emails = world.emails()
    host, guest = emails[0], emails[1]
    await _prepare(world, host)
    work = Work()
    _in_highlevel(world, work, host=host, guest=guest)
    _in_timetonic(world, work, host=host, guest=guest)
    return work


async def _prepare(world: World, host: str) -> None:
    contact_id = world.contact_id(host)
    for number in range(3):
        world.add_contact(f"short.lived{number}@example.com")
    for number in range(6):
        world.add_task(contact_id, f"prepared task {number}")
        world.add_note(contact_id, f"prepared note {number}")
    await world.settle()
    world.sandbox.recorder.clear()


def _in_highlevel(world: World, work: Work, *, host: str, guest: str) -> None:
    contact_id = world.contact_id(host)
    for number in range(2):
        email = f"made.here{number}@example.com"
        made = world.add_contact(email, phone=f"+1415555010{number}", tags=["vip"])
        work.present[Kind.CONTACT].add(email)
        world.add_task(made, "welcome")
        work.present[Kind.TASK].add((email, "welcome"))
        world.add_note(made, f"met at the fair {number}")
        work.present[Kind.NOTE].add((email, f"met at the fair {number}"))
    world.edit_contact(contact_id, lastName="Renamed", tags=["vip", "beta"])
    world.edit_contact(world.contact_id(guest), plan="Gold")
    world.edit_task(world.task_id(host, "prepared task 0"), title="renamed task", body="why")
    work.present[Kind.TASK].add((host, "renamed task"))
    world.edit_note(world.note_id(host, "prepared note 0"), "rewritten note")
    work.present[Kind.NOTE].add((host, "rewritten note"))
    world.remove_contact(world.contact_id("short.lived0@example.com"))
    world.remove_contact(world.contact_id("short.lived1@example.com"))
    work.absent[Kind.CONTACT] |= {"short.lived0@example.com", "short.lived1@example.com"}
    world.remove_task(world.task_id(host, "prepared task 1"))
    work.absent[Kind.TASK].add((host, "prepared task 1"))
    world.remove_note(world.note_id(host, "prepared note 1"))
    work.absent[Kind.NOTE].add((host, "prepared note 1"))


def _in_timetonic(world: World, work: Work, *, host: str, guest: str) -> None:
    row_id = world.row_id(host)
    for number in range(2):
        email = f"made.there{number}@example.com"
        made = world.time.add_row(
            "Contacts",
            {"Name": f"Made There{number}", "Email": email, "Phone": f"+1415555020{number}"},
        )
        work.present[Kind.CONTACT].add(email)
        due = world.high.now().replace(microsecond=0)
        world.time.add_row("Tasks", {"Title": "call", "Contact": (made,), "Due": due})
        work.present[Kind.TASK].add((email, "call"))
        world.time.add_row("Notes", {"Body": f"rang twice {number}", "Contact": (made,)})
        work.present[Kind.NOTE].add((email, f"rang twice {number}"))
    world.time.edit_row("Contacts", row_id, {"Source": "a friend"})
    world.time.edit_row("Contacts", world.row_id(guest), {"Phone": "+14155550300"})
    world.time.edit_row(
        "Tasks", world.row_like("Tasks", Title="prepared task 2"), {"Done": True}
    )
    work.present[Kind.TASK].add((host, "prepared task 2"))
    edited = world.row_like("Notes", Body="prepared note 2")
    world.time.edit_row("Notes", edited, {"Body": "rewritten there"})
    work.present[Kind.NOTE].add((host, "rewritten there"))
    world.time.remove_row("Contacts", world.row_id("short.lived2@example.com"))
    work.absent[Kind.CONTACT].add("short.lived2@example.com")
    for number in (3, 4):
        title, body = f"prepared task {number}", f"prepared note {number}"
        world.time.remove_row("Tasks", world.row_like("Tasks", Title=title))
        work.absent[Kind.TASK].add((host, title))
        world.time.remove_row("Notes", world.row_like("Notes", Body=body))
        work.absent[Kind.NOTE].add((host, body))


def assert_done(world: World, work: Work) -> None:
    """Everything entered stands on both sides, everything deleted on neither."""
    for kind, keys in work.present.items():
        if keys:
            for side in (HIGH, TIME):
                missing = keys - world.by_identity(side, kind).keys()
                assert not missing, f"{side} lacks {kind}s {missing}"
    for kind, keys in work.absent.items():
        if keys:
            for side in (HIGH, TIME):
                left = keys & world.by_identity(side, kind).keys()
                assert not left, f"{side} still holds {kind}s {left}"
